"""When something was handed in, as the class' archive says; what a student's says is no time."""

import io
import struct
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from grader.classroom.gradebook import Gradebook, Recorded
from grader.classroom.grading import digest_of
from grader.classroom.handed import Handed, sort_out
from grader.classroom.members import members_of
from grader.classroom.times import archive_times
from grader.errors import UsageError

KATA = "lstm/lstm_cell"
CODE = b"x = 1\n"
AT = datetime(2026, 10, 2, 8, 0, 2, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def times_in(place: Path) -> dict[str, str]:
    return {one.student: one.at for one in sort_out(members_of(place), (KATA,)).handed}


def zipped(*entries: tuple[zipfile.ZipInfo, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for info, data in entries:
            archive.writestr(info, data)
    return made.getvalue()


def entry(name: str, at: tuple[int, ...], extra: bytes = b"") -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, at)  # type: ignore[arg-type]
    info.extra = extra
    return info


def test_a_zip_names_a_clock_or_an_instant(tmp_path: Path) -> None:
    clock = (2026, 10, 2, 10, 0, 2)
    instant = struct.pack("<HHBi", 0x5455, 5, 1, int(AT.timestamp()))
    own = zipped((entry("lstm_cell.py", (1999, 1, 1, 0, 0, 0)), CODE))
    (tmp_path / "class.zip").write_bytes(
        zipped(
            (entry("clock/lstm_cell.py", clock), CODE),
            (entry("instant/lstm_cell.py", clock, b"\x01\x00\x01\x00x" + instant), CODE),
            (entry("none/lstm_cell.py", (1980, 1, 1, 0, 0, 0)), CODE),
            (entry("own.zip", clock), own),
        )
    )
    said = "2026-10-02T10:00:02"
    assert times_in(tmp_path / "class.zip") == {
        "clock": said,
        "instant": AT.isoformat(),
        "none": "",
        "own": said,
    }


@pytest.mark.parametrize(("mtime", "said"), [(AT.timestamp(), AT.isoformat()), (0, ""), (9e15, "")])
def test_a_tar_names_an_instant(tmp_path: Path, mtime: float, said: str) -> None:
    with tarfile.open(tmp_path / "class.tar", "w") as archive:
        item = tarfile.TarInfo("ada/lstm_cell.py")
        item.mtime, item.size = mtime, len(CODE)
        archive.addfile(item, io.BytesIO(CODE))
    assert times_in(tmp_path / "class.tar") == {"ada": said}


def test_what_a_student_packed_in_a_folder_says_nothing(tmp_path: Path) -> None:
    data = zipped((entry("lstm_cell.py", (1999, 1, 1, 0, 0, 0)), CODE))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ada.zip").write_bytes(data)
    assert times_in(tmp_path / "in") == {"ada": ""}


def test_times_are_asked_for_a_zone() -> None:
    found = {("ada", KATA, 1): "2026-10-02T10:00:02", ("bob", KATA, 1): AT.isoformat()}
    handed_at = archive_times(found, BERLIN)
    assert handed_at("ada", KATA, 1) == handed_at("bob", KATA, 1) == AT
    with pytest.raises(UsageError, match="without a zone"):
        archive_times(found, None)("ada", KATA, 1)
    with pytest.raises(UsageError, match="does not say when"):
        handed_at("eve", KATA, 1)


def test_a_policy_takes_them_and_says_so(command, tmp_path: Path) -> None:
    with Gradebook(tmp_path / "class.sqlite") as book:
        for who, day in (("ada", 1), ("bob", 3)):
            data, at = who.encode(), f"2026-10-0{day}T10:00:00"
            one = Handed(who, KATA, 1, "lstm_cell.py", "x", data, at=at)
            book.take([(one, digest_of(data))])
            [waiting] = book.waiting(KATA, "r")
            book.record(waiting.handed, "r", Recorded("PASSED", 10, 10, b"{}"))
    policy = tmp_path / "policy.toml"
    policy.write_text(
        f'zone = "Europe/Berlin"\n[due]\n"{KATA}" = 2026-10-01T23:59:00\n'
        "[late]\npenalty_per_day = 0.1\n"
    )
    book_and = ("--gradebook", str(tmp_path / "class.sqlite"), "--policy", str(policy))
    assert command("export", *book_and) == 0
    assert "those that the class' archive names" in command.err
    assert [line.split(",")[2] for line in command.out.splitlines()[1:]] == ["10.00", "8.00"]
