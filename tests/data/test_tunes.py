"""Tunes in ABC: those that are made, and real collections as they come."""

from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from grader.data.tunes import bar_lengths, longest_copy, make_tunes, multiple, read_tunes
from grader.errors import DataError

NOTTINGHAM = Path(__file__).parents[3] / "shared" / "data" / "nottingham"
REEL = "M:4/4\nL:1/8\nK:Ador\n"


@pytest.fixture
def nottingham() -> Path:
    if not NOTTINGHAM.is_dir():
        pytest.skip(f"the Nottingham tunes are not at {NOTTINGHAM}")
    return NOTTINGHAM


def test_made_tunes_keep_metre_key_and_form() -> None:
    tunes = make_tunes(200, 3)
    for tune in tunes:
        assert len(lengths := bar_lengths(tune)) == 8
        assert all(length == metre for length, metre in lengths), tune.text
        question, answer, contrast, again = tune.body.replace("|]", "|").splitlines()
        assert again == answer != contrast
        assert question.split("|")[0] == answer.split("|")[0]
        home = tune.key[0].lower()
        assert answer.rstrip("|0123456789")[-1].lower() == home
        assert question.rstrip("|0123456789")[-1].lower() != home
        assert not set(tune.body) & set("^_=")
    assert {tune.metre for tune in tunes} == {"6/8", "4/4", "3/4"}
    assert len({tune.key for tune in tunes}) == 8


def test_a_seed_makes_the_same_tunes_and_another_seed_others() -> None:
    one, again, other = make_tunes(20, 1), make_tunes(20, 1), make_tunes(20, 2)
    assert one == again
    assert not {tune.body for tune in one} & {tune.body for tune in other}
    assert len(bar_lengths(make_tunes(1, 0, bars=4)[0])) == 16


def test_nottingham_is_read_whole(nottingham: Path) -> None:
    tunes = read_tunes(nottingham)
    assert len(tunes) == 622
    assert Counter(tune.metre for tune in tunes).most_common(1)[0][0] == "6/8"
    jigs = read_tunes(nottingham / "jigs.abc")
    assert [tune.title for tune in jigs[:3]] == ["A and D", "Abacus", "The American Dwarf"]
    assert (jigs[0].metre, jigs[0].key, jigs[0].unit, jigs[0].line) == (
        "6/8",
        "A",
        Fraction(1, 8),
        1,
    )
    assert jigs[1].line == 19
    assert '"D7"dgf ed\nc|' in jigs[3].body  # a line that goes on behind P:C


def test_bars_of_nottingham_sum_to_their_metre(nottingham: Path) -> None:
    bars = [bar for tune in read_tunes(nottingham) for bar in bar_lengths(tune)]
    assert sum(length == metre for length, metre in bars) > 12_000
    long = [length for length, metre in bars if metre is None or length > metre]
    assert len(long) == 5  # slips; the others are upbeats, and what a repeat lacks for them


@pytest.mark.parametrize(
    ("text", "want"),
    [("", 1), ("2", 2), ("/", "1/2"), ("//", "1/4"), ("3/2", "3/2"), ("/4", "1/4")],
)
def test_lengths_of_notes(text: str, want: int | str) -> None:
    assert multiple(text) == Fraction(want)


@pytest.mark.parametrize(
    ("bar", "eighths"),
    [
        ("ABcd", 4),
        ("(3ABc d2", 4),
        ("A>B c<d", 4),
        ('"Am7"[Ac]2 {g}z2', 4),
        ("_A^^B,=c'!trill!d", 4),
        ("A3/2B/ [K:D]c2-", 4),
        ("A>>B", 2),
    ],
)
def test_bars_of_every_kind(tmp_path: Path, bar: str, eighths: int) -> None:
    (tmp_path / "a.abc").write_text(f"X:1\n{REEL}{bar}|\n", "utf-8")
    [tune] = read_tunes(tmp_path)
    assert [length for length, _ in bar_lengths(tune)] == [Fraction(eighths, 8)]


def test_longest_copy() -> None:
    assert longest_copy("abcdef", ["xcdey", "ef"]) == 3
    assert longest_copy([1, 2], [[3]]) == longest_copy("", ["abc"]) == 0
    assert longest_copy("abc", ["xabcx"]) == 3


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-8-sig"])
def test_other_clothes_give_the_same_tunes(tmp_path: Path, end: str, encoding: str) -> None:
    lines = [
        "% of my own",
        "",
        "X: 1",
        "T:Caf\xe9",
        "T:Another name",
        "% a comment",
        "M:C",
        "L:1/8",
        "K:A dor",
        "AB\tcd|\\",
        "e2:|   % the end",
        "w:la la la la la",
        "A:|",
        "",
        "Some words between tunes.",
        "X:2",
        "K:",
        "c|",
    ]
    (tmp_path / "x.abc").write_bytes(end.join(lines).encode(encoding))
    one, two = read_tunes(tmp_path / "x.abc")
    assert one.title == "Caf\xe9"
    assert one.text == "M:C\nL:1/8\nK:Ador\nAB cd|e2:|\nA:|\n"
    assert (one.line, two.line) == (3, 16)
    assert two.text == "M:none\nL:1/8\nK:none\nc|\n"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "no tune"),
        ("Dear diary,\n", 1, "no tune"),
        (f"X:1\n{REEL}A|\n\nX:2\nT:Empty\n{REEL}\nX:3\n{REEL}A|\n", 7, "no music"),
        (f"X:1\n{REEL}A|\n\nX:2\nT:Cut\nM:6/8\n", 7, "no key"),
        ("X:1\nT:Cut", 1, "no key"),
        ("X:1\nABc|\nK:G\n", 2, "header"),
        ("X:1\nM:6-8\nK:G\nA|\n", 2, "metre"),
        ("X:1\nM:6/0\nK:G\nA|\n", 2, "metre"),
        ("X:1\nL:8\nK:G\nA|\n", 2, "unit"),
        ("X:1\nK:H\nA|\n", 2, "key"),
        ("X:1\r\nK:G\r\nA|\r\nK:5\r\nB|\r\n", 4, "key"),
        ("X:1\nK:G\nA|\n\nB|c|\n", 5, "outside of any tune"),
        ("X:1\nK:G\nA\0|\n", 3, "byte 0x00"),
    ],
)
def test_a_broken_file_is_an_error_with_its_line(
    tmp_path: Path, text: str, line: int, says: str
) -> None:
    path = tmp_path / "broken.abc"
    path.write_bytes(text.encode())
    with pytest.raises(DataError, match=says) as raised:
        read_tunes(path)
    assert raised.value.line == line
    assert raised.value.message.startswith(f"{path}:{line}: ")
    assert raised.value.advice


def test_what_is_no_collection_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"\.abc"):
        read_tunes(tmp_path)
    with pytest.raises(DataError, match="cannot be read"):
        read_tunes(tmp_path / "none.abc")
    (tmp_path / "a.abc").write_text("X:1\nK:G\nA|\n", "utf-16")
    with pytest.raises(DataError, match="byte 0x00"):
        read_tunes(tmp_path)


def test_every_cut_of_nottingham_is_read_or_refused_with_a_line(
    nottingham: Path, tmp_path: Path
) -> None:
    data, path = (nottingham / "waltzes.abc").read_bytes()[:2000], tmp_path / "cut.abc"
    whole = read_tunes(nottingham / "waltzes.abc")
    refused = 0
    for size in range(0, len(data), 23):
        path.write_bytes(data[:size])
        try:
            tunes = read_tunes(path)
        except DataError:
            refused += 1
        else:
            assert [tune.body for tune in tunes[:-1]] == [
                tune.body for tune in whole[: len(tunes) - 1]
            ]
    assert 0 < refused < len(data) / 23
