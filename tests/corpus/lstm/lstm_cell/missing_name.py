# status: FAILED
# says: `lstm_cell` is not there
def LSTMCell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    return h, c
