# /// attack
# row = 7
# expect = ["FAILED", "TIMED_OUT", "OUT_OF_MEMORY", "CRASHED"]
# never = ["THREADS-WITHOUT-BOUND"]
# invariant = "threads are bounded"
# ///
"""As many threads as it gets, each busy."""

import threading


def spin():
    while True:
        pass


def lstm_cell(*arguments):
    count = 0
    try:
        while count < 500:
            threading.Thread(target=spin, daemon=True).start()
            count += 1
    except RuntimeError:
        pass
    print(f"threads: {count}", "THREADS-WITHOUT-BOUND" if count >= 100 else "", flush=True)
