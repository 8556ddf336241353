"""Somebody who writes what the official client would, for each person of the company, and opens the envelopes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx

from dealwright.actions import opportunities
from dealwright.actions.deed import new_uid, now
from dealwright.config import Settings
from dealwright.dialects.onlyoffice.face import face
from dealwright.domain.contact import Share
from dealwright.domain.custom_field import FieldType
from dealwright.domain.opportunity import Change, Sharing
from dealwright.domain.text import fold
from dealwright.domain.values import micros
from dealwright.storage import schema
from dealwright.storage.database import Database
from dealwright.storage.writes import Insert, InsertMany, Made
from tests.cast import Cast, company, secrets_of

Json = dict[str, Any]

UNKNOWN = 999_999_999
BASE = "http://host/api/2.0/"
BAD = (400, "Value does not fall within the expected range.")
MISSING = (404, "Not found")
DENIED = (403, "Access Denied")


@dataclass
class Clerk:
    """The company behind the face, and who asks."""

    db: Database
    cast: Cast
    http: httpx.AsyncClient
    tokens: Mapping[str, str]

    async def ask(self, by: str, verb: str, path: str, **said: Any) -> httpx.Response:
        """Send a request as somebody; GET and DELETE say it in the query, the others in a form."""
        headers, fields = {"Authorization": self.tokens[by]}, form(said)
        if verb in ("GET", "DELETE"):
            return await self.http.request(verb, path, params=fields, headers=headers)
        return await self.http.request(verb, path, data=fields, headers=headers)

    async def get(self, path: str, by: str = "olga", **said: Any) -> Any:
        """Return what GET answers."""
        return ok(await self.ask(by, "GET", path, **said))

    async def post(self, path: str, by: str = "olga", **said: Any) -> Any:
        """Return what POST answers."""
        return ok(await self.ask(by, "POST", path, **said))

    async def put(self, path: str, by: str = "olga", **said: Any) -> Any:
        """Return what PUT answers."""
        return ok(await self.ask(by, "PUT", path, **said))

    async def delete(self, path: str, by: str = "olga", **said: Any) -> Any:
        """Return what DELETE answers."""
        return ok(await self.ask(by, "DELETE", path, **said))

    async def no(self, verb: str, path: str, by: str = "olga", **said: Any) -> tuple[int, str]:
        """Return the status and the message of a refusal."""
        return refused(await self.ask(by, verb, path, **said))

    async def deal(self, by: str = "olga", shared_with: Sequence[str] = (), **values: Any) -> int:
        """Return the id of a new deal by somebody, in the first stage unless told; private if shared."""
        stage = self.db.rules.stages_of(self.db.rules.default_pipeline.id)[0].id
        own = {"title": "Ten desks", "stage_id": stage, "amount": Decimal(100), "currency": "EUR"}
        change = Change(**{**own, **values})
        if shared_with:
            change.sharing = Sharing(True, tuple(self.cast.actor(name).uid for name in shared_with))
        return (await opportunities.create(self.db, self.cast.actor(by), change)).opportunity.id

    async def company(self, by: str = "olga", **said: Any) -> Any:
        """Return a new company, shared with everybody unless told."""
        return await self.post("crm/contact/company", by, **{"companyName": "Desk & Co", "shareType": 1, **said})

    async def person(self, by: str = "olga", **said: Any) -> Any:
        """Return a new person, shared with everybody unless told."""
        own = {"firstName": "Ann", "lastName": "Lee", "shareType": 1}
        return await self.post("crm/contact/person", by, **{**own, **said})

    # What is sent as it is written, and records that are not made over the wire ------------------------------

    async def send(self, name: str, method: str, path: str, **request: Any) -> httpx.Response:
        """Send a request as somebody, "" for nobody; what is sent as `data` is a form."""
        headers = {"Authorization": self.tokens[name], **request.pop("headers", {})} if name else {}
        return await self.http.request(method, path, headers=headers, **request)

    async def ok(self, name: str, method: str, path: str, **request: Any) -> Any:
        """Send a request that must be done, and return its payload."""
        reply = await self.send(name, method, path, **request)
        assert reply.status_code == (201 if method == "POST" else 200), reply.text
        return reply.json()["response"]

    async def refusal(self, name: str, method: str, path: str, **request: Any) -> tuple[int, str]:
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

    async def sale(self, name: str = "mia", **fields: Any) -> Json:
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
async def hired(
    db: Database, settings: Settings | None = None, password: str | None = None, base: str = BASE
) -> AsyncIterator[Clerk]:
    """Hire the company (with this password, if any), sign everybody in, and open the face."""
    cast = await company(db, password)
    tokens = await secrets_of(cast)
    transport = httpx.ASGITransport(face(db, settings or Settings(public_url="http://crm.example.com")))
    async with httpx.AsyncClient(transport=transport, base_url=base) as http:
        yield Clerk(db, cast, http, tokens)


def form(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields as the official client writes them: `a[]=1&a[]=2`, `a[0][key]=1`, `a[b]=1`; None leaves one out."""
    fields: dict[str, Any] = {}
    for name, value in said.items():
        if isinstance(value, Mapping):
            fields |= {f"{name}[{key}]": part for key, part in value.items()}
        elif isinstance(value, (list, tuple)) and value and isinstance(value[0], Mapping):
            fields |= {f"{name}[{at}][{key}]": part for at, item in enumerate(value) for key, part in item.items()}
        elif isinstance(value, (list, tuple)):
            fields[f"{name}[]"] = list(value)
        elif value is not None:
            fields[name] = str(value).lower() if isinstance(value, bool) else value
    return fields


def envelope(reply: httpx.Response) -> dict[str, Any]:
    """Return the whole envelope of an answer that went well."""
    status = 201 if reply.request.method == "POST" else 200
    assert reply.status_code == status, f"{reply.request.method} {reply.request.url}: {reply.text[:400]}"
    body: dict[str, Any] = reply.json()
    assert (body["status"], body["statusCode"]) == (0, status)
    return body


def ok(reply: httpx.Response) -> Any:
    """Return the payload of an answer that went well."""
    return envelope(reply)["response"]


def refused(reply: httpx.Response) -> tuple[int, str]:
    """Return the status and the message of a refusal, which must be in its envelope."""
    assert reply.status_code >= 400, f"{reply.request.method} {reply.request.url}: {reply.text[:400]}"
    body = reply.json()
    assert (body["status"], body["statusCode"]) == (1, reply.status_code)
    assert "response" not in body
    return body["statusCode"], body["error"]["message"]


def ids(items: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return the ids of the items in their order."""
    return [item["id"] for item in items]
