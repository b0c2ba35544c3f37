"""Encodings: one that a file names is honoured, any other is told with what to do."""

import pytest

from grader.submission.read import ENCODINGS, submission_text

CODE = "# {cookie}\nname = 'caf\u00e9'\n"
PLACES = ["-*- coding: {} -*-", "vim: set fileencoding={} :", "coding={}"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "iso-8859-15", "utf-8", "UTF-8-sig"])
@pytest.mark.parametrize("head", ["", "#!/usr/bin/env python3\n"], ids=["first", "second"])
def test_a_named_encoding_is_honoured(place: str, encoding: str, head: str) -> None:
    text = head + CODE.format(cookie=place.format(encoding))
    read = submission_text(text.encode(encoding), "a.py")
    assert read.problem == ""
    names: dict[str, str] = {}
    exec(compile(read.source, "a.py", "exec"), names)
    assert names["name"] == "caf\u00e9"
    assert read.source.count(b"\n") == text.count("\n")


@pytest.mark.parametrize(
    "encoding", ["klingon", "rot13", "utf-7", "idna", "punycode", "hex", "utf-16"]
)
def test_another_encoding_is_refused_by_name(encoding: str) -> None:
    read = submission_text(CODE.format(cookie=f"coding: {encoding}").encode(), "a.py")
    assert f"the encoding {encoding} in line 1" in read.problem
    assert "save it as UTF-8" in read.problem
    assert read.source == b""


def test_a_mark_of_utf_8_contradicts_another_encoding() -> None:
    read = submission_text(b"\xef\xbb\xbf# coding: latin-1\nx = 1\n", "a.py")
    assert "the encoding latin-1 in line 1" in read.problem
    assert submission_text(b"\xef\xbb\xbf# coding: utf-8\nx = 1\n", "a.py").problem == ""


def test_a_file_that_is_not_in_the_encoding_it_names() -> None:
    read = submission_text("# coding: ascii\n\nx = '\u00e9'\n".encode(), "a.py")
    assert "is not ascii text: byte 0xc3 in line 3" in read.problem


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named_with_and_without_its_mark(encoding: str) -> None:
    text = "def double(x):\n    return 2 * x\n"
    assert "is UTF-16 text" in submission_text(text.encode(encoding), "a.py").problem


def test_a_word_after_code_names_no_encoding() -> None:
    text = "x = 1\n# coding: latin-1\ny = '\u00e9'\n"
    assert submission_text(text.encode(), "a.py").problem == ""


def test_a_cell_of_a_notebook_names_no_encoding() -> None:
    source = "# coding: latin-1\nx = '\u00e9'\n".encode()
    read = submission_text(source, "a.ipynb", data=b"{}", cells=((1, 1),))
    assert read.problem == ""
    assert read.source == source


def test_all_that_is_taken_is_known() -> None:
    import codecs

    assert all(codecs.lookup(name).name == name for name in ENCODINGS)
