"""Who may ask: a browser on this machine that has opened the link of a marker, and no other page.

The server listens on loopback, and that alone keeps nobody out: any page in the browser can send
requests there, and any user of the machine can connect. So each request must name our host (a
name that was pointed here by a stranger's DNS is refused), carry a marker's cookie (which is not
sent along from other sites), and, where it changes something, come from a page of ours.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence

from msgspec import Struct
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'self' "
    "'unsafe-inline'; script-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
ENTRY = "/enter"


class Doors(Struct, frozen=True):
    """The links that let people in.

    Args:
        port: where the server listens, on 127.0.0.1.
        tokens: a secret for each marker, by name.
    """

    port: int
    tokens: Mapping[str, str]

    @property
    def cookie(self) -> str:
        """The cookie's name: ports of one host share their cookies."""
        return f"kata_mark_{self.port}"

    def link(self, marker: str) -> str:
        """The link that a marker opens."""
        return f"http://127.0.0.1:{self.port}{ENTRY}?token={self.tokens[marker]}"

    def hosts(self) -> tuple[str, ...]:
        """What a request may say that it is sent to."""
        return f"127.0.0.1:{self.port}", f"localhost:{self.port}"

    def whose(self, token: str) -> str:
        """The marker whose secret this is; empty if it is nobody's."""
        given = token.encode()
        found = ""
        for marker, secret in self.tokens.items():  # all of them: the time says nothing
            if hmac.compare_digest(given, secret.encode()):
                found = marker
        return found

    def csrf(self, marker: str) -> str:
        """What a form of ours carries."""
        key = self.tokens[marker].encode()
        return hmac.new(key, b"form", hashlib.sha256).hexdigest()


def doors(port: int, markers: Sequence[str]) -> Doors:
    """New links, one for each marker."""
    return Doors(port, {marker: secrets.token_urlsafe(32) for marker in markers})


class Guard:
    """Lets through what may pass, and says in each answer what a browser may do with it."""

    def __init__(self, app: ASGIApp, doors: Doors) -> None:
        self._app = app
        self._doors = doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; `scope["marker"]` says who asks."""
        if scope["type"] != "http":
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        answer = self._refused(scope)
        await (answer or self._app)(scope, receive, sending)

    def _refused(self, scope: Scope) -> Response | None:
        """The answer to a request that does not get through, or that lets somebody in."""
        asked = HTTPConnection(scope)
        hosts = self._doors.hosts()
        if asked.headers.getlist("host") not in [[host] for host in hosts]:
            return PlainTextResponse("This is not the host that was asked for.", 421)
        if scope["path"] == ENTRY:
            return self._let_in(asked)
        marker = self._doors.whose(asked.cookies.get(self._doors.cookie, ""))
        if not marker:
            said = "Open the link that `kata mark` has printed, in a new tab of this browser."
            return PlainTextResponse(said, 403)
        if scope["method"] not in ("GET", "HEAD") and not _is_ours(asked.headers, hosts):
            return PlainTextResponse("This form was sent from another page.", 403)
        scope["marker"] = marker
        return None

    def _let_in(self, asked: HTTPConnection) -> Response:
        token = asked.query_params.get("token", "")
        if not self._doors.whose(token):
            return PlainTextResponse("This link is of another run of `kata mark`.", 403)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(self._doors.cookie, token, httponly=True, samesite="strict")
        return answer


def _is_ours(headers: Headers, hosts: Sequence[str]) -> bool:
    """Whether a form was sent from a page of ours: browsers say so with each one."""
    return headers.get("origin") in [f"http://{host}" for host in hosts]
