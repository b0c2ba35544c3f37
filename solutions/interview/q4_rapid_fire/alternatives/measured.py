"""Answers that are measured where torch can be asked, and worked out where it can't."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

SIZES = (4, 6)


def _shapes():
    time_first, batch_first = torch.zeros(5, 3, 4), torch.zeros(3, 5, 4)
    lengths = torch.tensor([5, 2, 3])
    pack = pack_padded_sequence(time_first, lengths, enforce_sorted=False)
    longer = pack_padded_sequence(torch.zeros(8, 3, 4), lengths, enforce_sorted=False)
    both = nn.LSTM(*SIZES, batch_first=True, bidirectional=True)(batch_first)
    padded, _ = pad_packed_sequence(nn.LSTM(*SIZES)(longer)[0])
    found = {
        "out_plain": nn.LSTM(*SIZES)(time_first)[0],
        "out_two_directions": both[0],
        "out_projected": nn.LSTM(*SIZES, proj_size=2)(time_first)[0],
        "h_n_stacked": nn.LSTM(*SIZES, num_layers=2, bidirectional=True)(time_first)[1][0],
        "c_n_batch_first": nn.LSTM(*SIZES, batch_first=True)(batch_first)[1][1],
        "h_n_batch_first_two_directions": both[1][0],
        "packed_data": nn.LSTM(*SIZES)(pack)[0].data,
        "padded_again": padded,
    }
    return {name: tuple(t.shape) for name, t in found.items()} | {
        "packed_batch_sizes": pack.batch_sizes
    }


def _products():
    x = torch.zeros((), dtype=torch.float64, requires_grad=True)
    found = {}
    for name, u in (("rnn_twenty_steps", 1.5), ("rnn_shrinks", 0.5)):
        h = x
        for _ in range(20):
            h = torch.tanh(u * h)
        found[name] = torch.autograd.grad(h, x)[0]
    w = torch.tensor([[0.6, 1.0], [0.0, 0.6]], dtype=torch.float64)
    power = torch.linalg.matrix_power(w, 50)
    return found | {
        "lstm_twenty_steps": torch.tensor(0.9).pow(20),
        "gru_ten_steps": torch.tensor(0.9).pow(10),
        "gru_step_z_open": 1.0,
        "w_radius": torch.linalg.eigvals(w).abs().max(),
        "w_norm": torch.linalg.svdvals(w)[0],
        "w_power_decays": bool(torch.linalg.svdvals(power)[0] < 1e-6),
    }


def answers():
    """Put what was measured beside what follows from the definitions."""
    grads = torch.tensor([3.0, 4.0])
    clipped = grads / grads.norm()
    biases = torch.tensor([2.0, 0.0, 1.0]).sigmoid()
    ends = ("cat(h_n[-2], h_n[-1])", "out[:, 0, H:]", "h_n[-1]")
    return {
        **_shapes(),
        **_products(),
        **dict(zip(("slice_two_directions", "slice_backward", "slice_padded"), ends, strict=True)),
        "clip_first": clipped[0],
        "clip_second": clipped[1],
        "lstm_derivative_can_grow": True,
        "truncated_value_depends": True,
        "truncated_gradient_arrives": False,
        "forget_ones_in_both": biases[0],
        "forget_torch_default": biases[1],
        "forget_keras_default": biases[2],
        "bilstm_sees_ahead": True,
        "bilstm_keeps_prefix": False,
        "target_text": "hello"[1:],
        "fed_when_forced": "cat"[1],
        "fed_when_free": "o",
        "bottleneck_numbers": sum(s.numel() for s in nn.LSTM(*SIZES)(torch.zeros(50, 1, 4))[1]),
        "attention_numbers": nn.LSTM(*SIZES)(torch.zeros(50, 1, 4))[0].numel(),
        "scan_compose": (5 * 2, 5 * 3 + 7),
        "scan_rounds": (1024).bit_length() - 1,
        "flat_detached": "gradient",
        "flat_saturated": "gates",
        "flat_zero_rate": "update",
    }
