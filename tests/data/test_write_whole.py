"""A file of the user's own is written whole or not at all."""

import errno
import os
from pathlib import Path

import pytest

from grader.data.files import write_whole


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """A file that is there before."""
    path = tmp_path / "verdict.json"
    path.write_bytes(b"before")
    return path


def refuse(number: int):
    def replace(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return replace


@pytest.mark.parametrize("number", [errno.EBUSY, errno.EACCES, errno.EROFS])
def test_a_file_that_nothing_can_take_the_place_of_is_written_to(
    number: int, there: Path, monkeypatch
) -> None:
    """It is mounted by itself, as in a container, or its folder takes no other file."""
    monkeypatch.setattr(os, "replace", refuse(number))
    write_whole(there, b"now")
    assert there.read_bytes() == b"now"
    assert os.listdir(there.parent) == [there.name]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_a_disk_that_takes_no_more_leaves_what_was_there(
    number: int, there: Path, monkeypatch
) -> None:
    monkeypatch.setattr(os, "replace", refuse(number))
    with pytest.raises(OSError, match=os.strerror(number)):
        write_whole(there, b"now")
    assert there.read_bytes() == b"before"
    assert os.listdir(there.parent) == [there.name]


def test_a_new_file_whose_folder_takes_none_is_refused(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(os, "replace", refuse(errno.EACCES))
    with pytest.raises(PermissionError):
        write_whole(tmp_path / "verdict.json", b"now")
    assert os.listdir(tmp_path) == []
