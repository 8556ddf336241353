"""A counter at the company for the tests of this dialect: everybody signed in, and records to work on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from dealwright.config import Settings
from dealwright.dialects.nexudus.entities import BY_NAME
from dealwright.dialects.nexudus.face import face
from dealwright.storage.database import Database
from tests.cast import Cast, company, secrets_of

Json = dict[str, Any]

NO_ID = 2_000_000_111
FILLED = {"int": 7, "bool": True, "dec": 12.5, "dt": "2031-03-04T10:15:00Z", "enum": 2}


def path_of(entity: str, ident: object = "") -> str:
    """Return the address of an entity, or of one of its records."""
    known = BY_NAME[entity]
    return f"/api/{known.module}/{known.plural}" + (f"/{ident}" if ident else "")


@dataclass
class Counter:
    """The portal, the company, and a way to send as each of its people."""

    db: Database
    cast: Cast
    http: httpx.AsyncClient
    tokens: dict[str, str]

    async def send(self, name: str, method: str, path: str, **request: Any) -> httpx.Response:
        """Send a request as somebody, "" for nobody."""
        headers = {"Authorization": f"Bearer {self.tokens[name]}"} if name else {}
        return await self.http.request(method, path, headers={**headers, **request.pop("headers", {})}, **request)

    async def get(self, entity: str, ident: int, name: str = "olga") -> Json:
        """Read a record that is there."""
        reply = await self.send(name, "GET", path_of(entity, ident))
        assert reply.status_code == 200, reply.text
        found: Json = reply.json()
        return found

    async def post(self, entity: str, _as: str = "olga", **members: Any) -> Json:
        """Make a record and return what the answer says of it."""
        reply = await self.send(_as, "POST", path_of(entity), json=members)
        assert reply.status_code == 200, reply.text
        made: Json = reply.json()["Value"]
        return made

    async def put(self, entity: str, body: Json, name: str = "olga") -> Json:
        """Change a record and return it as it is then."""
        reply = await self.send(name, "PUT", path_of(entity), json=body)
        assert reply.status_code == 200, reply.text
        return await self.get(entity, body["Id"])

    async def rows(self, entity: str, name: str = "olga", **params: Any) -> list[Json]:
        """Return the records of a list."""
        reply = await self.send(name, "GET", path_of(entity), params={"size": 1000, **params})
        assert reply.status_code == 200, reply.text
        found: list[Json] = reply.json()["Records"]
        return found

    async def ids(self, entity: str, name: str = "olga", **params: Any) -> list[int]:
        """Return the ids of a list, in its order."""
        return [row["Id"] for row in await self.rows(entity, name, **params)]

    async def refused(self, entity: str, method: str, body: Json, name: str = "olga") -> list[str]:
        """Send what must be refused for its content and return the properties that are named."""
        reply = await self.send(name, method, path_of(entity), json=body)
        assert reply.status_code == 400, reply.text
        answer = reply.json()
        assert (answer["Value"], answer["WasSuccessful"]) == (None, False)
        return [error["PropertyName"] for error in answer["Errors"] or ()]

    @property
    def location(self) -> int:
        """The portal's first location."""
        return self.db.rules.location.id

    def stage(self, place: int) -> int:
        """The id of a stage of the default board: the last but one wins, the last loses."""
        return self.db.rules.stages_of(self.db.rules.default_pipeline.id)[place].id

    async def customer(self, email: str = "ann@example.com", **members: Any) -> Json:
        """Make a customer."""
        return await self.post("Coworker", **{"FullName": "Ann Lee", "Email": email, **members})

    async def deal(self, _as: str = "mia", **members: Any) -> Json:
        """Make an opportunity; without CoworkerId for a customer who is made when needed."""
        if "CoworkerId" not in members:
            known = await self.ids("Coworker")
            members["CoworkerId"] = known[0] if known else (await self.customer())["Id"]
        return await self.post("CrmOpportunity", _as, **{"CrmBoardColumnId": self.stage(0), "Position": 1, **members})


@asynccontextmanager
async def opened(db: Database, password: str | None = None) -> AsyncIterator[Counter]:
    """Hire the company and open the counter; with a password everybody can sign in by it."""
    cast = await company(db, password)
    async with at(cast, await secrets_of(cast)) as counter:
        yield counter


@asynccontextmanager
async def at(cast: Cast, tokens: dict[str, str]) -> AsyncIterator[Counter]:
    """Open a counter at a company that is hired already."""
    transport = httpx.ASGITransport(face(cast.db, Settings()))
    async with httpx.AsyncClient(transport=transport, base_url="http://spaces.test") as http:
        yield Counter(cast.db, cast, http, tokens)
