# status: FORBIDDEN
# says: torch
import torch


def sigmoid(x):
    return torch.from_numpy(x).sigmoid().numpy()
