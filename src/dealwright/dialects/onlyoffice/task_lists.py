"""Finding tasks (contacts-tasks-cases §4): the contract's filter as criteria of ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from dealwright.actions import tasks
from dealwright.actions.tasks import LIST
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, listed, many
from dealwright.dialects.onlyoffice.failures import bad_argument
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.dialects.onlyoffice.task_shown import task_rows
from dealwright.dialects.onlyoffice.values import NO_GUID
from dealwright.domain.text import fold
from dealwright.storage.database import TooWide
from dealwright.storage.query import Page
from dealwright.storage.rules import Rules
from dealwright.storage.task_lists import TaskCriteria, TaskOrder
from dealwright.storage.tasks import FullTask

KIND: Final = "task"
"""What the list parameter `type` calls a task (conventions §7)."""
ENTITIES: Final = ("", "contact", "opportunity", "case")
ORDERS: Final = {"title": TaskOrder.TITLE, "deadline": TaskOrder.DEADLINE, "id": TaskOrder.ID}
WIDEST: Final = 10_000
"""Tasks that are sorted in memory at most; more are refused with 503."""

Rank = Callable[[Rules, FullTask], tuple[int, str]]


def _by_category(rules: Rules, full: FullTask) -> tuple[int, str]:
    item = rules.items.get(full.task.category_id or 0)
    return (item.position, fold(item.title)) if item else (0, "")


def _by_contact(_: Rules, full: FullTask) -> tuple[int, str]:
    return 0, fold(full.contact.display_name) if full.contact else ""


def _by_responsible(rules: Rules, full: FullTask) -> tuple[int, str]:
    user = rules.users_by_uid.get(full.task.responsible or "")
    return 0, fold(user.name) if user else ""


RANKS: Final[Mapping[str, Rank]] = {
    "category": _by_category,
    "contact": _by_contact,
    "contactmanager": _by_responsible,
}
"""Orders of the contract that the database has not."""


@routes.get("crm/task/filter", right=LIST)
async def get_matches(call: Call) -> Answer:
    """Answer a page of the tasks that match, open ones first, by deadline unless told, with the exact total.

    Refuses with 400 a kind of entity that is none of the contract's.
    """
    criteria, page = criteria_of(call), call.page
    name = page.sort_by.lower()
    if name and name not in ORDERS:
        return await _sorted_here(call, criteria, name)
    order, cut = ORDERS[name or "deadline"], Page(page.start, page.rows)
    found = await tasks.find(call.db, call.actor, criteria, cut, order, page.descending and bool(name), open_first=True)
    return many(await task_rows(call, found.rows), page, found.total, KIND)


async def _sorted_here(call: Call, criteria: TaskCriteria, name: str) -> Answer:
    """Answer the tasks in an order that only we know, or by a member of the answer (conventions §7)."""
    page, cut = call.page, Page(0, WIDEST)
    found = await tasks.find(call.db, call.actor, criteria, cut, TaskOrder.ID)
    if found.total > WIDEST:
        raise TooWide
    rank = RANKS.get(name)
    if rank is None:
        return listed(await task_rows(call, found.rows), page.unfiltered(), KIND, found.total)
    rows = sorted(found.rows, key=lambda full: rank(call.db.rules, full), reverse=page.descending)
    rows.sort(key=lambda full: full.task.closed)
    return many(await task_rows(call, rows[page.start :][: page.rows]), page, found.total, KIND)


def criteria_of(call: Call) -> TaskCriteria:
    """Return the filter as criteria; a contact stands for its people too.

    Refuses with 400 a kind of entity that is none of the contract's.
    """
    bag, kind = call.bag, (call.bag.text("entityType") or "").lower()
    if kind not in ENTITIES:
        raise bad_argument()
    entity, category, responsible = bag.integer("entityid"), bag.integer("categoryid"), bag.guid("responsibleid")
    return TaskCriteria(
        company_id=entity if kind == "contact" and entity > 0 else None,
        opportunity_id=entity if kind == "opportunity" and entity > 0 else None,
        case_id=entity if kind == "case" and entity > 0 else None,
        responsible=None if responsible == NO_GUID else responsible,
        category_id=category if category > 0 else None,
        closed=bag.nullable_boolean("isClosed"),
        deadline_from=call.date("fromDate"),
        deadline_to=call.date("toDate"),
        title_part=call.page.search or None,
    )
