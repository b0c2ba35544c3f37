"""What strangers hand in: each file is taken or named, and nothing is written anywhere else.

A class of hostile names, archives, links and devices is made by chance, and is taken into a book
and written out as `kata grade`, `kata export` and `kata feedback` do.
"""

import csv
import gzip
import io
import os
import stat
import sys
import tarfile
import time
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from grader.classroom import members
from grader.classroom.gradebook import Gradebook, Recorded
from grader.classroom.grading import digest_of
from grader.classroom.handed import Sorted, sort_out
from grader.classroom.members import MOST_BYTES, members_of
from grader.classroom.prose import take_prose
from grader.classroom.roster import Student
from grader.present.classroom import marks_as_csv, write_found
from grader.present.feedback import write_feedback
from grader.present.text import console
from tests.present.test_pages import verdict

KATAS = ("lstm/lstm_cell", "gru/gru_cell", "talk/q1")
RUNS = ("=", "+", "-", "@", "\t", "\r")
FILES = (
    *("lstm_cell.py", "LSTM_Cell (2).py", "gru_cell-1.py", "love_1_2_lstm_cell.py", "answers.md"),
    *("gru_cell.ipynb", "notes.py", "lstm_cell.txt", "lstm_cell.py.rar", "q1/answers.md"),
)
NAMES = (
    *("ada", "bob", "Ada_1_assignsubmission_file_", "submission_3", " ", "=cmd|' /C calc'!A0"),
    *("@SUM(1)", "-rf", "+1", "\u202egnp.exe", "\U0001f600", "e\u0301", "é", "a\nb", "a;DROP", "'"),
    *('"', "%s%n", "$(id)", "`id`", "x" * 120, "CON", "..", "a\\b", "C:\\x", "\x1b[31m", "\x00"),
)
OUT = ("../", "../../", "/", "/etc/", "C:/", "a/../../")
names = st.sampled_from(("ada", "bob")) | st.sampled_from(NAMES) | st.text(max_size=12)
files = st.sampled_from(FILES)
leaf = st.tuples(st.sampled_from(("file",) * 5 + ("large", "link", "device")), names, files)
escape = st.tuples(st.just("file"), st.sampled_from(OUT), files)
packed = st.tuples(
    st.sampled_from((".zip", ".zip", ".tar", ".tar.gz", ".tar.xz", ".zip broken", ".tar.gz cut")),
    names,
    st.recursive(
        st.lists(leaf | leaf | escape, min_size=1, max_size=6),
        lambda inner: st.lists(st.tuples(st.sampled_from((".zip", ".tar.gz")), names, inner),
                               max_size=2),
        max_leaves=8,
    ),
)  # fmt: skip
classes = st.lists(leaf | packed, min_size=1, max_size=8)


class Class:
    """A folder as a system gives it, and what lies in it: for each file a mark of its own."""

    def __init__(self, folder: Path, made: list) -> None:
        self.folder = folder
        self.content: dict[str, bytes] = {}
        self.archives: dict[str, str] = {}
        folder.mkdir()
        for one in made:
            self._put(one)

    def _mark(self) -> str:
        return f"m{len(self.content):04}x"

    def _put(self, one: tuple) -> None:
        kind, name, inner = one
        plain = name.replace("/", "_").replace("\x00", "_")[:100]
        place = self.folder / (plain if plain.strip(".") else f"_{plain}")
        try:
            place.mkdir(exist_ok=True)
            if not isinstance(inner, str):
                mark = self._mark()
                self.content[mark] = b""
                data = self._packed(kind, inner, mark)
                (place / f"{mark}{kind.split()[0]}").write_bytes(data)
                return
            mark = self._mark()
            target = place / mark / inner
            target.parent.mkdir(parents=True)
            self.content[mark] = self._content(kind, mark)
            if kind == "link":
                target.symlink_to("/etc/passwd")
            elif kind == "device":
                os.mkfifo(target)
            else:
                target.write_bytes(self.content[mark])
        except (OSError, UnicodeEncodeError):
            self.content.pop(mark, None)  # this machine has no such name

    def _content(self, kind: str, mark: str) -> bytes:
        return f"# {mark}\n".encode() * (MOST_BYTES // 4 if kind == "large" else 1)

    def _packed(self, kind: str, inner: list, outer: str) -> bytes:
        """An archive; each file in it has a mark, and the archive's own stands for all of them."""
        made = io.BytesIO()
        entries = []
        for one, name, file in inner:
            name = name.replace("\x00", "_")  # where both formats cut a name off, with its mark
            mark = self._mark()
            self.archives[mark] = outer
            if isinstance(file, str):
                self.content[mark] = self._content(one, mark)
                entries.append((one, f"{name}/{mark}/{file}", self.content[mark]))
            else:
                self.content[mark] = b""
                entries.append(("file", f"{name}/{mark}{one}", self._packed(one, file, mark)))
        if kind.startswith(".zip"):
            with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
                for one, name, data in entries:
                    info = zipfile.ZipInfo(name.encode("utf-8", "replace").decode())
                    if one == "link":
                        info.external_attr = (stat.S_IFLNK | 0o777) << 16
                    archive.writestr(info, data, zipfile.ZIP_DEFLATED)
        else:
            mode = {".tar": "w", ".tar.gz": "w:gz", ".tar.xz": "w:xz"}[kind.split()[0]]
            with tarfile.open(fileobj=made, mode=mode) as archive:  # type: ignore[call-overload]
                for one, name, data in entries:
                    item = tarfile.TarInfo(name.encode("utf-8", "replace").decode())
                    if one in ("link", "device"):
                        item.type = tarfile.SYMTYPE if one == "link" else tarfile.CHRTYPE
                        item.linkname = "/etc/passwd" if one == "link" else ""
                        archive.addfile(item)
                    else:
                        item.size = len(data)
                        archive.addfile(item, io.BytesIO(data))
        data = made.getvalue()
        if kind.endswith("broken"):
            return b"PK\x03\x04" + data[7:]
        return data[: len(data) // 2] if kind.endswith("cut") else data

    def lost(self, found: Sorted) -> list[str]:
        """The marks of what is neither taken nor named, nor lies in an archive that is named."""
        taken = {one.data for one in found.handed}
        taken |= {one.text.encode() for one in found.prose}
        said = "\n".join(
            [
                *found.left_out,
                *found.others,
                *(f"{one.origin} {one.what}" for one in found.troubles),
            ]
        )

        def accounted(mark: str) -> bool:
            if mark in said or (self.content[mark] and self.content[mark] in taken):
                return True
            return mark in self.archives and self._named(self.archives[mark], found)

        return [mark for mark in self.content if self.content[mark] and not accounted(mark)]

    def _named(self, archive: str, found: Sorted) -> bool:
        """Whether an archive, or one that it lies in, could not be read."""
        if any(one.origin.split("/")[-1].startswith(archive) for one in found.troubles):
            return True
        return archive in self.archives and self._named(self.archives[archive], found)


_watching: list[str] | None = None


def _watch(event: str, arguments: tuple) -> None:
    if _watching is None:
        return
    if event == "open":
        path, _, flags = arguments
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writes and isinstance(path, str | bytes):
            _watching.append(os.fsdecode(path))
    elif event in ("os.mkdir", "os.symlink", "os.link", "os.rename", "os.remove", "os.chmod"):
        _watching.append(os.fsdecode(arguments[0]))
    elif event in ("subprocess.Popen", "os.system", "os.exec", "socket.connect"):
        _watching.append(event)


sys.addaudithook(_watch)


@contextmanager
def written() -> Iterator[list[str]]:
    """What is written meanwhile, and what is started."""
    global _watching
    _watching = found = []
    try:
        yield found
    finally:
        _watching = None


def check(folder: Path, made: list) -> None:
    """Take a class in, write it out again, and hold that nothing is lost and nothing escapes."""
    given = Class(folder / "in", made)
    out = folder / "out"
    before = sorted(given.folder.rglob("*"))
    said = io.StringIO()
    with written() as touched:
        found = sort_out(members_of(given.folder), KATAS, prose_for=KATAS[2:])
        write_found(console(said, width=100), found, all_of_it=True)
        with Gradebook(out.with_name("class.sqlite")) as book:
            book.enrol([Student(one) for one in found.students])
            assert book.take([(one, digest_of(one.data)) for one in found.handed]) <= len(
                found.handed
            )
            take_prose(book, found.prose)
            for kata in KATAS:
                for one in book.waiting(kata, "r"):
                    told = msgspec.json.encode(replace(verdict(one.student), kata=kata))
                    book.record(one.handed, "r", Recorded("FAILED", 0, 1, told))
            marks = book.marks()
            sheet = marks_as_csv(marks, book.missing(list(KATAS)), book.names())
            write_feedback(out, book.verdicts(), book.history(), secret_seed=None)
    assert given.lost(found) == []
    assert sorted(given.folder.rglob("*")) == before
    allowed = (str(out), str(out.with_name("class.sqlite")))
    assert [one for one in touched if not one.startswith(allowed)] == []
    assert all(str(path.resolve()).startswith(str(out)) for path in out.rglob("*"))
    assert not any(path.is_symlink() for path in out.rglob("*"))
    for char in "\x1b\x00\u202e":
        assert char not in said.getvalue() + sheet
    assert not [c for row in csv.reader(io.StringIO(sheet)) for c in row if c.startswith(RUNS)]
    assert len({(one.student, one.kata, one.attempt) for one in marks}) == len(marks)
    assert all(one.student for one in marks)
    assert b"root:" not in b"".join(one.data for one in found.handed)


QUIET = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large)


@settings(max_examples=40, suppress_health_check=QUIET)
@given(made=classes)
def test_a_hostile_class(tmp_path_factory: pytest.TempPathFactory, made: list) -> None:
    check(tmp_path_factory.mktemp("class"), made)


@pytest.mark.full
@settings(max_examples=500, suppress_health_check=QUIET)
@given(made=classes)
def test_five_hundred_hostile_classes(tmp_path_factory: pytest.TempPathFactory, made: list) -> None:
    check(tmp_path_factory.mktemp("class"), made)


def test_a_tar_with_bytes_for_a_name(tmp_path: Path) -> None:
    place = tmp_path / "class.tar"
    with tarfile.open(place, "w") as archive:
        item = tarfile.TarInfo("ad\udcff/lstm_cell.py")
        item.size = 4
        archive.addfile(item, io.BytesIO(b"x=1\n"))
    found = sort_out(members_of(place), KATAS)
    with Gradebook(tmp_path / "class.sqlite") as book:
        assert book.take([(one, digest_of(one.data)) for one in found.handed]) == 1


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_that_is_cut_off_anywhere_is_named(tmp_path: Path, mode: str) -> None:
    whole = as_tar({f"ada/{name}.py": os.urandom(700) for name in ("lstm_cell", "gru_cell")}, mode)
    place = tmp_path / "class.tar"
    for cut in range(0, len(whole), 97):
        place.write_bytes(whole[:cut])
        found = sort_out(members_of(place), KATAS)
        assert len(found.handed) == 2 or found.troubles, cut
    place.write_bytes(whole)
    found = sort_out(members_of(place), KATAS)
    assert (len(found.handed), found.troubles) == (2, ())


def test_names_that_are_slow_to_look_at(tmp_path: Path) -> None:
    place = tmp_path / "class.zip"
    with zipfile.ZipFile(place, "w") as archive:
        for name in (" " * 60_000, "(" * 60_000, "_1" * 30_000, "lstm_cell (" + "9" * 5000 + ")"):
            archive.writestr(f"ada/{name}.py", "x")
        archive.writestr(f"ada/lstm_cell ({'9' * 200}).py", "x")
    found = sort_out(members_of(place), KATAS)
    assert len(found.troubles) == 4
    assert len(found.left_out) == 1


@pytest.mark.parametrize("bound", ["MOST_IN_CLASS", "MOST_IN_ARCHIVE", "MOST_WORK"])
@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz"])
def test_a_tar_that_unpacks_without_end_costs_what_is_allowed(
    tmp_path: Path, mode: str, bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A member that nobody wants is unpacked to get behind it."""
    monkeypatch.setattr(members, bound, 1 << 20)
    place = tmp_path / "class" / "ada.tar.gz"
    place.parent.mkdir()
    sizes = {"lstm_cell.py": 4, "data.bin": 3 << 20, "gru_cell.py": 4}
    place.write_bytes(as_tar({f"ada/{name}": bytes(size) for name, size in sizes.items()}, mode))
    found = sort_out(members_of(place if bound == "MOST_IN_CLASS" else place.parent), KATAS)
    assert [one.kata for one in found.handed] == ["lstm/lstm_cell"]
    assert found.troubles


@pytest.mark.parametrize("ending", [".zip", ".tar", ".tar.gz", ".tar.bz2", ".tar.xz"])
def test_a_large_class_is_read_entry_by_entry(tmp_path: Path, ending: str) -> None:
    """What an archive of a class holds beside its submissions takes no memory."""
    place = tmp_path / f"class{ending}"
    files = {}
    for n in range(40):
        files |= {f"s{n}/model.pt": bytes(1 << 20), f"s{n}/lstm_cell.py": b"x = %d\n" % n}
    mode = f"w:{ending.removeprefix('.tar').removeprefix('.')}"
    place.write_bytes(as_zip(files) if ending == ".zip" else as_tar(files, mode))
    del files
    tracemalloc.start()
    try:
        found = sort_out(members_of(place), KATAS)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [one.data for one in sorted(found.handed, key=lambda one: int(one.student[1:]))] == [
        b"x = %d\n" % n for n in range(40)
    ]
    assert found.troubles == ()
    assert most < 20 << 20  # the window of xz is 8 MiB of it


@pytest.mark.parametrize("streams", [1, 7])
def test_a_tar_of_several_streams_is_one(tmp_path: Path, streams: int) -> None:
    whole = as_tar({f"s{n}/lstm_cell.py": os.urandom(3000) for n in range(30)}, "w")
    step = -(-len(whole) // streams)
    place = tmp_path / "class.tgz"
    place.write_bytes(
        b"".join(gzip.compress(whole[n : n + step]) for n in range(0, len(whole), step))
    )
    found = sort_out(members_of(place), KATAS)
    assert (len(found.handed), found.troubles) == (30, ())


def in_folder(place: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)


def as_tar(files: dict[str, bytes], mode: str = "w:gz") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            item = tarfile.TarInfo(name)
            item.size = len(data)
            archive.addfile(item, io.BytesIO(data))
    return made.getvalue()


def as_zip(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


@pytest.mark.parametrize("form", ["folder", "tar", "zip", "archives"])
@pytest.mark.parametrize("many", ["files", "bytes"])
def test_what_one_student_hands_in_costs_no_other_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, many: str
) -> None:
    monkeypatch.setattr(members, "MOST_FILES", 50)
    monkeypatch.setattr(members, "MOST_OF_ONE", 5_000)
    more = {f"{n:03}.txt": b"" for n in range(80)} if many == "files" else {
        f"{n:03}.py": b"#" * 900 for n in range(20)
    }  # fmt: skip
    mine = {"lstm_cell.py": b"x = 1\n"}
    class_ = {f"{who}/{name}": data for who, all_ in (("ada", more), ("bob", mine), ("eve", more))
              for name, data in all_.items()}  # fmt: skip
    place = tmp_path / "class"
    if form == "folder":
        in_folder(place, class_)
    elif form == "archives":
        in_folder(place, {"ada.zip": as_zip({f"{n}.zip": as_zip(more) for n in range(3)}),
                          "bob.tar.gz": as_tar(mine), "eve.tar.gz": as_tar(more)})  # fmt: skip
    else:
        place = tmp_path / f"class.{form}"
        place.write_bytes(as_tar(class_, "w") if form == "tar" else as_zip(class_))
    found = list(members_of(place))
    taken = [one for one in found if isinstance(one, members.Member)]
    assert [one.data for one in taken if one.parts[0] == "bob"] == [b"x = 1\n"]
    for who in ("ada", "eve"):
        assert sum(len(one.data) for one in taken if one.parts[0] == who) <= 5_000
        assert any(one.origin.startswith(who) for one in found if isinstance(one, members.Trouble))


def test_archives_in_an_archive_are_unpacked_to_one_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "MOST_WORK", 1 << 22)
    bomb = as_tar({"data.bin": bytes(1 << 20), "lstm_cell.py": b"x = 1\n"})
    (tmp_path / "ada.zip").write_bytes(as_zip({f"{n}.tar.gz": bomb for n in range(20)}))
    found = list(members_of(tmp_path))
    assert sum(isinstance(one, members.Member) for one in found) == 3
    assert sum(isinstance(one, members.Trouble) for one in found) == 17


def test_a_tar_of_streams_without_end_is_left(tmp_path: Path) -> None:
    (tmp_path / "ada.tgz").write_bytes(gzip.compress(b"") * 500_000)
    began = time.process_time()
    assert [type(one) for one in members_of(tmp_path)] == [members.Trouble]
    assert time.process_time() - began < 20


@pytest.mark.parametrize("beside", [b"1" * 60_000, b"15 size=-1536\n\n", b"1" * 900_000])
def test_a_tar_whose_headers_are_slow_or_lead_back_is_left(tmp_path: Path, beside: bytes) -> None:
    header = tarfile.TarInfo("header")
    header.type, header.size = tarfile.XHDTYPE, len(beside)
    data = header.tobuf() + beside + bytes(-len(beside) % 512)
    (tmp_path / "ada.tar").write_bytes(data + tarfile.TarInfo("lstm_cell.py").tobuf() + bytes(1024))
    began = time.process_time()
    assert any(isinstance(one, members.Trouble) for one in members_of(tmp_path))
    assert time.process_time() - began < 2
