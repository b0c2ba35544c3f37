"""The worked example of the task: framing, and both searches on a model with two tokens."""

import torch

from grader.checks import Submission, worked

EOS, A, B = 2, 3, 4


def example(submission: Submission) -> None:
    """What the decoder reads and answers, then the best answers of the planted model."""
    inputs, wanted = submission["frame"]([[7, 8], [9]])
    for row, (read, answered) in enumerate((("1 7 8", "7 8 2"), ("1 9 0", "9 2 0"))):
        worked(f"target {row}: inputs", read, inputs[row], shape=(3,))
        worked(f"target {row}: wanted", answered, wanted[row], shape=(3,))

    # The rows of the table after nothing, a and b, when the state begins with 0.
    table = torch.full((11, 5), -50.0)
    for row, (a, b, end) in ((1, (0.5, 0.4, 0.1)), (10, (0.4, 0.35, 0.25)), (0, (0.05, 0.05, 0.9))):
        table[row, 2:] = torch.tensor([end, a, b]).log()
    step, state = submission["planted"](table, keep=True), (torch.tensor([0]),)
    [tokens] = submission["greedy"](step, state, most=2)
    worked("greedy search", "a a", names(tokens))
    for alpha, expected in ((0.0, "-1.022"), (1.0, "-0.511")):
        tokens, score = submission["beam_search"](step, state, width=2, most=2, alpha=alpha)
        worked(f"beam search, α = {alpha:g}: answer", "b EOS", [*names(tokens), "EOS"])
        worked(f"beam search, α = {alpha:g}: score", expected, score)


def names(tokens: list[int]) -> list[str]:
    """The names of tokens."""
    return [{A: "a", B: "b", EOS: "EOS"}.get(token, str(token)) for token in tokens]
