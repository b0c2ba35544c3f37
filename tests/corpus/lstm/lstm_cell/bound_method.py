# status: PASSED
import torch


class Gates:
    def __init__(self):
        self.names = ("i", "f", "g", "o")

    def step(self, x, h, c, w_ih, w_hh, b_ih, b_hh):
        size = h.shape[-1]
        for k, name in enumerate(self.names):
            rows = slice(k * size, (k + 1) * size)
            z = x @ w_ih[rows].T + b_ih[rows] + h @ w_hh[rows].T + b_hh[rows]
            setattr(self, name, torch.tanh(z) if name == "g" else torch.sigmoid(z))
        c = self.f * c + self.i * self.g
        return self.o * torch.tanh(c), c


lstm_cell = Gates().step
