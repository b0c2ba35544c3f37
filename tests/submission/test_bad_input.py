"""Bad input: a verdict or one clear line, never a traceback, never a wait, and nothing of a
learner's is touched.
"""

import json
import os
from pathlib import Path

import pytest

from grader.submission.find import SubmissionFile, find_submissions
from grader.submission.notebook import MAX_SUBMISSION_BYTES
from grader.verdict import Verdict

RIGHT = Path(__file__).parents[1].joinpath("corpus/lstm/lstm_cell/einsum.py").read_text()


def fifo(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def dangling(path: Path) -> None:
    path.symlink_to("nowhere.py")


def enormous(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


def slightly_too_long(path: Path) -> None:
    path.write_bytes(b"#" * (MAX_SUBMISSION_BYTES + 1))


def empty(path: Path) -> None:
    path.touch()


def blank(path: Path) -> None:
    path.write_text(" \n\t\n")


def binary(path: Path) -> None:
    path.write_bytes(bytes(range(256)))


def latin(path: Path) -> None:
    path.write_bytes("# Ein Gruß\n# Schöne Grüße\n".encode("latin-1"))


def folder(path: Path) -> None:
    path.mkdir()


def deep(path: Path) -> None:
    path.write_text("x = " + "(" * 100_000)


def long_line(path: Path) -> None:
    path.write_text("x = " + "+".join(["1"] * 100_000))


def surrogates(path: Path) -> None:
    path.write_bytes(b"x = '\xed\xa0\x80'\n")


BAD = [
    (fifo, "is not a regular file"),
    (device, "is a link"),
    (loop, "is a link"),
    (dangling, "is a link"),
    (enormous, "has 1,099,511,627,776 bytes; at most 1,048,576 are read"),
    (slightly_too_long, "has 1,048,577 bytes; at most 1,048,576 are read"),
    (empty, "is empty"),
    (blank, "is empty"),
    (binary, "is not a text file: it has a zero byte at 0"),
    (latin, "is not UTF-8 text: byte 0xdf in line 1"),
    (surrogates, "is not UTF-8 text: byte 0xed in line 1"),
    (deep, "is not valid Python"),
    (long_line, ""),
]


@pytest.mark.parametrize(("make", "message"), BAD, ids=[make.__name__ for make, _ in BAD])
def test_a_file_that_cannot_be_graded_gets_a_verdict_that_says_why(
    make, message: str, grade, tmp_path: Path
) -> None:
    path = tmp_path / "lstm_cell.py"
    make(path)
    verdict = grade(path)
    assert (verdict.status, verdict.points, verdict.max_points) == ("FAILED", 0, 13)
    assert message in verdict.message
    assert verdict.duration_s < 4


@pytest.mark.parametrize("make", [fifo, device, loop, dangling], ids=lambda make: make.__name__)
def test_a_folder_with_bad_files_still_answers(make, grader, kata, course, tmp_path: Path) -> None:
    (tmp_path / "round").symlink_to(".")  # a directory loop
    (tmp_path / "lstm").mkdir()
    (tmp_path / "lstm" / "lstm").symlink_to("..")
    make(tmp_path / "lstm_cell.py")
    [found] = find_submissions(course, [kata.name], tmp_path, start=tmp_path)
    verdict = grader.grade(found)
    assert verdict.status == "FAILED"
    assert verdict.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not valid JSON"),
        ("[]", "malformed"),
        ("null", "malformed"),
        ('{"cells": 3, "nbformat": 4}', "malformed"),
        ('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{}]}', "malformed"),
        ("[" * 100_000, "notebook"),
        (b"\xff\xfe", "is not UTF-8"),
        ('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}', "is empty"),
    ],
)
def test_a_notebook_that_cannot_be_read(text: str | bytes, message: str, grade, tmp_path) -> None:
    path = tmp_path / "lstm_cell.ipynb"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    verdict: Verdict = grade(path)
    assert verdict.status == "FAILED"
    assert message in verdict.message


def test_a_notebook_is_graded_like_the_same_file(grade, tmp_path: Path) -> None:
    cells = ["%matplotlib inline\nimport torch", "!rm -rf /", "%%bash\nexit 1", RIGHT]
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {"cell_type": "code", "id": "same", "metadata": {}, "source": source}
            | {"execution_count": None, "outputs": []}
            for source in cells
        ],
    }
    path = tmp_path / "lstm_cell.ipynb"
    path.write_text(json.dumps(notebook))
    assert grade(path).status == "PASSED"


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_nothing_of_a_learner_is_written_moved_or_deleted(grader, kata, tmp_path: Path) -> None:
    (tmp_path / "lstm_cell.py").write_text(
        RIGHT + "\nopen('beside.txt', 'w').write('x')\nopen('/tmp/away.txt', 'w').write('x')\n"
    )
    (tmp_path / "conftest.py").write_text("raise RuntimeError\n")
    (tmp_path / "torch.py").write_text("raise RuntimeError\n")
    before = snapshot(tmp_path)
    verdict = grader.grade(SubmissionFile(kata, tmp_path / "lstm_cell.py", tmp_path))
    assert verdict.status == "PASSED"
    assert snapshot(tmp_path) == before
    assert not Path("/tmp/away.txt").exists()
