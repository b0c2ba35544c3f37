# status: FAILED
# says: nested more than 32 deep
def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    answer = (h, c)
    for _ in range(40):
        answer = (answer, c)
    return answer
