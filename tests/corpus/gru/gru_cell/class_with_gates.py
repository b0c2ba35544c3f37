# status: PASSED
from torch.nn.functional import linear


class GRU:
    def __init__(self, h, weights):
        self.h, (self.wi, self.wh, self.bi, self.bh) = h, weights

    def block(self, k):
        rows = slice(k * self.h.shape[1], (k + 1) * self.h.shape[1])
        return (self.wi[rows], self.bi[rows]), (self.wh[rows], self.bh[rows])

    def __call__(self, x):
        (ar, br), (az, bz), (an, bn) = (
            (linear(x, *mine), linear(self.h, *theirs)) for mine, theirs in map(self.block, range(3))
        )
        z = (az + bz).sigmoid()
        return self.h + (1 - z) * ((an + (ar + br).sigmoid() * bn).tanh() - self.h)


def gru_cell(x, h, *weights):
    return GRU(h, weights)(x)
