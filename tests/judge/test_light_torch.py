"""torch without its kernels for the device "meta": in the command's own process alone."""

import subprocess
import sys

import pytest

META = "torch._meta_registrations"


def said_by(source: str) -> str:
    """What a fresh Python prints."""
    run = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_they_are_left_out_and_can_be_had_afterwards() -> None:
    source = f"""
import sys
from grader.judge.light_torch import give_back, hold_back
hold_back()
import torch
give_back()
print("torch._prims" in sys.modules, "{META}" in sys.modules, hasattr(torch, "_meta_registrations"))
def shape():
    sizes = (2, 4), (5, 2, 3), (5, 3, 4)
    return tuple(torch.addbmm(*(torch.empty(size, device="meta") for size in sizes)).shape)
try:
    print(shape())
except NotImplementedError:
    print("none")
import {META} as real
print(shape(), hasattr(real, "meta_index_Tensor"))
"""
    assert said_by(source).splitlines() == ["False False False", "none", "(2, 4) True"]


def test_where_torch_is_there_already_nothing_changes() -> None:
    source = f"""
import sys, torch
from grader.judge.light_torch import give_back, hold_back
before = sys.modules["{META}"]
hold_back()
give_back()
print(sys.modules["{META}"] is before is torch._meta_registrations)
"""
    assert said_by(source) == "True"


def test_whoever_opens_a_grader_has_torch_as_it_is() -> None:
    source = f"""
import sys
from grader.judge.opening import import_engine
import_engine()
print(hasattr(sys.modules["{META}"], "meta_index_Tensor"))
"""
    assert said_by(source) == "True"


@pytest.mark.parametrize(
    "more",
    [
        "torch.optim.SGD([torch.nn.Parameter(torch.ones(1))])",
        *("import torch._dynamo", "import torch.utils._content_store"),
        *("import torch._prims", "import torch._prims_common.wrappers", "import torch._refs"),
        "import torch._decomp",
    ],
)
def test_what_else_of_torch_is_imported_finds_them_there(more: str) -> None:
    source = f"""
import sys
from grader.judge.light_torch import give_back, hold_back
hold_back()
import torch
give_back()
{more}
print(hasattr(sys.modules["{META}"], "meta_index_Tensor"), torch._prims.__spec__.origin[-18:])
import torch._dynamo
"""
    assert said_by(source) == "True _prims/__init__.py"


@pytest.mark.parametrize("name", ["seq2seq", "attention_forecaster", "adding_problem"])
def test_a_kata_that_trains_is_graded_as_the_first(name: str, course) -> None:
    """How fast the machine trains is measured before anything else of it is done."""
    check = ["check", name, "--no-training", "--submission", str(course.find(name).solution)]
    run = subprocess.run([sys.executable, "-m", "grader", *check], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_the_command_grades_with_it(device: str, course) -> None:
    solution = course.find("memory/rnn_cell").solution
    check = ["check", "rnn_cell", "--submission", str(solution), "--device", device]
    source = f"""
import sys
from grader.cli import start
sys.argv = ["kata", *{check!r}]
start.os._exit = lambda code: print(code, "torch._prims" in sys.modules)
start.main()
"""
    assert said_by(source).splitlines()[-1] == "0 False"
