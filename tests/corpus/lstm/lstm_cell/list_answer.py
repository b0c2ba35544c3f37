# status: PASSED
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    answer = [h, c]
    i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, 1)
    answer[1] = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    answer[0] = torch.sigmoid(o) * torch.tanh(answer[1])
    return answer
