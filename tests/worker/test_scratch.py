import os
import resource
import subprocess
import sys

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


def test_what_lies_deeper_than_a_path_may_be_counts(tmp_path):
    top, here = tmp_path / "scratch", os.getcwd()
    top.mkdir()
    try:
        os.chdir(top)
        for _ in range(30):
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
        with open("deep", "wb") as file:
            file.write(b"x" * 1_000_000)
    finally:
        os.chdir(here)
    assert scratch.overfull(str(top), max_bytes=1_000_000)
    assert not scratch.overfull(str(top), max_bytes=2_000_000)
    scratch.remove(str(top))
    assert not top.exists()


def test_what_lies_in_a_folder_that_cannot_be_listed_counts(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").write_bytes(b"x" * 50_000)
    (tmp_path / "a" / "b").chmod(0o300)
    (tmp_path / "a").chmod(0o300)
    (tmp_path / "link").symlink_to("/usr")
    assert scratch.overfull(str(tmp_path), max_bytes=40_000)
    assert not scratch.overfull(str(tmp_path), max_bytes=100_000), "a link is not followed"


def test_more_folders_than_can_be_open_are_too_many(tmp_path):
    for number in range(200):
        (tmp_path / str(number)).mkdir()
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (150, before[1]))
    try:
        assert scratch.overfull(str(tmp_path), max_bytes=10_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert not scratch.overfull(str(tmp_path), max_bytes=10_000_000)


def test_deleted_files_count_while_they_are_open(tmp_path):
    holder = f"""
import sys
file = open({str(tmp_path / "file")!r}, "wb")
file.write(b"x" * 100_000)
file.flush()
import os
os.unlink(file.name)
print("held", flush=True)
sys.stdin.read()
"""
    words = [sys.executable, "-S", "-c", holder]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"held\n"
        assert not scratch.overfull(str(tmp_path), max_bytes=50_000)
        assert scratch.overfull(str(tmp_path), max_bytes=50_000, holder=process.pid)
        process.stdin.close()


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
