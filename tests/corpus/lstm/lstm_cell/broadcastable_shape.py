# status: FAILED
# fails: keeps_shape_and_dtype
# says: h has shape (), expected (1, 
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    return h.sum(), c.sum()
