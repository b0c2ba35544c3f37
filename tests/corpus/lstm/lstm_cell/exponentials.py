# status: FAILED
# fails: stays_finite_when_saturated
# told: sigmoid_by_exponentials
# says: is not finite: nan
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    def sigmoid(z):
        return z.exp() / (z.exp() + 1)

    i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b_ih + b_hh).chunk(4, 1)
    c = sigmoid(f) * c + sigmoid(i) * torch.tanh(g)
    return sigmoid(o) * torch.tanh(c), c
