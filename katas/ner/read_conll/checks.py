"""Checks of `read_conll`: what was written into a file comes back, in every form it can have."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from hypothesis import given
from hypothesis import strategies as st

from grader.checks import (
    Strategy,
    Submission,
    check,
    expect,
    expect_error,
    items,
    sizes,
)

Rows = list[tuple[str, str]]
"""One sentence: its tokens, each with its tag."""

TAGS = ("O", "O", "B-PER", "I-PER", "B-LOC", "I-creative-work", "B--x", "I-2", "B-\u00e9t\u00e9")
ODD_TAGS = ("O", "B-PER", "I-5\N{NO-BREAK SPACE}km")
PLAIN = ("Rome", "beat", "Inter", "2", ".", "Milan", "in", "O", "it's")
ACCENTS = ("caf\N{LATIN SMALL LETTER E WITH ACUTE}", "cafe\N{COMBINING ACUTE ACCENT}")
ALIKE = ("-DOCSTART", "-DOCSTART-s", "-docstart-", "x-DOCSTART-", *ACCENTS)
"""Tokens that are nearly a document's line, or nearly each other."""
ODD = (
    "#winning",  # no comment
    "#",
    '"',  # no quotation mark of a table
    "''",
    "NA",
    "-",
    *ALIKE,
    "5\N{NO-BREAK SPACE}km",
    "\N{NO-BREAK SPACE}%",
    "\N{NO-BREAK SPACE}",
    "a\N{ZERO WIDTH NO-BREAK SPACE}b",  # the byte order mark's character
    "\N{ZERO WIDTH NO-BREAK SPACE}c",
    "a\fb",
    "a\vb",
    "a\N{LINE SEPARATOR}b",
    "\N{FACE WITH TEARS OF JOY}",
    "x\x85y",
    "C,D",
)
NAMES = ("train.txt", "copy/eng.testb", "dev.conll")


@dataclass(frozen=True)
class Form:
    """How a file is written.

    Args:
        columns: how many, 2 to 5.
        between: what parts the columns.
        width: of the first column, filled up with spaces.
        ends: of lines, in turn.
        blanks: the lines after each sentence, in turn.
        mark: what stands before everything.
        cut: what the file's end lacks: nothing, the blank lines, or the last line's end too.
    """

    columns: int = 2
    between: str = "\t"
    width: int = 0
    ends: tuple[str, ...] = ("\n",)
    blanks: tuple[str, ...] = ("",)
    mark: str = ""
    cut: str = "nothing"

    def row(self, token: str, tag: str) -> str:
        """The line of a token."""
        middle = ("NNP", "B-NP", "B-MISC")[: self.columns - 2]
        return self.between.join([token.ljust(self.width), *middle, tag])

    def lines(self, sentences: Sequence[Rows]) -> list[str]:
        """The lines of a file."""
        lines: list[str] = []
        for sentence in sentences:
            lines += [self.row(*pair) for pair in sentence]
            lines += self.blanks
        return lines if self.cut == "nothing" else lines[: -len(self.blanks)]

    def file(self, lines: Sequence[str], encoding: str = "utf-8") -> bytes:
        """A file of these lines."""
        ends = [*islice(cycle(self.ends), len(lines))]
        if self.cut == "end":
            ends[-1:] = [""]
        text = self.mark + "".join(line + end for line, end in zip(lines, ends, strict=False))
        return text.encode(encoding)


TWO, FOUR, FIVE, ALIGNED = Form(), Form(4, " "), Form(5, " "), Form(4, " ", 7)
FORMS = st.sampled_from(
    [
        TWO,
        FOUR,
        Form(2, " "),
        Form(4, "\t"),
        Form(3, " "),
        FIVE,
        Form(2, " ", 7),
        Form(4, " \t"),
    ]
)


def files(tokens: Sequence[str] = PLAIN, least: int = 1, tags: Sequence[str] = TAGS) -> Strategy:
    """Sentences of one to four tokens."""
    rows = st.tuples(st.sampled_from(tokens), st.sampled_from(tags))
    return st.lists(st.lists(rows, min_size=1, max_size=4), min_size=least, max_size=3)


def expect_read(
    submission: Submission,
    data: bytes,
    sentences: Sequence[Rows],
    *more: str,
) -> None:
    """Hold what is read against what was written."""
    answer = submission["read_conll"](data, *more)
    names = [f"sentence {n}" for n in range(len(sentences))]
    for name, got, rows in zip(names, items(answer, *names, kind="list"), sentences, strict=True):
        tokens, tags = items(got, "tokens", "tags", name=name)
        expect(tokens, [token for token, _ in rows], name=f"{name}: tokens")
        expect(tags, [tag for _, tag in rows], name=f"{name}: tags")


def expect_refused(
    submission: Submission, data: bytes, name: str, line: int, when: str, *encoding: str
) -> None:
    """Hold that a file is refused with a ValueError whose message begins with name and line."""
    expect_error(
        submission["read_conll"],
        data,
        *([name, *encoding] if name != "data" else []),
        type="ValueError",
        says=(line,),
        begins=f"{name}:{line}:",
        when=f"in line {line} of {name} {when}",
    )


@check(points=2, examples=26)
@given(sentences=files())
def reads_two_columns(submission: Submission, sentences: list[Rows]) -> None:
    """A file of tokens and tags, with a tab between them, gives its sentences."""
    expect_read(submission, TWO.file(TWO.lines(sentences)), sentences)


@check(points=2, after=reads_two_columns, examples=15)
@given(sentences=files(), form=FORMS)
def reads_four_columns(submission: Submission, sentences: list[Rows], form: Form) -> None:
    """In four columns the tag is the last one; spaces and tabs both part columns."""
    for one in (form, FOUR, FIVE, ALIGNED):
        expect_read(submission, one.file(one.lines(sentences)), sentences)
    for left, right in (("", " "), ("", "\t"), (" \t", "")):
        lines = [left + line + right for line in form.lines(sentences)]
        expect_read(submission, form.file(lines), sentences)


@check(points=2, after=reads_two_columns, examples=26)
@given(
    sentences=files(),
    blanks=st.lists(st.sampled_from(["", "\t", " ", " \t "]), min_size=1, max_size=3),
    first=st.lists(st.sampled_from(["", "\t"]), max_size=2),
    cut=st.sampled_from(["nothing", "blank lines", "end"]),
)
def ends_sentences_at_blank_lines(
    submission: Submission,
    sentences: list[Rows],
    blanks: list[str],
    first: list[str],
    cut: str,
) -> None:
    """Blank lines, also several and with white space in them, end a sentence; so does the end."""
    form = Form(blanks=tuple(blanks), cut=cut)
    expect_read(submission, form.file([*first, *form.lines(sentences)]), sentences)
    expect_read(submission, form.file(first), [])


@check(points=1, after=(reads_four_columns, ends_sentences_at_blank_lines), examples=15)
@given(
    sentences=files(least=2),
    form=FORMS,
    spaced=st.booleans(),
    more=st.sampled_from([[], ["O"], ["-X-"], ["-X-", "O", "O"], ["-X-", "-X-", "-X-"]]),
)
def leaves_out_document_lines(
    submission: Submission, sentences: list[Rows], form: Form, spaced: bool, more: list[str]
) -> None:
    """A -DOCSTART- line is no token, and no sentence goes on across it."""
    mark = form.between.join(["-DOCSTART-", *more])
    lines: list[str] = []
    for sentence in sentences:
        lines += [mark, *([""] if spaced else []), *(form.row(*pair) for pair in sentence)]
    expect_read(submission, form.file(lines), sentences)
    # In another column it is a text like others, and behind a space it is still the first one.
    rows = [("Rome", "B-LOC"), ("in", "O")]
    lines = ["Rome -DOCSTART- B-LOC", "in NN O", " -DOCSTART- -X- O", "Rome NNP B-LOC"]
    expect_read(submission, form.file(lines), [rows, rows[:1]])


@check(points=1, after=ends_sentences_at_blank_lines, examples=15)
@given(
    sentences=files(),
    ends=st.sampled_from([("\r\n",), ("\n", "\r\n"), ("\n",)]),
    mark=st.sampled_from(["\N{ZERO WIDTH NO-BREAK SPACE}", ""]),
    first=st.sampled_from([[], [""], ["-DOCSTART-"]]),
)
def reads_crlf_and_byte_order_marks(
    submission: Submission,
    sentences: list[Rows],
    ends: tuple[str, ...],
    mark: str,
    first: list[str],
) -> None:
    """Lines may end with CR LF, and the file may begin with a byte order mark."""
    form = Form(ends=ends if mark else ("\r\n", *ends), mark=mark)
    expect_read(submission, form.file([*first, *form.lines(sentences)]), sentences)
    if mark:
        expect_read(submission, form.file([]), [])


@check(points=2, after=reads_two_columns, examples=30)
@given(sentences=files(ODD, tags=ODD_TAGS), form=FORMS)
def keeps_every_token(submission: Submission, sentences: list[Rows], form: Form) -> None:
    """Tokens such as #winning, a quotation mark or 5 km with a no-break space are tokens."""
    expect_read(submission, form.file([form.row("Rome", "B-GPE")]), [[("Rome", "B-GPE")]])
    # Not at the very beginning, where that character is a mark.
    marked = "\N{ZERO WIDTH NO-BREAK SPACE}c"
    first = [("Rome", "B-LOC"), ("C#", "B-LOC"), ('"Ro"me', "O"), ("#", "O"), (marked, "O")]
    first += sentences[0]
    sentences = [first, *sentences[1:], [(token, "O") for token in ALIKE]]
    expect_read(submission, form.file(form.lines(sentences)), sentences)


@check(points=1, after=reads_two_columns, examples=10)
@given(
    sentences=files(("Z\N{LATIN SMALL LETTER U WITH DIAERESIS}rich", "Caf\xe9", "in")),
    encoding=st.sampled_from(["latin-1", "cp1252", "utf-8"]),
)
def decodes_as_told(submission: Submission, sentences: list[Rows], encoding: str) -> None:
    """The file is read in the encoding that the caller names."""
    sentences = [[*sentences[0], ("Z\xfcrich", "B-LOC")], *sentences[1:]]
    data = TWO.file(TWO.lines(sentences), encoding)
    expect_read(submission, data, sentences, "data", encoding)


@dataclass(frozen=True)
class Spot:
    """A file, and one of its lines, in whose place a bad one can stand.

    Args:
        form: of the file.
        lines: of the file.
        at: the line, from 0.
        last: whether the file ends with that line, as one that was cut.
        name: of the file.
    """

    form: Form
    lines: list[str]
    at: int
    last: bool
    name: str

    def expect_refused(self, submission: Submission, bad: str, when: str) -> None:
        """Hold that the file is refused with a bad line there."""
        before, behind = self.lines[: self.at], self.lines[self.at + 1 :]
        data = self.form.file(before)
        data += bad.encode() if self.last else self.form.file([bad, *behind])
        expect_refused(submission, data, self.name, self.at + 1, when)


@st.composite
def spots(draw: st.DrawFn) -> Spot:
    """A file, and the line of one of its tokens, but not of the first."""
    form, sentences = draw(FORMS), draw(files())
    ahead = draw(st.sampled_from([[], ["-DOCSTART-"], ["-DOCSTART- a b c d e", ""]]))
    lines = [*ahead, form.row("Rome", "B-LOC"), *form.blanks, *form.lines(sentences)]
    first = len(ahead)
    tokens = [number for number, line in enumerate(lines) if number > first and line]
    return Spot(
        form,
        lines,
        draw(st.sampled_from(tokens)),
        draw(st.booleans()),
        draw(st.sampled_from(NAMES)),
    )


def _short(form: Form) -> str:
    """A row whose last columns are missing."""
    return form.between.join(form.row("Inter", "B-ORG").split(form.between)[:-1])


def _long(form: Form) -> str:
    """A row with one column too many."""
    return form.between.join(["New", form.row("York", "B-LOC")])


def _parted(form: Form) -> str:
    """A row with a carriage return in its token."""
    return form.row("In\rter", "B-ORG")


def _old(form: Form) -> str:
    """Two rows of a file whose lines end with CR alone."""
    return form.row("Inter", "B-ORG") + "\r" + form.row("beat", "O")


def _returned(form: Form) -> str:
    """A row with a carriage return before it."""
    return "\r" + form.row("Inter", "B-ORG")


def _comment(form: Form) -> str:
    """What other formats take for a comment."""
    return "#new_sentence"


def _empty(form: Form) -> str:
    """What looks like a blank line, and is a row of one column."""
    return "\N{NO-BREAK SPACE}"


def _twice(form: Form) -> str:
    """A row with two carriage returns at its end: one of them stands within the line."""
    return form.row("Inter", "B-ORG") + "\r\r"


def _blank(form: Form) -> str:
    """A blank line with a carriage return in it."""
    return " \r\t"


def _document(form: Form) -> str:
    """A document's line with a carriage return in it."""
    return "-DOCSTART-" + form.between + "\rO"


BAD_ROWS = (_short, _long, _parted, _old, _returned, _twice, _comment, _empty, _blank, _document)


@check(points=2, after=(reads_four_columns, ends_sentences_at_blank_lines), examples=12)
@given(spot=spots())
def names_the_line_of_a_bad_row(submission: Submission, spot: Spot) -> None:
    """A line with another number of columns, or with a CR in it, is refused by file and line."""
    when = "the columns are not as many as in the first line, or a CR stands among them"
    for bad in BAD_ROWS:
        spot.expect_refused(submission, bad(spot.form), when)


@check(points=1, after=(reads_four_columns, ends_sentences_at_blank_lines), examples=10)
@given(name=st.sampled_from(NAMES), before=sizes(0, 3), alone=st.sampled_from(["Rome", "O"]))
def refuses_a_single_column(submission: Submission, name: str, before: int, alone: str) -> None:
    """A file whose first token has no tag beside it is refused: ValueError with file and line."""
    lines = [*[""] * before, alone, "", alone]
    for one in (name, "data"):
        expect_refused(submission, TWO.file(lines), one, before + 1, "there is one column alone")


BAD_TAGS = (
    *("B-", "I-", "B", "PER", "S-PER", "O-PER", "SB-PER", "-PER"),
    *("B_PER", "b-PER", "0", "OO", "o"),
)


@check(points=1, after=names_the_line_of_a_bad_row, examples=8)
@given(spot=spots())
def names_the_line_of_a_bad_tag(submission: Submission, spot: Spot) -> None:
    """A tag that is not O, B-TYPE or I-TYPE is refused: ValueError with file and line."""
    for tag in BAD_TAGS:
        bad = spot.form.row("Inter", tag)
        spot.expect_refused(submission, bad, "the tag is not O, B-TYPE or I-TYPE")


@check(points=1, after=names_the_line_of_a_bad_row, examples=10)
@given(
    sentences=files(),
    name=st.sampled_from(NAMES),
    before=sizes(0, 3),
    ahead=sizes(0, 2),
    row=st.sampled_from([b"Z\xfcrich\tB-LOC\n", b"\xdcberlingen\tB-LOC\n"]),
)
def names_the_line_of_a_bad_byte(
    submission: Submission, sentences: list[Rows], name: str, before: int, ahead: int, row: bytes
) -> None:
    """A byte that the encoding does not have is refused: ValueError with file and line."""
    lines = [*[""] * ahead, *TWO.lines([*sentences, [("a\fb", "O")]]), *[""] * before]
    data = TWO.file(lines) + row + TWO.file(TWO.lines(sentences))
    expect_refused(submission, data, name, len(lines) + 1, "a byte is not UTF-8")
    data = TWO.file(lines) + b"Z\x81rich\tB-LOC\n"
    when = "a byte is not of cp1252"
    expect_refused(submission, data, name, len(lines) + 1, when, "cp1252")
    data = TWO.file(lines) + b"-DOCSTART- \xff\n" + TWO.file(TWO.lines(sentences))
    expect_refused(
        submission, data, name, len(lines) + 1, "a byte of a document's line is not UTF-8"
    )
