"""The clerk under the name and at the address that the tests of opportunities and people use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dealwright.config import Settings
from dealwright.storage.database import Database
from tests.dialects.onlyoffice.clerk import BAD, DENIED, MISSING, Clerk, Json, hired

Desk = Clerk


@asynccontextmanager
async def opened(db: Database, settings: Settings | None = None, password: str | None = None) -> AsyncIterator[Desk]:
    """Hire the company as `hired` does, at a portal without a public address."""
    async with hired(db, settings or Settings(), password, "http://office.test/api/2.0/") as found:
        yield found


__all__ = ["BAD", "DENIED", "MISSING", "Desk", "Json", "opened"]
