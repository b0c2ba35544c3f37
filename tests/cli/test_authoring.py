"""`kata new`, `kata stub`, `kata audit` on their course, and `kata --print-completion`."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course.catalog import built_in_course

TOY = Path(__file__).parents[1] / "toy"
STUB = "katas/toy/double/double.py"


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return shutil.copytree(TOY, tmp_path / "course", ignore=shutil.ignore_patterns("__pycache__"))


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_a_stub_is_checked_and_written(command, toy: Path) -> None:
    stub = toy / STUB
    good = stub.read_text()
    assert command("stub", "double", "--check", "--course", toy) == 0
    assert "1 stubs are what their solutions give" in command.out
    assert command("stub", "double", "--course", toy) == 0
    assert "is up to date" in command.out

    stub.write_text(good.replace("raise NotImplementedError", "return 2 * x"))
    assert command("stub", "--check", "--course", toy) == 1
    told = one_line(command.out)
    assert "double.py:6: the stub has `return 2 * x`, and its solution gives" in told
    assert "`kata stub toy/double` writes it" in told

    assert command("stub", "toy/double", "--course", toy) == 0
    assert "is written" in command.out
    assert stub.read_text() == good


def test_every_stub_of_the_course_is_checked_by_one_command(command) -> None:
    assert command("stub", "--check") == 0
    assert f"{len(built_in_course().katas)} stubs are" in command.out


def test_no_stub_is_written_without_a_name(command, toy: Path) -> None:
    (toy / STUB).write_text("x = 1\n")
    assert command("stub", "--course", toy) == 2
    assert "no kata is named" in command.err
    assert (toy / STUB).read_text() == "x = 1\n"


def test_a_solution_without_a_stub_to_give_is_told(command, toy: Path) -> None:
    solution = toy / "solutions/toy/double/double.py"
    solution.write_text("def double(:\n")
    assert command("stub", "double", "--course", toy) == 3
    assert "double.py:1: the solution does not parse" in command.err
    solution.unlink()
    assert command("stub", "double", "--course", toy) == 3
    assert "the solution cannot be read" in command.err


def test_a_new_kata_says_what_comes_next(command, toy: Path) -> None:
    assert command("new", "toy/halved", "--course", toy) == 0
    told = one_line(command.out)
    assert "katas/toy/halved/README.md" in told.replace(" ", "")
    assert f"kata audit toy/halved --course {toy}" in told.replace(f"{toy}", str(toy))
    assert command("audit", "toy/halved", "--course", toy, "--seeds", "1", "--jobs", "1") == 1
    assert "still to be written: [Write the title here]" in one_line(command.out)


CHANCE = ("--seeds", "2", "--jobs", "1", "--chance", "--verbose")


def test_audit_says_how_likely_a_miss_is(command, toy: Path, tmp_path: Path) -> None:
    table = tmp_path / "chance.json"
    assert command("audit", "--course", toy, *CHANCE, "--json", table) == 0
    assert "squared: 20 of 20 cases of doubles, which asks 10" in one_line(command.out)
    [found] = json.loads(table.read_bytes())["findings"]
    assert [row["failed"] for row in found["rows"]] == [20, 20, 20]
    for more in (("--training",), ("--share", "2"), ("--device", "all")):
        assert command("audit", "--course", toy, *CHANCE, *more) == 2
        assert f"takes no {more[0]}" in one_line(command.err)


def test_audit_fails_where_a_miss_is_likely(command, toy: Path) -> None:
    bank = toy / "solutions/toy/double/misconceptions.toml"
    bank.write_text(bank.read_text().replace("x * x", "2 * x + (x == 11)"))
    assert command("audit", "--course", toy, *CHANCE) == 1
    assert "toy/double: misconception squared fails in" in one_line(command.out)


@pytest.mark.parametrize(
    ("name", "message"),
    [("Halved", "is no name for a kata"), ("toy/double", "is there already")],
)
def test_a_name_that_will_not_do_is_usage(command, toy: Path, name: str, message: str) -> None:
    assert command("new", name, "--course", toy) == 2
    assert message in command.err


def test_a_folder_that_is_no_course_is_usage(command, tmp_path: Path) -> None:
    assert command("new", "toy/halved", "--course", tmp_path) == 2
    assert "is no course" in command.err
    assert f"mkdir -p {tmp_path}/katas" in command.err
    assert not (tmp_path / "solutions").exists()


def test_the_installed_course_is_not_written_to(command, tmp_path: Path, monkeypatch) -> None:
    import grader

    root = Path(grader.__file__).parent / "built_in"  # where a wheel has it
    course = built_in_course()
    monkeypatch.setattr(course, "root", root)
    monkeypatch.setattr("grader.cli.teach.course_of", lambda _: course)
    assert command("new", "toy/halved") == 2
    assert "is not to be written to" in command.err
    assert not (root / "katas" / "toy").exists()


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (("katas/toy/double/kata.toml", "minutes = 1", "minuets = 1"), "kata.toml:3: "),
        (("katas/toy/double/kata.toml", "minutes = 1", "minutes ="), "kata.toml:3: is not TOML"),
    ],
)
def test_a_broken_kata_toml_names_its_line(command, toy: Path, edit, message: str) -> None:
    path = toy / edit[0]
    path.write_text(path.read_text().replace(edit[1], edit[2]))
    assert command("audit", "--course", toy, "--seeds", "1") == 3
    assert message in command.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "tcsh"])
def test_a_completion_script_names_commands_and_katas(command, shell: str) -> None:
    assert command("--print-completion", shell) == 0
    for word in ("check", "audit", "stub", "lstm/lstm_cell", "--submission", "--isolation"):
        assert word in command.out
    assert command.err == ""


def test_bash_completes_katas_and_options(command, tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    assert command("--print-completion", "bash") == 0
    script = tmp_path / "kata.bash"
    script.write_text(
        command.out
        + 'COMP_WORDS=(kata "$@"); COMP_CWORD=$#; _shtab_kata; printf "%s\\n" "${COMPREPLY[@]}"\n'
    )

    def completed(*words: str) -> list[str]:
        done = subprocess.run([bash, script, *words], capture_output=True, text=True, check=True)
        return done.stdout.split()

    assert completed("aud") == ["audit"]
    assert set(completed("check", "lstm/lstm_")) >= {"lstm/lstm_cell", "lstm/lstm_layer"}
    for command_of_katas in ("show", "hint", "why", "watch", "play", "check"):
        assert "gru_cell" in completed(command_of_katas, "gru_c")
    assert "forecasting" in completed("list", "--track", "f")
    assert completed("stub", "--ch") == ["--check"]


def test_another_shell_is_usage(command) -> None:
    assert command("--print-completion", "elvish") == 2
    assert "invalid choice" in command.err


def test_shtab_is_imported_for_completion_alone() -> None:
    code = (
        "import sys; from grader.cli.main import main; main(['list']); "
        "sys.exit('shtab' in sys.modules or 'torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0
