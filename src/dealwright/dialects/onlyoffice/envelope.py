"""What surrounds every answer: the success and error envelopes, and the answers without one (conventions §2, §4)."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import HTMLResponse, PlainTextResponse, Response

from dealwright.dialects.onlyoffice.failures import Failure
from dealwright.dialects.onlyoffice.paging import Kind, Page, Shown, filtered, of_kind, only, ordered
from dealwright.dialects.onlyoffice.values import encoded
from dealwright.dialects.onlyoffice.xmltext import write_xml

NOTHING: Final[Mapping[str, object]] = {}

_UNKNOWN_PAGE = "<!DOCTYPE html><html><head><title>404</title></head><body><h1>Not Found</h1></body></html>"
_ALLOWED = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
    "Access-Control-Allow-Headers": "origin, authorization, accept, content-type",
    "Access-Control-Max-Age": "1728000",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler says: a payload, where it stands in a list, and perhaps headers such as a cookie."""

    response: object
    start: int = 0
    following: int | None = None
    total: int | None = None
    headers: Sequence[tuple[str, str]] = ()


def one(shown: object, headers: Sequence[tuple[str, str]] = ()) -> Answer:
    """Answer one object, number or yes-or-no; None is answered as nothing."""
    return Answer(NOTHING if shown is None else shown, headers=headers)


def text(said: str) -> Answer:
    """Answer a text; its length is the envelope's count."""
    return Answer(said)


def nothing() -> Answer:
    """Answer `{}`: it is done, and there is nothing to show."""
    return Answer(NOTHING)


def many(rows: Sequence[object], page: Page, total: int | None = None, kind: Kind = "") -> Answer:
    """Answer a page that came from the database: up to `page.rows` rows, from `page.start` on.

    The row too many is not shown, it only tells that there is a further page; `total` counts the whole list.
    """
    shown = rows[: page.count or None]
    following = page.start + len(shown) + 1 if len(rows) > len(shown) else None
    return Answer(of_kind(shown, page, kind), page.start, following, total)


def listed(rows: Sequence[object], page: Page, kind: Kind = "", total: int | None = None) -> Answer:
    """Answer the part of a whole list that the query asks for: filtered, sorted and cut in memory (§7).

    Without a `total` it is told only when there was more than one page of rows, as the contract has it.
    """
    found = ordered(of_kind(filtered(rows, page), page, kind), page)
    if total is None and page.count and len(found) > page.count:
        total = len(found)
    return many(found[page.start :][: page.rows if page.count else None], page, total)


def everything(rows: Sequence[object], count: int = 0) -> Answer:
    """Answer a list as it is, whatever the query says: the records of a deed over many, or a list of texts.

    `count` is how many there were where that is more than the list holds; then it is told as the total.
    """
    return Answer(list(rows), total=count if count > len(rows) else None)


def success(status: int, answer: Answer, fields: frozenset[str] = frozenset()) -> Shown:
    """Return the success envelope in the contract's order, numbers that are 0 or unknown left out (§2)."""
    count = _count(answer.response)
    document: Shown = {"count": count} if count else {}
    if answer.start:
        document["startIndex"] = answer.start
    if answer.following is not None:
        document["nextIndex"] = answer.following
    if answer.total is not None:
        document["total"] = answer.total
    return document | {"status": 0, "statusCode": status, "response": only(answer.response, fields)}


def _count(response: object) -> int:
    """Return the length of a list or a text, 0 for nothing, 1 for everything else."""
    if isinstance(response, list | str):
        return len(response)
    return 0 if response is NOTHING else 1


def error(failure: Failure, start: int = 0) -> Shown:
    """Return the error envelope (§4)."""
    document: Shown = {"startIndex": start} if start else {}
    said = {"message": failure.message, "hresult": failure.hresult, "data": {}}
    return document | {"status": 1, "statusCode": failure.status, "error": said}


def sent(document: Shown, as_xml: bool = False, headers: Sequence[tuple[str, str]] = ()) -> Response:
    """Return the HTTP answer that carries an envelope, with the status that stands in it."""
    status = document["statusCode"]
    assert isinstance(status, int)
    usual = {
        "Content-Type": f"{'text/xml' if as_xml else 'application/json'}; charset=UTF-8",
        "Cache-Control": "max-age=0",
        "ETag": f'"{os.urandom(8).hex()}"',
    }
    response = Response(write_xml(document) if as_xml else encoded(document), status, usual)
    for name, value in headers:
        response.headers.append(name, value)
    return response


def unauthorized(host: str, tried: bool) -> Response:
    """Return the plain 401 of a caller who is nobody; the challenge only if a header was tried (§4)."""
    realm = host.replace('"', "")
    challenge = {"WWW-Authenticate": f'Basic Realm="{realm}"'} if tried else None
    return PlainTextResponse("Unauthorized", 401, challenge)


def unknown_page() -> Response:
    """Return the HTML 404 of a path or verb that is no route (§1)."""
    return HTMLResponse(_UNKNOWN_PAGE, 404)


def options() -> Response:
    """Return the empty answer to OPTIONS (§1)."""
    return Response(headers=_ALLOWED)
