"""The pages: what is served here, the first account, the documentation."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dealwright import __version__
from dealwright.actions import first_account, invitations, people
from dealwright.config import Settings
from dealwright.domain.errors import Invalid, Refusal
from dealwright.storage.database import Database
from dealwright.storage.outage import RETRY_SECONDS, Outage
from dealwright.web import documents
from dealwright.web.forms import Forms

if TYPE_CHECKING:
    from jinja2 import Environment

ASSETS: Final = Path(__file__).parent / "assets"
FIELDS: Final = 10
KINDS: Final = {".css": "text/css", ".svg": "image/svg+xml"}
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

_log = logging.getLogger(__name__)

Page = Callable[[Request], Awaitable[Response]]


def face(db: Database, settings: Settings) -> ASGIApp:
    """Return the application of everything that is no API."""
    return Site(db, settings)


class Site:
    """The pages of one portal, found by their exact path."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self._settings = settings
        self._pages: dict[str, Mapping[str, Page]] = {
            "/": {"GET": self._start},
            "/setup": {"GET": self._setup, "POST": self._set_up},
            "/welcome": {"GET": self._welcome, "POST": self._welcomed},
            "/docs": {"GET": self._documents},
        }
        self._forms = Forms(db, settings, self._shown)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except Outage as outage:
            _log.error("%s %s was not done: %s", request.method, _path(request), outage)
            response = self._shown("plain.html", 503, title="Not now", text=f"{outage.told} Please try again later.")
            response.headers["Retry-After"] = str(RETRY_SECONDS)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path = _path(request).rstrip("/") or "/"
        verb = "GET" if request.method == "HEAD" else request.method
        verbs = self._pages.get(path) or self._below(path)
        if verbs is None:
            return self._shown("plain.html", 404, title="Not found", text="There is nothing at this address.")
        if verb not in verbs:
            return Response(status_code=405, headers={"Allow": ", ".join(["HEAD", *verbs])})
        return await verbs[verb](request)

    def _below(self, path: str) -> Mapping[str, Page] | None:
        if path.startswith("/docs/") and documents.document(path.removeprefix("/docs/")):
            return {"GET": self._document}
        if path.startswith("/assets/") and path.removeprefix("/assets/") in self._assets:
            return {"GET": self._asset}
        return self._forms.below(path)

    @cached_property
    def _templates(self) -> Environment:
        from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - most portals serve programs

        return Environment(
            loader=PackageLoader("dealwright.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )

    @cached_property
    def _assets(self) -> Mapping[str, Path]:
        return {path.name: path for path in ASSETS.iterdir() if path.suffix in KINDS}

    def _shown(self, template: str, status: int = 200, **facts: object) -> Response:
        page = self._templates.get_template(template).render(version=__version__, **facts)
        return Response(page, status, {"Content-Security-Policy": POLICY}, "text/html")

    async def _start(self, _: Request) -> Response:
        address = self._settings.address
        return self._shown("start.html", address=address, has_owner=people.has_owner(self._db))

    async def _documents(self, _: Request) -> Response:
        found = [documents.document(name) for name in documents.names()]
        return self._shown("documents.html", documents=[one for one in found if one])

    async def _document(self, request: Request) -> Response:
        found = documents.document(_path(request).rstrip("/").removeprefix("/docs/"))
        assert found is not None
        return self._shown("document.html", document=found)

    async def _asset(self, request: Request) -> Response:
        path = self._assets[_path(request).removeprefix("/assets/")]
        headers = {"Cache-Control": "public, max-age=3600"}
        return Response(path.read_bytes(), 200, headers, KINDS[path.suffix])

    async def _setup(self, request: Request) -> Response:
        code = request.query_params.get("code", "")
        try:
            await first_account.check(self._db, code)
        except Refusal as refusal:
            return self._shown("plain.html", 403, title="No first account here", text=_sentence(refusal))
        return self._form(code)

    async def _set_up(self, request: Request) -> Response:
        given = _fields(await request.body())
        code, email, name, word = (given.get(one, "") for one in ("code", "email", "name", "password"))
        try:
            await first_account.make_owner(self._db, code, email, word, name)
        except Invalid as refusal:
            return self._form(code, 422, email, name, [f"{one.field}: {one.message}" for one in refusal.problems])
        except Refusal as refusal:
            return self._shown("plain.html", 403, title="No first account here", text=_sentence(refusal))
        return RedirectResponse("/", 303)

    def _form(
        self, code: str, status: int = 200, email: str = "", name: str = "", problems: list[str] | None = None
    ) -> Response:
        return self._shown("setup.html", status, code=code, email=email, name=name, problems=problems or [])

    async def _welcome(self, request: Request) -> Response:
        return await self._invited(request.query_params.get("code", ""))

    async def _invited(self, code: str, status: int = 200, problems: Sequence[str] = ()) -> Response:
        try:
            user = await invitations.check(self._db, code)
        except Refusal as refusal:
            return self._shown("plain.html", 403, title="No invitation", text=_sentence(refusal))
        facts = {"code": code, "name": user.name, "email": user.email, "problems": problems}
        return self._shown("welcome.html", status, **facts)

    async def _welcomed(self, request: Request) -> Response:
        given = _fields(await request.body())
        code = given.get("code", "")
        try:
            user = await invitations.accept(self._db, code, given.get("password", ""))
        except Invalid as refusal:
            return await self._invited(code, 422, [f"{one.field}: {one.message}" for one in refusal.problems])
        except Refusal as refusal:
            return self._shown("plain.html", 403, title="No invitation", text=_sentence(refusal))
        text = f"{user.email} signs in with this password from now on."
        return self._shown("plain.html", title="Your password is set", text=text)


def _sentence(refusal: Refusal) -> str:
    text = str(refusal)
    return f"{text[:1].upper()}{text[1:]}."


def _path(request: Request) -> str:
    path: str = request.scope["path"]  # `request.url` would have to make sense of the Host header first
    return path


def _fields(body: bytes) -> dict[str, str]:
    """Return the fields of a plain form; what is none has no fields."""
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS))
    except ValueError:
        return {}
