"""Right answers of the course as modules, its tasks, and real data, for tests of what they say."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from grader.course.catalog import built_in_course

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"


def right_answers(kata: str) -> list[Path]:
    """The solution of a kata and its alternatives."""
    short = kata.partition("/")[2]
    folder = built_in_course().root / "solutions" / kata
    return [folder / f"{short}.py", *sorted((folder / "alternatives").glob("*.py"))]


def load(path: Path) -> ModuleType:
    """A file as a module."""
    spec = importlib.util.spec_from_file_location(f"right_answer_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`answer` is each right answer to the kata that the test module names as KATA."""
    if "answer" in metafunc.fixturenames:
        paths = right_answers(metafunc.module.KATA)
        metafunc.parametrize("answer", paths, ids=[path.stem for path in paths], indirect=True)


@pytest.fixture
def answer(request: pytest.FixtureRequest) -> ModuleType:
    return load(request.param)


@pytest.fixture
def solution() -> Callable[[str], ModuleType]:
    """The solution of a kata."""
    return lambda kata: load(right_answers(kata)[0])


@pytest.fixture
def readme(request: pytest.FixtureRequest) -> str:
    """The task of the kata that the test module names as KATA."""
    return (built_in_course().find(request.module.KATA).readme).read_text("utf-8")


@pytest.fixture
def wnut() -> Callable[[str], bytes]:
    """The bytes of WNUT 2017's train, dev or test set."""
    folder = DATA / "wnut17"
    if not folder.is_dir():
        pytest.skip(f"WNUT 2017 is not at {folder}")
    return lambda part: (folder / f"{part}.conll").read_bytes()
