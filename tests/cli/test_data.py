"""`kata data`: what there is, where it is looked for, and whether it is whole."""

import re
from importlib import import_module, invalidate_caches
from importlib.util import find_spec
from pathlib import Path

import pytest

from grader import checks
from grader.course.catalog import built_in_course
from grader.data import sets
from grader.data.sets import SETS, VARIABLE, find_set

KATAS = [kata for kata in built_in_course().katas if kata.spec.training]
CHECKS = Path(checks.__file__).parent
SENTENCES = "Good film.\t1\nBad film.\t0\n"


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "user"))
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(sets, "find_spec", lambda name: None)


@pytest.mark.parametrize("one", SETS, ids=lambda one: one.name)
def test_each_set_has_its_reader_and_its_katas(one) -> None:
    module, function = one.reader.split(":")
    assert callable(getattr(import_module(f"grader.data.{module}"), function))
    trained = [kata for kata in KATAS if one.name in kata.spec.training.data]
    assert trained, "a set that nothing trains on is no help"
    for kata in trained:
        text = kata.checks_file.read_text()
        shared = re.findall(r"from grader\.checks\.(\w+) import", text)
        whole = text + "".join((CHECKS / f"{name}.py").read_text() for name in shared)
        assert "data_path()" in whole, "it trains on what is given"


def test_a_kata_names_sets_that_there_are() -> None:
    named = {name for kata in KATAS for name in kata.spec.training.data}
    assert named <= {one.name for one in SETS}


def test_the_list_says_licence_and_how_to_get_it(command) -> None:
    assert command("data", "list") == 0
    for one in SETS:
        assert f"{one.name}: " in command.out
        assert one.licence.split()[0] in command.out
    assert command.out.count("to get it: ") == len(SETS)


def test_a_set_is_found_in_each_place(command, monkeypatch, tmp_path: Path) -> None:
    assert command("data", "path", "sentiment") == 2
    assert "How to get it: UCI" in command.err
    for folder in (tmp_path / "user" / "tensor-katas", tmp_path / "named"):
        (folder / "sentiment").mkdir(parents=True)
        monkeypatch.setenv(VARIABLE, str(tmp_path / "named"))
        assert command("data", "path", "sentiment") == 0
        assert command.out.strip() == str(folder / "sentiment")
    assert command("init", "mine") == 0
    monkeypatch.chdir("mine")
    (Path.cwd() / "data" / "sentiment").mkdir(parents=True)
    assert command("data", "path", "Sentiment") == 0
    assert command.out.strip() == str(Path.cwd() / "data" / "sentiment")


def test_a_file_is_read_to_its_end(command, tmp_path: Path) -> None:
    file = tmp_path / "yelp_labelled.txt"
    file.write_text(SENTENCES)
    assert command("data", "check", "sentiment", file) == 0
    assert "2 sentences, all well-formed" in command.out
    file.write_text(SENTENCES + "No label here\n")
    assert command("data", "check", "sentiment", file) == 2
    assert f"{file}:3: " in command.err


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["check"], "needs the name of a set"),
        (["path", "nothing"], "there is no data set 'nothing'"),
        (["check", "wnut17", "gone.txt"], "gone.txt: is not there"),
    ],
)
def test_what_is_not_there_is_told(command, argv: list[str], says: str) -> None:
    assert command("data", *argv) == 2
    assert says in command.err


def test_a_grading_takes_a_path_or_a_set(command) -> None:
    assert command("check", "lstm_cell", "--data", "gone") == 2
    assert "kata data list" in command.err
    assert command("check", "lstm_cell", "--data", "wnut17") == 2
    assert "wnut17 is not on this machine" in command.err


def test_names_are_told_apart() -> None:
    assert len({one.name for one in SETS}) == len(SETS)
    assert find_set("WNUT17").name == "wnut17"


def test_a_set_is_found_in_an_installed_package(command, monkeypatch, tmp_path: Path) -> None:
    folder = tmp_path / "somewhere" / "statsmodels" / "datasets" / "co2"
    folder.mkdir(parents=True)
    (folder.parents[1] / "__init__.py").write_text("raise AssertionError('it is imported')")
    rows = [f"2000-{1 + n // 28:02}-{1 + n % 28:02},{n % 11}" for n in range(28)]
    rows += [f"2000-02-{1 + n:02}," for n in range(29)]
    rows[28:28] = ["2000-01-29,1", "2000-01-30,2", "2000-01-31,3"]
    (folder / "co2.csv").write_text("\n".join(["date,co2", *rows]))
    monkeypatch.syspath_prepend(folder.parents[2])
    monkeypatch.setattr(sets, "find_spec", find_spec)
    invalidate_caches()
    assert command("data", "path", "co2") == 0
    assert command.out.strip() == str(folder)
    assert command("data", "list") == 0
    assert f"here:{folder}" in "".join(command.out.split()), "the path may be wrapped"
    assert command("data", "check", "co2") == 0
    assert "60 weeks, all well-formed" in " ".join(command.out.split())
    own = tmp_path / "user" / "tensor-katas" / "co2"
    own.mkdir(parents=True)
    assert command("data", "path", "co2") == 0
    assert command.out.strip() == str(own), "one's own comes first"
