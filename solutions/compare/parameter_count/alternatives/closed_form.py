"""One closed form: the first layer differs from the others by its input alone."""


def parameter_count(
    kind,
    input_size,
    hidden_size,
    num_layers=1,
    bidirectional=False,
    bias=True,
    proj_size=0,
    framework="torch",
):
    """Count the parameters without a loop."""
    H, P, L, D = hidden_size, proj_size, num_layers, 2 if bidirectional else 1
    if (P > 0 and not (kind == "lstm" and framework == "torch")) or P >= H:
        raise ValueError(f"no {framework} {kind} has proj_size={P} at hidden_size={H}")
    R = P if P > 0 else H
    B = ("rnn", None, "gru", "lstm").index(kind) + 1
    b = bias * (1 if framework == "keras" and kind != "gru" else 2)
    inputs = input_size + (L - 1) * D * R
    return D * (B * H * (inputs + L * (R + b)) + L * P * H)
