"""What a person sees: nothing in it acts on a terminal, it fits 80 columns, and colour is for
terminals only.
"""

import io
import re
import unicodedata

import msgspec
import pytest

from grader.present.report import Writer
from grader.present.text import console
from grader.verdict import (
    Argument,
    CheckResult,
    Counterexample,
    Diagnosis,
    EarlierCall,
    Isolation,
    Location,
    Status,
    Verdict,
    Versions,
)

ANSI = re.compile("\x1b")
EVIL = "\x1b[31mred\x1b[0m \x9b2J \x07 \r over \u202eltr \u200b \ufeff [bold]markup[/bold] :smile:"


def check(name: str, status: Status = Status.PASSED, **fields) -> CheckResult:
    points = 2 if status is Status.PASSED else 0
    sentence = f"The answer {name.replace('_', ' ')}."
    defaults = {"sentence": sentence, "points": points, "max_points": 2}
    return CheckResult(name=name, status=status, **(defaults | fields))


def verdict(status: Status, *checks: CheckResult, **fields) -> Verdict:
    return Verdict(
        **{
            "schema_version": 1,
            "kata": "lstm/lstm_cell",
            "title": "One step of an LSTM",
            "status": status,
            "points": sum(check.points for check in checks),
            "max_points": sum(check.max_points for check in checks),
            "seed": 7,
            "isolation": Isolation("full", ("bubblewrap", "namespaces", "rlimits")),
            "versions": Versions("0.1.0", "3.11.2", "2.13.0", "2.3.0", "6.140.0"),
            "duration_s": 0.1234,
            "checks": checks,
            "submission": "lstm_cell.py",
        }
        | fields
    )


PASSED = verdict(Status.PASSED, check("keeps_shape_and_dtype"), check("matches_torch"))
TOLD = verdict(
    Status.FAILED,
    check("keeps_shape_and_dtype"),
    check(
        "matches_torch",
        Status.FAILED,
        sentence="The new h and the new c are those of torch.nn.LSTMCell.",
        message="c has wrong values",
        diagnosis=Diagnosis(
            "forget_and_input_swapped",
            "Forget and input gate are swapped",
            "What you take for the forget gate is the input gate,\nand the other way round.",
        ),
        counterexample=Counterexample(
            call="lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh)",
            arguments=(
                Argument("x", "[[0.13]]", (1, 1), "float64"),
                Argument("w_ih", f"[{', '.join(['-0.635'] * 20)}]", (20, 1), "float64"),
                Argument("scale", "3"),
            ),
            at="c[batch 0, unit 0]",
            expected="0.64",
            got="-0.4087",
            difference="1.05 at most",
            allowed="8.2e-15",
            mismatched="1 of 1 entries",
            set_up=(EarlierCall("model = LSTM(1, 1)", (Argument("w", "[1]", (1,), "float32"),)),),
            calls_before=2,
            replay="kata replay lstm/lstm_cell matches_torch --seed 7",
        ),
        location=Location("lstm_cell.py", 12, "lstm_cell", "c = i * c + f * g"),
        output="x is tensor([[0.13]])\n" * 25,
    ),
    check("gradients", Status.NOT_RUN, message="Not run: matches_torch comes first."),
    check(
        "stays_finite_when_saturated_in_both_directions_of_time",
        Status.NOT_RUN,
        message="Not run: keeps_c_behind_closed_gates comes first.",
    ),
)
FORBIDDEN = verdict(
    Status.FORBIDDEN,
    check("matches_torch", Status.FORBIDDEN, message="unused"),
    message="It uses torch.nn.LSTM (line 9), which this kata does not allow. It is what is asked.",
    location=Location("lstm_cell.py", 9, "lstm_cell", "cell = nn.LSTM(3, 4)"),
)
TIMED_OUT = verdict(
    Status.TIMED_OUT,
    check(
        "matches_torch",
        Status.TIMED_OUT,
        message="No answer from lstm_cell(...) after 4.0 s (one call may take 4 s).",
    ),
    check("on_a_gpu", Status.NOT_VERIFIED, max_points=0, message="There is no GPU here."),
    seed=None,
    pending_manual=("answers.md",),
)


def rendered(item: Verdict, *, verbose: bool = False, width: int = 80) -> str:
    text = io.StringIO()
    Writer(console(text, width=width), verbose=verbose).verdict(item)
    return text.getvalue()


@pytest.mark.parametrize(
    ("item", "verbose"),
    [
        pytest.param(PASSED, False, id="passed"),
        pytest.param(PASSED, True, id="passed-verbose"),
        pytest.param(TOLD, False, id="told"),
        pytest.param(TOLD, True, id="told-verbose"),
        pytest.param(FORBIDDEN, False, id="forbidden"),
        pytest.param(TIMED_OUT, False, id="timed-out"),
    ],
)
def test_a_verdict_as_it_is_seen(item: Verdict, verbose: bool, snapshot) -> None:
    text = rendered(item, verbose=verbose)
    assert [line for line in text.splitlines() if len(line) > 80] == []
    assert [line for line in text.splitlines() if line != line.rstrip()] == []
    assert text == snapshot


@pytest.mark.parametrize("width", [40, 60, 100])
def test_other_widths_are_kept_too(width: int) -> None:
    text = rendered(TOLD, verbose=True, width=width)
    assert max(map(len, text.splitlines())) <= width


def test_no_field_of_a_verdict_reaches_the_terminal_raw() -> None:
    evil = msgspec.json.decode(
        msgspec.json.encode(TOLD).replace(b"lstm", msgspec.json.encode(EVIL)[1:-1]), type=Verdict
    )
    noisy = msgspec.structs.replace(evil, title=EVIL, submission=EVIL, output=EVIL)
    failed = msgspec.structs.replace(noisy, message=EVIL, location=Location(EVIL, 1, EVIL, EVIL))
    for item in (noisy, failed):
        text = rendered(item, verbose=True)
        assert EVIL not in text
        assert [c for c in text if c != "\n" and unicodedata.category(c).startswith("C")] == []
        assert "[bold]markup[/bold]" in text.replace("\n", "")
        assert "smile" in text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown_on(stream: io.StringIO) -> str:
    Writer(console(stream)).verdict(TOLD)
    return stream.getvalue()


def test_colour_is_for_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    assert ANSI.search(shown_on(Terminal()))
    assert not ANSI.search(shown_on(io.StringIO()))


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    text = shown_on(Terminal())
    assert not re.search("\x1b\\[[0-9;]*3[0-7]", text), "no colours; bold may stay"


def test_a_summary_of_several() -> None:
    text = io.StringIO()
    writer = Writer(console(text, width=80))
    writer.summary([PASSED])
    assert text.getvalue() == ""
    writer.summary([PASSED, TOLD])
    assert text.getvalue() == "1 of 2 katas passed, 6 of 12 points\n"


def lines_of(shown: Verdict, *, verbose: bool = False) -> list[str]:
    out = io.StringIO()
    Writer(console(out, width=80), verbose=verbose).verdict(shown)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("status", [Status.FAILED, Status.NOT_IMPLEMENTED])
def test_what_is_not_begun_hides_nothing_that_is_wrong(status: Status) -> None:
    said = {"message": "f still raises NotImplementedError."}
    stubs = [check(f"stub_{n}", Status.NOT_IMPLEMENTED, **said) for n in range(6)]
    wrong = [check("wrong", status, message="y has wrong values")]
    shown = verdict(status, *stubs[:3], *wrong, *stubs[3:])
    lines = lines_of(shown)
    in_full = [line for line in lines if "still raises" in line]
    assert len(in_full) == (status is Status.NOT_IMPLEMENTED)
    assert sum("not implemented yet (0/" in line for line in lines) == 1
    assert all(any(f"stub_{n}" in line for line in lines) for n in range(6))
    if status is Status.FAILED:
        assert any("y has wrong values" in line for line in lines)
    assert sum("still raises" in line for line in lines_of(shown, verbose=True)) == 6


def test_a_text_that_was_recorded_is_wrapped_and_not_cut() -> None:
    sentence = " ".join(f"word{n}" for n in range(40))
    text = f"table  1\n  said: {sentence}"
    lines = lines_of(verdict(Status.PASSED, figures=({"title": "Sentences", "text": text},)))
    shown = " ".join(line.strip() for line in lines)
    assert sentence in shown
    assert max(map(len, lines)) <= 80
    assert "    said: word0" in "\n".join(lines)
    assert "  table  1" in lines


@pytest.mark.parametrize("status", [Status.NOT_IMPLEMENTED, Status.NOT_VERIFIED, Status.PASSED])
@pytest.mark.parametrize("width", [50, 60, 80, 100])
def test_a_long_title_is_cut_and_the_result_is_not_broken(status: Status, width: int) -> None:
    item = msgspec.structs.replace(TOLD, status=status, title="A title longer than a row. " * 6)
    head = rendered(item, width=width).splitlines()[0]
    said = status.value.replace("_", " ").lower()
    assert head.endswith(f"{said} {TOLD.points}/{TOLD.max_points}")
    assert len(head) <= width


def test_many_katas_that_are_not_begun_are_one_line() -> None:
    stub = verdict(Status.NOT_IMPLEMENTED, check("stub", Status.NOT_IMPLEMENTED))
    graded = [stub, stub, PASSED, *[stub] * 4]

    def shown(*, verbose: bool = False) -> list[str]:
        out = io.StringIO()
        writer = Writer(console(out, width=80), verbose=verbose)
        for one in graded:
            writer.verdict(one, brief=True)
        writer.summary(graded)
        return [line for line in out.getvalue().splitlines() if line.startswith("○")]

    lines = shown()
    assert len(lines) == 3
    assert all(line.startswith(f"○ {stub.kata}  ") for line in lines[:2])
    assert lines[2].startswith(f"○ 4 katas  {stub.kata} to {stub.kata} ")
    assert lines[2].endswith(f" not implemented 0/{4 * stub.max_points}")
    assert all(len(line) == 80 for line in lines)
    assert len(shown(verbose=True)) == 6
