# status: PASSED
from torch import sigmoid as σ
from torch import tanh


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    ĩ, f̃, g̃, õ = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, 1)
    return (h := σ(õ) * tanh(c := σ(f̃) * c + σ(ĩ) * tanh(g̃))), c
