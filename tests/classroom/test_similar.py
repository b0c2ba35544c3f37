"""Likeness: copies are found under other names, stubs and idioms are nobody's, references apart."""

import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from grader.classroom.gradebook import Gradebook
from grader.classroom.grading import digest_of
from grader.classroom.handed import Handed
from grader.classroom.similar import FEWEST, Entry, Likeness, likeness, wrong_answers
from grader.classroom.winnow import GRAM, WINDOW, Print, Token, grams_of, tokens_of, winnowed
from grader.course.catalog import Course
from grader.present.similar import likeness_page
from grader.text import neutral
from grader.verdict import Status
from tests.present.test_pages import HOSTILE, verdict

CORPUS = Path(__file__).parents[1] / "corpus" / "lstm" / "lstm_cell"
KATA = "lstm/lstm_cell"
texts = st.lists(st.sampled_from("abcdefgh"), max_size=40)


def prints(tokens: list[str]) -> list[Print]:
    return winnowed(grams_of([Token(text, 1) for text in tokens]))


@given(
    same=st.lists(st.sampled_from("abc"), min_size=GRAM + WINDOW - 1, max_size=40),
    around=st.tuples(texts, texts, texts, texts),
)
def test_what_is_long_enough_and_in_both_is_found(same, around) -> None:
    one, two, three, four = around
    left, right = prints(one + same + two), prints(three + same + four)
    assert {each.hash for each in left} & {each.hash for each in right}


@given(st.text() | st.sampled_from(["(" * 3000, "'''", "if x:\n  y\n z\n", "\x00", "f'{'", "\\"]))
def test_any_text_has_tokens_or_none(text: str) -> None:
    assert all(token.line >= 1 for token in tokens_of(text))


def renamed(source: str) -> str:
    """A copy as somebody makes it who wants it to look different."""
    source = re.sub(r"#.*", "", source)
    source = re.sub(r'"""(.|\n)*?"""', '"""Mine."""', source)
    names = re.findall(r"^\s*(\w+) = ", source, re.MULTILINE)
    for number, name in enumerate(sorted(set(names))):
        source = re.sub(rf"(?<![\w.]){name}(?![\w(=])", f"value_{number}", source)
    return re.sub(r"\n", "\n\n", source)


def entries(course: Course) -> list[Entry]:
    """A class: every submission of the corpus, and each way to write it that the course knows."""
    kata = course.find(KATA)
    paths = [kata.solution, *kata.alternatives, *sorted(CORPUS.glob("*.py"))]
    return [Entry(f"{n} {path.stem}", path.name, path.read_bytes()) for n, path in enumerate(paths)]


def test_a_copy_under_other_names_is_the_most_alike(course: Course) -> None:
    kata = course.find(KATA)
    stub = kata.stub.read_text()
    everybody = entries(course)
    found = 0
    for path in kata.alternatives:
        [original] = [one for one in everybody if one.who.endswith(f" {path.stem}")]
        copied = renamed(path.read_text()).encode()
        assert copied != original.data
        result = likeness(KATA, [*everybody, Entry("copy", "lstm_cell.py", copied)], stub)
        pair = next((one for one in result.pairs if "copy" in (one.left, one.right)), None)
        if pair is not None and original.who in (pair.left, pair.right):
            assert pair.share < 0.01
            assert pair.left_lines
            found += 1
    assert found == len(kata.alternatives)


def test_a_stub_is_nobodys_also_when_it_was_edited(course: Course) -> None:
    stub = course.find(KATA).stub.read_text()
    edited = [
        stub,
        stub.replace("NotImplementedError", "ValueError"),
        "# by me\nimport math\n" + stub,
        renamed(stub),
        stub[: len(stub) // 2],
    ]
    files = [Entry(f"s{n}", "lstm_cell.py", text.encode()) for n, text in enumerate(edited)]
    found = likeness(KATA, files, stub)
    assert (found.compared, found.too_short, found.pairs) == (0, len(edited), ())


def test_what_most_of_a_class_has_says_nothing(course: Course) -> None:
    kata = course.find(KATA)
    usual, other = kata.solution.read_bytes(), kata.alternatives[0].read_bytes()
    files = [Entry(f"s{n}", "a.py", usual + b"# %d" % n) for n in range(8)]
    files += [Entry(name, "a.py", other) for name in ("ada", "bob")]
    found = likeness(KATA, files, kata.stub.read_text())
    assert [(one.left, one.right) for one in found.pairs] == [("ada", "bob")]
    assert found.pairs[0].equal
    assert (found.pairs[0].rank, found.pairs[0].pairs) == (1, 45)


def test_references_are_compared_with_the_class_alone(course: Course) -> None:
    kata = course.find(KATA)
    data = kata.alternatives[0].read_bytes()
    files = [Entry(name, "a.py", data, reference=True) for name in ("last/1.py", "last/2.py")]
    found = likeness(KATA, [*entries(course), *files], kata.stub.read_text())
    pairs = [one for one in found.pairs if one.reference]
    assert {one.right for one in pairs} == {"last/1.py", "last/2.py"}
    assert not any(one.left.startswith("last/") for one in found.pairs)
    assert found.references == 2
    assert pairs[0].pairs == 2 * found.compared


def test_equal_wrong_answers_are_told_apart_by_values_and_seed() -> None:
    wrong = verdict("x")
    assert wrong_answers(wrong)
    assert wrong_answers(replace(wrong, seed=(wrong.seed or 0) + 1)) != wrong_answers(wrong)
    [failed] = [one for one in wrong.checks if one.status is Status.FAILED]
    card = replace(failed.counterexample, got="something else")
    others = tuple(
        replace(one, counterexample=card) if one is failed else one for one in wrong.checks
    )
    other = replace(wrong, checks=others)
    assert wrong_answers(other) != wrong_answers(wrong)
    assert wrong_answers(replace(wrong, checks=())) == ()
    data = {"a": wrong, "b": wrong, "c": other}
    files = [Entry(who, "a.py", b"", msgspec.json.encode(one)) for who, one in data.items()]
    [group] = likeness(KATA, files, "").same_wrong
    assert group.students == ("a", "b")
    assert group.mistake == "It triples x"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_hostile_becomes_markup(hostile: str) -> None:
    def page(text: str) -> bytes:
        source = "\n".join(
            f"x{n} = torch.relu(y) + {n} * (z[{n}] - {n})" for n in range(FEWEST * 4)
        )
        data = f"{source}\n# {neutral(text)}\n".encode()
        files = [Entry(f"{who}{text}", "a.py", data) for who in "ab"]
        found = likeness(KATA, files, "")
        assert found.pairs
        return likeness_page([found], dict.fromkeys(((KATA, one.who) for one in files), text),
                             made_at="now")  # fmt: skip

    made, plain = page(hostile), page("x")
    assert made.count(b"<") == plain.count(b"<")
    assert "\u202e".encode() not in made


def test_the_command(command, course: Course, tmp_path: Path) -> None:
    kata = course.find(KATA)
    book = tmp_path / "class.sqlite"
    with Gradebook(book) as made:
        for who, path in zip(("ada", "bob", "eve"), [*kata.alternatives[:2], kata.solution],
                             strict=True):  # fmt: skip
            data = path.read_bytes()
            one = Handed(who, KATA, 1, "lstm_cell.py", f"{who}/lstm_cell.py", data)
            made.take([(one, digest_of(data))])
    posted = tmp_path / "posted" / "deep"
    posted.mkdir(parents=True)
    (posted / "LSTM_Cell (1).py").write_text(renamed(kata.alternatives[1].read_text()))
    options = ("similar", "--gradebook", str(book), "--reference", str(tmp_path / "posted"))
    assert command(*options, "--json", str(tmp_path / "out.json")) == 0
    document = msgspec.json.decode((tmp_path / "out.json").read_bytes())
    [found] = msgspec.convert(document["katas"], list[Likeness])
    assert found.references == 1
    assert (found.pairs[0].left, found.pairs[0].reference) == ("bob", True)
    assert command(*options) == 0
    assert "leads, not verdicts" in command.out
    assert command(*options, "-o", str(tmp_path / "alike.html")) == 0
    assert b'class="row meant"' in (tmp_path / "alike.html").read_bytes()
    assert command("similar", "--gradebook", str(book), "--reference", str(tmp_path / "none")) == 2
    (tmp_path / "empty").mkdir()
    assert command("similar", "--gradebook", str(book), "--reference", str(tmp_path / "empty")) == 2
    assert "named after a kata" in command.err


def test_the_courses_own_answer_is_told_word_for_word(course: Course) -> None:
    kata = course.find(KATA)
    solution = kata.solution.read_text()
    answers = {"the solution": solution, "the alternative": kata.alternatives[0].read_text()}
    handed = {
        "layout": "# mine\n" + solution.replace("\n\n", "\n\n\n# more\n\n", 1),
        "names": solution.replace("c_next", "c_new"),
        "other": CORPUS.joinpath("einsum.py").read_text(),
        "nothing": "",
        "no Python": "def lstm_cell(:\n",
        "no more of it": solution[: len(solution) // 2],
    }
    class_of = [Entry(who, "lstm_cell.py", text.encode()) for who, text in handed.items()]
    reference = Entry("last-year/lstm_cell.py", "lstm_cell.py", solution.encode(), reference=True)
    found = likeness(KATA, [*class_of, reference], kata.stub.read_text(), answers)
    [copy] = found.word_for_word
    assert (copy.answer, copy.students) == ("the solution", ("layout",))
    shown = likeness_page(
        [found], {(KATA, one.who): "" for one in [*class_of, reference]}, made_at=""
    )
    assert b"<li>the solution: layout</li>" in shown
