# status: FAILED
# says: is not UTF-8 text: byte 0xe9 in line 3
NAME = "café"


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    return h, c
