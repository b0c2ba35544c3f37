# status: OUT_OF_MEMORY
def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    return [0] * (1 << 34), c
