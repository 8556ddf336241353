"""Completing the lists that rows of an import name entries of: statuses and types of contacts, categories of tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from dealwright.actions import list_items
from dealwright.actions.import_words import Said
from dealwright.actions.list_items import ItemChange
from dealwright.actions.work_runs import Run
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Forbidden, Invalid
from dealwright.domain.importing import Order
from dealwright.domain.table import Row
from dealwright.domain.text import fold

LISTS: Final[Mapping[str, str]] = {"status": "contact_status", "type": "contact_type", "category": "task_category"}
"""The list behind each field."""


def check(actor: Actor, order: Order) -> None:
    """Refuse with Forbidden who may not complete the lists that an import is to complete."""
    if order.makes and not actor.is_crm_admin:
        raise Forbidden("only CRM administrators keep the lists")


async def complete(run: Run, order: Order, rows: Sequence[Row]) -> None:
    """Make the entries that rows name and the lists have not, each with its event.

    What cannot be made, also because the person may not any more, is told with the rows that name it.
    """
    wanted: dict[tuple[str, str], str] = {}
    for row in rows if order.makes else ():
        said = Said(run.db.rules, order, row)
        for name in order.makes:
            title = said.missing(name, LISTS[name])
            if title is not None:
                wanted.setdefault((LISTS[name], fold(title)), title)
    for (listing, _), title in wanted.items():
        try:
            await list_items.create(run.db, run.actor, listing, ItemChange(title=title))
        except (Invalid, Forbidden):
            continue
