"""Importing tasks: on a contact by name or on nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dealwright.actions import tasks
from dealwright.actions.deed import now
from dealwright.actions.import_steps import Outcome, Step, breathing, named, names_in
from dealwright.actions.import_words import Said
from dealwright.domain.actor import Actor
from dealwright.domain.contact import Brief
from dealwright.domain.errors import Invalid
from dealwright.domain.importing import Order
from dealwright.domain.table import Row
from dealwright.domain.task import TaskChange, checked
from dealwright.domain.values import UNSET
from dealwright.storage import tasks as store
from dealwright.storage.database import Database
from dealwright.storage.merged import Ids
from dealwright.storage.tasks import Named
from dealwright.storage.writes import Write


async def step(db: Database, actor: Actor, order: Order, rows: Sequence[Row], ids: Ids) -> Outcome:
    """Return what a chunk of rows comes to. Refuses with Forbidden."""
    actor.require(tasks.CREATE)
    chunk = Step(db, actor, order, ids)
    said = await chunk.read(rows)
    contacts = await chunk.contacts(names_in(said, "contact"))
    by_id = {brief.id: brief for brief in contacts.values()}
    blank = await store.prepare(db, actor, Named(None, None, None))
    decided: list[list[Write]] = []
    async for one in breathing(said):
        try:
            change = _checked(one, contacts)
            card = by_id.get(change.contact_id) if isinstance(change.contact_id, int) else None
            decided.append(tasks.planned(db, actor, replace(blank, contact=card), change, now(), "task")[1])
        except Invalid as refusal:
            chunk.outcome.refused(one.row, refusal)
    await chunk.merger.add(decided)
    chunk.outcome.done += len(decided)
    return chunk.finished()


def _checked(said: Said, contacts: Mapping[str, Brief]) -> TaskChange:
    found = named(said, "contact", contacts)
    change = TaskChange(
        title=said.words("title"),
        description=said.text("description"),
        deadline=said.moment("deadline"),
        responsible=said.user("responsible"),
        category_id=said.item("category", "task_category"),
        contact_id=found[0] if found else UNSET,
        alert_minutes=said.number("alert_minutes"),
        closed=said.flag("closed"),
    )
    if said.problems:
        raise Invalid(*said.problems)
    return checked(change)
