# status: FORBIDDEN
# says: torch.gru_cell
import torch


def gru_cell(x, h, *weights):
    return torch.gru_cell(x, h, *weights)
