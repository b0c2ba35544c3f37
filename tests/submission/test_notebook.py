"""Notebooks: code cells in order, magics as comments, nothing run."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.submission.notebook import NotebookError, code_of_notebook, plain_python


def cell(source, kind: str = "code") -> dict:
    made = {"cell_type": kind, "metadata": {}, "source": source}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def notebook(*cells: dict, version: int = 4) -> bytes:
    head = {"nbformat": version, "nbformat_minor": 0, "metadata": {}}
    body = {"cells": list(cells)} if version == 4 else {"worksheets": [{"cells": list(cells)}]}
    return json.dumps(head | body).encode()


def test_code_cells_come_in_order_and_line_by_line() -> None:
    book = notebook(
        cell("import torch"),
        cell("# A title\nnot code", "markdown"),
        cell(["x = 1\n", "y = 2"]),
        cell("%%bash\nrm -rf /"),
        cell("%matplotlib inline\n!ls\n  ?x\nz = 3"),
        cell("raw", "raw"),
    )
    assert code_of_notebook(book).source.decode().splitlines() == [
        *("# In [1]", "import torch", "", "# In [2]", "x = 1", "y = 2", ""),
        *("# In [4]", "pass  # %matplotlib inline", "pass  # !ls", "  pass  # ?x", "z = 3"),
    ]


def test_operators_at_the_start_of_a_line_are_no_magics() -> None:
    source = 'text = ("%d"\n    % 3)\nwrong = (text\n    != "3")'
    assert source in code_of_notebook(notebook(cell(source))).source.decode()


def test_an_old_notebook_is_read() -> None:
    old = {"cell_type": "code", "input": "x = 1", "outputs": [], "language": "python"}
    assert b"x = 1" in code_of_notebook(notebook(old, version=3)).source


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"language_info": {"name": "R"}}, "R"),
        ({"kernelspec": {"name": "julia-1.9", "language": "julia"}}, "julia"),
        ({"kernelspec": {"language": "scala"}, "language_info": {"name": "python"}}, ""),
        ({"kernelspec": {"name": "python3"}, "language_info": {"name": "ipython"}}, ""),
        ({"kernelspec": {"name": "ir"}, "language_info": None}, ""),
        ({"kernelspec": {"language": "sagemath"}}, ""),
        ([], ""),
    ],
)
def test_a_notebook_of_another_language_is_told(metadata, language: str) -> None:
    book = notebook(cell("x <- 1")).replace(b'"metadata": {}', b'"metadata": %s', 1)
    book = book % json.dumps(metadata).encode()
    if language:
        with pytest.raises(NotebookError, match=f"one for {language}, and the kata asks for Pyt"):
            code_of_notebook(book)
    else:
        assert b"x <- 1" in code_of_notebook(book).source


@pytest.mark.parametrize("half", [r"\ud83d", r"\udc00", r"\ud83d\u0041", r"\ud83d\ud83d\ude00"])
def test_half_a_sign_is_no_reason_to_refuse_a_notebook(half: str) -> None:
    """Browsers write such where an output was cut in its middle."""
    loud = cell(r"s = '\ud83d\ude00 \\ud83d'")
    loud["outputs"] = [{"output_type": "stream", "text": "HALF"}]
    book = notebook(loud).replace(b"HALF", half.encode())
    kept = code_of_notebook(book).source.decode()
    assert r"s = '\ud83d\ude00 \\ud83d'" in kept
    assert (
        b"x = '\xef\xbf\xbd"
        in code_of_notebook(notebook(cell("x = 'HALF'")).replace(b"HALF", half.encode())).source
    )


def test_a_cell_that_defines_for_another_program_stays_as_comments() -> None:
    book = notebook(cell("%%bash\nls"), cell("%%writefile a.py\n\ndef f(): pass"))
    code = code_of_notebook(book)
    assert code.source.decode().splitlines() == [
        *("# In [2]", "# %%writefile a.py", "# ", "# def f(): pass"),
    ]
    assert [one.number for one in code.cells] == [2]


def test_html_and_outputs_are_left_where_they_are() -> None:
    loud = cell("x = 1")
    loud["outputs"] = [
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": "<script>"}}
    ]
    assert b"script" not in code_of_notebook(notebook(loud)).source


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff", "the notebook is not UTF-8 text"),
        (b"{", "the notebook is not valid JSON"),
        (b"", "the notebook is not valid JSON"),
        (b'"text"', "malformed"),
        (b"[" * 100_000, "malformed"),
        (notebook(cell(3)), "malformed"),
        (notebook({"cell_type": "code"}), "malformed"),
        (b" \n", "the file is empty"),
        (b"import torch\n# %%\nx = 1", "does not begin with {. If it is Python code, .* .py"),
        (b"<!DOCTYPE html><html>", "it is a web page"),
        (notebook(cell("x = 1"))[:-9], "it ends in the middle"),
        (b'{\n"nbformat": 4,\n<<<<<<< HEAD\n"cells"', "line 3 has the mark of a merge conflict"),
        (b'{"nbformat": 4,}', "trailing comma"),
        (notebook(cell("x = 1\n" * 200_000)), "more code than is read: 1,048,576 characters"),
        (notebook(*[cell("x = 1\n" * 1_000)] * 200), "more code than is read"),
        (notebook(version=3).replace(b"[]", b"[%s{}]" % (b"{}," * 400_000)), "format 3"),
    ],
    ids=range(16),
)
def test_what_is_no_notebook_is_told(data: bytes, message: str) -> None:
    with pytest.raises(NotebookError, match=message):
        code_of_notebook(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
SHAPED = st.fixed_dictionaries(
    {"nbformat": st.sampled_from([2, 3, 4, 5]) | JSON},
    optional={
        "nbformat_minor": JSON,
        "metadata": JSON,
        "worksheets": JSON,
        "cells": JSON
        | st.lists(
            st.fixed_dictionaries(
                {}, optional={"cell_type": st.sampled_from(["code", "markdown"]), "source": JSON}
            )
        ),
    },
)


@given(SHAPED | JSON)
def test_any_json_is_read_or_refused(value) -> None:
    with contextlib.suppress(NotebookError):  # and no other error
        assert isinstance(code_of_notebook(json.dumps(value).encode()).source, bytes)


@given(st.lists(st.text(), max_size=4))
def test_any_text_of_cells_is_valid_utf8(sources: list[str]) -> None:
    code_of_notebook(notebook(*map(cell, sources))).source.decode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    "source",
    [
        'text = """\n%matplotlib inline\n!ls\n"""',
        "x = (\n    7\n    % 3)",
        "y = 5 \\\n    % 3",
        "z = 'a %s' \\\n'?'",
        "a = b = 3\nassert a != 4",
        "table = [\n    '!x',\n]",
        "s = 'it is\\\n  %d'",
    ],
)
def test_python_stays_as_it_is(source):
    assert plain_python(source) == source


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("%pwd", "pass  # %pwd"),
        ("if x:\n    !ls -l", "if x:\n    pass  # !ls -l"),
        ("files = !ls", "files = []  # files = !ls"),
        ("a, b = %sx ls", "a, b = []  # a, b = %sx ls"),
        ("torch.nn.LSTM??", "pass  # torch.nn.LSTM??"),
        ("?print", "pass  # ?print"),
        ("layers[0].weight?", "pass  # layers[0].weight?"),
        ("%time x = f()", "x = f()"),
        ("if x:\n    %time -q f()", "if x:\n    f()"),
        ("y = %time f()", "y = f()"),
        ("%time", "pass  # %time"),
        ("%timeit f()", "pass  # %timeit f()"),
        (">>> x = 1\n>>> if x:\n...     y = 2", "x = 1\nif x:\n    y = 2"),
        ("In [3]: x = 1", "x = 1"),
        ("    x = 1\n    if x:\n        y = 2", "x = 1\nif x:\n    y = 2"),
    ],
)
def test_what_is_ipythons_does_nothing(line, plain):
    assert plain_python(line) == plain


def test_a_byte_order_mark_is_no_part_of_a_notebook() -> None:
    assert b"x = 1" in code_of_notebook(b"\xef\xbb\xbf" + notebook(cell("x = 1"))).source


@pytest.mark.parametrize(
    ("source", "metadata", "answers"),
    [
        ("x", {"tags": ["kata"]}, ("*",)),
        ("x", {"tags": ["a", "kata:lstm/x", "kata: gru_cell "]}, ("lstm/x", "gru_cell")),
        ("%%kata lstm_cell\nx", {}, ("lstm_cell",)),
        ("\n%%kata\nx", {"tags": ["katas:x"]}, ("*",)),
        ("x  # %%kata lstm_cell", {"tags": "kata"}, ()),
        ("x", {"tags": [1, None, ["kata"]], "kata": "kata"}, ()),
        ("x", {"tags": ["kata:" + "x" * 200]}, ()),
        ("x", [], ()),
    ],
)  # fmt: skip
def test_which_katas_a_cell_says_it_answers(source, metadata, answers) -> None:
    book = notebook(cell(source) | {"metadata": metadata})
    [found] = code_of_notebook(book).cells
    assert found.answers == answers
