"""`kata why`: each line's value, and whether a right answer has it."""

from pathlib import Path

from grader.course.catalog import built_in_course

KATA = built_in_course().find("lstm/lstm_cell")
WRONG = KATA.solution.read_text().replace("f * c + i * g", "f * c + i + g")


def test_the_table_shows_where_it_goes_wrong(command) -> None:
    Path("lstm_cell.py").write_text(WRONG)
    assert command("why", "lstm_cell", "--submission", "lstm_cell.py") == 1
    rows = [row for row in command.out.splitlines() if row.strip()[:1].isdigit()]
    [here] = [row for row in rows if "here it goes wrong" in row]
    assert "f * c + i" in here
    assert sum("yes" in row for row in rows) >= 10
    assert any("yes, as f" in row and "sigmoid(f)" in row for row in rows)
    assert all("no" in row for row in rows[rows.index(here) + 1 :])


def test_gradients_are_told_and_what_a_library_makes_is_not_told_in_full(command) -> None:
    kata = built_in_course().find("encoder_decoder")
    source = kata.solution.read_text().replace("    optimizer.zero_grad()\n", "")
    Path("encoder_decoder.py").write_text(source)
    name = "encoder_decoder.py"
    assert command("why", "encoder_decoder", "takes_one_step", "--submission", name) == 1
    rows = command.out.splitlines()
    [here] = [row for row in rows if "here it goes wrong" in row]
    assert "back through loss.backward()" in here
    assert sum("optimizer.step()" in row for row in rows) < 8


def test_a_right_answer_has_nothing_to_look_into(command) -> None:
    assert command("why", "lstm_cell", "--submission", KATA.solution) == 0
    assert command.out.strip() == "There is no wrong value to look into."


def test_what_raises_is_shown_as_it_is(command) -> None:
    Path("lstm_cell.py").write_text("def lstm_cell(*a):\n    raise ValueError('no')\n")
    assert command("why", "lstm_cell", "--submission", "lstm_cell.py") == 1
    assert "ValueError: no" in command.out
    assert "There is no wrong value" in command.out


def test_an_unknown_check_is_told(command) -> None:
    assert command("why", "lstm_cell", "nothing", "--submission", KATA.solution) == 2
    assert "has no check 'nothing'" in command.err
