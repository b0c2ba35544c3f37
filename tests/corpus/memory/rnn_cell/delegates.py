# status: FORBIDDEN
# says: torch.nn.RNNCell
from torch.nn import RNNCell


def rnn_cell(x, h, w_ih, w_hh, b_ih, b_hh):
    cell = RNNCell(x.shape[1], h.shape[1], dtype=x.dtype)
    return cell(x, h)
