"""Build the weights of an LSTM cell that stores at once and shows only when asked."""

import torch

INPUT, FORGET, CANDIDATE, OUTPUT = range(4)  # torch's order of the rows
VALUE, WRITE, SHOW = range(3)  # the columns of the input
FAR = 20.0  # sigmoid(-20) is 2e-9: a thousand of them still are nothing


def hide_and_reveal() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the weights of an `nn.LSTMCell(3, 1)` that stores on write and shows on show.

        c_t = tanh(value_t)    where write_t is 1, else c_{t-1}
        h_t = tanh(c_t)        where show_t is 1, else 0

    The input at each step is x = (value, write, show): value in [-2, 2], the others 0 or 1.
    Every weight is finite, and float32 or float64. The row blocks are torch's: i, f, g, o.

    Returns:
        w_ih: (4, 3) weights of the input; the columns are value's, write's and show's.
        w_hh: (4, 1) weights of the hidden state.
        b_ih: (4,) bias of the input's part.
        b_hh: (4,) bias of the hidden state's part; the cell adds both.

    Source: the output gate is that of Hochreiter and Schmidhuber 1997, section 4.
    """
    w_ih, w_hh = torch.zeros(4, 3), torch.zeros(4, 1)
    b_ih, b_hh = torch.zeros(4), torch.zeros(4)
    b_ih[INPUT] = -FAR
    w_ih[INPUT, WRITE] = 2 * FAR
    b_ih[FORGET] = FAR
    w_ih[FORGET, WRITE] = -2 * FAR
    w_ih[CANDIDATE, VALUE] = 1.0
    b_ih[OUTPUT] = -FAR
    w_ih[OUTPUT, SHOW] = 2 * FAR
    return w_ih, w_hh, b_ih, b_hh
