"""The page on which people mark: requests in, functions of `grader.classroom.marking`, pages out.

Requests are answered one after the other in one thread, so that the gradebook has one writer.
"""

import math
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from grader.classroom import marking, prose
from grader.classroom.gradebook import Gradebook
from grader.classroom.marking import Asked, Item
from grader.classroom.prose import Draft
from grader.course.rubric import MAX_COMMENT_CHARACTERS, fingerprint
from grader.errors import KataError, UsageError
from grader.present.marking_page import Reader, Typed, answer_page, comments_page, queue_page
from grader.text import neutral
from grader.web.guard import Doors, Guard

MAX_FORM_BYTES = 1 << 20
_STATIC = {"marking.css": "text/css", "keys.js": "text/javascript"}
Form = Mapping[str, list[str]]


def marking_app(book: Gradebook, asked: Mapping[str, Asked], doors: Doors) -> Starlette:
    """The application.

    Args:
        book: the gradebook, open in the thread that runs the application.
        asked: the katas with free text.
        doors: who may come in.
    """
    pages = _Pages(book, asked, doors)
    return Starlette(
        routes=[
            Route("/", pages.queue),
            Route("/next", pages.next),
            Route("/answer/{number}", pages.answer),
            Route("/answer/{number}", pages.save, methods=["POST"]),
            Route("/comments", pages.comments),
            Route("/comments", pages.save_comment, methods=["POST"]),
            *(Route(f"/{name}", _static(name, kind)) for name, kind in _STATIC.items()),
        ],
        middleware=[Middleware(Guard, doors=doors)],
        exception_handlers={KataError: _refused, 404: _not_found},
    )


class _Pages:
    def __init__(self, book: Gradebook, asked: Mapping[str, Asked], doors: Doors) -> None:
        self._book = book
        self._asked = asked
        self._doors = doors

    async def queue(self, request: Request) -> Response:
        """The list of answers."""
        items = marking.items_in(self._book, self._asked, datetime.now(UTC))
        done = "Nothing else waits for you." if "done" in request.query_params else ""
        return HTMLResponse(queue_page(items, self._asked, self._reader(request, done)))

    async def next(self, request: Request) -> Response:
        """On to the next answer that waits; the one that a marker leaves is free again."""
        came_from = request.query_params.get("after", "")
        return self._go_on(request, _whole(came_from))

    def _go_on(self, request: Request, after: int) -> Response:
        items = marking.items_in(self._book, self._asked, datetime.now(UTC))
        marker = request.scope["marker"]
        for one in items:
            if one.answer.id == after:
                prose.release(self._book, one.answer, marker)
        found = marking.next_for(items, marker, after=after)
        return _to_answer(found) if found else RedirectResponse("/?done", 303)

    async def answer(self, request: Request) -> Response:
        """One answer."""
        item = self._item(request)
        if item is not None:
            return self._answer(request, item)
        newer = self._newer(request)
        return self._gone() if newer is None else _to_answer(newer)

    def _answer(
        self,
        request: Request,
        item: Item,
        error: UsageError | None = None,
        typed: Mapping[str, Typed] | None = None,
    ) -> Response:
        """An answer, or what is wrong with a form, which keeps what was typed."""
        item = marking.open_for(self._book, item, request.scope["marker"], datetime.now(UTC))
        answer = item.answer
        shown = answer_page(
            item,
            self._asked[answer.kata],
            marking.current_decisions(self._book, answer),
            prose.remarks_in(self._book),
            self._book.latest_verdict(answer.student, answer.kata),
            self._reader(request, error.message if error else "", error.advice if error else ""),
            typed=typed,
        )
        return HTMLResponse(shown, 409 if error else 200)

    async def save(self, request: Request) -> Response:
        """Write what a marker has decided, and go on."""
        form = await self._form(request)
        if isinstance(form, Response):
            return form
        now = datetime.now(UTC)
        marker = request.scope["marker"]
        item = self._item(request)
        if item is None:
            newer = self._newer(request)
            if newer is None:
                return self._gone()
            error = UsageError(
                f"{newer.answer.student} has handed in another text since you opened this page",
                advice="Here is the new one, with what you have typed. Read it, and save again.",
            )
            typed = typed_in(form, self._asked[newer.answer.kata])
            return self._answer(request, newer, error, typed)
        asked = self._asked[item.answer.kata]
        try:
            drafts = [
                self._with_new_remark(draft, form, asked, marker, now)
                for draft in drafts_in(form, asked, item, marker)
            ]
            marking.decide(
                self._book, asked, item, drafts, marker=marker, seen=_number(form, "seen"), now=now
            )
        except UsageError as error:
            return self._answer(request, item, error, typed_in(form, asked))
        if form.get("then") == ["next"]:
            return self._go_on(request, item.answer.id)
        return _to_answer(item)

    def _with_new_remark(
        self, draft: Draft, form: Form, asked: Asked, marker: str, now: datetime
    ) -> Draft:
        text = _text(form, f"new.{draft.criterion}")
        if not text:
            return draft
        made = prose.add_remark(self._book, asked.kata, draft.criterion, text, marker, now)
        return Draft(
            draft.criterion,
            draft.level,
            draft.points,
            draft.comment,
            draft.answer,
            (*draft.remarks, made),
        )

    async def comments(self, request: Request) -> Response:
        """Comments for many."""
        return self._comments(request)

    def _comments(
        self,
        request: Request,
        notice: str = "",
        advice: str = "",
        typed: Mapping[tuple[str, str, str], str] | None = None,
    ) -> Response:
        given: Counter[int] = Counter()
        current = {
            (one.student, one.kata, one.criterion): one for one in prose.decisions_in(self._book)
        }
        for one in current.values():
            given.update(one.remarks)
        shown = comments_page(
            marking.mistakes_in(self._book),
            prose.remarks_in(self._book),
            given,
            self._asked,
            self._reader(request, notice, advice),
            typed,
        )
        return HTMLResponse(shown, 409 if notice else 200)

    async def save_comment(self, request: Request) -> Response:
        """Write a comment for many."""
        form = await self._form(request)
        if isinstance(form, Response):
            return form
        kind, name, kata = (_text(form, key) for key in ("kind", "id", "kata"))
        text, marker, now = _text(form, "text"), request.scope["marker"], datetime.now(UTC)
        if kind == "misconception":
            known = {(m.kata, m.id): m.remark for m in marking.mistakes_in(self._book)}
            if (kata, name) not in known:
                return self._comments(request, "Nobody has this misconception any more.")
            before = known[kata, name]
        else:
            remarks = {one.id: one.text for one in prose.remarks_in(self._book) if one.criterion}
            if not text or _number(form, "id") not in remarks:
                return self._comments(request, "A comment on a mistake cannot be empty.")
            before = remarks[_number(form, "id")]
        if before != text and _text(form, "was") != fingerprint(before):
            return self._comments(
                request,
                "Somebody has changed this comment since you opened the page.",
                "Look at what it says now, and save again if yours should take its place.",
                {(kind, name, kata): text},
            )
        if kind == "misconception":
            prose.remark_on_misconception(self._book, kata, name, text, marker, now)
        else:
            prose.change_remark(self._book, _number(form, "id"), text, marker, now)
        return RedirectResponse("/comments", 303)

    def _item(self, request: Request) -> Item | None:
        number = _whole(request.path_params["number"])
        return marking.item_of(self._book, self._asked, number, datetime.now(UTC))

    def _newer(self, request: Request) -> Item | None:
        number = _whole(request.path_params["number"])
        return marking.item_instead(self._book, self._asked, number, datetime.now(UTC))

    def _gone(self) -> Response:
        return PlainTextResponse("There is no such answer.", 404)

    def _reader(self, request: Request, notice: str = "", advice: str = "") -> Reader:
        marker = request.scope["marker"]
        return Reader(marker, self._doors.csrf(marker), notice, advice)

    async def _form(self, request: Request) -> Form | Response:
        """A form's fields, or the answer to one that is not ours or is too large."""
        data = b""
        async for piece in request.stream():
            data += piece
            if len(data) > MAX_FORM_BYTES:
                return PlainTextResponse("This form is too large.", 413)
        form = parse_qs(data.decode("utf-8", "replace"), keep_blank_values=True)
        csrf = self._doors.csrf(request.scope["marker"])
        if form.get("csrf") != [csrf]:
            return PlainTextResponse("This form was sent from another page.", 403)
        return form


def _to_answer(item: Item) -> Response:
    return RedirectResponse(f"/answer/{item.answer.id}", 303)


def drafts_in(form: Form, asked: Asked, item: Item, marker: str) -> list[Draft]:
    """What a form says about each criterion for which a level is chosen.

    Raises:
        UsageError: it does not fit the rubric; nothing of it counts then.
    """
    found = []
    for one in asked.rubric.criterion:
        chosen = _text(form, f"level.{one.id}")
        new = _text(form, f"new.{one.id}")
        comment = _text(form, f"comment.{one.id}")
        if not chosen:
            if new or comment:
                raise UsageError(f"{one.looks_for} A comment is there, and no level is chosen.")
            continue
        level = one.level(chosen)
        other = _text(form, f"points.{one.id}")
        draft = Draft(
            one.id,
            chosen,
            _points(other, one.looks_for) if other else float(level.points if level else 0),
            comment,
            marking.fingerprint_of(asked, item.answer, one.id),
            tuple(dict.fromkeys(map(_whole, form.get(f"remark.{one.id}", [])))),
        )
        said = Draft(draft.criterion, chosen, draft.points, comment or new, draft.answer)
        if not draft.remarks:
            marking.check(asked, item.answer, said, marker)
        found.append(draft)
    return found


def typed_in(form: Form, asked: Asked) -> dict[str, Typed]:
    """What stands in the fields of each criterion, as it was typed."""

    def field(name: str) -> str:
        return (form.get(name) or [""])[-1][:MAX_COMMENT_CHARACTERS]

    return {
        one.id: Typed(
            field(f"level.{one.id}"),
            field(f"points.{one.id}"),
            field(f"comment.{one.id}"),
            field(f"new.{one.id}"),
            tuple(form.get(f"remark.{one.id}", [])),
        )
        for one in asked.rubric.criterion
    }


def _points(text: str, what: str) -> float:
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        points = math.nan
    if not math.isfinite(points):
        raise UsageError(f"{what} {text[:20]!r} are no points.")
    return points


def _text(form: Form, name: str) -> str:
    text = (form.get(name) or [""])[-1].replace("\r\n", "\n").strip()
    if len(text) > MAX_COMMENT_CHARACTERS:
        raise UsageError(f"a comment has at most {MAX_COMMENT_CHARACTERS:,} characters")
    return text


def _number(form: Form, name: str) -> int:
    return _whole(_text(form, name))


def _whole(text: str) -> int:
    """A number as SQLite knows it; 0 where it is none."""
    return int(text) if re.fullmatch("[0-9]{1,18}", text) else 0


def _static(name: str, kind: str) -> Callable[[Request], Awaitable[Response]]:
    data = Path(__file__).with_name(name).read_bytes()

    async def answer(request: Request) -> Response:
        return Response(data, media_type=kind)

    return answer


async def _refused(request: Request, error: Exception) -> Response:
    said = f"{error.message}. {error.advice}" if isinstance(error, KataError) else str(error)
    return PlainTextResponse(neutral(said), 400 if isinstance(error, UsageError) else 503)


async def _not_found(request: Request, error: Exception) -> Response:
    return PlainTextResponse("There is no such page.", 404)
