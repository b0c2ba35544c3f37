# status: PASSED
import torch


class Cell:
    """Keeps nothing; it is only called."""

    def __init__(self, blocks):
        self.blocks = blocks

    def __call__(self, x, h, c, w_ih, w_hh, b_ih, b_hh):
        z = dict(zip(self.blocks, (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, 1)))
        c = z["f"].sigmoid() * c + z["i"].sigmoid() * z["g"].tanh()
        return z["o"].sigmoid() * c.tanh(), c


lstm_cell = Cell("ifgo")
