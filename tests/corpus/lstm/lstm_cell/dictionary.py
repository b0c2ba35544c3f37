# status: FAILED
# fails: keeps_shape_and_dtype
# says: the answer is a dict, expected the tuple (h, c)
def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    return {"h": h, "c": c}
