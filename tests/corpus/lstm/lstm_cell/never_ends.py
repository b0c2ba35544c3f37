# status: TIMED_OUT
# says: one call may take 4 s
def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    while True:
        h = h + 1
