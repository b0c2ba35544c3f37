"""The page on which people mark: who gets in, what a form writes, what is shown of hostile text."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from grader.classroom import marking, prose
from grader.classroom.gradebook import Gradebook
from grader.web.guard import Doors, doors
from grader.web.marking import marking_app
from tests.present.test_pages import HOSTILE
from tests.web.marked import KATA, asked_in, book_with, text

PORT = 8123
HERE = f"http://127.0.0.1:{PORT}"


class Marker:
    """A browser of one marker, as far as requests go."""

    def __init__(self, app, links: Doors, name: str) -> None:
        self.app = app
        self.cookies = {links.cookie: links.tokens[name]}
        self.csrf = links.csrf(name)

    def ask(self, path: str, form: dict | None = None, **changed) -> httpx.Response:
        headers = {"origin": HERE} if form is not None else {}
        headers |= changed.pop("headers", {})
        cookies = changed.pop("cookies", self.cookies)
        if form is not None:
            form = {"csrf": self.csrf} | form

        async def once() -> httpx.Response:
            inside = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(
                transport=inside, base_url=changed.get("base", HERE), cookies=cookies
            ) as client:
                method = "GET" if form is None else "POST"
                return await client.request(method, path, data=form, headers=headers)

        return asyncio.run(once())


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    with book_with(tmp_path / "class.sqlite", ada="c is kept", bob="h is shown") as made:
        yield made


@pytest.fixture
def links() -> Doors:
    return doors(PORT, ["grace", "alan"])


@pytest.fixture
def app(book: Gradebook, links: Doors, tmp_path: Path):
    return marking_app(book, asked_in(tmp_path), links)


@pytest.fixture
def grace(app, links: Doors) -> Marker:
    return Marker(app, links, "grace")


@pytest.fixture
def alan(app, links: Doors) -> Marker:
    return Marker(app, links, "alan")


NAMED = {"level.roles": "named", "seen": "0"}


def test_a_link_lets_its_marker_in_and_nobody_else(grace, links) -> None:
    answer = grace.ask(links.link("grace").removeprefix(HERE), cookies={})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    said = answer.headers["set-cookie"].lower()
    assert "httponly" in said
    assert "samesite=strict" in said
    assert "You are grace." in grace.ask("/").text
    for cookies in ({}, {links.cookie: "x"}, {links.cookie: ""}, {"kata_mark_1": "x"}):
        for path in ("/", "/answer/1", "/comments", "/keys.js", "/nowhere"):
            assert grace.ask(path, cookies=cookies).status_code == 403
    assert grace.ask("/enter?token=wrong", cookies={}).status_code == 403
    assert grace.ask("/enter", cookies={}).status_code == 403


def test_a_name_that_was_pointed_here_is_refused(grace) -> None:
    for base in ("http://evil.example", "http://127.0.0.1", f"http://evil.example:{PORT}"):
        assert grace.ask("/", base=base).status_code == 421
    assert grace.ask("/", base=f"http://localhost:{PORT}").status_code == 200


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({"csrf": "x"}, {}),
        ({}, {"origin": "http://evil.example"}),
        ({}, {"origin": "null"}),
        ({}, {"origin": f"http://127.0.0.1:{PORT + 1}"}),
        ({}, {"origin": ""}),
    ],
)
def test_a_form_of_another_page_writes_nothing(book, grace, form, headers) -> None:
    assert grace.ask("/answer/1", NAMED | form, headers=headers).status_code == 403
    said = {"kind": "misconception", "id": "x", "kata": "y", "text": "z"}
    assert grace.ask("/comments", said | form, headers=headers).status_code == 403
    assert prose.decisions_in(book) == []
    assert prose.remarks_in(book) == []


def test_every_answer_says_what_may_run_and_is_not_kept(grace) -> None:
    for path in ("/", "/answer/1", "/comments", "/nowhere", "/keys.js"):
        headers = grace.ask(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "same-origin"


def test_a_form_is_a_decision_and_leads_on(book, grace) -> None:
    form = NAMED | {"new.roles": "Look at c.", "comment.roles": "Ada!", "then": "next"}
    answer = grace.ask("/answer/1", form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/answer/2")
    [one] = prose.decisions_in(book)
    assert (one.student, one.level, one.comment, one.marker) == ("ada", "named", "Ada!", "grace")
    assert [remark.text for remark in prose.remarks_in(book)] == ["Look at c."]
    assert "Look at c." in grace.ask("/answer/2").text, "it can be given to others"
    assert 'value="named" checked' in grace.ask("/answer/1").text


def test_two_markers_do_not_do_the_same_work(book, grace, alan) -> None:
    assert grace.ask("/next").headers["location"] == "/answer/1"
    grace.ask("/answer/1")
    assert alan.ask("/next").headers["location"] == "/answer/2"
    assert "grace reads this answer now" in alan.ask("/answer/1").text
    assert grace.ask("/answer/1", NAMED).status_code == 303
    late = alan.ask("/answer/1", NAMED | {"level.roles": "explained", "comment.roles": "My word"})
    assert late.status_code == 409
    assert "grace has marked this answer since" in late.text
    assert "marked as named, 1, by grace" in late.text
    assert "My word" in late.text, "what was typed is not lost"
    assert len(prose.decisions_in(book)) == 1
    seen = re.search(r'name="seen" value="(\d+)"', late.text)[1]
    assert alan.ask("/answer/1", {"level.roles": "explained", "seen": seen}).status_code == 303
    assert [one.marker for one in prose.decisions_in(book)] == ["grace", "alan"]


def test_a_text_that_is_handed_in_anew_meanwhile_loses_no_word(book, grace, alan) -> None:
    prose.take_prose(book, [prose.Prose("ada", KATA, "a.md", text("c is kept, now in words"))])
    old = grace.ask("/answer/1")
    assert (old.status_code, old.headers["location"]) == (303, "/answer/3")
    late = alan.ask("/answer/1", NAMED | {"comment.roles": "My word"})
    assert late.status_code == 409
    assert "ada has handed in another text since you opened this page" in late.text
    assert "now in words" in late.text
    assert "My word" in late.text
    assert prose.decisions_in(book) == []
    assert grace.ask("/answer/3", NAMED).status_code == 303
    assert [one.student for one in prose.decisions_in(book)] == ["ada"]


def test_two_markers_do_not_write_over_a_comment_for_many(book, grace, alan) -> None:
    grace.ask("/answer/1", NAMED | {"new.roles": "Look at c."})

    def form(marker: Marker, said: str) -> dict[str, str]:
        was = re.search(r'name="was" value="(\w+)"', marker.ask("/comments").text)[1]
        return {"kind": "remark", "id": "1", "kata": KATA, "text": said, "was": was}

    late = form(grace, "Look at c, Grace says.")
    assert alan.ask("/comments", form(alan, "Look at c, Alan says.")).status_code == 303
    refused = grace.ask("/comments", late)
    assert refused.status_code == 409
    assert "Somebody has changed this comment" in refused.text
    assert "Now it says: <q>Look at c, Alan says.</q>" in refused.text
    assert "Look at c, Grace says.</textarea>" in refused.text, "what was typed is not lost"
    assert [one.text for one in prose.remarks_in(book)] == ["Look at c, Alan says."]
    assert grace.ask("/comments", form(grace, late["text"])).status_code == 303
    assert [one.text for one in prose.remarks_in(book)] == ["Look at c, Grace says."]
    assert alan.ask("/comments", late).status_code == 303, "it says so already"


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"level.roles": "great"}, "has no level"),
        ({"points.roles": "many"}, "are no points"),
        ({"points.roles": "nan"}, "are no points"),
        ({"points.roles": "2"}, "say in the comment why"),
        ({"remark.roles": "7"}, "about something else"),
        ({"level.roles": "", "comment.roles": "why?"}, "no level is chosen"),
    ],
)
def test_a_form_that_does_not_fit_is_told_and_kept(book, grace, form, says) -> None:
    answer = grace.ask("/answer/1", NAMED | {"comment.ranges": "", "new.one": ""} | form)
    assert answer.status_code == 409
    assert says in answer.text
    assert prose.decisions_in(book) == []


def test_what_is_not_there_or_too_large(grace) -> None:
    assert grace.ask("/answer/77").status_code == 404
    assert grace.ask("/answer/77", NAMED).status_code == 404
    assert grace.ask("/answer/1", NAMED | {"x": "y" * 2_000_000}).status_code == 413
    assert grace.ask("/comments", {"kind": "remark", "id": "1", "text": "x"}).status_code == 409
    assert grace.ask("/comments", {"text": "x" * 20_000}).status_code == 400


def test_nothing_of_a_submission_becomes_markup(tmp_path, links) -> None:
    asked = asked_in(tmp_path)
    text = " ".join(HOSTILE).replace("\ud800", "")
    with book_with(tmp_path / "hostile.sqlite", **{text: text, "bob": text}) as book:
        marker = Marker(marking_app(book, asked, links), links, "grace")
        marker.ask("/answer/1", NAMED | {"new.roles": text, "comment.roles": text})
        [number, *_] = [one.answer.id for one in marking.items_in(book, asked, datetime.now(UTC))]
        for path in ("/", f"/answer/{number}", "/comments"):
            page = marker.ask(path).text
            for hostile in HOSTILE:
                if "<" in hostile:
                    assert hostile not in page
            assert "\u202e" not in page
            assert "\x1b" not in page
