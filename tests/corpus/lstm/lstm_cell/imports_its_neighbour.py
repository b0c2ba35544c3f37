# status: FAILED
# says: A submission is one file
# line: 4
from my_helpers import sigmoid


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    return sigmoid(h), c
