"""The same in another dtype and on another device: right answers hold, and each trap is told."""

import pytest
import torch

from grader.checks.submission import SubmissionError
from grader.course.catalog import built_in_course
from grader.judge.grader import Grader
from grader.judge.traps import advice
from grader.verdict import CheckResult, Status, Verdict
from grader.wire.messages import Frame
from grader.wire.places import Place, places
from tests.gate import few

KATAS = [
    "lstm/lstm_cell",
    "lstm/lstm_layer",
    "applications/attention",
    "memory/rnn_cell",
    "lstm/gate_layouts",
    "lstm/lstm_through_time",
    "lstm/lstm_stack",
    "gru/gru_cell",
    "gru/gru_layer",
    "gru/reset_variants",
    "memory/rnn_jacobian",
    "highway/cell_state_jacobian",
    "highway/gradient_profile",
    "practice/sequence_dropout",
    "practice/truncated_bptt",
    "variants/peephole_lstm",
    "variants/layer_norm_lstm",
]


@pytest.fixture(scope="module")
def elsewhere(sandbox):
    grader = Grader(built_in_course(), sandbox, devices="all")
    yield grader
    grader.close()


def graded(grader: Grader, name: str, source: bytes) -> Verdict:
    return grader.attempt_source(grader.course.find(name), source).verdict()


def at(verdict: Verdict, name: str) -> CheckResult:
    return next(result for result in verdict.checks if result.name == name)


@pytest.mark.parametrize("name", few(KATAS, 1))
def test_right_answers_are_right_elsewhere(elsewhere, name: str) -> None:
    kata = elsewhere.course.find(name)
    for path in (kata.solution, *kata.alternatives):
        verdict = graded(elsewhere, name, path.read_bytes())
        assert verdict.status is Status.PASSED, [r for r in verdict.checks if r.place]
        there = [result for result in verdict.checks if result.place]
        assert there
        assert all(result.max_points == 0 for result in there)
        on_cuda = [result for result in there if result.place.startswith("cuda")]
        assert {result.status for result in on_cuda} <= {Status.NOT_VERIFIED}
    passed = [result.place for result in there if result.status is Status.PASSED]
    assert passed, "the last alternative is asked somewhere at least"


@pytest.mark.full
def test_a_gpu_that_cannot_be_used_is_not_verified(sandbox, monkeypatch) -> None:
    monkeypatch.setattr("grader.judge.attempt.has_cuda", lambda: True)
    if torch.cuda.is_available():
        pytest.skip("there is one that can be used")
    grader = Grader(built_in_course(), sandbox, devices="cuda")
    for name in ("lstm/lstm_cell", "lstm/lstm_layer"):
        source = grader.course.find(name).solution.read_bytes()
        there = [result for result in graded(grader, name, source).checks if result.place]
        assert {result.status for result in there} == {Status.NOT_VERIFIED}
        assert all("The GPU cannot be used in the sandbox: " in one.message for one in there)
    # On the CPU no submission can say so.
    forged = RIGHT.replace(HERE, "    raise RuntimeError('CUDA out of memory')\n")
    assert graded(grader, "lstm/lstm_cell", forged.encode()).status is Status.OUT_OF_MEMORY
    grader.close()


RIGHT = """
import torch


def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    gates = x @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    i, f, g, o = gates.chunk(4, dim=1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    h = torch.sigmoid(o) * torch.tanh(c)
    return h, c
"""
HERE = "    h = torch.sigmoid(o) * torch.tanh(c)\n"


@pytest.mark.parametrize(
    ("line", "check", "words"),
    [
        ("    c = c + torch.zeros(c.shape, dtype=c.dtype)\n", "on_meta_float32", "x.new_zeros"),
        (
            "    c = torch.stack([c, torch.zeros(c.shape).to(c.dtype)])[0]\n",
            "on_meta_float32",
            "x.new_zeros",
        ),
        ("    c = torch.from_numpy(c.detach().numpy()) * 0 + c\n", "on_meta_float32", "NumPy"),
        (
            "    c = c.float() if c.dtype == torch.bfloat16 else c\n",
            "on_cpu_bfloat16",
            "dtype float32, expected bfloat16",
        ),
        (
            "    c = (c * 8).round() / 8 if c.dtype == torch.float16 else c\n",
            "on_cpu_float16",
            "h has wrong values",
        ),
        (
            "    c = c.detach() if c.dtype == torch.bfloat16 else c\n",
            "on_cpu_bfloat16",
            "gradient",
        ),
    ],
)
def test_a_trap_is_found_where_it_lies(elsewhere, line: str, check: str, words: str) -> None:
    source = RIGHT.replace(HERE, line + HERE)
    verdict = graded(elsewhere, "lstm/lstm_cell", source.encode())
    assert verdict.points == verdict.max_points, "it is right on the CPU"
    assert verdict.status is Status.FAILED
    result = at(verdict, check)
    assert result.status is Status.FAILED
    assert words in f"{result.message} {result.location.line if result.location else ''}"
    if check == "on_meta_float32":
        assert result.location is not None
        assert result.location.source == line.strip()


def test_what_looks_at_values_is_not_verified_without_them(elsewhere) -> None:
    source = RIGHT.replace(HERE, "    assert bool((c == c).all())\n" + HERE)
    result = at(graded(elsewhere, "lstm/lstm_cell", source.encode()), "on_meta_float32")
    assert result.status is Status.NOT_VERIFIED
    assert "looks at values" in result.message


def test_nothing_is_asked_elsewhere_before_all_is_right_here(elsewhere) -> None:
    source = RIGHT.replace("torch.tanh(g)", "g")
    verdict = graded(elsewhere, "lstm/lstm_cell", source.encode())
    there = {result.status for result in verdict.checks if result.place.startswith(("cpu", "meta"))}
    assert there == {Status.NOT_RUN}


def test_by_default_nothing_is_asked_elsewhere(grade, course, grader) -> None:
    verdict = graded(grader, "lstm/lstm_cell", RIGHT.encode())
    assert [result for result in verdict.checks if result.place] == []


def test_devices_name_places(monkeypatch) -> None:
    assert places("cpu") == ()
    assert {place.device for place in places("all")} == {"cpu", "meta", "cuda"}
    assert {place.device for place in places("cuda")} == {"cuda"}
    monkeypatch.setattr("grader.wire.places.has_cuda", lambda: True)
    assert places("auto") == places("all")
    monkeypatch.setattr("grader.wire.places.has_cuda", lambda: False)
    assert places("auto") == ()
    assert len({place.check for place in places("all")}) == len(places("all"))


@pytest.mark.parametrize(
    ("message", "source", "words"),
    [
        (
            "Expected all tensors to be on the same device, but found at least two devices, "
            "cuda:0 and cpu!",
            "c + torch.zeros(3)",
            "x.new_zeros",
        ),
        (
            "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu()",
            "c.numpy()",
            "NumPy computes on the CPU alone",
        ),
        ("expected m1 and m2 to have the same dtype, but got: float != c10::BFloat16", "", "dtype"),
        ("something else", "", ""),
    ],
)
def test_advice_fits_what_torch_says(message: str, source: str, words: str) -> None:
    frames = (Frame(3, "lstm_cell", source),)
    error = SubmissionError("exception", "RuntimeError", message, frames, "lstm_cell")
    said = advice(error, Place("cuda", "float32"))
    assert words in said if words else said == ""
