"""Lead forms as strangers come to them, and what was submitted by them before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select

from dealwright.domain.values import micros
from dealwright.storage.database import Database
from dealwright.storage.query import Query, any_text, listed, number, words
from dealwright.storage.schema import form_page, form_request
from dealwright.storage.writes import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An active lead form; `field_ids` are custom fields that it asks for."""

    id: int
    uid: str
    location_id: int
    name: str
    description: str
    stage_id: int | None
    responsible_id: int | None
    field_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One filling-in of a lead form, or an invitation to it."""

    id: int
    contact_id: int
    opportunity_id: int | None
    submitted: bool


_COLUMNS = ("id", "uid", "location_id", "name", "description", "stage_id", "responsible_id")
_PAGE = Query(
    select(*(form_page.c[name] for name in _COLUMNS), form_page.c.questions).where(
        form_page.c.uid == words("uid"), form_page.c.active, form_page.c.deleted_at.is_(None)
    )
)
_REQUESTS = select(*(form_request.c[name] for name in ("id", "contact_id", "opportunity_id", "submitted")))
_MADE = Query(_REQUESTS.where(any_text(form_request.c.token, "tokens")))
_INVITED = Query(
    _REQUESTS.where(
        form_request.c.uid == words("uid"),
        form_request.c.form_page_id == number("page"),
        form_request.c.deleted_at.is_(None),
    )
)


async def active(db: Database, uid: str) -> Page | None:
    """Return the active form of this identity."""
    row = await db.first(_PAGE, uid=uid)
    return None if row is None else Page(**dict(zip(_COLUMNS, row, strict=False)), field_ids=_field_ids(row[-1]))


def _field_ids(questions: str) -> tuple[int, ...]:
    asked = msgspec.json.decode(questions)
    return tuple(one["field_id"] for one in asked if isinstance(one, dict) and isinstance(one.get("field_id"), int))


def questions(field_ids: Sequence[int]) -> list[dict[str, int]]:
    """Return the stored form of what a form asks for."""
    return [{"field_id": one} for one in field_ids]


def asked(questions: Sequence[dict[str, Any]]) -> list[int]:
    """Return the custom fields that stored questions ask for."""
    return [one["field_id"] for one in questions]


def _request(row: Sequence[Any] | None) -> Request | None:
    if row is None:
        return None
    return Request(id=row[0], contact_id=row[1], opportunity_id=row[2], submitted=bool(row[3]))


async def request_of(db: Database, tokens: Sequence[str]) -> Request | None:
    """Return what was submitted under one of these tokens."""
    return _request(await db.first(_MADE, tokens=listed(tokens)))


async def invitation(db: Database, page_id: int, uid: str) -> Request | None:
    """Return the request of this identity, if it is for this form."""
    return _request(await db.first(_INVITED, page=page_id, uid=uid))


def accepted(ident: int, values: dict[str, Any], at: datetime, by: int | None) -> Change:
    """Return the guarded write of an invitation that was followed."""
    row = {**values, "submitted": True, "updated_at": micros(at), "updated_by": by}
    return Change(form_request, row, {"id": ident, "submitted": False}, add={"version": 1}, expect=True)
