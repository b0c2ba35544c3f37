"""What the audit finds in a kata's files, with the line and the way to mend it."""

import shutil
from pathlib import Path

import pytest

from grader.audit.files import caught_by_problems, files_of, stub_problems, unproved
from grader.course.catalog import Course
from grader.course.kata import Kata
from grader.course.stubs import generated_stub

TOY = Path(__file__).parents[1] / "toy"


@pytest.fixture
def kata(tmp_path: Path) -> Kata:
    shutil.copytree(TOY, tmp_path / "course", ignore=shutil.ignore_patterns("__pycache__"))
    return again(tmp_path / "course")


def again(root: Path) -> Kata:
    [kata] = Course(root).katas
    return kata


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def test_a_sound_kata_has_no_problem(kata: Kata) -> None:
    assert files_of(kata) == []
    assert stub_problems(kata) == []


STUBS = {
    "another signature": ("x: int", "x: float", ":4: the stub has `def double(x: float) -> int:`"),
    "another sentence": ("Return twice x.", "Double x.", ':5: the stub has `"""Double x."""`'),
    "an answer": ("raise NotImplementedError", "return 2 * x", ":6: the stub has `return 2 * x`"),
    "more at the end": (
        "raise NotImplementedError\n",
        "raise NotImplementedError\n\n\nx = 1\n",
        ":7: the stub has an empty line, and its solution gives nothing more",
    ),
    "less at the end": (
        "    raise NotImplementedError\n",
        "",
        ":6: the stub has nothing more, and its solution gives `raise NotImplementedError`",
    ),
}


@pytest.mark.parametrize(("old", "new", "message"), STUBS.values(), ids=STUBS)
def test_a_stub_that_is_not_generated_is_found(kata: Kata, old: str, new: str, message) -> None:
    edit(kata.stub, old, new)
    [problem] = files_of(kata)
    assert f"double.py{message}" in problem
    assert problem.endswith("change the solution, then `kata stub toy/double` writes it")


def test_a_name_that_the_stub_speaks_of_and_lacks_is_found(kata: Kata) -> None:
    sentence = "Return twice x."
    text = kata.solution.read_text().replace(sentence, "Return FACTOR times x.")
    head, _, body = text.partition("\n\n")
    kata.solution.write_text(f"{head}\n\nFACTOR = 2\n\n{body}")
    kata.stub.write_text(generated_stub(kata.solution))
    [problem] = stub_problems(kata)
    assert problem == (
        f"{kata.stub}: the stub speaks of FACTOR and does not have it: write `# Given ...` above "
        "its line in the solution, then `kata stub toy/double` writes it"
    )
    edit(kata.solution, "FACTOR = 2", "# Given. What x is multiplied by.\nFACTOR = 2")
    kata.stub.write_text(generated_stub(kata.solution))
    assert stub_problems(kata) == []


def test_a_stub_that_is_missing_is_found(kata: Kata) -> None:
    kata.stub.unlink()
    [problem] = files_of(kata)
    assert problem == f"there is no stub at {kata.stub}: `kata stub toy/double` writes it"


def test_a_solution_that_does_not_parse_is_found(kata: Kata) -> None:
    kata.solution.write_text("x = 1\ndef double(:\n")
    [problem] = files_of(kata)
    assert problem.startswith(f"{kata.solution}:2: the solution does not parse: ")


def test_a_broken_rubric_is_found(kata: Kata) -> None:
    (kata.folder / "answers.md").write_text("## Why\n")
    [problem] = files_of(kata)
    assert "rubric.toml: cannot be read: No such file" in problem
    rubric = kata.folder / "rubric.toml"
    rubric.write_text('[[criterion]]\nid = "why"\nsection = "Wy"\nlooks_for = "x"\nlevels = []\n')
    [problem] = files_of(kata)
    assert problem.startswith(f"{rubric}:2: criterion `why`: answers.md has no heading `## Wy`")


def test_an_unknown_key_in_the_bank_is_one_problem_with_its_line(kata: Kata) -> None:
    edit(
        kata.bank_file,
        '[[misconception]]\nid = "sign_lost"',
        '[[misconception]]\nwhy = "x"\nid = "sign_lost"',
    )
    line = 1 + kata.bank_file.read_text().splitlines().index('why = "x"')
    [problem] = files_of(again(kata.folder.parents[2]))
    assert problem.startswith(f"{kata.bank_file}:{line}: Object contains unknown field `why`")


def test_text_that_is_not_utf8_is_a_problem_and_no_traceback(kata: Kata) -> None:
    kata.readme.write_bytes(b"\xff" * 200)
    assert files_of(kata) == [f"{kata.readme}: is not UTF-8 text (byte 0)"]


def test_an_unknown_check_in_caught_by_is_found_on_its_line(kata: Kata) -> None:
    lines = kata.bank_file.read_text().splitlines()
    line = 1 + max(n for n, text in enumerate(lines) if text.startswith("caught_by = "))
    lines[line - 1] = 'caught_by = "dubles"'
    kata.bank_file.write_text("\n".join(lines) + "\n")
    kata = again(kata.folder.parents[2])
    item = next(item for item in kata.misconceptions if item.caught_by == "dubles")
    assert caught_by_problems(kata, ["doubles", "keeps_the_sign"]) == [
        f"{kata.bank_file}:{line}: misconception {item.id} names the check 'dubles', which is not "
        "there; expected one of doubles, keeps_the_sign"
    ]


def test_a_check_that_no_misconception_names_is_found(kata: Kata) -> None:
    caught = {"doubles": ("squared",), "keeps_the_sign": ("sign_lost",)}
    assert unproved(kata, caught) == []
    assert unproved(kata, caught | {"is_odd": ("squared",), "is_idle": ()}) == [
        "check is_odd is no misconception's `caught_by`: add a misconception that it must catch, "
        "or remove it",
        "check is_idle catches no misconception: add one that only it can catch, or remove it",
    ]


def test_a_line_that_falls_out_of_its_block_is_found(kata: Kata) -> None:
    kata.readme.write_text(f"{kata.readme.read_text()}\n     1.0 + 2\n   -1.0 + 2\n\nText\n")
    line = kata.readme.read_text().splitlines().index("   -1.0 + 2") + 1
    [problem] = files_of(kata)
    assert problem.startswith(f"{kata.readme}:{line}: this line falls out of the block")


def test_between_fences_a_line_may_begin_anywhere(kata: Kata) -> None:
    text = kata.readme.read_text()
    kata.readme.write_text(f"{text}\n```\n     c ---> c'\n   h ---> h'\n```\n\nText\n")
    assert list(files_of(kata)) == []
    kata.readme.write_text(f"{kata.readme.read_text()}\n     1.0 + 2\n   -1.0 + 2\n\nText\n")
    [_] = files_of(kata)


def test_a_mark_is_found_wherever_it_is(kata: Kata) -> None:
    (kata.solutions / "alternatives" / "third.py").write_text("# [Write here why]\n")
    kata.readme.write_text(f"{kata.readme.read_text()}[Write the task here]\n")
    last = len(kata.readme.read_text().splitlines())
    assert files_of(kata) == [
        f"{kata.readme}:{last}: still to be written: [Write the task here]",
        f"{kata.solutions}/alternatives/third.py:1: still to be written: [Write here why]",
    ]
