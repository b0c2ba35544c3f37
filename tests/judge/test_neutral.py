"""Wherever a submission's words come in, and wherever they are shown, they are neutral lines."""

import io
import json
import re
import unicodedata
import xml.etree.ElementTree as ElementTree

import pytest

from grader.judge.attempt import Attempt
from grader.judge.student_copy import student_copy
from grader.present.report import Writer
from grader.present.text import console
from grader.submission.read import submission_text
from grader.verdict import Verdict, to_json
from tests.gate import few

CHECKS = '''
@check()
def doubles(submission):
    """The answer is twice x."""
    expect(submission["double"](1), 2, name="the answer")


@check()
def has_keys(submission):
    """The answer has the key a."""
    [a] = entries(submission["double"](2), "a")


@check()
def warns(submission):
    """Nothing warns."""
    _, seen = submission["double"].warnings(3)
    expect_true(not seen, f"it warned: {', '.join(seen)}")
'''

TEXTS = {
    "line feeds": "kept\n::error::x\r\nkept",
    "a command in the middle": "kept ::set-output name=x::y kept",
    "a group": "kept ##[group]x kept",
    "escapes": "kept \x1b[31m\x9b2J\x07 kept",
    "another direction": "kept \u202eltr\u2066 kept",
    "other separators": "kept\u2028::error::x\x85kept\x0c",
    "a lone surrogate": "kept \ud800 kept",
    "illegal in XML": "kept \x00\ufffe\uffff kept",
}
WAYS = {
    "exception": "def double(x):\n    raise ValueError(EVIL)\n",
    "exception's name": "def double(x):\n    raise type(NAME, (Exception,), {})('why')\n",
    "exception while importing": "double = 1\nraise ValueError(EVIL)\n",
    "package": "double = 1\nraise ModuleNotFoundError(EVIL, name=EVIL)\n",
    "not implemented": "def double(x):\n    raise NotImplementedError(EVIL)\n",
    "syntax error": "double = 1\nraise SyntaxError(EVIL)\n",
    "function's name": (
        "def inner():\n    raise ValueError('why')\n\n\n"
        "inner.__code__ = inner.__code__.replace(co_name=NAME)\n\n\n"
        "def double(x):\n    inner()\n"
    ),
    "object": "def double(x):\n    return type(NAME, (), {})()\n",
    "not callable": "double = type(NAME, (), {})()\n",
    "text": "def double(x):\n    return EVIL\n",
    "key": "def double(x):\n    return {EVIL: 1}\n",
    "warning": "import warnings\n\n\ndef double(x):\n    warnings.warn(EVIL)\n    return 2 * x\n",
    "printed": "def double(x):\n    print(EVIL)\n    return 0\n",
    "exits": "def double(x):\n    raise SystemExit(EVIL)\n",
}


def source_of(way: str, text: str) -> bytes:
    name = re.sub("[\0\ud800]", "", text)  # Python lets no class be called so
    return f"EVIL, NAME = {text!r}, {name!r}\n{WAYS[way]}".encode("ascii", "backslashreplace")


def acts(text: str) -> list[str]:
    """What in a text would act on a terminal or be a command to a CI service's runner."""
    return [
        line
        for line in text.split("\n")
        if any(unicodedata.category(c).startswith(("C", "Zl", "Zp")) for c in line)
        or re.match(r"\s*::", line)
        or re.search(r"::[a-z-]+(?: .*)?::|##\[", line)
    ]


def shown(verdict: Verdict) -> str:
    text = io.StringIO()
    Writer(console(text, width=80), verbose=True).verdict(verdict)
    return text.getvalue()


def one_liners(verdict: Verdict) -> list[str]:
    """Those texts of a verdict that are one line."""
    found = [verdict.message]
    for place in [verdict, *verdict.checks]:
        found += [place.message]
        if place.location is not None:
            found += [place.location.file, place.location.function, place.location.source]
    for check in verdict.checks:
        if check.counterexample is not None:
            found += [check.counterexample.got, check.counterexample.at]
    return found


@pytest.mark.parametrize("text", few(TEXTS.values(), 2), ids=TEXTS)
def test_words_of_a_submission_are_neutral_lines_everywhere(made, text: str) -> None:
    grader = made(CHECKS)
    [kata] = grader.course.katas
    for way in WAYS:
        read = submission_text(source_of(way, text), "double.py")
        verdict = Attempt(grader.prepared(kata), read).verdict()
        assert verdict.status not in ("PASSED", "INTERNAL_ERROR"), way
        for copy in (verdict, student_copy(verdict)):
            assert acts(shown(copy)) == [], way
            written = to_json([copy]).decode()
            assert acts(written) == [], way
            assert json.loads(written)["verdicts"][0]["message"] == copy.message
        for line in one_liners(verdict):
            assert len(line.splitlines()) <= 1, way
        if way not in ("not implemented", "object", "text", "exits"):
            told = shown(verdict)
            assert told.count("kept") >= 2 or way in ("key", "not callable"), (way, told)


@pytest.mark.parametrize("way", ["exception", "exception's name", "printed", "key"])
def test_junit_and_pytest_show_them_so_too(made, run_katas, tmp_path, way: str) -> None:
    grader = made(CHECKS)
    [kata] = grader.course.katas
    xml, path = tmp_path / "report.xml", tmp_path / "double.py"
    path.write_bytes(source_of(way, " ".join(TEXTS.values())))
    ran = run_katas(kata, "--submission", path, f"--junitxml={xml}")
    assert int(ran.ret) == 1
    report = ElementTree.parse(xml)
    texts = [f"{node.text or ''}\n{' '.join(node.attrib.values())}" for node in report.iter()]
    for line in (line for text in [*texts, ran.stdout.str()] for line in acts(text)):
        assert re.search(r"\bchecks\.py::\w+", line), "pytest's own names of tests"
    if way != "key":
        assert any("kept" in text for text in texts)


@pytest.mark.parametrize("way", WAYS)
def test_no_text_of_a_verdict_is_as_long_as_an_answer_may_be(made, way: str) -> None:
    grader = made(CHECKS)
    [kata] = grader.course.katas
    read = submission_text(source_of(way, "x" * 300_000), "double.py")
    data = json.loads(to_json([Attempt(grader.prepared(kata), read).verdict()]))
    assert max(map(len, texts_in(data))) < 5_000


def texts_in(tree: object) -> list[str]:
    if isinstance(tree, str):
        return [tree]
    if isinstance(tree, dict):  # what is printed has a bound of its own
        tree = [item for key, item in tree.items() if key not in ("output", "case_output")]
    return [text for item in tree for text in texts_in(item)] if isinstance(tree, list) else []
