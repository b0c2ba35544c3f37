"""What `kata watch` shows, and what its keys do: without a file, a terminal or a judge."""

import io

import msgspec
import pytest
from rich.console import Console

from grader.course.catalog import built_in_course
from grader.present.watch import KEYS, Watch
from grader.verdict import Status, Verdict

KATAS = built_in_course().katas[:4]


@pytest.fixture(scope="module")
def verdicts(grader, course) -> dict[str, Verdict]:
    kata = KATAS[0]
    right = kata.solution.read_bytes()
    return {
        "right": grader.attempt_source(kata, right).verdict(),
        "wrong": grader.attempt_source(kata, right.replace(b"torch.tanh", b"torch.sin")).verdict(),
        "broken": grader.attempt_source(kata, b"def rnn_cell(:").verdict(),
    }


def shown(state: Watch, width: int = 80, height: int = 24) -> list[str]:
    out = Console(file=io.StringIO(), width=width, height=height, highlight=False, emoji=False)
    state.draw(out)
    return out.file.getvalue().splitlines()


@pytest.mark.parametrize("width", [40, 80, 140])
@pytest.mark.parametrize("height", [12, 24, 60])
@pytest.mark.parametrize("which", ["right", "wrong", "broken"])
def test_the_screen_fits_whatever_its_size(verdicts, which, width: int, height: int) -> None:
    state = Watch(KATAS, 0)
    state.checked(verdicts[which], 0.25)
    for keys in ("", "h", "hhhh", "l"):
        for key in keys:
            state.pressed(key)
        rows = shown(state, width, height)
        assert len(rows) <= height
        assert all(len(row) <= width for row in rows)
        assert rows[0].startswith(KATAS[0].name)
        assert any("[q] quit" in row for row in rows[-6:])


def test_what_is_wrong_comes_first(verdicts) -> None:
    state = Watch(KATAS, 0)
    state.checked(verdicts["wrong"], 0.25)
    rows = shown(state)
    assert rows[1].startswith("✗ ")
    assert "0.25 s" in rows[1]
    assert any("matches_torch" in row for row in rows)
    state.checked(verdicts["broken"], 0.1)
    assert any("is not valid Python" in row for row in shown(state))


def test_no_key_is_broken_over_two_lines() -> None:
    for width in range(20, 140):
        rows = shown(Watch(KATAS, 0), width)
        assert all(any(f"[{key}] {what}" in row for row in rows) for key, what in KEYS.items())


def test_all_that_there_is_to_say_can_be_read(verdicts) -> None:
    """Page by page on a small screen: the same lines as on a large one, then the first again."""
    state = Watch(KATAS, 0)
    state.checked(verdicts["wrong"], 0.25)
    whole = shown(state, height=200)[3:-3]
    seen: list[str] = []
    first = shown(state)
    while not seen or (rows := shown(state)) != first:
        rows = shown(state)
        end = next(n for n, row in enumerate(rows) if row.startswith("  ... [m] "))
        seen += rows[3:end]
        assert state.pressed("m") == "draw"
        assert len(seen) <= len(whole)
    assert seen == whole
    assert any("Smallest case found" in row for row in seen)
    state.pressed("m")
    state.checked(verdicts["wrong"], 0.25)
    assert shown(state) == first


def test_a_check_that_takes_long_says_how_far_it_is(verdicts) -> None:
    state = Watch(KATAS, 0)
    state.goes_on("trains: loss 0.5\n\x1b[2Jhalf a minute left " + 200 * "x")
    rows = shown(state)
    assert rows[2].startswith("checking: trains: loss 0.5")
    assert "\x1b[2J" not in rows[2]
    assert len(rows[2]) <= 80
    state.checked(verdicts["right"], 0.25)
    assert not any("checking" in row for row in shown(state))


def test_the_newest_hint_comes_first_and_a_list_alone(verdicts) -> None:
    state = Watch(KATAS, 0)
    state.checked(verdicts["wrong"], 0.25)
    given = []
    for _ in KATAS[0].spec.hints:
        state.pressed("h")
        given.append(state.hints[-1])
        rows = [row for row in shown(state, height=100) if row.startswith("Hint ")]
        assert [int(row.split()[1]) for row in rows] == given[::-1]
    assert any("last hint" in row for row in shown(state)[3:7])
    state.pressed("l")
    assert not any("Hint" in row for row in shown(state))
    state.checked(verdicts["right"], 0.25)
    assert not any("Hint" in row for row in shown(state))


@pytest.mark.parametrize("width", [20, 40])
def test_what_is_long_at_the_top_is_cut_and_not_wrapped(verdicts, width: int) -> None:
    state = Watch(KATAS, 0)
    state.checked(verdicts["wrong"], 0.25)
    state.goes_on("trains: " + "loss " * 30)
    rows = shown(state, width)
    assert rows[0].startswith(KATAS[0].name[:10])
    assert rows[0].endswith("…")
    assert any(row.startswith("checking: ") and row.endswith("…") for row in rows)


def test_a_pass_leads_on(verdicts) -> None:
    state = Watch(KATAS, 0)
    state.checked(verdicts["right"], 0.25)
    rows = shown(state, height=60)
    assert rows[1].startswith("✓ 9 of 9 points")
    assert "1 of 4 passed" in rows[1]
    assert any("[n] goes on" in row for row in rows)
    assert state.pressed("n") == "check"
    assert (state.at, state.verdict, state.checking) == (1, None, True)


def test_next_leaves_out_what_is_passed_and_stops_at_the_end() -> None:
    state = Watch(KATAS, 0, {KATAS[1].name})
    assert (state.pressed("n"), state.at) == ("check", 2)
    assert (state.pressed("p"), state.at) == ("check", 1)
    state.at = 3
    assert (state.pressed("n"), state.at) == ("nothing", 3)
    state.at = 0
    assert (state.pressed("p"), state.at) == ("nothing", 0)


def test_a_verdict_of_the_kata_before_is_left_alone(verdicts) -> None:
    state = Watch(KATAS, 0)
    state.pressed("n")
    state.checked(verdicts["right"], 0.2)
    assert state.verdict is None
    assert state.checking


def test_hints_come_one_at_a_time() -> None:
    state = Watch(KATAS, 0)
    count = len(KATAS[0].spec.hints)
    for number in range(1, count + 3):
        assert state.pressed("h") == "draw"
        assert state.hints == tuple(range(1, min(number, count) + 1))
    assert any("That was the last hint." in row for row in shown(state, height=80))


@pytest.mark.parametrize("key", [*"dw"])
def test_nothing_to_look_into_without_a_failure(key: str, verdicts) -> None:
    state = Watch(KATAS, 0)
    assert state.pressed(key) == "nothing"
    state.checked(verdicts["right"], 0.2)
    assert state.pressed(key) == "nothing"
    state.checked(verdicts["wrong"], 0.2)
    assert state.pressed(key) in ("why", "replay")


@pytest.mark.parametrize("key", ["q", "Q", "\x03", "\x04"])
def test_it_ends(key: str) -> None:
    assert Watch(KATAS, 0).pressed(key) == "quit"


@pytest.mark.parametrize("key", ["x", "", "\x1b", "\x1b[A", "\u202e", "7"])
def test_other_keys_do_nothing(key: str) -> None:
    state = Watch(KATAS, 0)
    before = msgspec.json.encode([state.at, state.hints, state.listing])
    assert state.pressed(key) == "nothing"
    assert msgspec.json.encode([state.at, state.hints, state.listing]) == before


def test_a_file_that_is_gone_is_told() -> None:
    state = Watch(KATAS, 0)
    state.stopped("rnn_cell.py is not there.")
    assert any("is not there" in row for row in shown(state))
    assert not state.checking


def test_every_key_is_shown() -> None:
    assert set(KEYS) == set("hnplewdmcq")
    assert Status.PASSED == "PASSED"
