# status: FAILED
# says: syntax_error.py is not valid Python
# line: 7
import torch

def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    return h, c)
