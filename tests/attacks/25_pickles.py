# /// attack
# row = 25
# expect = ["FAILED"]
# invariant = "nothing that came out of a worker is unpickled"
# ///
"""Answers that are pickles, or objects that pickle, copy and reduce into code."""

import os
import pickle


class Evil:
    def __reduce__(self):
        return (os.system, ("touch @ARENA@/katas-attack-unpickled",))

    def __reduce_ex__(self, protocol):
        return self.__reduce__()

    def __deepcopy__(self, memo):
        os._exit(0)

    def __getstate__(self):
        os._exit(0)


def lstm_cell(*arguments):
    return pickle.dumps(Evil()), Evil()
