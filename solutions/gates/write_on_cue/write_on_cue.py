"""Build the weights of an LSTM cell that writes its input only when the flag is up."""

import torch

INPUT, FORGET, CANDIDATE, OUTPUT = range(4)  # torch's order of the rows
VALUE, FLAG = range(2)  # the columns of the input
FAR = 20.0  # sigmoid(-20) is 2e-9: a thousand of them still are nothing


def write_on_cue() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the weights of an `nn.LSTMCell(2, 1)` that writes at the flag and holds otherwise.

        c_t = tanh(value_t)    where flag_t is 1
        c_t = c_{t-1}          where flag_t is 0

    The input at each step is x = (value, flag): value in [-2, 2], flag is 0 or 1.
    Every weight is finite, and float32 or float64. The row blocks are torch's: i, f, g, o.

    Returns:
        w_ih: (4, 2) weights of the input; column 0 is the value's, column 1 the flag's.
        w_hh: (4, 1) weights of the hidden state.
        b_ih: (4,) bias of the input's part.
        b_hh: (4,) bias of the hidden state's part; the cell adds both.

    Source: the input gate is that of Hochreiter and Schmidhuber 1997, section 4.
    """
    w_ih, w_hh = torch.zeros(4, 2), torch.zeros(4, 1)
    b_ih, b_hh = torch.zeros(4), torch.zeros(4)
    b_ih[INPUT] = -FAR
    w_ih[INPUT, FLAG] = 2 * FAR
    b_ih[FORGET] = FAR
    w_ih[FORGET, FLAG] = -2 * FAR
    w_ih[CANDIDATE, VALUE] = 1.0
    return w_ih, w_hh, b_ih, b_hh
