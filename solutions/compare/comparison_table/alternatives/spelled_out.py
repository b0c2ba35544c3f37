"""Every equation's shapes written out, no shared factor."""


def comparison_table(input_size: int, hidden_size: int) -> dict:
    """Add up array by array."""
    I, H = input_size, hidden_size  # noqa: E741
    w_ih, w_hh, b_ih, b_hh = H * I, H * H, H, H
    block = w_ih + w_hh + b_ih + b_hh
    product = w_ih + w_hh
    return {
        "rnn": dict(gates=0, states=1, blocks=1, parameters=block, multiply_adds=product),
        "gru": dict(gates=2, states=1, blocks=3, parameters=3 * block, multiply_adds=3 * product),
        "lstm": dict(gates=3, states=2, blocks=4, parameters=4 * block, multiply_adds=4 * product),
    }


def choose(task: dict) -> str:
    """Go through the limits one after the other."""
    T, d = task["length"], task["width"]
    table = comparison_table(d, d)
    possible = {"lstm", "gru", "attention"}
    if task["max_steps"] < T:
        possible -= {"lstm", "gru"}
    if (
        task["max_steps"] < 1
        or task["max_kept"] < 2 * T * d
        or task["max_parameters"] < 4 * (d * d + d)
    ):
        possible -= {"attention"}
    for kind in ("lstm", "gru"):
        states, parameters = table[kind]["states"], table[kind]["parameters"]
        if task["max_kept"] < states * d or task["max_parameters"] < parameters:
            possible -= {kind}
    low, high = task["difference"]
    match "lstm" in possible, "gru" in possible, "attention" in possible:
        case True, True, _:
            if low > 0:
                return "lstm"
            if high < 0:
                return "gru"
            return "either"
        case False, True, _:
            return "gru"
        case _, _, True:
            return "attention"
        case _:
            raise ValueError("no layer fits")
