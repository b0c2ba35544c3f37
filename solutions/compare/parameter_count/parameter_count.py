"""Count the parameters of a recurrent network without building it."""

BLOCKS = {"rnn": 1, "lstm": 4, "gru": 3}


def _bias_vectors(kind: str, framework: str) -> int:
    """Return how many bias vectors each block has.

    torch keeps one for each of the two matrices. Keras merges them, except in the GRU: there the
    reset gate scales the recurrent one alone.

    Args:
        kind: "rnn", "lstm" or "gru".
        framework: "torch" or "keras".

    Returns:
        1 or 2.

    """
    if framework == "torch":
        return 2
    return 2 if kind == "gru" else 1


def parameter_count(
    kind: str,
    input_size: int,
    hidden_size: int,
    num_layers: int = 1,
    bidirectional: bool = False,
    bias: bool = True,
    proj_size: int = 0,
    framework: str = "torch",
) -> int:
    """Count the parameters of a stack of recurrent layers, as torch or Keras builds it.

    With B blocks, D directions and an output of R numbers, one layer and direction has

        B * H * (inputs + R)  weights,  biases,  and in a projected LSTM one matrix more.

    Args:
        kind: "rnn", "lstm" or "gru".
        input_size: I >= 1, the length of x_t.
        hidden_size: H >= 1 (Keras calls it `units`).
        num_layers: L >= 1; each layer above the first reads the outputs of the layer below.
        bidirectional: True adds a second set of parameters, which reads the sequence from its
            end; the two outputs are concatenated.
        bias: False leaves every bias out (Keras: `use_bias=False`).
        proj_size: P, 0 <= P < H; 0 means no projection. Only torch's LSTM has it.
        framework: "torch" or "keras" (every other Keras option at its default).

    Returns:
        The exact number of parameters.

    Raises:
        ValueError: proj_size is not 0 for anything but torch's LSTM, or is not below H.

    Source: the parameter shapes that the documentation of torch.nn.RNN, LSTM and GRU and of
        keras.layers.SimpleRNN, LSTM and GRU gives; Sak et al. (2014) for the projection.

    """
    if proj_size and kind != "lstm":
        raise ValueError(f"only the LSTM has a projection, and kind is {kind!r}")
    if proj_size and framework != "torch":
        raise ValueError(f"only torch has a projection, and framework is {framework!r}")
    if proj_size >= hidden_size:
        raise ValueError(f"proj_size is {proj_size}, expected less than {hidden_size}")

    blocks = BLOCKS[kind]
    directions = 2 if bidirectional else 1
    output_size = proj_size or hidden_size
    biases = blocks * hidden_size * _bias_vectors(kind, framework) if bias else 0
    recurrent_weights = blocks * hidden_size * output_size
    projection = proj_size * hidden_size

    total = 0
    arriving = input_size
    for _ in range(num_layers):
        input_weights = blocks * hidden_size * arriving
        total += directions * (input_weights + recurrent_weights + biases + projection)
        arriving = directions * output_size
    return total
