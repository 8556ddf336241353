"""The company at work behind the whole application: every face, one database, a client for each person."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from dealwright.app import create_app
from dealwright.config import Settings
from dealwright.storage.database import Database
from tests.cast import Cast, company, secrets_of

FACES = ("onlyoffice", "nexudus", "native")


@dataclass
class Office:
    """The company, its portal and a client for each person."""

    db: Database
    cast: Cast
    http: httpx.AsyncClient
    tokens: dict[str, str]

    def stage(self, place: int) -> int:
        """The id of a stage of the default pipeline; the last but one wins, the last loses."""
        return self.db.rules.stages_of(self.db.rules.default_pipeline.id)[place].id

    async def send(self, name: str, method: str, path: str, body: Any = None, params: Any = None) -> httpx.Response:
        """Send a request as somebody, the body as the face wants it: a form to ONLYOFFICE, else JSON."""
        headers = {"Authorization": f"Bearer {self.tokens[name]}"}
        if path.startswith("/api/2.0"):
            return await self.http.request(method, path, data=body, params=params, headers=headers)
        if method == "PATCH":
            headers["Content-Type"] = "application/merge-patch+json"
            return await self.http.request(method, path, content=json.dumps(body), headers=headers)
        return await self.http.request(method, path, json=body, params=params, headers=headers)


@asynccontextmanager
async def opened(db: Database) -> AsyncIterator[Office]:
    """Hire the company and open the application."""
    cast = await company(db)
    tokens = await secrets_of(cast)
    transport = httpx.ASGITransport(create_app(Settings(), db))
    async with httpx.AsyncClient(transport=transport, base_url="http://dealwright.test") as http:
        yield Office(db, cast, http, tokens)
