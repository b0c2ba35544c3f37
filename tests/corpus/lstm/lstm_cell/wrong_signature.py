# status: FAILED
# says: lstm_cell() takes 3 positional arguments but 7 were given
def lstm_cell(x, state, weights):
    h, c = state
    return h, c
