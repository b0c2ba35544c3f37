# status: TIMED_OUT
# says: importing it may take 10 s
import time

time.sleep(3600)
