"""Count the parameters of a recurrent network without building it."""


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
    raise NotImplementedError
