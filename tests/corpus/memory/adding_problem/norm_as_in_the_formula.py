# status: PASSED
import numpy as np
import torch

BATCH_SIZE, LEARNING_RATE, MAX_NORM = 64, 0.02, 0.1


def adding_batch(n, length, seed):
    rng = np.random.default_rng(seed % 2**63)
    x = np.zeros((n, length, 2), np.float32)
    x[..., 0] = rng.random((n, length), dtype=np.float32)
    for row in x:
        first = rng.integers(0, length // 2)
        second = rng.integers(length // 2, length)
        row[[first, second], 1] = 1
    y = (x[..., 0] * x[..., 1]).sum(axis=1)
    return torch.from_numpy(x), torch.from_numpy(y)


class Adder(torch.nn.Module):
    def __init__(self, kind, hidden_size, memory_bias=3.0):
        super().__init__()
        if kind == "rnn":
            self.recurrent = torch.nn.RNN(2, hidden_size, batch_first=True)
        elif kind == "lstm":
            self.recurrent = torch.nn.LSTM(2, hidden_size, batch_first=True)
            b1 = self.recurrent.bias_ih_l0.data
            b2 = self.recurrent.bias_hh_l0.data
            b1[:hidden_size] = -memory_bias - b2[:hidden_size]
            b1[hidden_size : 2 * hidden_size] = memory_bias - b2[hidden_size : 2 * hidden_size]
        self.head = torch.nn.Linear(hidden_size, 1)

    def forward(self, x):
        state = None
        for t in range(x.shape[1]):
            out, state = self.recurrent(x[:, t : t + 1], state)
        return self.head(out).reshape(len(x))


def make_optimizer(model):
    return torch.optim.Adam(model.parameters(), LEARNING_RATE)


def train_step(model, optimizer, x, y):
    loss = torch.nn.MSELoss()(model(x), y)
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    gradients = torch.autograd.grad(loss, parameters)
    norm = torch.cat([g.flatten() for g in gradients]).norm()
    factor = MAX_NORM / norm if norm > MAX_NORM else 1.0
    for p, g in zip(parameters, gradients):
        p.grad = g * factor
    optimizer.step()
    return loss.item()


def train(model, length, steps, seed, *, report):
    optimizer = make_optimizer(model)
    losses = []
    while len(losses) < steps:
        k = len(losses)
        x, y = adding_batch(BATCH_SIZE, length, seed + k)
        losses.append(train_step(model, optimizer, x, y))
        report(k, loss=losses[-1])
    return losses
