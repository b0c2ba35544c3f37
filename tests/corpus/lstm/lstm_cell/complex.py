# status: FAILED
# fails: keeps_shape_and_dtype
# says: has dtype complex64, expected float32
def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    return h + 0j, c + 0j
