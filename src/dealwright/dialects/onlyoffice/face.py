"""The ONLYOFFICE dialect put together: its chapters, who calls, and the portal they meet."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from dealwright.actions import sign_in
from dealwright.config import Settings
from dealwright.dialects.onlyoffice import (
    authentication,
    case,
    case_access,
    case_links,
    case_lists,
    contact,
    contact_found,
    contact_info,
    contact_links,
    contact_lists,
    contact_mail,
    contact_merge,
    contact_photo,
    contact_project,
    currency,
    customfield,
    exports,
    files,
    history,
    imports,
    invoice,
    invoice_item,
    invoice_line,
    invoice_lists,
    invoice_pdf,
    invoice_tax,
    listitem,
    opportunity,
    opportunity_access,
    opportunity_links,
    opportunity_lists,
    organisation,
    people,
    report,
    setting,
    stage,
    tag,
    task,
    task_lists,
    tasktemplate,
    voip,
)
from dealwright.dialects.onlyoffice.filehandler import FileHandler, is_file_path
from dealwright.dialects.onlyoffice.front import Front
from dealwright.dialects.onlyoffice.portal import Portals
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.dialects.wire import basic
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Unauthenticated
from dealwright.storage.database import Database

CHAPTERS: Final = (
    *(contact, contact_found, contact_info, contact_links, contact_lists, contact_mail, contact_merge, contact_project),
    *(authentication, people, opportunity, opportunity_access, opportunity_links, opportunity_lists),
    *(case, case_access, case_links, case_lists, history, files, contact_photo),
    *(invoice, invoice_item, invoice_line, invoice_lists, invoice_pdf, invoice_tax, organisation),
    *(
        stage,
        tag,
        customfield,
        currency,
        listitem,
        task,
        task_lists,
    ),
    *(report, setting),
    *(imports, exports),
    tasktemplate,
    voip,
)
"""What is imported for the routes it adds; a new chapter is entered here."""


def face(db: Database, settings: Settings) -> ASGIApp:
    """Return the dialect as an application, to be mounted at `/api/2.0` and where `is_file_path` says."""

    async def somebody(request: Request) -> Actor | None:
        return await caller(db, request)

    front, files_of = Front(routes, db, somebody, Portals(db, settings)), FileHandler(db, somebody)

    async def doors(scope: Scope, receive: Receive, send: Send) -> None:
        await (files_of if is_file_path(scope["path"]) else front)(scope, receive, send)

    return doors


async def caller(db: Database, request: Request) -> Actor | None:
    """Return who sends a request by the first credential that is right, None if none is (conventions §5).

    The order: the cookie, the header as a raw token, `Bearer`, `Basic`; a comma cuts the header.
    """
    for attempt in _attempts(db, request):
        try:
            return await attempt
        except Unauthenticated:
            continue
    return None


def _attempts(db: Database, request: Request) -> Iterator[Awaitable[Actor]]:
    cookie = request.cookies.get(authentication.COOKIE)
    if cookie:
        yield sign_in.by_token(db, cookie, authentication.VIA)
    header = request.headers.get("authorization", "").partition(",")[0].strip()
    scheme, _, rest = header.partition(" ")
    if not rest:
        if header:
            yield sign_in.by_token(db, header, authentication.VIA)
    elif scheme.lower() == "bearer":
        yield sign_in.by_token(db, rest.strip(), authentication.VIA)
    elif scheme.lower() == "basic" and (pair := basic(rest)) is not None:
        yield sign_in.by_basic(db, *pair, authentication.VIA, authentication.address(request))
