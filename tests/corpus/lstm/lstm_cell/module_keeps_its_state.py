# status: FAILED
# fails: depends_on_its_arguments_alone
# told: state_kept_between_calls
import torch

memory = {}


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    c = memory.get((c.shape, c.dtype), c)
    i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b_ih + b_hh).chunk(4, 1)
    memory[c.shape, c.dtype] = c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
