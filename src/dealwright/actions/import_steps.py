"""What every import does alike with a chunk of rows: its tags, the names it points at, its outcome."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from dealwright.actions.deed import happened, now, recorded
from dealwright.actions.import_words import Said
from dealwright.domain.actor import Actor
from dealwright.domain.contact import Brief
from dealwright.domain.errors import Invalid, Refusal
from dealwright.domain.importing import Order
from dealwright.domain.table import Row
from dealwright.domain.text import fold
from dealwright.domain.work import RowProblem, problems_of
from dealwright.storage import lookups
from dealwright.storage import tags as tag_store
from dealwright.storage.database import Database
from dealwright.storage.merged import Ids, Merger
from dealwright.storage.writes import Write

T = TypeVar("T")
BREATH: Final = 25

Tags = Mapping[str, tuple[int, str]]


@dataclass(slots=True)
class Outcome:
    """What a chunk comes to: writes to be applied with its progress, how many rows it made or left, what was wrong.

    `places` are the stage and place of new deals, to be settled when the writes are through. Rows from the number
    `stopped_before` on are yet to be taken. `met` are the keys of contacts that a trial would have made.
    """

    writes: list[Write] = field(default_factory=list)
    done: int = 0
    skipped: int = 0
    overwritten: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    bad: set[int] = field(default_factory=set)
    places: list[tuple[int, int | None]] = field(default_factory=list)
    stopped_before: int | None = None
    met: set[str] = field(default_factory=set)

    @property
    def failed(self) -> int:
        """How many rows were left out because something was wrong with them."""
        return len(self.bad)

    def refused(self, row: Row, refusal: Refusal) -> None:
        """Note why a row was left out."""
        self.bad.add(row.number)
        self.problems += problems_of(row.number, refusal)


class Trial(Ids):
    """Ids that nobody will ever get, and whom a trial would have made so far, by folded e-mails or names."""

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.met: set[str] = set()

    async def some(self, table: str, count: int) -> Iterator[int]:
        """Return as many numbers below 0."""
        return iter(range(-count, 0))


class Step:
    """One chunk of one import on its way: who acts, what was ordered, what it comes to."""

    def __init__(self, db: Database, actor: Actor, order: Order, ids: Ids) -> None:
        self.db = db
        self.actor = actor
        self.order = order
        self.merger = Merger(ids)
        self.outcome = Outcome()
        self.beside: list[Write] = []
        self.met: frozenset[str] = frozenset(ids.met) if isinstance(ids, Trial) else frozenset()

    async def read(self, rows: Sequence[Row]) -> list[Said]:
        """Return what the rows say, without those that cannot even be read."""
        found = []
        async for row in breathing(rows):
            if row.problem is not None:
                self.outcome.refused(row, Invalid(row.problem))
            else:
                found.append(Said(self.db.rules, self.order, row))
        return found

    async def tags(self, subject: str, titles: Iterable[str]) -> Tags:
        """Return id and title of all these tags by folded title; those that are new come with the chunk."""
        wanted: dict[str, str] = {}
        for title in titles:
            wanted.setdefault(fold(title), title)
        known = dict(await lookups.tags_titled(self.db, subject, wanted.keys()))
        new = [title for key, title in wanted.items() if key not in known]
        made = await self.merger.add([self._new_tag(subject, title) for title in new])
        return {**known, **{fold(title): (ids["tag"], title) for title, ids in zip(new, made, strict=True)}}

    def _new_tag(self, subject: str, title: str) -> list[Write]:
        event = happened(self.actor, now(), "tag", ["tag.created"], None, {"subject": subject, "title": title})
        return [tag_store.made(subject, title), recorded(event, tag_store.NEW)]

    async def contacts(self, names: Iterable[str]) -> Mapping[str, Brief]:
        """Return the contacts of these names by folded name, as far as this person sees them."""
        return await lookups.contacts_named(self.db, self.actor, {fold(name) for name in names if fold(name)})

    def tag_writes(self, subject: str, ident: int, titles: Iterable[str], tags: Tags) -> list[Write]:
        """Return the writes that put tags on a new deal or case, with their events."""
        chosen = dict.fromkeys(tags[fold(title)] for title in titles)
        writes: list[Write] = []
        for tag_id, title in chosen:
            event = happened(
                self.actor, now(), subject, [f"{subject}.changed", f"{subject}.tagged"], {}, {"tag": title}
            )
            writes += [tag_store.put_on(subject, ident, tag_id), recorded(event, ident)]
        return writes

    def finished(self) -> Outcome:
        """Return what the chunk comes to, its writes merged; `beside` are those that cannot be."""
        outcome, end = self.outcome, self.outcome.stopped_before
        outcome.writes = [*self.merger.writes(), *self.beside]
        if end is not None:  # what is wrong with the others is told when they are taken
            outcome.bad = {row for row in outcome.bad if row < end}
            outcome.problems = [problem for problem in outcome.problems if problem.row < end]
        outcome.problems.sort(key=lambda problem: problem.row)
        return outcome


async def breathing(things: Sequence[T]) -> AsyncIterator[T]:
    """Yield the things, letting others have their turn again and again."""
    for place, thing in enumerate(things):
        if place % BREATH == BREATH - 1:
            await asyncio.sleep(0)
        yield thing


def named(said: Said, name: str, found: Mapping[str, Brief]) -> list[int]:
    """Return the ids of the contacts that a field names; those nobody knows are noted as problems."""
    ids = []
    whole = said.words(name)
    parts = [whole] if fold(whole) in found else said.each(name)
    for part in parts:
        brief = found.get(fold(part))
        if brief is None:
            said.note(name, "unknown", "is no contact", part)
        else:
            ids.append(brief.id)
    return ids


def names_in(said: Iterable[Said], *fields: str) -> set[str]:
    """Return every name that these fields of the rows may mean: each part, and the whole of it."""
    return {name for one in said for field_name in fields for name in [one.words(field_name), *one.each(field_name)]}


__all__ = ["Outcome", "Step", "Tags", "Trial", "breathing", "named", "names_in"]
