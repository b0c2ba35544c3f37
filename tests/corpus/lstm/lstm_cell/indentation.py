# status: FAILED
# says: indentation.py is not valid Python
# line: 5
def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
return h, c
