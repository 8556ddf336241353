"""A desk at the company for the tests of this dialect: everybody signed in, and a few records to work on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from dealwright.actions.deed import new_uid, now
from dealwright.actions.sign_in import API, issue
from dealwright.config import Settings
from dealwright.dialects.onlyoffice.face import face
from dealwright.domain.contact import Share
from dealwright.domain.custom_field import FieldType
from dealwright.domain.text import fold
from dealwright.domain.values import micros
from dealwright.storage import schema
from dealwright.storage.database import Database
from dealwright.storage.writes import Insert, InsertMany, Made
from tests.cast import Cast, company

Json = dict[str, Any]

BASE = "http://office.test/api/2.0/"
BAD = (400, "Value does not fall within the expected range.")
MISSING = (404, "Not found")
DENIED = (403, "Access Denied")


@dataclass
class Desk:
    """The portal, the company, and a way to send as each of its people."""

    db: Database
    cast: Cast
    http: httpx.AsyncClient
    tokens: dict[str, str]

    async def send(self, name: str, method: str, path: str, **request: Any) -> httpx.Response:
        """Send a request as somebody, "" for nobody; what is sent as `data` is a form."""
        headers = {"Authorization": self.tokens[name], **request.pop("headers", {})} if name else {}
        return await self.http.request(method, path, headers=headers, **request)

    async def ok(self, name: str, method: str, path: str, **request: Any) -> Any:
        """Send a request that must be done, and return its payload."""
        reply = await self.send(name, method, path, **request)
        assert reply.status_code == (201 if method == "POST" else 200), reply.text
        return reply.json()["response"]

    async def no(self, name: str, method: str, path: str, **request: Any) -> tuple[int, str]:
        """Send a request that must be refused, and return status and message."""
        reply = await self.send(name, method, path, **request)
        assert reply.json()["status"] == 1, reply.text
        return reply.status_code, reply.json()["error"]["message"]

    def stage(self, place: int) -> int:
        """The id of a stage of the default pipeline: the last but one wins, the last loses."""
        return self.db.rules.stages_of(self.db.rules.default_pipeline.id)[place].id

    def form(self, **fields: Any) -> Json:
        """The needed fields of an opportunity and whatever is given; None leaves one out."""
        needed = {"title": "Ten desks", "responsibleid": self.cast.mia.uid, "bidCurrencyAbbr": "EUR"}
        fields = {**needed, "stageid": self.stage(0), **fields}
        return {name: value for name, value in fields.items() if value is not None}

    async def deal(self, name: str = "mia", **fields: Any) -> Json:
        """Make an opportunity over the wire."""
        made: Json = await self.ok(name, "POST", "crm/opportunity", json=self.form(**fields))
        return made

    async def contact(self, title: str, sharing: Share = Share.WRITE, managers: tuple[str, ...] = ()) -> int:
        """Make a company that is a contact; managers by uid."""
        at = micros(now())
        values = {
            **{"uid": new_uid(), "created_at": at, "updated_at": at, "created_by": self.cast.olga.id},
            **{"is_company": True, "name": title, "display_name": title, "display_fold": fold(title)},
            "sharing": int(sharing),
        }
        columns = ("contact_id", "user_uid")
        rows = [(Made("contact"), uid) for uid in managers]
        writes: list[Any] = [Insert(schema.contact, values, made="contact")]
        writes += [InsertMany(schema.contact_manager, columns, rows, keys=columns)] if rows else []
        return (await self.db.apply(writes))["contact"]

    async def field(self, label: str, kind: FieldType = FieldType.TEXT, position: int = 0) -> int:
        """Make a custom field of opportunities."""
        at = micros(now())
        values = {"uid": new_uid(), "created_at": at, "updated_at": at, "subject": "opportunity", "label": label}
        row = {**values, "type": int(kind), "position": position}
        return (await self.db.apply_rules([Insert(schema.custom_field, row, made="field")], None))["field"]

    async def tag(self, deal: Mapping[str, Any], title: str) -> None:
        """Put a new tag on an opportunity."""
        row = {"subject": "opportunity", "title": title, "title_fold": fold(title)}
        link = {"opportunity_id": deal["id"], "tag_id": Made("tag")}
        await self.db.apply([Insert(schema.tag, row, made="tag"), Insert(schema.opportunity_tag, link)])


@asynccontextmanager
async def opened(db: Database, settings: Settings | None = None, password: str | None = None) -> AsyncIterator[Desk]:
    """Hire the company (with this password, if any), sign everybody in, and put the dialect behind a client."""
    cast = await company(db, password)
    tokens = {name: (await issue(db, ident, API, None)).secret for name, ident in cast.ids.items()}
    transport = httpx.ASGITransport(face(db, settings or Settings()))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as http:
        yield Desk(db, cast, http, tokens)
