# status: FAILED
# fails: keeps_shape_and_dtype
# says: lstm_cell raised RuntimeError: mat1 and mat2 shapes cannot be multiplied
# line: 8
def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    return helper(x, w_ih), c

def helper(x, w_ih): return x @ w_ih.repeat(2, 2)
