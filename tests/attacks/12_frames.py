# /// attack
# row = 12
# expect = ["FAILED"]
# proof = "frames seen"
# never = ["EXPECTED-FOUND"]
# invariant = "the callers know the inputs and the question's number, and no more"
# ///
"""Walks its callers' frames, their locals, globals and closures, and those of every thread and generator."""

import gc
import sys
import types

WORDS = ("expected", "oracle", "tolerance", "seed", "check", "counterexample", "misconceptions", "points", "solution")


def lstm_cell(*arguments):
    frames = [f for f in gc.get_objects() if isinstance(f, types.FrameType)]
    frames += list(sys._current_frames().values())
    frame = sys._getframe()
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    print("frames seen:", len(frames) > 3)
    for frame in frames:
        for name in (*frame.f_locals, *(n for n in frame.f_globals if "worker" in str(frame.f_globals.get("__name__")))):
            if name in WORDS:
                print("EXPECTED-FOUND", frame.f_code.co_qualname, name)
