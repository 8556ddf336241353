"""The body of POST and PUT task (contacts-tasks-cases §4) in our words."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.failures import bad_argument, missing
from dealwright.dialects.onlyoffice.listitem import TASK
from dealwright.dialects.onlyoffice.values import NO_GUID
from dealwright.domain.task import TaskChange

ENTITIES: Final = ("opportunity", "case")
"""What a task may hang on beside a contact."""


def said(call: Call) -> TaskChange:
    """Return what a task shall be, the contact apart; what is absent is reset, a deal or case out of sight is left out.

    Refuses with 400 (an unknown kind of entity, no category, no title, no deadline) and with 404 for a category that
    is not there.
    """
    bag, kind = call.bag, (call.bag.text("entityType") or "").lower()
    category, title, deadline = bag.integer("categoryId"), bag.text("title") or "", call.date("deadline")
    if (kind and kind not in ENTITIES) or category <= 0:
        raise bad_argument()
    item = call.db.rules.items.get(category)
    if item is None or item.list != TASK.name:
        raise missing("Category is not found")
    if not title.strip() or deadline is None:
        raise bad_argument()
    responsible, entity = bag.guid("responsibleId"), bag.integer("entityId")
    return TaskChange(
        title=title,
        description=bag.text("description"),
        deadline=deadline,
        responsible=None if responsible == NO_GUID else responsible,
        category_id=category,
        contact_id=None,
        opportunity_id=entity if kind == "opportunity" and entity > 0 else None,
        case_id=entity if kind == "case" and entity > 0 else None,
        alert_minutes=bag.integer("alertValue"),
        notify=bag.boolean("isNotify"),
        forgives_links=True,
    )


def said_of_contact(call: Call) -> TaskChange:
    """Return what a task shall be, the contact included; refuses as `said`."""
    change, contact = said(call), call.bag.integer("contactId")
    change.contact_id = contact if contact > 0 else None
    return change
