"""Hostile notebooks up to 16 MiB cost the judge little; benchmarks/fuzz_notebooks.py tries more."""

import importlib.util
import random
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.gate import few, slowness

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "fuzz_notebooks.py"


def loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz_notebooks", SCRIPT)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


fuzz = loaded()


@pytest.mark.parametrize("size", few([fuzz.MAX_NOTEBOOK_BYTES - 8_000, 1_040_000], 1))
@pytest.mark.parametrize("name", fuzz.BOMBS)
def test_a_bomb_costs_little(name: str, size: int) -> None:
    data = fuzz.BOMBS[name](size, random.Random(0))[: fuzz.MAX_NOTEBOOK_BYTES]
    assert len(data) > 100_000
    cost = fuzz.cost(data)
    assert cost.cpu_s <= fuzz.MAX_CPU_S * slowness()
    assert cost.memory_bytes <= fuzz.MAX_BYTES


def test_a_mutated_notebook_is_read_or_refused_and_costs_little() -> None:
    draw = random.Random(1)
    costs = [fuzz.cost(fuzz.mutation(draw)) for _ in range(400)]
    assert max(cost.cpu_s for cost in costs) <= fuzz.MAX_CPU_S * slowness()
    assert max(cost.memory_bytes for cost in costs) <= fuzz.MAX_BYTES


def test_a_fair_part_of_the_mutations_is_read() -> None:
    """Mutations that all break the JSON would try nothing behind it."""
    draw, read = random.Random(2), 0
    for _ in range(200):
        try:
            fuzz.code_of_notebook(fuzz.mutation(draw))
        except fuzz.NotebookError:
            continue
        read += 1
    assert 20 < read < 180, read
