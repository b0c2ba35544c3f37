"""A course's TOML files: what is right is read, what is wrong is told with file, line and what
was expected.
"""

from pathlib import Path

import pytest

from grader.course.forbidden import expand
from grader.course.misconceptions import (
    Edit,
    Misconception,
    both_edited,
    mutant_source,
    read_misconceptions,
)
from grader.course.spec import read_kata
from grader.course.stubs import signatures
from grader.errors import SpecError
from grader.wire import Forbidden

GROUPS = {"recurrent": Forbidden(("torch.nn.LSTM", "torch.lstm"), words=("lstm",))}

GOOD = """\
title = "One step"
difficulty = 2
minutes = 30
hints = ["a", "b", "c"]

[forbidden]
groups = ["recurrent"]
names = ["torch.tanh"]

[limits]
call_s = 1.5

[promises]
forbidden = "No LSTM."
matches_torch = ["One.", "Two."]
"""


def write(tmp_path: Path, text: str | bytes, name: str = "kata.toml") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_kata_toml_is_read(tmp_path: Path) -> None:
    spec = read_kata(write(tmp_path, GOOD), GROUPS)
    assert (spec.title, spec.hints, spec.limits.call_s) == ("One step", ("a", "b", "c"), 1.5)
    assert spec.limits.wall_s == 20.0  # what is not said has its default
    assert spec.promised() == {"forbidden": ("No LSTM.",), "matches_torch": ("One.", "Two.")}
    assert expand(spec.forbidden, GROUPS) == Forbidden(
        ("torch.nn.LSTM", "torch.lstm", "torch.tanh"), words=("lstm",)
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("difficulty = 2", 'difficulty = "two"', 2, "Expected `int`, got `str`"),
        ("difficulty = 2", "difficulty = 9", 2, "Expected `int` <= 5 (at `$.difficulty`)"),
        ("difficulty = 2", "difficulty = 0", 2, "Expected `int` >= 1 (at `$.difficulty`)"),
        ("minutes = 30", "minutes = 0", 3, "Expected `int` >= 1 (at `$.minutes`)"),
        ("minutes = 30", "minutes = 10_000", 3, "Expected `int` <= 9999 (at `$.minutes`)"),
        ("minutes = 30", "minuets = 30", 3, "unknown field `minuets`"),
        ('title = "One step"\n', "", None, "missing required field `title`"),
        (
            '["recurrent"]',
            '["rnn"]',
            7,
            "`rnn` is no group of forbidden names; expected one of",
        ),
        ("call_s = 1.5", "call_s = 0", 11, "Expected `float` > 0.0 (at `$.limits.call_s`)"),
        ("call_s = 1.5", "call_s = nan", 11, "Expected `float` > 0.0 (at `$.limits.call_s`)"),
        ("call_s = 1.5", "processes = 0", 11, "Expected `int` >= 1 (at `$.limits.processes`)"),
        ("[limits]\ncall_s = 1.5", "[tolerance]\nfactor = 0", 11, "Expected `float` > 0.0"),
        ("call_s = 1.5", "call_ms = 1.5", 11, "unknown field `call_ms`"),
        ('"b", "c"]', '"b", 3]', 4, "Expected `str`, got `int`"),
        ("minutes = 30", "minutes = = 30", 3, "is not TOML"),
        ('"No LSTM."', "3", 13, "Expected `str | array`, got `int` (at `$.promises[...]`)"),
        ('"No LSTM."', '" "', 14, "the promise of `forbidden` is empty; expected a sentence"),
        ('["One.", "Two."]', "[]", 15, "the promise of `matches_torch` is empty"),
        ('"Two."', '""', 15, "the promise of `matches_torch` is empty"),
        ('"One step"\ndifficulty = 2', '"No difficulty"\ndifficulty = 0', 2, "(at `$.difficulty`)"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, line: int | None, message: str
) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(SpecError) as caught:
        read_kata(path, GROUPS)
    assert caught.value.line == line
    assert message in caught.value.message
    assert caught.value.message.startswith(f"{path}:{line}: " if line else f"{path}: ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"title = '\xff'", "is not UTF-8 text (byte 9)"),
        (b"#" * (1 << 19), "is larger than"),
        (None, "cannot be read: No such file"),
        (b"", "missing required field"),
    ],
)
def test_files_that_are_no_text(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "kata.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SpecError) as caught:
        read_kata(path, GROUPS)
    assert message in str(caught.value)


MISCONCEPTION = """\
[[misconception]]
id = "one"
title = "One"
caught_by = "right"
message = "Why."
edits = [{ old = "a", new = "b" }]

[[misconception]]
id = "two"
title = "Two"
caught_by = "right"
message = "Why."
file = "two.py"
aliases = ["one"]
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('id = "two"', 'id = "one"', 9, "id `one` is there twice"),
        ('id = "two"', 'id = "Two!"', 9, "expected small letters, digits and underscores"),
        ('file = "two.py"\n', "", 9, "`two` needs either edits or a file"),
        (
            'file = "two.py"\n',
            'file = "two.py"\nof = "a.py"\n',
            9,
            "of what its edits are, and has",
        ),
        ('aliases = ["one"]', 'aliases = ["three"]', 9, "`three`, which is not there"),
        ("message", "massage", 5, "unknown field `massage`"),
    ],
)
def test_a_wrong_bank_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    path = write(tmp_path, MISCONCEPTION.replace(old, new, 1), "misconceptions.toml")
    with pytest.raises(SpecError) as caught:
        read_misconceptions(path)
    assert message in caught.value.message
    assert caught.value.line == line


def test_a_bank_is_read_and_an_absent_one_is_empty(tmp_path: Path) -> None:
    one, two = read_misconceptions(write(tmp_path, MISCONCEPTION, "misconceptions.toml"))
    assert (one.edits, two.file, two.aliases) == ((Edit("a", "b"),), "two.py", ("one",))
    assert read_misconceptions(tmp_path / "absent.toml") == ()


FAMILY = """\
[[misconception]]
id = "{id}_lost"
title = "{what} is lost"
caught_by = "right"
message = "{what} counts, as in {'a': 1}."
members = [
    { id = "one", what = "One" },
    { id = "two", what = "Two" },
]
[[misconception.edits]]
old = "f{x}"
new = "{id}"
"""


def test_an_entry_with_members_is_a_family(tmp_path: Path) -> None:
    one, two = read_misconceptions(write(tmp_path, FAMILY, "misconceptions.toml"))
    assert (one.id, two.id, one.family) == ("one_lost", "two_lost", "{id}_lost")
    assert two.title == "Two is lost"
    assert two.message == "Two counts, as in {'a': 1}."
    assert two.edits == (Edit("f{x}", "two"),)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (', what = "Two"', "", "not every member gives `what`; each needs all"),
        ('id = "{id}_lost"', 'id = "lost"', "id `lost` is there twice"),
        ('"Two" }', '"Two", why = "x" }', "not every member gives `why`"),
        ("{what}", "It", "its members give `what`, and {what} is nowhere in it"),
        ('what = "Two"', "what = 2", "Expected `str`"),
        ('id = "two"', 'id = "Two"', "id `Two_lost`: expected small letters"),
    ],
)
def test_a_wrong_family_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = write(tmp_path, FAMILY.replace(old, new), "misconceptions.toml")
    with pytest.raises(SpecError) as caught:
        read_misconceptions(path)
    assert message in caught.value.message
    assert caught.value.line is not None


def test_an_edit_of_a_family_that_does_not_fit_is_told_with_its_line(tmp_path: Path) -> None:
    solution = write(tmp_path, "x = 1\n", "solution.py")
    _, two = read_misconceptions(write(tmp_path, FAMILY, "misconceptions.toml"))
    with pytest.raises(SpecError, match="`two_lost`: the edit's `old` occurs 0 times") as caught:
        mutant_source(two, solution, tmp_path)
    assert caught.value.line == 2


def mutant(*edits: Edit, file: str = "", of: str = "") -> Misconception:
    return Misconception("sin", "Sin", "right", "Why.", edits=edits, file=file, of=of)


def test_edits_make_a_mutant(tmp_path: Path) -> None:
    solution = write(tmp_path, "x = 1\ny = 2\n", "solution.py")
    edited = mutant(Edit("x = 1", "x = 3"), Edit("y = 2", "y = x"))
    assert mutant_source(edited, solution, tmp_path) == b"x = 3\ny = x\n"
    write(tmp_path, "whole = True\n", "sin.py")
    assert mutant_source(mutant(file="sin.py"), solution, tmp_path) == b"whole = True\n"
    write(tmp_path, "x, y = 1, 2\n", "other.py")
    other = mutant(Edit("1, 2", "2, 1"), of="other.py")
    assert mutant_source(other, solution, tmp_path) == b"x, y = 2, 1\n"
    texts = {"": "x = 1\ny = 2\n", "other.py": "x, y = 1, 2\n"}
    assert both_edited(other, edited, texts) is None, "the one has no place in the other's text"
    beside = mutant(Edit("x, y", "y, x"), of="other.py")
    named = mutant(Edit("1", "0"))
    assert both_edited(named, beside, texts) == (beside, named, b"y, x = 0, 2\n")
    assert both_edited(beside, mutant(Edit("1", "0"), of="third.py"), texts) is None


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (mutant(Edit("=", "+=")), "occurs 2 times in solution.py, expected exactly once: '='"),
        (mutant(Edit("z", "y")), "occurs 0 times in solution.py, expected exactly once: 'z'"),
        (mutant(file="gone.py"), "there is no file gone.py"),
        (mutant(Edit("x", "y"), of="gone.py"), "there is no file gone.py"),
    ],
)
def test_an_edit_matches_exactly_once(tmp_path: Path, item: Misconception, message: str) -> None:
    solution = write(tmp_path, "x = 1\ny = 2\n", "solution.py")
    toml = write(tmp_path, '\n[[misconception]]\nid = "sin"\n', "misconceptions.toml")
    with pytest.raises(SpecError) as caught:
        mutant_source(item, solution, tmp_path)
    assert message in caught.value.message
    assert (caught.value.path, caught.value.line) == (toml, 3)


def test_signatures_are_read_without_running_anything(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """\
raise SystemExit("this was run")
def f(x: int, *, scale: float = 1.0) -> int: ...
def _private(x): ...
class Model(nn.Module):
    def __init__(self, size, bias=True): ...
    def forward(self, x, state=None): ...
    def _inner(self): ...
""",
        "stub.py",
    )
    found = signatures(path)
    assert {name: item.parameters for name, item in found.items()} == {
        "f": ("x", "scale"),
        "Model": ("size", "bias"),
        "Model.forward": ("x", "state"),
    }
    assert found["f"].line == 2
