"""Build the weights of an LSTM cell that keeps its memory until a cue, then erases it."""

import torch

INPUT, FORGET, CANDIDATE, OUTPUT = range(4)  # torch's order of the rows
VALUE, CUE = range(2)  # the columns of the input
FAR = 20.0  # sigmoid(-20) is 2e-9: a thousand of them still are nothing


def forget_on_cue() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the weights of an `nn.LSTMCell(2, 1)` that holds c until the cue, then erases it.

        c_t = c_0    while no cue has come
        c_t = 0      from the first cue on

    The input at each step is x = (value, cue): value in [-1, 1] means nothing, cue is 0 or 1.
    Every weight is finite, and float32 or float64. The row blocks are torch's: i, f, g, o.

    Returns:
        w_ih: (4, 2) weights of the input; column 0 is the value's, column 1 the cue's.
        w_hh: (4, 1) weights of the hidden state.
        b_ih: (4,) bias of the input's part.
        b_hh: (4,) bias of the hidden state's part; the cell adds both.

    Source: the forget gate is that of Gers, Schmidhuber and Cummins 2000, section 3.
    """
    w_ih, w_hh = torch.zeros(4, 2), torch.zeros(4, 1)
    b_ih, b_hh = torch.zeros(4), torch.zeros(4)
    b_ih[INPUT] = -FAR
    b_ih[FORGET] = FAR
    w_ih[FORGET, CUE] = -2 * FAR
    return w_ih, w_hh, b_ih, b_hh
