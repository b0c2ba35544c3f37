"""A stack is its top layer on a smaller stack; a pair of directions is two independent layers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Layer:
    """One layer in one direction."""

    blocks: int
    arriving: int
    hidden: int
    output: int
    bias_vectors: int

    @property
    def parameters(self) -> int:
        """All numbers that this layer learns."""
        columns = self.arriving + self.output + self.bias_vectors
        projection = self.output * self.hidden if self.output < self.hidden else 0
        return self.blocks * self.hidden * columns + projection


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
    """Count the parameters from the top of the stack down."""
    match kind, framework:
        case "lstm", "torch":
            blocks, bias_vectors, may_project = 4, 2, True
        case "lstm", "keras":
            blocks, bias_vectors, may_project = 4, 1, False
        case "gru", _:
            blocks, bias_vectors, may_project = 3, 2, False
        case _:
            blocks, bias_vectors, may_project = 1, 2 if framework == "torch" else 1, False
    if proj_size >= hidden_size or (proj_size != 0 and not may_project):
        raise ValueError("impossible projection")
    output, ways = proj_size or hidden_size, int(bidirectional) + 1
    arriving = input_size if num_layers == 1 else ways * output
    top = Layer(blocks, arriving, hidden_size, output, bias_vectors if bias else 0)
    if num_layers == 1:
        return ways * top.parameters
    below = parameter_count(
        kind, input_size, hidden_size, num_layers - 1, bidirectional, bias, proj_size, framework
    )
    return below + ways * top.parameters
