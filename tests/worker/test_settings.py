"""A call leaves the settings that everybody in the process has as they were."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from grader.worker.settings import LeftChangedError, Settings

SOURCE = """\
import numpy as np
import torch

{top}
def rnn_cell(x, h, w_ih, w_hh, b_ih, b_hh):
    {line}
    return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
"""
LEFT = {
    "torch.set_grad_enabled(False)": "gradients switched off",
    "torch.autograd.set_grad_enabled(False)": "gradients switched off",
    "torch.no_grad().__enter__()": "gradients switched off",
    "torch.set_default_dtype(torch.float64)": "default dtype at torch.float64",
    "torch.set_default_device('meta'); h = h + 0": "default device at meta",
    "np.seterr(over='ignore')": "NumPy's warnings changed",
}
KEPT = [
    "torch.set_grad_enabled(True)",
    "torch.set_default_dtype(x.dtype); torch.set_default_dtype(torch.float32)",
    "torch.set_default_device('cpu')",
    "with torch.no_grad(): torch.zeros(1)",
    "with np.errstate(over='ignore'): np.exp(1000.0)",
]


@pytest.fixture(autouse=True)
def _as_they_were() -> Iterator[None]:
    yield
    torch.set_grad_enabled(True)
    torch.set_default_dtype(torch.float32)
    torch.set_default_device(None)


@pytest.mark.parametrize("line", LEFT)
def test_a_setting_that_is_left_changed_is_told(line: str, grader, course) -> None:
    source = SOURCE.format(top="", line=line)
    verdict = grader.attempt_source(course.find("memory/rnn_cell"), source.encode()).verdict()
    assert verdict.points == 0
    assert LEFT[line] in verdict.checks[0].message


@pytest.mark.parametrize("line", KEPT)
def test_one_that_is_put_back_counts_for_nothing(line: str, grader, course) -> None:
    source = SOURCE.format(top="", line=line)
    verdict = grader.attempt_source(course.find("memory/rnn_cell"), source.encode()).verdict()
    assert verdict.status == "PASSED"


@pytest.mark.parametrize("top", ["np.seterr(all='ignore')", "torch.manual_seed(0)"])
def test_the_top_of_a_file_may_change_them(top: str, grader, course) -> None:
    source = SOURCE.format(top=top, line="")
    verdict = grader.attempt_source(course.find("memory/rnn_cell"), source.encode()).verdict()
    assert verdict.status == "PASSED"


@pytest.mark.parametrize("kata", ["lstm/stable_sigmoid", "compare/parameter_count"])
def test_where_torch_is_forbidden_no_line_of_it_runs(kata: str, grader, course) -> None:
    of = course.find(kata)
    assert grader.attempt_source(of, of.solution.read_bytes()).verdict().status == "PASSED"


def test_all_stand_again_behind_a_call() -> None:
    def call() -> None:
        torch.set_grad_enabled(False)
        torch.set_default_dtype(torch.float64)
        np.seterr(all="raise")

    errors = np.geterr()
    with pytest.raises(LeftChangedError, match="gradients"):
        Settings(()).kept_by(call)()
    assert torch.is_grad_enabled()
    assert torch.get_default_dtype() == torch.float32
    assert np.geterr() == errors


def test_also_behind_one_that_raises_and_its_error_is_told() -> None:
    def call() -> None:
        torch.set_grad_enabled(False)
        raise KeyError("lost")

    with pytest.raises(KeyError, match="lost"):
        Settings(()).kept_by(call)()
    assert torch.is_grad_enabled()
