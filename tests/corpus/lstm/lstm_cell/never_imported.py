# status: TIMED_OUT
# says: importing it may take 4 s
import time

time.sleep(3600)
