"""The public form: its page, what is sent to it from there or from elsewhere, and the answers as pages or JSON."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from dealwright import limits
from dealwright.actions import form_pages, web_forms
from dealwright.actions.deed import now
from dealwright.actions.form_pages import LeadForm
from dealwright.actions.web_forms import WebForm
from dealwright.config import Settings
from dealwright.domain.errors import Invalid, NotFound, Refusal
from dealwright.storage.database import Database
from dealwright.web import lead_fields
from dealwright.web.form_fields import KEYS, ONCE, OWN, TRAP, UTM, Sent, submission
from dealwright.web.questions import asked_by

PATH: Final = "/forms/"
# The vendor's own spelling has the two letters turned round; pages that copy it by ear have not.
VENDOR: Final = frozenset(f"/products/crm/httphandlers/webtolead{word}handler.ashx" for word in ("from", "form"))
LARGEST: Final = 256 << 10
"""Bytes of what is sent in."""
FIELDS: Final = 200
MINUTE: Final = 60.0
NO_FORM: Final = "There is no form at this address."
WRONG_KEY: Final = "The key of this form is not right."

Show = Callable[..., Response]


class Refused(Exception):
    """A request that is not looked at any further: status and sentence."""

    def __init__(self, status: int, message: str, wait: float = 0) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.wait = wait


_NOTHING: Final[Sent] = {}


class Forms:
    """The public forms of one portal: its own, and its lead forms."""

    def __init__(self, db: Database, settings: Settings, show: Show) -> None:
        self._db = db
        self._show = show
        self._hosts = {host.strip().lower() for host in settings.form_return_hosts.split(",") if host.strip()}
        self._own = urlsplit(settings.address).netloc.lower()
        self._pace = limits.Pace(settings.form_posts_per_minute, MINUTE)

    def below(self, path: str) -> Mapping[str, Callable[[Request], Any]] | None:
        """Return what can be done at a path, None where it is none of ours."""
        if path.lower() in VENDOR:
            return {"POST": self.post}
        if path.startswith(PATH) and "/" not in path.removeprefix(PATH):
            return {"GET": self.get, "POST": self.post, "OPTIONS": self.options}
        return None

    async def options(self, _: Request) -> Response:
        """Answer that programs of other pages may send in a form: it carries nobody's rights."""
        return Response(status_code=204, headers={**_OPEN, "Access-Control-Allow-Headers": "content-type"})

    async def get(self, request: Request) -> Response:
        """Show the form, or thanks."""
        try:
            form = await self._form(_key(request))
        except Refused as refused:
            return self._no(refused, as_json=False)
        if "sent" in request.query_params:
            return self._show("form_done.html", form=form)
        return self._page(form, {}, {}, _from_address(request))

    async def post(self, request: Request) -> Response:
        """Take what is sent in; answer with thanks or with what is wrong."""
        as_json = _wants_json(request)
        try:
            return await self._taken(request, as_json)
        except Refused as refused:
            return self._no(refused, as_json)
        except NotFound:
            return self._no(Refused(404, NO_FORM), as_json)
        except Refusal:
            return self._no(Refused(503, "This did not work right now; please send it again.", 1), as_json)

    async def _taken(self, request: Request, as_json: bool) -> Response:
        address = request.client.host if request.client else ""
        if wait := self._pace.wait(address):
            raise Refused(429, "That was a lot at once; please try again in a moment.", wait)
        at_own = _path(request).startswith(PATH)
        if at_own:
            form = await self._form(_key(request))
        sent = await _sent(request)
        if not at_own:
            form = await self._form(
                next((_first(sent, name) for name in KEYS if _first(sent, name)), ""), 403, WRONG_KEY
            )
        if _first(sent, TRAP):  # whoever fills in what cannot be seen is thanked and forgotten
            return self._done(form, sent, as_json, repeated=False)
        sent = {**_from_address(request), **sent}
        try:
            received = await self._received(form, sent, address)
        except Invalid as refusal:
            return self._wrong(form, sent, refusal, as_json)
        return self._done(form, sent, as_json, received.repeated)

    async def _received(self, form: WebForm, sent: Sent, address: str) -> web_forms.Received:
        if isinstance(form, LeadForm):
            said = lead_fields.submission(sent, form, self._db.rules, address, now())
            return await form_pages.submit(self._db, form, said, _first(sent, lead_fields.INVITATION))
        own = {name: values for name, values in sent.items() if name not in OWN - {ONCE}}
        return await web_forms.submit(self._db, form, submission(own, form, self._db.rules, address, now()))

    async def _form(self, key: str, status: int = 404, message: str = NO_FORM) -> WebForm:
        for look_up in (form_pages.look_up, web_forms.look_up):
            try:
                return await look_up(self._db, key)
            except NotFound:
                continue
        raise Refused(status, message)

    def _done(self, form: WebForm, sent: Sent, as_json: bool, repeated: bool) -> Response:
        if as_json:
            said = {"accepted": True, "repeated": repeated}
            return JSONResponse(said, 200 if repeated else 201, _OPEN)
        wanted = _first(sent, "return_url")
        return RedirectResponse(wanted if self.may_return_to(wanted) else f"{PATH}{form.key}?sent=yes", 303)

    def may_return_to(self, url: str) -> bool:
        """Tell whether people may be sent on to an address: one of ours, or of the hosts that the settings name."""
        if not url or not url.isascii() or not url.isprintable() or "\\" in url or " " in url:
            return False
        try:
            parts = urlsplit(url)
            host, name = parts.netloc.lower(), parts.hostname or ""
        except ValueError:
            return False
        if not parts.scheme and not host:
            return url.startswith("/") and not url.startswith("//")
        if parts.scheme not in {"http", "https"} or "@" in host:
            return False
        return host == self._own or host in self._hosts or name in self._hosts

    def _wrong(self, form: WebForm, sent: Sent, refusal: Invalid, as_json: bool) -> Response:
        named = lead_fields.name_of if isinstance(form, LeadForm) else _name_of
        problems = {named(problem.field): problem.message for problem in reversed(refusal.problems)}
        if as_json:
            listed = [{"field": name, "message": message} for name, message in problems.items()]
            return JSONResponse({"accepted": False, "problems": listed}, 422, _OPEN)
        return self._page(form, sent, problems)

    def _page(self, form: WebForm, sent: Sent, problems: Mapping[str, str], kept: Sent = _NOTHING) -> Response:
        questions = asked_by(form)
        asked = {question.name.lower() for question in questions}
        silent = sent or kept
        hidden = [(name, value) for name, values in silent.items() for value in values if name not in asked | _ONE_TIME]
        if not sent and not isinstance(form, LeadForm):
            hidden.append(("share_type", "1"))
        labels = {question.name.lower(): question.label for question in questions}
        shown = [name for name in dict.fromkeys([*labels, *problems]) if name in problems]  # as they stand on the page
        return self._show(
            "form.html",
            422 if problems else 200,
            form=form,
            questions=questions,
            values={name: values[0] for name, values in sent.items() if values},
            problems=problems,
            listed=[(name, labels.get(name, name), problems[name]) for name in shown],
            hidden=hidden,
            once=_first(sent, ONCE) or secrets.token_urlsafe(16),
        )

    def _no(self, refused: Refused, as_json: bool) -> Response:
        headers = {"Retry-After": str(int(refused.wait) + 1)} if refused.wait else {}
        if as_json:
            said = {"accepted": False, "message": refused.message}
            return JSONResponse(said, refused.status, {**_OPEN, **headers})
        response = self._show("form_no.html", refused.status, text=refused.message)
        response.headers.update(headers)
        return response


_OPEN: Final = {"Access-Control-Allow-Origin": "*"}
_ONE_TIME: Final = {ONCE, TRAP}


_NAMES: Final = {"first_name": "firstname", "last_name": "lastname", "name": "companyname", "job_title": "jobtitle"}


def _name_of(field: str) -> str:
    """Return the name that a field of ours has in a form."""
    return _NAMES.get(field, "companyname" if field == "company_name" else field.replace("custom.", "customfield_"))


def _path(request: Request) -> str:
    path: str = request.scope["path"]
    return path


def _key(request: Request) -> str:
    return _path(request).removeprefix(PATH).rstrip("/")


def _from_address(request: Request) -> dict[str, list[str]]:
    """Return what an address says that goes with what is filled in: where its visitor comes from, an invitation."""
    kept = (*UTM, lead_fields.INVITATION)
    given = {name.lower(): _bare(value).strip()[:255] for name, value in request.query_params.items()}
    return {name: [given[name]] for name in kept if given.get(name)}


def _first(sent: Sent, name: str) -> str:
    return next(iter(sent.get(name, ())), "")


def _wants_json(request: Request) -> bool:
    accepted = request.headers.get("accept", "").lower()
    return "application/json" in accepted and "text/html" not in accepted


async def _sent(request: Request) -> dict[str, list[str]]:
    """Return the fields of a form or of a JSON object by their lower-case names; files are let go."""
    body = await _body(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        pairs = _pairs_of_json(body)
    else:
        pairs = await _pairs_of_form(request, body)
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(_bare(name).lower(), []).append(_bare(value).strip())
    return found


def _bare(text: str) -> str:
    """Return a text without what neither database keeps."""
    return re.sub(r"[\x00\ud800-\udfff]", "", text)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise Refused(413, "That is too much to send; please shorten it.")
    return bytes(body)


def _pairs_of_json(body: bytes) -> list[tuple[str, str]]:
    try:
        found = msgspec.json.decode(body, type=dict[str, str | int | float | bool | list[str] | None])
    except (msgspec.DecodeError, RecursionError):
        raise Refused(400, "This cannot be read.") from None
    pairs: list[tuple[str, str]] = []
    for name, value in list(found.items())[:FIELDS]:
        values = value if isinstance(value, list) else [] if value is None else [value]
        pairs += [(name, one if isinstance(one, str) else str(one).lower()) for one in values[:FIELDS]]
    return pairs


async def _pairs_of_form(request: Request, body: bytes) -> list[tuple[str, str]]:
    async def whole() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    try:
        async with Request(request.scope, whole).form(max_fields=FIELDS, max_files=FIELDS) as form:
            pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    except (HTTPException, ValueError):
        raise Refused(400, "This cannot be read.") from None
    if len(pairs) > FIELDS:
        raise Refused(413, "That is too much to send; please shorten it.")
    return pairs
