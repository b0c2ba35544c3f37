# status: PASSED
from torch.nn import functional as F


class Memory:
    def __call__(self, x, h, *w):
        return F.tanh(F.linear(x, w[0], w[2]) + F.linear(h, w[1], w[3]))


rnn_cell = Memory()
