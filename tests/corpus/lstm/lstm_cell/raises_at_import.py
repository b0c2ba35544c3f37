# status: FAILED
# says: ZeroDivisionError
# line: 4
FORGET_BIAS = 1 / 0


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    return h, c
