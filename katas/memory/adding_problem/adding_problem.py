"""The adding problem: what an LSTM learns over a hundred steps, and a plain RNN does not."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

# Given. How `train` trains: the sequences of a batch, the learning rate, the largest norm.
BATCH_SIZE, LEARNING_RATE, MAX_NORM = 64, 0.02, 0.1


def adding_batch(n: int, length: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw sequences of the adding problem.

    Args:
        n: N, the number of sequences, at least 1.
        length: T, the steps of a sequence, an even number.
        seed: an integer that decides all of the draw. torch's own seed is not set.

    Returns:
        x: (N, T, 2), float32. Feature 0 holds values, uniform between 0 and 1. Feature 1 holds
            marks: 1 at one step of the first half and at one step of the second half, else 0.
        y: (N,), float32, the sum of the two marked values.

    Source: Hochreiter and Schmidhuber (1997), section 5.4, in the form of Le, Jaitly and Hinton
        (2015), section 4.1.
    """
    raise NotImplementedError


class Adder(nn.Module):
    """A recurrent layer, and a linear head that reads its last hidden state.

        y_n = w · h_nT + b

    Args:
        kind: "rnn" (torch.nn.RNN, tanh) or "lstm" (torch.nn.LSTM).
        hidden_size: H, the units of the layer, at least 1.
        memory_bias: of an LSTM: what the two biases of each forget gate add up to at the start,
            and minus what those of each input gate add up to. All else starts as torch starts it.

    The state dict has the names `recurrent.weight_ih_l0`, `recurrent.weight_hh_l0`,
    `recurrent.bias_ih_l0`, `recurrent.bias_hh_l0`, `head.weight` and `head.bias`.

    Source: Tallec and Ollivier (2018), section 2: opposite biases of forget and input gates.
    """

    def __init__(self, kind: str, hidden_size: int, memory_bias: float = 3.0) -> None:
        raise NotImplementedError

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Answer each sequence with one number.

        Args:
            x: (N, T, 2) sequences, in the dtype of the parameters, with N, T >= 1.

        Returns:
            (N,) the answers, in the same dtype.
        """
        raise NotImplementedError


def make_optimizer(model: nn.Module) -> torch.optim.Optimizer:
    """Make the optimiser that `train` uses: Adam over all parameters, at LEARNING_RATE.

    Args:
        model: what is to be trained.

    Returns:
        A torch.optim.Adam, with torch's other defaults.

    Source: Kingma and Ba (2015), section 2.
    """
    raise NotImplementedError


def train_step(
    model: nn.Module, optimizer: torch.optim.Optimizer, x: torch.Tensor, y: torch.Tensor
) -> float:
    """Take one step of training on one batch.

    Args:
        model: answers x (N, T, 2) with (N,).
        optimizer: of the model's parameters.
        x: (N, T, 2) sequences.
        y: (N,) what the answers should be.

    Returns:
        The mean squared error of the batch before the step, a Python float.

    Source: Pascanu, Mikolov and Bengio (2013), section 3.2: the norm of the gradient is clipped.
    """
    raise NotImplementedError


def train(
    model: nn.Module, length: int, steps: int, seed: int, *, report: Callable[..., None]
) -> list[float]:
    """Train on fresh batches of the adding problem.

    Args:
        model: an Adder. It is trained in place.
        length: T, the steps of a sequence.
        steps: K, how many steps of training to take.
        seed: the batch of step k = 0, ..., K - 1 is adding_batch(BATCH_SIZE, length, seed + k).
        report: to be called as report(k, loss=...) after each step; it shows the progress.

    Returns:
        The loss of each step, K floats.

    Source: Le, Jaitly and Hinton (2015), section 4.1.
    """
    raise NotImplementedError
