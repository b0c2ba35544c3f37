import os

import pytest

from grader.judge.opening import open_grader
from grader.worker import scratch


def test_a_folder_is_removed_however_deep_it_is(tmp_path):
    top = tmp_path / "scratch"
    top.mkdir()
    here = os.getcwd()
    try:
        os.chdir(top)
        for _ in range(1500):
            os.mkdir("d")
            os.chdir("d")
    finally:
        os.chdir(here)
    scratch.remove(str(top))
    assert not top.exists()


def test_a_folder_is_removed_whatever_rights_it_has(tmp_path):
    closed = tmp_path / "scratch" / "a" / "closed"
    closed.mkdir(parents=True)
    (closed / "x").write_text("still here")
    (tmp_path / "scratch" / "link").symlink_to("/")
    closed.chmod(0)
    (tmp_path / "scratch").chmod(0)
    scratch.remove(str(tmp_path / "scratch"))
    assert not (tmp_path / "scratch").exists()


@pytest.mark.parametrize(("count", "size"), [(scratch.MAX_FILES + 1, 0), (3, 5_000)])
def test_files_and_bytes_are_bounded(tmp_path, count: int, size: int):
    assert not scratch.overfull(str(tmp_path), max_bytes=10_000)
    for number in range(count):
        (tmp_path / str(number)).write_bytes(b"x" * size)
    assert scratch.overfull(str(tmp_path), max_bytes=10_000)


FILLS = b"""
def lstm_cell(*arguments):
    for number in range(100_000):
        with open(f"f{number}", "wb") as file:
            file.write(b"x" * 4096)
    print("WROTE-THEM-ALL")
"""


def test_without_namespaces_a_worker_that_fills_the_disk_is_ended(course, kata):
    with open_grader(course, level="process") as grader:
        verdict = grader.attempt_source(kata, FILLS).verdict()
        again = grader.attempt_source(kata, kata.solution.read_bytes()).verdict()
    assert verdict.status == "CRASHED"
    assert "files" in verdict.checks[0].message
    assert "WROTE" not in verdict.checks[0].output
    assert again.status == "PASSED"
