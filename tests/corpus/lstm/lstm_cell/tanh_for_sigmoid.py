# status: PASSED
def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    gate = lambda z: 0.5 * (1 + (0.5 * z).tanh())
    i, f, g, o = (x.matmul(w_ih.t()) + b_ih + h.matmul(w_hh.t()) + b_hh).chunk(4, 1)
    c = gate(f) * c + gate(i) * g.tanh()
    return gate(o) * c.tanh(), c
