# status: FAILED
# says: SystemExit
import sys

sys.exit("all checks passed")
