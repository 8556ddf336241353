"""What the engine asks of an entity: where its records are read, and the hooks that write them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from dealwright.dialects.nexudus.entity import Entity, Record, Verb
from dealwright.dialects.nexudus.listing import ListQuery
from dealwright.dialects.nexudus.reading import Body, Command
from dealwright.domain.actor import Actor
from dealwright.domain.file import File
from dealwright.fetching import Bounds
from dealwright.storage.database import Database


class Call(NamedTuple):
    """Who asks, which portal, and how much is fetched at most from an address that a body names."""

    db: Database
    actor: Actor
    bounds: Bounds = Bounds(100 << 20)


class Done(NamedTuple):
    """What a hook wrote: the record's id and when."""

    id: int
    at: datetime


class Source(Protocol):
    """Where the records of an entity are read. What is not there for the caller is not there at all."""

    checked: bool
    """Whether every read looks at the rules stamp itself."""

    async def one(self, call: Call, record_id: int) -> Record:
        """Return a record with its collections; NotFound."""

    async def batch(self, call: Call, ids: Sequence[int]) -> list[Record]:
        """Return those of the records that are there, in the order of the ids."""

    async def page(self, call: Call, query: ListQuery) -> tuple[list[Record], int]:
        """Return a page without collections, and how many records match."""


Write = Callable[[Call, Body], Awaitable[Done]]
Remove = Callable[[Call, int], Awaitable[Done]]
Opened = tuple[File, AsyncIterator[bytes]]
Download = Callable[[Call, int, str], Awaitable[Opened]]
"""Opens a file of a record, by the name that its path ends in."""
Run = Callable[[Call, Command], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Listed:
    """A command of an entity: how `commands` lists it, and what runs it (conventions §7)."""

    key: str
    name: str
    run: Run

    def record(self, order: int) -> Record:
        """Return the command as `commands` lists it."""
        return {
            "Key": self.key,
            "Name": self.name,
            "AppliesOnlyToMultipleEntities": False,
            "AppliesOnlyToOneEntity": False,
            "AppliesOnlyToTwoEntities": False,
            "NeedsEntitiesToRun": True,
            "Order": order,
            "RequiresParameters": [],
            "DisplayInDropdown": True,
            "DisplayInDropdownV2": True,
            "DisplayInGrid": True,
            "Icon": None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """How one entity is served; verbs that the entity does not offer have no hook.

    `checked` names the writing verbs whose deeds look at the rules stamp by themselves before they decide.
    """

    entity: Entity
    source: Source
    create: Write | None = None
    change: Write | None = None
    remove: Remove | None = None
    commands: Mapping[str, Listed] = field(default_factory=dict)
    download: Download | None = None
    checked: frozenset[Verb] = frozenset()

    def is_checked(self, verb: Verb) -> bool:
        """Tell whether serving this verb looks at the rules stamp by itself."""
        return self.source.checked if verb in _READING else verb in self.checked


_READING = frozenset({Verb.LIST, Verb.READ, Verb.BATCH})
