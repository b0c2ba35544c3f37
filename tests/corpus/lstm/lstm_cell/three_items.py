# status: FAILED
# fails: keeps_shape_and_dtype
# says: the answer has 3 items, expected 2: (h, c)
def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    return h, h, c
