# status: PASSED
import torch


def lstm_cell(entry, hidden_state, memory, *w, scale=1):
    wi, wh, bi, bh = w
    i, f, g, o = (entry @ wi.T + bi + hidden_state @ wh.T + bh).chunk(4, 1)
    memory = torch.sigmoid(f) * memory + torch.sigmoid(i) * torch.tanh(g) * scale
    return torch.sigmoid(o) * torch.tanh(memory), memory
