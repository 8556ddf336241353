"""Somebody who writes what the official client would, for each person of the company, and opens the envelopes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx

from dealwright.actions import opportunities
from dealwright.actions.sign_in import API, issue
from dealwright.config import Settings
from dealwright.dialects.onlyoffice.face import face
from dealwright.domain.opportunity import Change, Sharing
from dealwright.storage.database import Database
from tests.cast import Cast, company

UNKNOWN = 999_999_999


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


@asynccontextmanager
async def hired(db: Database) -> AsyncIterator[Clerk]:
    """Hire the company and open the face."""
    cast = await company(db)
    tokens = {name: (await issue(db, ident, API, None)).secret for name, ident in cast.ids.items()}
    transport = httpx.ASGITransport(face(db, Settings(public_url="http://crm.example.com")))
    async with httpx.AsyncClient(transport=transport, base_url="http://host/api/2.0/") as http:
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
