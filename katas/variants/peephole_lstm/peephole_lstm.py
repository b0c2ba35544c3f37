"""One step of an LSTM whose gates may look at the cell state."""

from torch import Tensor


def peephole_cell(
    x: Tensor,
    h: Tensor,
    c: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    b: Tensor,
    p_i: Tensor,
    p_f: Tensor,
    p_o: Tensor,
) -> tuple[Tensor, Tensor]:
    """Take one step of an LSTM with peephole connections.

    Args:
        x: (N, I) input of this time step, float32 or float64.
        h: (N, H) hidden state from the step before, same dtype.
        c: (N, H) cell state from the step before, same dtype.
        w_ih: (4H, I) weights from the input, the blocks i, f, g, o stacked in this order.
        w_hh: (4H, H) weights from the hidden state, stacked alike.
        b: (4H,) biases, stacked alike.
        p_i: (H,) peephole weights of the input gate, one for each unit.
        p_f: (H,) peephole weights of the forget gate.
        p_o: (H,) peephole weights of the output gate.

    Returns:
        (N, H) new hidden state and (N, H) new cell state, same dtype as the inputs.

    Source: Gers and Schmidhuber 2000; in this notation Graves 2013, section 2.1, equations 7 to 11.
    """
    raise NotImplementedError
