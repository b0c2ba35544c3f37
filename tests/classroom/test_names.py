"""Names as archivers and file systems write them; what programs leave behind is nobody's."""

import io
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest

from grader.classroom import members
from grader.classroom.handed import sort_out
from grader.classroom.members import Member, Other, Trouble, members_of

FLAG = 0x800
PATH = "Zo\xeb/lstm_cell.py"


def zip_of(name: bytes, flags: int = 0, extra: bytes = b"", data: bytes = b"x = 1\n") -> bytes:
    """A zip of one entry whose name is these bytes."""
    sizes = (zlib.crc32(data), len(data), len(data), len(name), len(extra))
    head = struct.pack("<HHHHIIIHH", flags, 0, 0, 0x5A21, *sizes)
    local = b"PK\3\4" + struct.pack("<H", 20) + head + name + extra + data
    central = b"PK\1\2" + struct.pack("<HH", 20, 20) + head + bytes(14) + name + extra
    end = struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + b"PK\5\6" + end


def beside(name: bytes, text: str) -> bytes:
    """What Info-ZIP writes beside a name: the name in UTF-8."""
    data = struct.pack("<BI", 1, zlib.crc32(name)) + text.encode()
    return struct.pack("<HH", 0x7075, len(data)) + data


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (zip_of(PATH.encode(), FLAG), PATH),
        (zip_of(PATH.encode()), PATH),
        (zip_of("\N{GRADUATION CAP}/a.py".encode()), "\N{GRADUATION CAP}/a.py"),
        (zip_of(PATH.encode("cp437")), PATH),
        (
            zip_of(b"Zo?/a.py", extra=b"\1\0\1\0x" + beside(b"Zo?/a.py", "Zo\xeb/a.py")),
            "Zo\xeb/a.py",
        ),
        (zip_of(b"Zo/a.py", extra=beside(b"other", "Zo\xeb/a.py")), "Zo/a.py"),
        (zip_of(b"Zo/a.py", extra=beside(b"Zo/a.py", "../../a.py")), None),
        (zip_of(b"zoe\\hw\\a.py"), "zoe/hw/a.py"),
        (zip_of(b"zoe\\", data=b""), ""),
    ],
    ids=["said", "Finder", "emoji", "Windows", "beside", "stale", "up", "backslash", "folder"],
)
def test_a_name_in_a_zip(tmp_path: Path, data: bytes, path: str | None) -> None:
    (tmp_path / "class.zip").write_bytes(data)
    found = list(members_of(tmp_path / "class.zip"))
    if path:
        [one] = found
        assert isinstance(one, Member)
        assert ("/".join(one.parts), one.data) == (path, b"x = 1\n")
    else:
        [trouble] = found
        assert isinstance(trouble, Trouble)
        assert trouble.what == "is empty" if path == "" else "outside" in trouble.what


def test_two_names_that_are_no_utf_8_stay_two(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    for name in (b"Jos\xe9", b"Jos\xe8", b"\x81\x8d"):
        place = os.fsencode(folder) + b"/" + name
        os.makedirs(place)
        Path(os.fsdecode(place), "a.py").write_bytes(b"x = 1\n")
    students = {one.parts[0] for one in members_of(folder) if isinstance(one, Member)}
    assert students == {"Jos\xe9", "Jos\xe8", "\x81\x8d"}
    with tarfile.open(tmp_path / "class.tar", "w", encoding="latin-1") as archive:
        for name in students:
            archive.addfile(tarfile.TarInfo(f"{name}/a.py"), io.BytesIO())
    found = members_of(tmp_path / "class.tar")
    assert {one.parts[0] for one in found if isinstance(one, Member)} == students


@pytest.mark.parametrize("packed", [True, False])
def test_what_programs_leave_behind_is_passed_by(tmp_path: Path, packed: bool) -> None:
    names = (
        *("lstm_cell.py", ".DS_Store", "Thumbs.db", "desktop.ini", "._lstm_cell.py"),
        *(".venv/lib/a.py", "env/lib/python3.12/site-packages/torch/a.py", "node_modules/a/b.py"),
        *(".idea/a.xml", ".vscode/a.json", ".git/a", "__MACOSX/._a.py", "__pycache__/a.py"),
        *(".pytest_cache/a", ".ipynb_checkpoints/a.ipynb", ".hypothesis/a", "photo.png"),
    )
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for name in names:
            archive.writestr(f"alice/{name}", name)
        archive.writestr("bob/photo.png", b"")
        if not packed:
            archive.extractall(tmp_path / "class")
    found = list(members_of(tmp_path / ("class.zip" if packed else "class")))
    assert [one.parts for one in found if isinstance(one, Member)] == [("alice", "lstm_cell.py")]
    assert [one.origin for one in found if isinstance(one, Other)] == [
        "alice/photo.png",
        "bob/photo.png",
    ]
    assert len(found) == 3


def test_a_library_that_was_packed_too_costs_no_file_of_ones_own(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(members, "MOST_FILES", 20)
    link = zipfile.ZipInfo("alice/.venv/bin/python")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr(link, "/usr/bin/python3")
        for n in range(50):
            archive.writestr(f"alice/env/lib/site-packages/{n}.py", b"")
        archive.writestr("alice/lstm_cell.py", b"x = 1\n")
    assert [one.parts[-1] for one in members_of(tmp_path / "class.zip")] == ["lstm_cell.py"]


@pytest.mark.parametrize("top", ["", "class/"])
@pytest.mark.parametrize("packed", [True, False])
def test_who_has_handed_in_nothing_that_can_be_read_is_there_too(tmp_path, top, packed) -> None:
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr(f"{top}ada/lstm_cell.py", b"")
        archive.writestr(f"{top}bo/lstm_cell.py", b"")
        archive.writestr(f"{top}cy/", b"")
        archive.writestr(f"{top}di.zip", empty.getvalue())
        archive.writestr(f"{top}eve.zip", b"no zip")
        archive.writestr(f"{top}fay.rar", b"Rar!")
        archive.writestr(f"{top}gus/hw.7z", b"7z")
        archive.writestr(f"{top}hal.tbz2", b"no tar")
        if not packed:
            archive.extractall(tmp_path / "class")
    found = sort_out(
        members_of(tmp_path / ("class.zip" if packed else "class")), ("lstm/lstm_cell",)
    )
    assert set(found.students) == {"ada", "bo", "cy", "di", "eve", "fay", "gus", "hal"}
    said = {one.origin.removeprefix(top): one.what for one in found.troubles}
    assert said["cy"] == said["di"] == "is empty"
    assert "no archive that can be read" in said["eve"]
    assert said["fay.rar"] == "is an archive of a kind that is not read (.rar); pack it as a zip"
    assert "(.7z)" in said["gus/hw.7z"]
    assert len(said) == 6
