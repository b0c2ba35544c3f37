# status: CRASHED
# says: The process died
import ctypes


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    return ctypes.string_at(0), c
