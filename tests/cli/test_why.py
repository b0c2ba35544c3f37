"""`kata why`: each line's value, and whether a right answer has it."""

from pathlib import Path

import pytest

from grader.course.catalog import built_in_course
from grader.present import why

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


@pytest.mark.full
def test_gradients_are_told_apart(command) -> None:
    kata = built_in_course().find("truncated_bptt")
    step, cut = "_step(x[:, t], h, c,", "_step(x[:, t], h.detach(), c,"
    Path("truncated_bptt.py").write_text(kata.solution.read_text().replace(step, cut))
    assert command("why", "truncated_bptt", "--submission", "truncated_bptt.py") == 1
    [here] = [row for row in command.out.splitlines() if "here it goes wrong" in row]
    assert "back through h.detach()" in here


def test_what_one_expression_makes_is_told_in_a_few_rows(command, monkeypatch) -> None:
    Path("lstm_cell.py").write_text(WRONG)
    rows = []
    for most in (4, 2):
        monkeypatch.setattr(why, "MOST_ALIKE", most)
        assert command("why", "lstm_cell", "--submission", "lstm_cell.py") == 1
        rows.append(sum("chunk(4" in row for row in command.out.splitlines()))
    assert rows == [4, 2]


def test_a_right_answer_has_nothing_to_look_into(command) -> None:
    assert command("why", "lstm_cell", "--submission", KATA.solution) == 0
    assert command.out.strip() == "There is no wrong value to look into."


def test_what_raises_is_shown_as_it_is(command) -> None:
    Path("lstm_cell.py").write_text("def lstm_cell(*a):\n    raise ValueError('no')\n")
    assert command("why", "lstm_cell", "--submission", "lstm_cell.py") == 1
    assert "ValueError: no" in command.out
    assert "comes first" not in command.out
    assert "There is no wrong value" in command.out


def test_a_check_that_waits_for_another_is_told_with_it(command) -> None:
    Path("lstm_cell.py").write_text(WRONG)
    assert command("why", "lstm_cell", "stays_finite_when_saturated", "--submission", ".") == 1
    assert "comes first." in command.out


def test_an_unknown_check_is_told(command) -> None:
    assert command("why", "lstm_cell", "nothing", "--submission", KATA.solution) == 2
    assert "has no check 'nothing'" in command.err
