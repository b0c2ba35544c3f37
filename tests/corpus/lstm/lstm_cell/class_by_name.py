# status: FAILED
# fails: keeps_shape_and_dtype
# says: an object of type lstm_cell
import torch


class lstm_cell:
    """A class where a function was asked for: calling it makes an object, not an answer."""

    def __init__(self, *args):
        self.args = args
