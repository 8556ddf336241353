"""What both databases offer to the rest of storage: read a query, apply decided writes, hold the rules."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from dealwright.domain.errors import RulesMoved
from dealwright.storage import schema
from dealwright.storage.blobs import Blobs
from dealwright.storage.outage import Room
from dealwright.storage.query import Query, Row
from dealwright.storage.rules import Rules
from dealwright.storage.rules_loading import load_rules
from dealwright.storage.writes import Change, Lost, Write


class Turns:
    """Lets deeds on the same record follow each other within this process instead of losing to each other.

    Only a courtesy: between processes the guards decide.
    """

    def __init__(self) -> None:
        self._locks: dict[tuple[str, int], list[Any]] = {}

    @asynccontextmanager
    async def of(self, kind: str, ident: int) -> AsyncIterator[None]:
        """Wait for one's turn on a record."""
        entry = self._locks.setdefault((kind, ident), [asyncio.Lock(), 0])
        entry[1] += 1
        try:
            async with entry[0]:
                yield
        finally:
            entry[1] -= 1
            if not entry[1]:
                del self._locks[kind, ident]


class Reservations:
    """Places at the end of stages that deeds of this process are about to take; again only a courtesy."""

    def __init__(self) -> None:
        self._taken: dict[int, set[int]] = {}

    def last(self, stage_id: int, stored: int | None) -> int | None:
        """Return the last place of a stage, those about to be taken included."""
        taken = self._taken.get(stage_id)
        if not taken:
            return stored
        return max(taken) if stored is None else max(stored, *taken)

    def take(self, stage_id: int, position: int) -> None:
        """Note that a place is about to be taken."""
        self._taken.setdefault(stage_id, set()).add(position)

    def settle(self, stage_id: int, position: int | None) -> None:
        """Forget a place: it is stored by now, or nobody took it."""
        taken = self._taken.get(stage_id)
        if taken is not None and position is not None:
            taken.discard(position)
            if not taken:
                del self._taken[stage_id]


class TooWide(Exception):
    """A read ran longer than allowed and was stopped; nothing was changed."""


class Database(ABC):
    """One open database. `rules` is the snapshot of everything small, valid for one rules stamp.

    `blobs` is the file store that belongs to it, `room` knows whether the database takes what is written.
    """

    rules: Rules
    blobs: Blobs
    sessions: dict[bytes, Any]
    credentials: dict[bytes, tuple[int, str | None]]
    seen: dict[int, float]

    def __init__(self) -> None:
        self.sessions = {}
        self.credentials = {}
        self.seen = {}
        self.room = Room()
        self.turns = Turns()
        self.places = Reservations()
        self.after_write: list[Callable[[], None]] = []
        self.attempts_allowed: tuple[int, int] | None = None

    @abstractmethod
    async def rows(self, query: Query, **given: Any) -> Sequence[Row]:
        """Return the rows of a query as tuples in the order of its columns."""

    @abstractmethod
    async def text(self, sql: str, *arguments: Any) -> Sequence[Row]:
        """Run one hand-written statement (`?` or `$n` as the database takes it) and return its rows."""

    @abstractmethod
    async def write(self, writes: Sequence[Write], stamp: int | None) -> Mapping[str, int]:
        """Apply the writes in one transaction; return the ids made. Raises Lost, Clash, Missing or an Outage."""

    @abstractmethod
    async def close(self) -> None:
        """Finish what was accepted and let go of the database."""

    @property
    @abstractmethod
    def is_postgres(self) -> bool:
        """Whether this is PostgreSQL; only storage may ask."""

    @property
    def folder(self) -> Path | None:
        """The folder that it lies in, None where that is not on this machine, as far as we know."""
        return None

    async def first(self, query: Query, **given: Any) -> Row | None:
        """Return the first row of a query, or None."""
        rows = await self.rows(query, **given)
        return rows[0] if rows else None

    async def refresh(self) -> None:
        """Read the rules anew and forget who was signed in under the old ones."""
        self.rules = await load_rules(self)
        self.sessions.clear()

    async def apply(self, writes: Sequence[Write], stamp: int | None = None) -> Mapping[str, int]:
        """Apply writes that are valid under this rules stamp (None: under any)."""
        made = await self.write(writes, stamp)
        self._told()
        return made

    def _told(self) -> None:
        """Tell whoever waits for writes of this process (the jobs) that there was one."""
        for listener in self.after_write:
            listener()

    async def apply_rules(self, writes: Sequence[Write], stamp: int | None) -> Mapping[str, int]:
        """Apply writes that change the rules: the stamp moves in the same transaction, then the rules are read.

        Raises RulesMoved when the stamp (None: any) is no longer the present one.
        """
        where = {"id": 1} if stamp is None else {"id": 1, "stamp": stamp}
        bump = Change(schema.rules, {}, where, add={"stamp": 1}, expect=True)
        try:
            return await self.write([bump, *writes], None)
        except Lost as error:
            raise RulesMoved from error
        finally:
            await self.refresh()
            self._told()
