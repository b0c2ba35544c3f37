"""Whose file it is, for which kata, which attempt: layouts of systems, browsers and people."""

import io
import json
import os
import re
import stat
import subprocess
import tarfile
import tempfile
import tracemalloc
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.classroom import members
from grader.classroom.handed import Sorted, kata_of_file, sort_out
from grader.classroom.members import MOST_BYTES, Member, Trouble, members_of
from grader.errors import NotFoundError, UsageError

COMMANDS = Path(__file__).parents[2] / "docs/commands.md"
KATAS = ("lstm/lstm_cell", "gru/gru_cell")
CODE = b"def lstm_cell(): ...\n"


def found(*paths: str, pattern: str = "", notebooks_for=(), known=()) -> Sorted:
    given = [Member(tuple(path.split("/")), path.encode()) for path in paths]
    return sort_out(given, KATAS, pattern=pattern, notebooks_for=notebooks_for, known=known)


def told(result: Sorted) -> list[tuple[str, str, int]]:
    return [(one.student, one.kata.rpartition("/")[2], one.attempt) for one in result.handed]


LAYOUTS = {
    "a folder each": ("alice/lstm_cell.py", "alice"),
    "one level too many": ("alice/hw1/src/lstm_cell.py", "alice"),
    "the wrong case": ("alice/LSTM_Cell.PY", "alice"),
    "hyphens": ("alice/lstm-cell.py", "alice"),
    "hyphens and a copy": ("alice/LSTM-Cell-1.py", "alice"),
    "a space": ("alice/lstm cell.py", "alice"),
    "a browser's copy": ("alice/lstm_cell (1).py", "alice"),
    "a copy of a copy": ("alice/lstm_cell (1) (2).py", "alice"),
    "a copy by hand": ("alice/lstm_cell - copy.py", "alice"),
    "a copy of Finder's": ("alice/lstm_cell 2.py", "alice"),
    "a copy of Nautilus'": ("alice/lstm_cell (another copy).py", "alice"),
    "a copy of Drive's": ("alice/Copy of lstm_cell.py", "alice"),
    "a copy of an old browser's": ("alice/lstm_cell[1].py", "alice"),
    "saved as text": ("alice/lstm_cell.py.txt", "alice"),
    "saved as text, again": ("alice/lstm_cell (1).py.txt", "alice"),
    "saved with two endings": ("alice/lstm_cell.py.py", "alice"),
    "a space at an end": ("alice/ lstm_cell .py", "alice"),
    "Canvas": ("wonderalice_12345_67890_lstm_cell.py", "12345"),
    "Canvas, again": ("wonderalice_12345_67890_lstm_cell-1.py", "12345"),
    "Canvas, late": ("wonderalice_LATE_12345_67890_lstm_cell.py", "12345"),
    "Canvas, a name with a line": ("smith_jonesalice_12345_67890_lstm_cell.py", "12345"),
    "Canvas, anonymous": ("anon_aB3dE_67890_lstm_cell.py", "anon_aB3dE"),
    "Canvas, anonymous and late": ("LATE_anon_aB3dE_67890_lstm_cell.py", "anon_aB3dE"),
    "Canvas, an archive": ("wonderalice_12345_67890_hw/src/lstm_cell.py", "12345"),
    "Canvas, a late archive": ("wonderalice_LATE_12345_67890_hw-1/lstm_cell.py", "12345"),
    "Moodle, no folders": ("Alice Wonder_98765_assignsubmission_file_lstm_cell.py", "98765"),
    "Moodle, an archive": ("Alice Wonder_98765_assignsubmission_file_hw/lstm_cell.py", "98765"),
    "Moodle, anonymous": ("Participant_98765_assignsubmission_file/lstm_cell.py", "98765"),
    "Moodle, a group": ("Group A_77_assignsubmission_file/lstm_cell.py", "77"),
    "Moodle, no group": ("Default group_assignsubmission_file/lstm_cell.py", "Default group"),
    "Moodle": ("Alice Wonder_98765_assignsubmission_file_/lstm_cell.py", "98765"),
    "Moodle 4": ("Alice_van_Wonder_98765_assignsubmission_file/lstm_cell.py", "98765"),
    "Gradescope": ("submission_424242/lstm_cell.py", "424242"),
    "a workspace": ("alice/lstm/lstm_cell/lstm_cell.py", "alice"),
    "an accent in two letters": ("Zoe\u0308/lstm_cell.py", "Zo\xeb"),
    "emoji": ("\N{GRADUATION CAP}/lstm_cell.py", "\N{GRADUATION CAP}"),
    "a formula": ("=HYPERLINK(1)/lstm_cell.py", "=HYPERLINK(1)"),
}


@pytest.mark.parametrize(("path", "student"), LAYOUTS.values(), ids=LAYOUTS)
def test_layouts_are_known_by_themselves(path: str, student: str) -> None:
    result = found(path)
    assert told(result) == [(student, "lstm_cell", 1)]
    assert result.students == (student,)


@pytest.mark.parametrize("end", ["txt", "json"])
def test_a_notebook_that_a_browser_has_saved_otherwise(end: str) -> None:
    [one] = found(f"alice/lstm_cell.ipynb.{end}").handed
    assert (one.file, one.origin) == ("lstm_cell.ipynb", f"alice/lstm_cell.ipynb.{end}")


def test_a_text_of_a_student_belongs_to_them_too() -> None:
    """Moodle makes a folder for each kind of what is handed in."""
    result = found(
        "Ada_5_assignsubmission_onlinetext/onlinetext.py", "Ada_5_assignsubmission_file/gru_cell.py"
    )
    assert result.students == ("5",)


WRAPPED = {
    "students": ("alice/lstm_cell.py", "bob/lstm_cell.py"),
    "forks": ("alice/katas/lstm/lstm_cell/lstm_cell.py", "bob/katas/lstm/lstm_cell/lstm_cell.py"),
    "Canvas": ("wonderalice_1_2_lstm_cell.py", "moorbob_3_4_hw/lstm_cell.py"),
    "Moodle": ("A_1_assignsubmission_file/lstm_cell.py", "B_3_assignsubmission_file/lstm_cell.py"),
    "Gradescope": ("submission_1/lstm_cell.py", "submission_3/lstm_cell.py"),
}


@pytest.mark.parametrize("paths", WRAPPED.values(), ids=WRAPPED)
@pytest.mark.parametrize("top", ["handed in", "assignment_123_export", "class/class"])
def test_a_folder_around_the_whole_class_is_no_student(paths: tuple[str, ...], top: str) -> None:
    """Who packs a folder, packs the folder itself."""
    result = found(*(f"{top}/{path}" for path in paths))
    assert [one.student for one in result.handed] == [one.student for one in found(*paths).handed]
    assert len(result.students) == 2
    assert result.notes == (f"all of it lies in {top}, which is taken for the class' folder",)


@pytest.mark.parametrize(
    "paths",
    [
        ("alice/lstm_cell.py",),
        ("alice/lstm_cell.py", "alice/old/lstm_cell.py"),
        ("alice/one/lstm_cell.py", "alice/two/gru_cell.py"),
        ("alice/hw/lstm_cell.py", "alice/hw (1)/lstm_cell.py"),
        ("alice/lstm/lstm_cell/lstm_cell.py", "alice/gru/gru_cell/gru_cell.py"),
        ("alice/katas/lstm/lstm_cell/lstm_cell.py", "alice/solutions/lstm_cell.py"),
    ],
)
def test_one_student_alone_is_one(paths: tuple[str, ...]) -> None:
    result = found(*paths)
    assert (result.students, result.notes) == (("alice",), ())


@pytest.mark.parametrize(
    ("paths", "attempts"),
    [
        (("alice.ipynb", "alice (1).ipynb"), [("alice", 1), ("alice", 2)]),
        (("alice (1)/gru_cell.py", "alice/gru_cell.py"), [("alice", 1), ("alice", 2)]),
        (("hw (1)/gru_cell.py", "hw (2)/gru_cell.py"), [("hw (1)", 1), ("hw (2)", 1)]),
        (("gru_cell.ipynb", "gru_cell (1).ipynb", "a/gru_cell.py"), [("a", 1)]),
        (("alice.ipynb.json", "bob/gru_cell.py"), [("alice", 1), ("bob", 1)]),
    ],
)
def test_a_copy_of_a_students_own_name(paths, attempts) -> None:
    result = found(*paths, notebooks_for=KATAS[1:])
    assert [(one.student, one.attempt) for one in result.handed] == attempts


def test_students_who_are_known_say_where_the_class_lies() -> None:
    paths = ("x/one/lstm_cell.py", "x/two/lstm_cell.py")
    given = [Member(tuple(path.split("/")), path.encode()) for path in paths]
    assert sort_out(given, KATAS, enrolled=["x"]).students == ("x",)
    assert found(*paths, known=["x"]).students == ("one", "two"), (
        "whom no roster names, may be none"
    )
    assert found("x/one/gru_cell.py", known=["one", "three"]).students == ("one",)


def test_folders_of_katas_hold_students() -> None:
    result = found(
        "lstm_cell/wonderalice_1_2_lstm_cell.py",
        "lstm_cell/3.py",
        "gru_cell/1/gru_cell.py",
        "gru/gru_cell/4.ipynb",
    )
    assert told(result) == [
        ("1", "gru_cell", 1),
        ("1", "lstm_cell", 1),
        ("3", "lstm_cell", 1),
        ("4", "gru_cell", 1),
    ]
    nobodys = found("lstm/lstm_cell/lstm_cell.py")
    assert (nobodys.handed, nobodys.students) == ((), ())


@pytest.mark.parametrize(
    ("file", "kata"),
    [
        ("lstm_cell (1).py", "lstm/lstm_cell"),
        ("gru_cell.ipynb.json", "gru/gru_cell"),
        ("wonderalice_LATE_1_2_lstm_cell-1.py", "lstm/lstm_cell"),
        ("A_12_assignsubmission_file_gru_cell.py", "gru/gru_cell"),
        ("wonderalice_1_2_notes.py", None),
        ("lstm_cell.txt", None),
    ],
)
def test_the_kata_of_a_file_of_last_year(file: str, kata: str | None) -> None:
    assert kata_of_file(file, KATAS) == kata


def test_folders_with_numbers_are_not_taken_for_canvas() -> None:
    result = found("hw_2026_10_alice/lstm_cell.py", "hw_2026_10_bob/lstm_cell.py")
    assert result.students == ("hw_2026_10_alice", "hw_2026_10_bob")


def test_the_courses_own_solution_is_nobodys_answer() -> None:
    """Some hand in a copy of the whole course, with the solutions in it."""
    result = found(
        "alice/katas/lstm/lstm_cell/lstm_cell.py", "alice/Solutions/LSTM/lstm_cell/lstm_cell.py"
    )
    [one] = result.handed
    assert one.origin == "alice/katas/lstm/lstm_cell/lstm_cell.py"
    [trouble] = result.troubles
    assert trouble.what.startswith("lies where a course keeps its own solutions")


def test_what_no_kata_can_take_is_not_kept() -> None:
    """A student may hand in thousands of files of a library."""
    many = (Member(("alice", f"{n}.py"), bytes(1 << 20)) for n in range(100))
    tracemalloc.start()
    result = sort_out(many, KATAS)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(result.left_out) == 100
    assert most < 20 << 20


def test_a_system_says_name_and_lateness() -> None:
    [one] = found("wonderalice_LATE_1_2_lstm_cell.py").handed
    assert (one.name, one.late) == ("wonderalice", True)
    [one] = found("Alice Wonder_3_assignsubmission_file_/lstm_cell.py").handed
    assert (one.name, one.late) == ("Alice Wonder", False)


def test_a_classrooms_prefix_is_no_part_of_a_name() -> None:
    result = found("lstm-hw1-alice/lstm_cell.py", "lstm-hw1-bob-b/lstm_cell.py")
    assert [one.student for one in result.handed] == ["alice", "bob-b"]
    assert [one.student for one in found("ann/lstm_cell.py", "anna/lstm_cell.py").handed] == [
        "ann",
        "anna",
    ]


def test_what_is_in_front_of_names_is_known_by_those_who_are_known() -> None:
    alone = found("hw2-alice/lstm_cell.py", known=["alice", "bob"])
    assert alone.students == ("alice",)
    stray = found("hw1-alice/lstm_cell.py", "hw1-bob/lstm_cell.py", "docs/a.py", known=["bob"])
    assert set(stray.students) == {"alice", "bob", "docs"}
    assert "'hw1-' in front of" in stray.notes[0]
    whole = found("s-1/lstm_cell.py", "s-2/lstm_cell.py", known=["s-1", "s-2"])
    assert (whole.students, whole.notes) == (("s-1", "s-2"), ())


@pytest.mark.parametrize(
    ("folder", "known", "student"),
    [
        ("Alice", ["alice"], "alice"),
        ("0012", ["12"], "12"),
        ("12", ["0012"], "0012"),
        ("Zoe\u0308", ["zo\xeb"], "zo\xeb"),
        ("a\u200bda\u00a0l", ["ada l"], "ada l"),
        ("alice", ["Alice", "ALICE"], "alice"),
        ("alice", ["alice", "Alice"], "alice"),
        ("0", ["000", "00"], "0"),
    ],
)
def test_an_id_that_is_written_otherwise(folder: str, known: list[str], student: str) -> None:
    result = found(f"{folder}/lstm_cell.py", known=known)
    assert result.students == (student,)
    assert bool(result.notes) == (student != unicodedata.normalize("NFC", folder))


def test_ids_that_are_nearly_alike_stay_two_and_are_named() -> None:
    result = found("Ann/lstm_cell.py", "ann/lstm_cell.py", "bo/lstm_cell.py", known=["ann"])
    assert len(result.handed) == 3
    [note] = result.notes
    assert note == "Ann and ann are two students whose ids are written nearly alike"


def test_attempts_are_kept_apart_in_order() -> None:
    paths = [f"a/lstm_cell{end}.py" for end in (" (2)", "", " (10)", " (1)")]
    result = found(*paths)
    assert [one.file for one in result.handed] == [
        "lstm_cell.py",
        "lstm_cell (1).py",
        "lstm_cell (2).py",
        "lstm_cell (10).py",
    ]
    assert [one.attempt for one in result.handed] == [1, 2, 3, 4]
    assert not result.troubles


@pytest.mark.parametrize(
    ("times", "order", "by"),
    [
        (("2026-10-02T10:00:00", "2026-10-01T10:00:00"), ["old", "final"], "times"),
        (("2026-10-01T10:00:00+00:00", "2026-10-01T11:00:00+02:00"), ["old", "final"], "times"),
        (("2026-10-02T10:00:00+00:00", "2026-10-01T10:00:00"), ["final", "old"], "names"),
        (("2026-10-02T10:00:00", ""), ["final", "old"], "names"),
        (("2026-10-02T10:00:00", "2026-10-02T10:00:00"), ["final", "old"], "names"),
    ],
)
def test_attempts_without_a_number_are_in_the_order_of_their_times(times, order, by) -> None:
    given = [
        Member(("ada", folder, "lstm_cell.py"), folder.encode(), at)
        for folder, at in zip(("final", "old"), times, strict=True)
    ]
    result = sort_out([*given, Member(("bob", "gru_cell.py"), b"bob")], KATAS)
    assert [one.data.decode() for one in result.handed if one.student == "ada"] == order
    assert result.troubles[0].what.endswith(f"in the order of their {by}")


def test_equal_files_are_one_attempt() -> None:
    members = [Member(("a", name), CODE) for name in ("lstm_cell.py", "lstm_cell (1).py")]
    assert len(sort_out(members, KATAS).handed) == 1


def test_two_places_with_one_id_are_told() -> None:
    result = found("alice/lstm_cell.py", "alice/old/lstm_cell.py")
    assert [one.attempt for one in result.handed] == [1, 2]
    [trouble] = result.troubles
    assert "2 files of alice for lstm/lstm_cell" in trouble.what


def test_what_belongs_to_no_kata_is_named() -> None:
    result = found("a/notes.py", "a/lstm_cell.txt", "lstm_cell.py")
    assert result.left_out == ("a/notes.py", "a/lstm_cell.txt")
    [trouble] = result.troubles
    assert (trouble.origin, trouble.what) == ("lstm_cell.py", "does not say whose it is")


def test_a_notebook_answers_the_katas_that_are_asked_for() -> None:
    result = found("alice.ipynb", "bob/final.ipynb", "eve/gru_cell.ipynb", notebooks_for=KATAS)
    assert told(result) == [
        ("alice", "gru_cell", 1),
        ("alice", "lstm_cell", 1),
        ("bob", "gru_cell", 1),
        ("bob", "lstm_cell", 1),
        ("eve", "gru_cell", 1),
    ]
    assert found("alice.ipynb").left_out == ("alice.ipynb",)


def tagged(*tags: str) -> bytes:
    cells = [{"cell_type": "code", "source": "x = 1", "metadata": {"tags": [tag]}} for tag in tags]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


@pytest.mark.parametrize(
    ("file", "tags", "answers"),
    [
        (
            "homework.ipynb",
            ("kata:lstm_cell", "kata:gru/gru_cell", "slow"),
            ["gru_cell", "lstm_cell"],
        ),
        ("homework.IPYNB", ("kata:LSTM_Cell",), ["lstm_cell"]),
        ("lstm_cell.ipynb", ("kata:gru_cell",), ["gru_cell"]),
        ("lstm_cell.ipynb", ("kata:misspelt",), ["lstm_cell"]),
        ("homework.ipynb", ("kata:rnn_cell",), []),
        ("homework.ipynb", ("kata", "slow"), ["gru_cell", "lstm_cell"]),
    ],
)
def test_a_notebook_answers_the_katas_that_its_cells_are_tagged_for(
    file: str, tags: tuple[str, ...], answers: list[str]
) -> None:
    member = Member(("alice", file), tagged(*tags))
    result = sort_out([member], KATAS, notebooks_for=KATAS)
    assert told(result) == [("alice", kata, 1) for kata in answers]
    assert result.left_out == (() if answers else (f"alice/{file}",))


@given(cut=st.integers(0, 200), more=st.binary(max_size=20))
def test_a_notebook_that_is_broken_is_still_somebodys(cut: int, more: bytes) -> None:
    member = Member(("alice", "lstm_cell.ipynb"), tagged("kata:gru_cell")[:cut] + more)
    assert [one.student for one in sort_out([member], KATAS).handed] == ["alice"]


def test_a_pattern_of_ones_own() -> None:
    pattern = r"(?P<kata>\w+)/group\d+-(?P<student>\w+)-v(?P<attempt>\d+)\.py"
    result = found("lstm_cell/group3-alice-v2.py", "lstm_cell/group3-alice-v1.py", pattern=pattern)
    assert told(result) == [("alice", "lstm_cell", 1), ("alice", "lstm_cell", 2)]
    assert result.handed[0].file == "group3-alice-v1.py"
    for wrong in ("(", "(?P<kata>x)"):
        with pytest.raises(UsageError, match="--pattern"):
            found("a/b.py", pattern=wrong)


PATTERNS = dict(re.findall(r"^\| (.+?) \| `(.+)` \|$", COMMANDS.read_text("utf-8"), re.MULTILINE))
DOWNLOADS = {
    "Blackboard": "gradebook_CS1_HW_1_ada_attempt_2026-10-01-22-15-00_lstm_cell.py",
    "Brightspace": "1234-5678 - Ada Lovelace - Oct 1, 2026 1015 PM/lstm_cell.py",
    "Sakai": "HW 1/Lovelace, Ada(ada)/Submission attachment(s)/lstm_cell.py",
    "ILIAS": "Lovelace_Ada_ada_1234/lstm_cell.py",
    "nbgrader": "ps1/ada+ps1+2026-10-01 22:15:00 UTC/lstm_cell.py",
    "a file each": "ada_lstm_cell.py",
}


@pytest.mark.parametrize("where", DOWNLOADS)
def test_the_patterns_in_the_documentation(where: str) -> None:
    pattern = PATTERNS[where]
    [one] = found(DOWNLOADS[where], pattern=pattern).handed
    assert one.student == ("1234" if where == "Brightspace" else "ada")
    [one] = found(f"class/{DOWNLOADS[where]}", pattern=pattern).handed
    assert one.kata == "lstm/lstm_cell"


@given(st.lists(st.text(min_size=1, max_size=20).map(lambda text: text.replace("/", "_"))))
def test_any_names_are_data(names: list[str]) -> None:
    result = found(*[f"{name}/lstm_cell.py" for name in names])
    assert len(result.handed) <= len(names)
    assert all(one.attempt >= 1 for one in result.handed)


# -- folders and archives --------------------------------------------------------------------------


def read(place: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    files, troubles = {}, {}
    for item in members_of(place):
        if isinstance(item, Trouble):
            troubles[item.origin] = item.what
        else:
            files["/".join(item.parts)] = item.data
    return files, troubles


def zipped(**files: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/"), data)
    return written.getvalue()


def test_a_folder_is_read_without_following_anything(tmp_path: Path) -> None:
    (tmp_path / "alice").mkdir()
    (tmp_path / "alice" / "lstm_cell.py").write_bytes(CODE)
    (tmp_path / "alice" / "large.py").write_bytes(b"#" * (MOST_BYTES + 1))
    (tmp_path / "alice" / "link.py").symlink_to("/etc/passwd")
    (tmp_path / "linked").symlink_to("/etc")
    os.mkfifo(tmp_path / "alice" / "pipe.py")
    (tmp_path / "alice" / "__pycache__").mkdir()
    (tmp_path / "alice" / "__pycache__" / "lstm_cell.py").write_bytes(b"old")
    (tmp_path / "alice" / "._lstm_cell.py").write_bytes(b"resource fork")
    files, troubles = read(tmp_path)
    assert files == {"alice/lstm_cell.py": CODE}
    assert "link" in troubles["alice/link.py"]
    assert "link" in troubles["linked"]
    assert "at most" in troubles["alice/large.py"]
    assert "no regular file" in troubles["alice/pipe.py"]


def test_a_notebook_may_be_larger_for_its_outputs(tmp_path: Path) -> None:
    large = b" " * (3 * MOST_BYTES)
    (tmp_path / "alice").mkdir()
    (tmp_path / "alice" / "lstm_cell.ipynb").write_bytes(large)
    (tmp_path / "bob.zip").write_bytes(zipped(**{"lstm_cell.ipynb": large, "large.py": large}))
    files, troubles = read(tmp_path)
    assert [*files.values()] == [large] * 2
    [trouble] = troubles.values()
    assert "at most 1,048,576" in trouble


def test_a_folder_that_is_deep_or_closed_is_named() -> None:
    """Neither ends the command, and neither is passed over as if nothing had been handed in."""
    place = Path(tempfile.mkdtemp(prefix="katas-test-"))
    place.chmod(0o755)
    (place / "ada").mkdir()
    (place / "ada" / "lstm_cell.py").write_text("x = 1\n")
    (place / "bob").mkdir()
    (place / "bob").chmod(0)
    at = os.open(place, os.O_RDONLY)
    for _ in range(2500):
        os.mkdir("deep", dir_fd=at)
        below = os.open("deep", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(at)
    user = os.geteuid()
    try:
        if user == 0:  # whom no right keeps out
            os.seteuid(65534)
        found = list(members_of(place))
    finally:
        os.seteuid(user)
        (place / "bob").chmod(0o700)
        subprocess.run(["rm", "-rf", place], check=True)  # shutil's own does not get so deep
    said = {one.origin[:8]: one.what for one in found if isinstance(one, Trouble)}
    assert said["bob"].endswith("Permission denied")
    assert said["deep/dee"].endswith("File name too long")
    assert [one.parts for one in found if isinstance(one, Member)] == [("ada", "lstm_cell.py")]


def test_a_folder_of_very_many_files_costs_no_more_than_is_allowed(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(members, "MOST_FILES", 50)
    for number in range(60):
        (tmp_path / f"{number:03}").mkdir()
    assert [one.what for one in members_of(tmp_path)] == [
        "holds more than 50 files; the rest is left"
    ]


def test_archives_of_students_and_of_a_class(tmp_path: Path) -> None:
    (tmp_path / "alice.zip").write_bytes(zipped(**{"lstm_cell.py": CODE}))
    (tmp_path / "bob.tar.gz").write_bytes(tarred({"work/lstm_cell.py": CODE}))
    assert read(tmp_path)[0] == {"alice/lstm_cell.py": CODE, "bob/work/lstm_cell.py": CODE}
    whole = tmp_path / "class.zip"
    whole.write_bytes(
        zipped(**{"alice.zip": (tmp_path / "alice.zip").read_bytes(), "eve__lstm_cell.py": CODE})
    )
    assert read(whole)[0] == {"alice/lstm_cell.py": CODE, "eve/lstm_cell.py": CODE}


def tarred(files: dict[str, bytes], *others: tarfile.TarInfo) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in others:
            archive.addfile(info)
    return written.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def test_what_an_archive_must_not_hold_is_left_out_and_named(tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(
        tarred(
            {"lstm_cell.py": CODE, "../up.py": CODE, "/etc/root.py": CODE, "C:\\win.py": CODE},
            special("link.py", tarfile.SYMTYPE, "/etc/passwd"),
            special("hard.py", tarfile.LNKTYPE, "lstm_cell.py"),
            special("device.py", tarfile.CHRTYPE),
        )
    )
    files, troubles = read(tmp_path)
    assert files == {"a/lstm_cell.py": CODE}
    assert len(troubles) == 6
    assert not any("/etc" in name for name in files)


def test_a_link_in_a_zip_is_left_out(tmp_path: Path) -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        info = zipfile.ZipInfo("lstm_cell.py")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    (tmp_path / "a.zip").write_bytes(written.getvalue())
    files, troubles = read(tmp_path)
    assert not files
    assert troubles == {"a/lstm_cell.py": "is a link; it is left out"}


def test_a_bomb_costs_no_more_than_a_submission(tmp_path: Path) -> None:
    bomb = zipped(**{"lstm_cell.py": b"\0" * (MOST_BYTES * 50), "small.py": CODE})
    assert len(bomb) < MOST_BYTES
    (tmp_path / "a.zip").write_bytes(bomb)
    nested = zipped(**{"b.zip": zipped(**{"c.zip": zipped(**{"lstm_cell.py": CODE})})})
    (tmp_path / "n.zip").write_bytes(nested)
    files, troubles = read(tmp_path)
    assert files == {"a/small.py": CODE}
    assert "at most" in troubles["a/lstm_cell.py"]
    assert any("archive in an archive" in what for what in troubles.values())


@given(
    cut=st.integers(0, 400),
    flips=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=8),
)
def test_a_damaged_archive_is_named(tmp_path_factory, cut: int, flips) -> None:
    data = bytearray(zipped(**{"lstm_cell.py": CODE * 20, "gru__gru_cell.py": CODE}))
    for at, value in flips:
        if at < len(data):
            data[at] = value
    place = tmp_path_factory.mktemp("damaged")
    (place / "a.zip").write_bytes(bytes(data[:cut] if cut < 300 else data))
    for item in members_of(place):
        assert isinstance(item, Member | Trouble)


def test_nothing_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        list(members_of(tmp_path / "gone"))
    assert read(tmp_path) == ({}, {})


# -- whatever lies there ---------------------------------------------------------------------------

FOLDERS = st.sampled_from(
    [
        *(
            "alice",
            "Alice",
            "hw1-alice",
            "hw1-bob",
            "submission_1",
            "class",
            "0012",
            "12",
            "hw (1)",
        ),
        *("A B_12_assignsubmission_file_", "Default group_assignsubmission_file", "lstm", "gru"),
        *("wonder_1_2_hw", "wonder_LATE_1_3_hw-1", "lstm_cell", "katas", "solutions", "-", "=cmd"),
    ]
)
FILES = st.sampled_from(
    [
        *("lstm_cell.py", "lstm_cell (1).py", "gru_cell.ipynb", "gru_cell.ipynb.json", "notes.py"),
        *("lstm_cell.py.txt", "answers.md", "alice.ipynb", "Copy of gru_cell.py", "alice.py"),
        *("wonder_1_2_lstm_cell.py", "anon_aB3_99_gru_cell.py", "crf.py"),
        "A_12_assignsubmission_file_gru_cell.py",
    ]
)
PATHS = st.tuples(st.lists(FOLDERS, max_size=3), FILES).map(lambda path: (*path[0], path[1]))


@given(
    files=st.dictionaries(PATHS, st.sampled_from([b"1", b"2"]), max_size=7),
    known=st.sets(FOLDERS, max_size=3),
    enrolled=st.sets(FOLDERS, max_size=3),
    order=st.randoms(use_true_random=False),
)
def test_each_file_is_taken_or_named_in_whatever_order(files, known, enrolled, order) -> None:
    members = [Member(path, data) for path, data in files.items()]
    more = {"known": known, "enrolled": enrolled, "prose_for": ("interview/q1",)}
    first = sort_out(members, (*KATAS, "interview/q1"), **more)
    order.shuffle(members)
    again = sort_out(members, (*KATAS, "interview/q1"), **more)
    assert first.handed == again.handed
    assert set(first.students) == set(again.students)
    named = {*first.left_out, *(one.origin for one in (*first.handed, *first.prose))}
    troubles = " ".join(one.origin for one in first.troubles)
    for path, data in files.items():
        where = "/".join(path)
        copies = sum(other == data for other in files.values())  # equal bytes are one attempt
        assert where in named or where in troubles or copies > 1
