"""Pages: what they say, and that nothing of a submission's is markup, script or a secret."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.classroom.fill import UNMARKED
from grader.classroom.gradebook import Mark
from grader.classroom.stats import CheckStats, KataStats, MisconceptionStats, stats_of
from grader.course.catalog import built_in_course
from grader.present import page as pages
from grader.present.class_page import bins, class_page, suspicious, totals, waiting
from grader.present.page import excerpt
from grader.present.report_page import Graded, report_page
from grader.verdict import (
    Argument,
    CheckResult,
    Counterexample,
    Diagnosis,
    EarlierCall,
    Isolation,
    Location,
    Status,
    Suspect,
    Verdict,
    Versions,
)

KATA = built_in_course().find("lstm/lstm_cell")
SOURCE = 'def f(x):\n    """A text."""\n    y = x + x + x  # more\n    return y\n'
VOID = {"meta", "br", "img", "source", "link", "input", "hr"}
HOSTILE = [
    "</pre></code></style></title><script>document.title='owned'</script>",
    '" onload="document.title=\'owned\'" x="',
    "' onerror='document.title=1' <img src=x onerror=document.title='owned'>",
    "{{ 7 * 7 }}{% include 'style.css' %}<!-- -->]]>",
    "javascript:alert(1) &lt;script&gt; &#60;b&#62; <b>bold</b>",
    "\x1b[31m\x00\u202e\u2028\ud800 \ufffe <svg/onload=alert(1)>",
    "url(https://evil.example/x) @import 'https://evil.example/y';",
]
TEXT = st.text(max_size=40) | st.sampled_from(HOSTILE)


class Page(HTMLParser):
    """What a page is made of: elements with attributes, and its visible text."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page.decode())
        assert not self._open, "every element is closed"

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, "elements are nested"

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.text += data


def verdict(text: str = "", **more) -> Verdict:
    """A verdict whose every text is the given one."""
    card = Counterexample(
        f"f(x) {text}",
        arguments=(Argument(f"x{text}", text, (1, 2), "float32"), Argument("n", text)),
        set_up=(EarlierCall(f"make() {text}", (Argument("a", text),)),),
        at=f"[0] {text}",
        expected=f"2 {text}",
        got=f"3 {text}",
        difference=text,
        allowed=text,
        mismatched=text,
        calls_before=2,
        replay=f"kata replay {text}",
    )
    wrong = CheckResult(
        f"adds {text}",
        f"It adds. {text}",
        Status.FAILED,
        0,
        2,
        message=f"wrong values {text}",
        counterexample=card,
        diagnosis=Diagnosis(f"id{text}", f"It triples {text}", text),
        location=Location(f"f.py{text}", 4, text, text),
        suspect=Suspect(f"f.py{text}", 3, "y = x + x + x", 5, 10, text, (f"x{text}",)),
        output=f"printed {text}",
    )
    right = CheckResult(f"ends {text}", f"It ends. {text}", Status.PASSED, 1, 1)
    later = CheckResult(f"later {text}", "Later.", Status.NOT_RUN, 0, 1, message=text)
    line = {"label": f"h {text}", "points": [[0, 1.0], [1, 0.5], [2, 0.25]]}
    figures = (
        {"title": f"A curve {text}", "lines": [line], "x": text, "y": f"h {text}", "log": True},
        {"title": f"A tune {text}", "text": f"GAB {text}"},
    )
    given = {
        "schema_version": 1,
        "kata": "lstm/lstm_cell",
        "status": Status.FAILED,
        "points": 1,
        "max_points": 4,
        "seed": 0,
        "isolation": Isolation("full"),
        "versions": Versions("1", "3", "2", "2", "6"),
        "duration_s": 0.5,
        "checks": (wrong, right, later),
        "submission": f"/home/f.py{text}",
        "output": text,
        "metrics": {f"loss {text}": 0.5},
        "figures": figures,
        "pending_manual": (f"answers.md {text}",),
    }
    return Verdict(**given | more)


def report(*verdicts: Verdict, source: str = SOURCE, up_next=KATA) -> bytes:
    graded = [Graded(KATA, one, source) for one in verdicts]
    return report_page(graded, course="A course", up_next=up_next, made_at="now")


def dashboard(text: str = "") -> bytes:
    one = KataStats(
        "lstm/lstm_cell",
        f"A title {text}",
        4,
        2,
        {1: 1, 3: 1},
        (0.0, 0.25, 1.0, 1.0),
        (CheckStats(f"adds {text}", text, 4, 2, -0.5), CheckStats("ends", text, 0, 0, None)),
        (MisconceptionStats("id", f"It triples {text}", f"adds {text}", 2, ((f"x + {text}", 2),)),),
        1,
        ((f"x + {text}", 2),),
        ((f"add {text}", 2),),
        {"FLAKY": 1, "PASSED": 2, "FAILED": 1},
        1,
        2,
    )
    marks = [mark("alice", 4), mark("bob", 0, status="WAITING")]
    return class_page([one], marks, [("Carol Secret", "lstm/lstm_cell")], made_at="now")


def mark(student: str, points: int, *, kata: str = "lstm/lstm_cell", status="PASSED") -> Mark:
    return Mark(student, f"Name of {student}", kata, 1, "f.py", False, status, points, 4, "")


@pytest.fixture
def undrawn(monkeypatch) -> None:
    """Figures of the same kind without Matplotlib, which takes a tenth of a second for each."""
    monkeypatch.setattr(pages, "draw_svg", lambda figure, **_: b"<svg/>")


def test_a_report_says_what_there_is_to_say(undrawn) -> None:
    text = " ".join(Page(report(verdict())).text.split())
    for said in (
        "0 of 1 katas passed, 1 of 4 points",
        "Next: One step of an LSTM",
        "Which mistake it is: It triples",
        "The first wrong value: f.py, line 3",
        "expected 2 , got 3",
        "What is right It ends.",
        "Not run yet: later",
        "printed",
        "A curve",
        "GAB",
        "loss 0.5",
        "A hint: kata hint lstm/lstm_cell",
    ):
        assert said in text
    whole = report(verdict(status=Status.PASSED, checks=()))
    assert KATA.spec.leads_on in Page(whole).text


def test_what_is_not_begun_takes_one_row(undrawn) -> None:
    shown = Page(report(verdict(status=Status.NOT_IMPLEMENTED)))
    assert "not implemented" in shown.text
    assert not [tag for tag, _ in shown.elements if tag == "section"]


def test_an_empty_report_and_an_empty_class_are_pages() -> None:
    assert "Every kata of the course is passed" in Page(report(up_next=None)).text
    assert "Nothing is graded yet" in Page(class_page([], [], [], made_at="now")).text


@pytest.mark.parametrize("made", [lambda: report(verdict()), dashboard], ids=["report", "class"])
def test_a_page_can_be_read_by_everybody(made, undrawn) -> None:
    shown = Page(made())
    tags = [tag for tag, _ in shown.elements]
    assert tags[:1] == ["html"]
    assert shown.elements[0][1]["lang"] == "en"
    for landmark in ("header", "main", "nav", "footer", "title"):
        assert tags.count(landmark) == 1, landmark
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for tag, found in shown.elements:
        if tag == "img":
            assert found["alt"]
        if tag == "th":
            assert found["scope"]
        if tag == "progress" or found.get("role") == "img":
            assert found["aria-label"]
    ids = [found["id"] for _, found in shown.elements if "id" in found]
    assert len(ids) == len(set(ids))
    for _, found in shown.elements:
        if found.get("href"):
            assert found["href"].removeprefix("#") in ids, "every link leads to a place on the page"
        if found.get("aria-labelledby"):
            assert found["aria-labelledby"] in ids


def test_the_picture_is_described_and_needs_nothing_else() -> None:
    shown = Page(report(verdict()))
    [image] = [given for tag, given in shown.elements if tag == "img"]
    assert image["alt"] == "A curve. h over x. h: from 1 to 0.25, lowest 0.25, highest 1."
    assert image["src"].startswith("data:image/svg+xml;base64,")


def test_without_matplotlib_the_picture_is_text(monkeypatch) -> None:
    from grader.errors import UsageError

    def gone(*_, **__):
        raise UsageError("not installed")

    monkeypatch.setattr(pages, "draw_svg", gone)
    assert "└ x 0 to 2" in Page(report(verdict())).text


def skeleton(shown: Page) -> list[tuple[str, tuple[str, ...]]]:
    return [(tag, tuple(sorted(given))) for tag, given in shown.elements]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_text_is_text(hostile: str, undrawn) -> None:
    """With it everywhere, the page has the same elements, and no attribute more."""
    for made, plain in (
        (report(verdict(hostile)), report(verdict("x"))),
        (dashboard(hostile), dashboard("x")),
    ):
        shown = Page(made)
        assert skeleton(shown) == skeleton(Page(plain))
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e\u2028]", made.decode())
        loaded = [
            value
            for _, given in shown.elements
            for name, value in given.items()
            if name in ("src", "srcset", "href", "action", "data", "poster")
        ]
        assert all(value.startswith(("data:image/svg+xml;base64,", "#")) for value in loaded)


@settings(max_examples=30)
@given(TEXT, TEXT)
def test_any_text_and_any_source_are_text(text: str, source: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "draw_svg", lambda figure, **_: b"<svg/>")
        shown = Page(report(verdict(text), source=source))
    assert {tag for tag, _ in shown.elements} <= {
        *("html", "head", "meta", "title", "style", "body", "a", "header", "h1", "h2", "h3", "h4"),
        *("p", "strong", "progress", "nav", "table", "thead", "tbody", "tr", "th", "td", "br"),
        *("main", "section", "span", "em", "div", "pre", "code", "mark", "caption", "ul", "li"),
        *("figure", "figcaption", "picture", "source", "img", "footer"),
    }
    assert not [name for _, given in shown.elements for name in given if name.startswith("on")]


def test_the_drawing_has_no_text_of_a_submission() -> None:
    from grader.present.picture import draw_svg

    for hostile in HOSTILE:
        figure = verdict(hostile).figures[0]
        svg = draw_svg(figure)
        assert b"<script" not in svg
        assert b"onload" not in re.sub(rb"<!--.*?-->", b"", svg, flags=re.S)


def test_an_excerpt_marks_what_is_meant() -> None:
    lines = excerpt(SOURCE, 3, 9, 14)
    assert [line.number for line in lines] == [1, 2, 3, 4, 5]
    [meant] = [line for line in lines if line.meant]
    assert "".join(part.text for part in meant.parts if part.marked) == "x + x"
    kinds = {part.text: part.kind for line in lines for part in line.parts}
    assert (kinds["def"], kinds["# more"]) == ("keyword", "comment")
    assert kinds['"""A text."""'] == "string"
    assert excerpt(SOURCE, 99) == ()


@given(st.text(), st.integers(1, 5), st.integers(0, 20), st.integers(0, 20))
def test_an_excerpt_shows_the_lines_themselves(source, line, column, end) -> None:
    from grader.text import lines_of

    lines = lines_of(source)
    for shown in excerpt(source, line, column, end):
        text = "".join(part.text for part in shown.parts)
        assert text == lines[shown.number - 1][: pages.MAX_LINE]


def test_two_marks_of_markdown_are_shown_as_what_they_mean(undrawn) -> None:
    said = "Look at *the section Shapes* and `a * b`; 2*3*4 stays. <b>"
    found = "".join(
        f"<{element}>{text}</{element}>" if element else text
        for element, text in pages.inline(said)
    )
    assert found == ("Look at <em>the section Shapes</em> and <code>a * b</code>; 2*3*4 stays. <b>")
    shown = verdict()
    [check, *_] = shown.checks
    told = msgspec.structs.replace(check, diagnosis=Diagnosis("id", "A title", said))
    page = report(msgspec.structs.replace(shown, checks=(told,))).decode()
    assert "<em>the section Shapes</em> and <code>a * b</code>; 2*3*4 stays. &lt;b&gt;" in page


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, as WCAG 2.2 defines it."""

    def luminance(colour: str) -> float:
        channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        red, green, blue = (
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_every_colour_can_be_read_in_both_schemes() -> None:
    style = (Path(pages.__file__).with_name("templates") / "style.css").read_text()
    schemes = [
        dict(re.findall(r"--([\w-]+): (#\w{6});", block))
        for block in re.findall(r":root \{(.*?)\}", style, re.S)
        if "--ground" in block
    ]
    assert len(schemes) == 2
    grounds = ("ground", "panel", "meant")
    for colours in schemes:
        for name in sorted(set(colours) - {*grounds, "line", "bar", "picture"}):
            for ground in grounds:
                assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
        assert contrast(colours["bar"], colours["ground"]) >= 3


def test_tenths_hold_everybody_once() -> None:
    shares = [0.0, 0.0999, 0.1, 0.3, 0.7, 0.95, 1.0, 1.0]
    found = bins(shares)
    assert [one.students for one in found] == [2, 1, 0, 1, 0, 0, 0, 1, 0, 3]
    assert max(one.width for one in found) == 100


def test_best_attempts_make_the_totals() -> None:
    marks = [mark("a", 1), mark("a", 3), mark("a", 4, kata="x/y"), mark("b", 2)]
    assert totals(marks, 2) == [0.875, 0.25]
    waits = [mark(who, 0, kata="x/y", status=status) for who in ("a", "c") for status in UNMARKED]
    assert totals([mark("a", 3), *waits], 2) == [0.75], "what has no mark yet is not worth nothing"


def test_what_waits_and_what_is_odd_is_named() -> None:
    page = Page(dashboard()).text
    assert "1 answer in free text to be marked" in page
    assert "1 attempt not graded yet" in page
    assert "1 student: flaky" in page
    assert "2 students handed in files that are equal" in page
    assert "adds : whoever is weaker elsewhere passes it more often" in page
    assert not waiting([], [])
    assert not suspicious([])


def test_no_student_is_named() -> None:
    page = dashboard().decode()
    for name in ("alice", "bob", "Carol", "Name of"):
        assert name not in page


def test_the_numbers_of_a_class() -> None:
    def row(who: str, attempt: int, **more) -> tuple[str, str, int, bytes]:
        return (who, "k", attempt, msgspec.json.encode(verdict(**more)))

    found = [
        row("ann", 1, sha256="a"),
        row("ann", 2, sha256="b"),
        row("bob", 1, sha256="b"),
        row("eve", 1, sha256="c", status=Status.PASSED, points=4, checks=()),
    ]
    [one] = stats_of(found, names=["ann"])
    assert one.statuses == {"FAILED": 2, "PASSED": 1}
    assert (one.alike, one.pending) == (2, 3)
    assert one.lines == (("x + x", 2),)
    [wrong] = one.misconceptions
    assert wrong.lines == (("x + x", 2),)


WRONG_CELL = """
def lstm_cell(x, h, c, w_ih, w_hh, b_ih, b_hh):
    print("<b>shown as it is</b>")
    i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=1)
    c = i.sigmoid() * c + f.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c
"""


def test_the_command_writes_a_report_of_ones_own_lines(command) -> None:
    Path("lstm_cell.py").write_text(WRONG_CELL)
    assert command("report", "lstm_cell.py", "-o", "mine.html") == 1
    assert "mine.html: written" in command.out
    shown = Page(Path("mine.html").read_bytes())
    assert "c = i.sigmoid() * c + f.sigmoid() * g.tanh()" in shown.text
    assert "<b>shown as it is</b>" in shown.text
    assert "Forget and input gate are swapped" in shown.text


def test_a_pass_has_its_picture(command) -> None:
    assert command("report", "lstm_cell", "--submission", KATA.solution, "-o", "-") == 0
    shown = Page(command.out.encode())
    assert [given["alt"] for tag, given in shown.elements if tag == "img"]
    assert KATA.spec.leads_on in shown.text


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["report", "gone.py"], "gone.py"),
        (["report", "lstm_cell", "--submission", str(KATA.solution), "-o", "no/a.html"], "no/a"),
        (["dashboard", "gone.sqlite"], "there is no gradebook gone.sqlite"),
    ],
)
def test_what_is_wrong_is_told(command, argv: list[str], says: str) -> None:
    assert command(*argv) == 2
    assert says in command.err
