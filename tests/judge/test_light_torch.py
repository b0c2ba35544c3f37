"""torch without its kernels for the device "meta": in the command's own process alone."""

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course.catalog import built_in_course
from tests.gate import few

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


def test_a_generator_can_be_made() -> None:
    source = f"""
import sys
from grader.judge.light_torch import give_back, hold_back
hold_back()
import torch
give_back()
one, other = torch.Generator().manual_seed(3), torch.Generator()
other.set_state(one.get_state())
print("{META}" in sys.modules, torch.equal(*(torch.rand(4, generator=g) for g in (one, other))))
import torch._dynamo
print(torch.Generator().manual_seed(3).initial_seed())
"""
    assert said_by(source).splitlines() == ["False True", "3"]


def test_nothing_else_of_torch_is_set_by_what_is_left_out() -> None:
    """A later torch may bind more where it imports these modules."""
    source = """
import sys
from grader.judge.light_torch import hold_back
{0}
import torch
print(*(name for name in sys.modules if name.startswith("torch")))
"""
    left_out = {*said_by(source.format("")).split()} - {
        *said_by(source.format("hold_back()")).split()
    }
    assert 5 < len(left_out) < 30
    calls = set()
    for name in left_out:
        spec = importlib.util.find_spec(name)
        tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
        for line in tree.body:
            if isinstance(line, ast.Expr) and isinstance(line.value, ast.Call):
                called = ast.unparse(line.value.func)
                calls |= {called} if called.startswith("torch._C._set") else set()
    assert calls <= {"torch._C._set_generator_metaclass"}


NAMES = [kata.name for kata in built_in_course().katas]
LATE = [name for name in NAMES if name.startswith(("interview/q2", "applications/seq2seq"))]


@pytest.mark.parametrize("name", few([*LATE, *(one for one in NAMES if one not in LATE)], 2))
def test_each_kata_can_be_the_first_that_the_command_grades(name: str, course) -> None:
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
