"""Importing cases: their titles, participants by name, tags and custom values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

from dealwright.actions import cases
from dealwright.actions.case_writes import Decision, decide_creation
from dealwright.actions.deed import now
from dealwright.actions.import_steps import Outcome, Step, Tags, breathing, named, names_in
from dealwright.actions.import_words import Said
from dealwright.domain.actor import Actor
from dealwright.domain.case import CaseChange, checked
from dealwright.domain.contact import Brief
from dealwright.domain.errors import Invalid
from dealwright.domain.importing import Order
from dealwright.domain.opportunity import Sharing
from dealwright.domain.table import Row
from dealwright.domain.values import UNSET
from dealwright.storage import cases as store
from dealwright.storage.case_rows import NEW
from dealwright.storage.database import Database
from dealwright.storage.merged import Ids

Ready = tuple[Said, CaseChange, list[str]]


async def step(db: Database, actor: Actor, order: Order, rows: Sequence[Row], ids: Ids) -> Outcome:
    """Return what a chunk of rows comes to. Refuses with Forbidden."""
    actor.require(cases.CREATE)
    chunk = _Chunk(db, actor, order, ids)
    said = await chunk.read(rows)
    contacts = await chunk.contacts(names_in(said, "member"))
    ready: list[Ready] = []
    async for one in breathing(said):
        try:
            ready.append((one, _checked(one, contacts), one.tags))
        except Invalid as refusal:
            chunk.outcome.refused(one.row, refusal)
    tags = await chunk.tags("case", chain.from_iterable(titles for _, _, titles in ready))
    await chunk.create(ready, contacts, tags)
    return chunk.finished()


def _checked(said: Said, contacts: Mapping[str, Brief]) -> CaseChange:
    order, members = said.order, named(said, "member", contacts)
    change = CaseChange(
        title=said.words("title"),
        closed=said.flag("closed"),
        members=members,
        sharing=Sharing(order.private, order.shared_with) if order.private else UNSET,
        custom=said.custom(),
    )
    _ = said.tags
    if said.problems:
        raise Invalid(*said.problems)
    return checked(change)


class _Chunk(Step):
    async def create(self, ready: Sequence[Ready], contacts: Mapping[str, Brief], tags: Tags) -> None:
        """Decide on the new cases."""
        blank = await store.prepare(self.db, self.actor, [brief.id for brief in contacts.values()])
        decided: list[tuple[Decision, list[str]]] = []
        async for said, change, titles in breathing(ready):
            try:
                decided.append((decide_creation(self.db.rules, self.actor, blank, change, now()), titles))
            except Invalid as refusal:
                self.outcome.refused(said.row, refusal)
        made = await self.merger.add([decision.writes for decision, _ in decided])
        for (_, titles), ids in zip(decided, made, strict=True):
            await self.merger.add([self.tag_writes("case", ids[NEW.name], titles, tags)])
        self.outcome.done += len(decided)
