"""What may be given for a kata: names in any case, their beginnings, tracks, files, folders."""

import os
import shutil
from pathlib import Path

import pytest

from grader.course.catalog import Course, built_in_course
from grader.course.workspace import WORKSPACE_FILE, course_at, create_workspace, find_workspace
from grader.errors import AmbiguousError, KataError, NotFoundError, UsageError
from grader.submission.find import find_submissions

TOY = Path(__file__).parents[1] / "toy"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("names") / "mine"
    list(create_workspace(built_in_course(), folder))
    return folder


def found(names: list[str], start: Path, submission: Path | None = None) -> list[str]:
    files = find_submissions(built_in_course(), names, submission, start=start)
    return [file.kata.name for file in files]


@pytest.mark.parametrize(
    ("name", "kata"),
    [
        ("lstm_cell", "lstm/lstm_cell"),
        ("LSTM_Cell", "lstm/lstm_cell"),
        ("lstm-cell", "lstm/lstm_cell"),
        ("Lstm/Lstm_Cell/", "lstm/lstm_cell"),
        ("./katas/lstm/lstm_cell", "lstm/lstm_cell"),
        ("q3", "interview/q3_additive_highway"),
        ("interview/q2", "interview/q2_lstm_vs_gru"),
        ("peep", "variants/peephole_lstm"),
    ],
)
def test_names_in_any_case_and_their_beginnings(name: str, kata: str) -> None:
    assert built_in_course().find(name).name == kata


@pytest.mark.parametrize("name", ["gru_", "lstm_", "interview/", "s"])
def test_a_beginning_of_several_is_told_with_them(name: str) -> None:
    with pytest.raises((AmbiguousError, NotFoundError)) as caught:
        built_in_course().find(name)
    if isinstance(caught.value, AmbiguousError):
        assert " or " in caught.value.message


@pytest.mark.parametrize("name", ["", " ", "/", "./"])
def test_nothing_names_no_kata(name: str) -> None:
    with pytest.raises(NotFoundError):
        built_in_course().find(name)


def test_a_suggestion_stands_once() -> None:
    with pytest.raises(NotFoundError) as caught:
        built_in_course().find("lstm_cel_")
    assert caught.value.advice.count("lstm_cell") == 1


def test_a_track_means_its_katas(workspace: Path) -> None:
    assert found(["gates"], workspace) == [k.name for k in built_in_course().select("GATES/")]
    assert len(found(["gates", "forget_on_cue"], workspace)) == 3


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("gru/gru_cell", ["gru/gru_cell"]),
        ("gates", ["gates/forget_on_cue", "gates/write_on_cue", "gates/hide_and_reveal"]),
    ],
)
def test_the_folder_one_stands_in(workspace: Path, where: str, names: list[str]) -> None:
    assert sorted(found([], workspace / where)) == sorted(names)
    assert sorted(found(["."], workspace / where)) == sorted(names)


def test_a_named_kata_that_is_missing_is_told_beside_others(tmp_path: Path) -> None:
    (tmp_path / "lstm_cell.py").write_text("")
    with pytest.raises(NotFoundError, match="no submission for gru/gru_cell"):
        found(["lstm_cell", "gru_cell"], tmp_path, tmp_path)
    assert found(["lstm"], tmp_path, tmp_path) == ["lstm/lstm_cell"], "of a track what is there"


def test_files_and_folders(workspace: Path) -> None:
    assert found(["lstm/lstm_cell/lstm_cell.py"], workspace) == ["lstm/lstm_cell"]
    assert found(["lstm_cell.py", "../../gru"], workspace / "lstm/lstm_cell") == [
        "lstm/lstm_cell",
        "gru/gru_cell",
        "gru/reset_variants",
        "gru/gru_layer",
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("LSTM_CELL.py", "Lstm_Cell.PY", "lstm-cell.py", "lstm_cell (1).py", "lstm_cell(12).py"),
        *("lstm_cell.py.txt", "lstm_cell.IPYNB", "lstm_cell.ipynb.json", "lstm_cell.txt"),
    ],
)
def test_a_file_is_known_however_its_name_was_saved(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x = 1")
    assert found([name], tmp_path) == ["lstm/lstm_cell"]


@pytest.mark.parametrize("name", ["my_lstm_cell.py", "lstm_cell2.py", "(1).py", "Untitled.ipynb"])
def test_a_file_that_names_no_kata_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x = 1")
    with pytest.raises(NotFoundError, match="is not named after a kata") as told:
        found([name], tmp_path)
    assert ("tag its cell kata:KATA" in told.value.advice) is name.endswith(".ipynb")


def test_a_kata_goes_before_a_file_of_its_name(workspace: Path, tmp_path: Path) -> None:
    copy = tmp_path / "mine"
    shutil.copytree(workspace, copy)
    (copy / "lstm_cell").write_text("x = 1")
    assert found(["lstm_cell"], copy) == ["lstm/lstm_cell"]


def test_a_file_beside_submission_is_refused(workspace: Path) -> None:
    with pytest.raises(UsageError, match="both say what to grade"):
        found(["lstm/lstm_cell/lstm_cell.py"], workspace, workspace)


def test_outside_a_workspace_the_stub_of_the_package_is_not_graded(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no workspace") as caught:
        found(["lstm_cell"], tmp_path)
    assert "kata init" in caught.value.advice
    (tmp_path / "lstm_cell.py").write_text("")
    assert found(["lstm_cell"], tmp_path) == ["lstm/lstm_cell"]
    assert found([], tmp_path) == ["lstm/lstm_cell"]


def test_a_workspace_does_not_nest(workspace: Path) -> None:
    for inside in (workspace / "new", workspace / "lstm", workspace / "a" / "b"):
        with pytest.raises(UsageError, match="inside the workspace"):
            list(create_workspace(built_in_course(), inside))
    assert not (workspace / "new").exists()
    assert not any(new for _, new in create_workspace(built_in_course(), workspace))


def test_a_workspace_keeps_its_course(tmp_path: Path, workspace: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    mine = tmp_path / "mine"
    list(create_workspace(Course(TOY), mine))
    assert course_at(mine / "toy").root.resolve() == TOY.resolve()
    assert course_at(workspace).root == built_in_course().root
    assert course_at(tmp_path).root == built_in_course().root
    with pytest.raises(UsageError, match="another course"):
        list(create_workspace(built_in_course(), mine))
    assert find_workspace(mine / "toy") == mine


COMMANDS = (
    *(["check"], ["check", "double"], ["list"], ["show", "double"], ["next"], ["report"]),
    *(["hint", "double"], ["why", "double"], ["reset", "double"], ["audit"], ["doctor"]),
    *(["grade", ".", "--gradebook", "class.sqlite"], ["notebook", "double", "-o", "a.ipynb"]),
)


def test_a_strangers_workspace_does_not_bring_its_own_checks(command, monkeypatch) -> None:
    """A folder that was handed in may say that it is a workspace, of a course that lies in it."""
    folder = Path.cwd() / "handed in"
    shutil.copytree(TOY, folder / "course")
    with (folder / "course/katas/toy/double/checks.py").open("a") as checks:
        checks.write(f"\nopen({str(folder / 'run')!r}, 'w').close()\n")
    (folder / WORKSPACE_FILE).write_text('course = "course"\n')
    (folder / "double.py").write_text("def double(x): return x + x\n")
    (folder / ".kata").mkdir()
    os.mkfifo(folder / ".kata" / "progress.json")
    monkeypatch.chdir(folder)
    for words in COMMANDS:
        code = command(*words)
        assert code == 2 or words == ["doctor"], words
        assert "you have not named" in command.err or words == ["doctor"], words
    with pytest.raises(UsageError, match="you have not named"):
        course_at(folder)
    assert not (folder / "run").exists()
    # Whoever trusts it says so once, and then its checks run.
    assert command("init", ".", "--course", "course") == 0
    assert command("check", "double.py") == 0
    assert (folder / "run").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('course = "gone"', "a course that is not there"),
        ("course = 3", "course"),
        ("course", WORKSPACE_FILE),
        ("colour = 1", "colour"),
    ],
)
def test_a_broken_workspace_file_is_told(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / WORKSPACE_FILE).write_text(text)
    with pytest.raises(KataError, match=message) as caught:
        course_at(tmp_path)
    assert WORKSPACE_FILE in caught.value.message


def test_prose_katas_bring_their_rubric(workspace: Path) -> None:
    for kata in built_in_course().katas:
        names = {path.name for path in (workspace / kata.track / kata.short).iterdir()}
        for extra in ("answers.md", "rubric.toml"):
            assert (extra in names) == (kata.folder / extra).is_file()


@pytest.mark.parametrize(
    ("typed", "meant"), [("chek", "check"), ("lits", "list"), ("hitn", "hint"), ("iniit", "init")]
)
def test_a_mistyped_command_gets_a_suggestion(command, typed: str, meant: str) -> None:
    assert command(typed) == 2
    assert f"there is no command {typed!r}" in command.err
    assert f"Did you mean {meant}?" in command.err


def test_show_and_hint_take_the_kata_one_stands_in(command, workspace: Path, monkeypatch) -> None:
    monkeypatch.chdir(workspace / "gru" / "gru_cell")
    assert command("hint", "--number", "1") == 0
    assert "Hint 1 of" in command.out
    monkeypatch.chdir(workspace)
    assert command("show") == 2
    assert "which kata?" in command.err


def test_the_verdict_says_which_file_it_is_about(command, workspace: Path, monkeypatch) -> None:
    monkeypatch.chdir(workspace / "gates" / "forget_on_cue")
    assert command("check") == 1
    assert "forget_on_cue.py · seed 0" in command.out


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ("check lstm_cell --sed 3", "unrecognized arguments: --sed 3 Did you mean --seed?"),
        ("list --tracks gru", "Did you mean --track? Try: kata list --help"),
        ("replay lstm_cell a b", "unrecognized arguments: b Try: kata replay --help"),
        ("check --qqqq", "unrecognized arguments: --qqqq Try: kata check --help"),
        ("doctor x", "Try: kata doctor --help"),
    ],
)
def test_a_mistyped_argument_is_told_by_its_command(command, argv: str, said: str) -> None:
    assert command(*argv.split()) == 2
    assert said in " ".join(command.err.split())


@pytest.mark.parametrize("argv", ["help", "help check", "help why"])
def test_help_is_a_word_too(command, argv: str) -> None:
    assert command(*argv.split()) == 0
    assert command.out.startswith(f"usage: {argv.replace('help', 'kata', 1)} [")


def test_help_of_what_there_is_not(command) -> None:
    assert command("help", "chekc") == 2
    assert "Did you mean check?" in command.err


@pytest.mark.parametrize("name", ["why", "replay"])
def test_what_looks_into_a_failure_takes_the_kata_one_stands_in(
    command, workspace: Path, monkeypatch, name: str
) -> None:
    monkeypatch.chdir(workspace)
    assert command(name) == 2
    assert "which kata?" in command.err
    kata = built_in_course().find("lstm_cell")
    (workspace / "lstm" / "lstm_cell" / "lstm_cell.py").write_bytes(
        kata.solution.read_bytes().replace(b"torch.tanh(g)", b"torch.sigmoid(g)")
    )
    monkeypatch.chdir(workspace / "lstm" / "lstm_cell")
    assert command(name) == 1
    assert "torch.sigmoid(g)" in command.out


def test_a_file_of_the_workspace_is_told_from_elsewhere(
    command, workspace: Path, monkeypatch
) -> None:
    monkeypatch.chdir(workspace)
    assert command("check", "lstm_cell.py") == 2
    assert "Your answer in a workspace: kata check lstm_cell" in command.err
    assert command("check", "other.py") == 2
    assert "Your answer" not in command.err


@pytest.mark.parametrize("argv", ["check lstm_cell --json .", "report lstm_cell -o ."])
def test_a_folder_in_the_place_of_a_file_is_told_before_anything_is_graded(
    command, workspace: Path, monkeypatch, argv: str
) -> None:
    monkeypatch.chdir(workspace)
    assert command(*argv.split()) == 2
    assert ". is a folder" in command.err
    assert command.out == ""


def test_a_name_that_is_not_there_is_replayed_as_not_called(
    command, workspace: Path, monkeypatch
) -> None:
    monkeypatch.chdir(workspace)
    (workspace / "lstm" / "lstm_cell" / "lstm_cell.py").write_text("x = 1\n")
    assert command("replay", "lstm_cell") == 1
    assert "not called" in command.out
    assert "raised" not in command.out
