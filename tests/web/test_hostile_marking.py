"""Requests of every kind to the page on which people mark, and a gradebook that vanishes under it.

No request ends in an error of ours, none but a marker's own form writes, and no mark is lost
without a word.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.classroom import prose
from grader.classroom.gradebook import BookError, Gradebook
from grader.classroom.roster import Student
from grader.web.guard import Doors, doors
from grader.web.marking import marking_app
from tests.present.test_pages import HOSTILE
from tests.web.marked import asked_in, book_with
from tests.web.test_marking import NAMED, PORT, Marker

ODD = (
    *("", "0", "1", "-1", "9" * 5000, "1e999", "nan", "٣", "\0", "\r\n", "named", "great", "next"),
    *("misconception", "remark", "toy/why", "' OR 1=1 --", "x" * 12_000, "../../etc", *HOSTILE),
)
FIELDS = (
    *("csrf", "seen", "then", "kind", "id", "kata", "text", "level.roles", "points.roles"),
    *("comment.roles", "new.roles", "remark.roles", "level.nothing", "level.", ".roles"),
)
PATHS = (
    *("/", "/next", "/next?after=1", "/answer/1", "/comments", "/enter?token=%ff", "/keys.js"),
    *("/answer/" + "9" * 5000, "/answer/-1", "/answer/1/../2", "/answer/%00", "//evil.example/"),
    *("/next?after=" + "9" * 5000, "/marking.css?x", "/%2e%2e/gradebook.sqlite", "/static/../x"),
)
values = st.sampled_from(ODD).map(lambda text: text.replace("\ud800", "\ufffd"))
forms = st.dictionaries(st.sampled_from(FIELDS), values | st.lists(values, max_size=3), max_size=6)


@pytest.fixture(scope="module")
def grace(tmp_path_factory: pytest.TempPathFactory) -> Marker:
    folder = tmp_path_factory.mktemp("marking")
    links = doors(PORT, ["grace", "alan"])
    book = book_with(folder / "class.sqlite", ada="c is kept", bob="h is shown")
    return Marker(marking_app(book, asked_in(folder), links), links, "grace")


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(path=st.sampled_from(PATHS), form=st.none() | forms)
def test_no_request_is_an_error_of_ours(grace: Marker, path: str, form: dict | None) -> None:
    answer = grace.ask(path, form)
    assert answer.status_code in (200, 303, 400, 403, 404, 405, 409, 413), answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers.get("location", "/").startswith(("/answer/", "/next", "/comments", "/"))
    assert not answer.headers.get("location", "/").startswith("//")


@settings(max_examples=60)
@given(
    cookie=st.sampled_from(("", "x", "é", "=", "null", "0")),
    origin=st.sampled_from(("null", "", f"http://127.0.0.1:{PORT + 1}", "https://evil.example")),
    host=st.sampled_from((f"127.0.0.1:{PORT}", "evil.example", "127.0.0.1", "", "127.0.0.1:0")),
    mine=st.sampled_from(("", "cookie", "origin")),
)
def test_nobody_but_a_marker_writes(tmp_path_factory, cookie, origin, host, mine) -> None:
    """At most one of cookie and origin is right; a page on another port shares our cookies."""
    folder = tmp_path_factory.mktemp("guard")
    links = doors(PORT, ["grace"])
    with book_with(folder / "class.sqlite", ada="c is kept") as book:
        marker = Marker(marking_app(book, asked_in(folder), links), links, "grace")
        headers = {"host": host.encode()}
        headers["cookie"] = f"{links.cookie}={cookie}".encode()
        if mine == "cookie":
            headers["cookie"] = f"{links.cookie}={links.tokens['grace']}".encode()
        headers["origin"] = f"http://127.0.0.1:{PORT}" if mine == "origin" else origin
        answer = marker.ask("/answer/1", NAMED, headers=headers, cookies={})
        assert answer.status_code in (403, 421)
        assert prose.decisions_in(book) == []


@pytest.mark.parametrize("how", ["removed", "moved away", "replaced"])
def test_a_gradebook_that_vanishes_takes_no_mark_without_a_word(tmp_path: Path, how: str) -> None:
    path = tmp_path / "class.sqlite"
    links: Doors = doors(PORT, ["grace"])
    book_with(path, ada="c is kept", bob="h is shown").close()
    with Gradebook(path, beside=True) as book:
        marker = Marker(marking_app(book, asked_in(tmp_path), links), links, "grace")
        assert marker.ask("/answer/1", NAMED).status_code == 303
        if how == "removed":
            for file in tmp_path.glob("class.sqlite*"):
                file.unlink()
        elif how == "moved away":
            path.rename(tmp_path / "other.sqlite")
        else:
            book_with(tmp_path / "other.sqlite", zoe="x").close()
            os.replace(tmp_path / "other.sqlite", path)
        answer = marker.ask("/answer/2", NAMED)
        assert answer.status_code == 503
        assert "removed or replaced" in answer.text
        with pytest.raises(BookError, match="removed or replaced"):
            book.enrol([Student("zoe")])
    if how == "moved away":
        with Gradebook(tmp_path / "other.sqlite") as moved:
            assert len(prose.decisions_in(moved)) == 1, "what was saved before went along"
    if how == "replaced":
        with Gradebook(path) as other:
            assert prose.decisions_in(other) == []
            assert other.sound()
