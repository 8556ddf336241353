"""What a new portal holds: stages, lists, tags, currencies, roles and one location (texts are our own)."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection, Table, insert

from dealwright.domain.actor import RIGHTS
from dealwright.domain.currencies import CURRENCIES
from dealwright.domain.lists import LEAD_SOURCES, LOSS_REASONS
from dealwright.domain.pipeline import GAP, Outcome
from dealwright.domain.text import fold
from dealwright.storage import schema

STAGES: Final = (
    ("Initial contact", 1, "#e795c1", Outcome.OPEN, "Somebody has asked, or has been asked."),
    (
        "Application of initial fit criteria",
        2,
        "#df7895",
        Outcome.OPEN,
        "We look whether we fit each other at all.",
    ),
    ("Suspect", 3, "#f48454", Outcome.OPEN, "There may be a need; nobody has said so yet."),
    ("Need assessment", 20, "#b58fd6", Outcome.OPEN, "We find out together what is needed."),
    ("Qualified prospect", 50, "#d28cc8", Outcome.OPEN, "Need, money and a person who decides are known."),
    ("Proposal", 75, "#ffb45e", Outcome.OPEN, "Our offer is with them."),
    ("Negotiations", 90, "#ffd267", Outcome.OPEN, "We talk about terms."),
    ("Closure/Transaction", 100, "#6bbd72", Outcome.WON, "Signed."),
    ("Unsuccessfully closed", 0, "#f2a9be", Outcome.LOST, "It came to nothing."),
)
CONTACT_STATUSES: Final = (("Cold", "#8a98d8"), ("Warm", "#ffd267"), ("Hot", "#df7895"))
CONTACT_TYPES: Final = ("Client", "Supplier", "Partner", "Competitor")
HISTORY_CATEGORIES: Final = (
    ("Note", "event_category_note.png"),
    ("Email", "event_category_email.png"),
    ("Phone call", "event_category_call.png"),
    ("Appointment", "event_category_meeting.png"),
)
TASK_CATEGORIES: Final = (
    ("Phone call", "call"),
    ("Opportunity", "deal"),
    ("Demo", "demo"),
    ("Email", "email"),
    ("Fax", "fax"),
    ("Execution control", "follow_up"),
    ("Lunch", "lunch"),
    ("Appointment", "meeting"),
    ("Note", "note"),
    ("Delivery", "ship"),
    ("Social networks", "social_networks"),
    ("Expression of gratitude", "thank_you"),
)
CONTACT_TAGS: Final = ("Lead", "Customer", "Supplier", "Staff")


def fill(connection: Connection, currency: str = "USD") -> None:
    """Fill an empty schema with what every new portal holds. `currency` is the portal's own (ISO code)."""
    stamps = _stamps()
    _many(connection, schema.currency, (_currency(found) for found in CURRENCIES))
    location = _one(connection, schema.location, stamps, name="Main", currency=currency)
    pipeline = _one(connection, schema.pipeline, stamps, name="Sales", location_id=location)
    for place, (title, probability, color, outcome, description) in enumerate(STAGES):
        position = max(1, place * GAP)
        values = {"title": title, "probability": probability, "color": color, "description": description}
        _one(
            connection,
            schema.stage,
            stamps,
            pipeline_id=pipeline,
            position=position,
            outcome=int(outcome),
            **values,
        )
    _lists(connection)
    _roles(connection, stamps)
    settings = {"default_pipeline": str(pipeline), "currency": currency, "secret": secrets.token_hex(32)}
    _many(connection, schema.setting, ({"name": name, "value": value} for name, value in settings.items()))
    _many(connection, schema.rules, [{"id": 1, "stamp": 1}])


def _stamps() -> dict[str, Any]:
    now = time.time_ns() // 1000
    return {"created_at": now, "updated_at": now}


def _many(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    connection.execute(insert(table), list(rows))


def _one(connection: Connection, table: Table, stamps: dict[str, Any], **values: Any) -> int:
    row = {"uid": str(uuid.uuid4()), **stamps, **values}
    result = connection.execute(insert(table).values(row))
    assert result.inserted_primary_key is not None
    return int(result.inserted_primary_key[0])


def _currency(found: Any) -> dict[str, Any]:
    return {name: getattr(found, name) for name in found.__slots__}


def _lists(connection: Connection) -> None:
    rows = [_item("contact_status", place, title, color=color) for place, (title, color) in _numbered(CONTACT_STATUSES)]
    rows += [_item("contact_type", place, title) for place, title in _numbered(CONTACT_TYPES)]
    rows += [
        _item("history_category", place, title, image=icon) for place, (title, icon) in _numbered(HISTORY_CATEGORIES)
    ]
    rows += [
        _item("task_category", place, title, image=f"task_category_{icon}.png")
        for place, (title, icon) in _numbered(TASK_CATEGORIES)
    ]
    rows += [_item("lead_source", number, title, number=number) for number, title in LEAD_SOURCES.items()]
    rows += [_item("loss_reason", number, title, number=number) for number, title in LOSS_REASONS.items()]
    _many(connection, schema.list_item, rows)
    tags = ({"subject": "contact", "title": title, "title_fold": fold(title)} for title in CONTACT_TAGS)
    _many(connection, schema.tag, tags)


def _numbered(entries: Iterable[Any]) -> Iterable[tuple[int, Any]]:
    return enumerate(entries, 1)


def _item(name: str, position: int, title: str, **values: Any) -> dict[str, Any]:
    empty = {"number": None, "color": "", "image": "", "description": ""}
    return {"list": name, "position": position, "title": title, "title_fold": fold(title), **empty, **values}


def _roles(connection: Connection, stamps: dict[str, Any]) -> None:
    for right in sorted(RIGHTS):
        role = _one(connection, schema.role, stamps, name=right, name_fold=fold(right))
        _many(connection, schema.role_right, [{"role_id": role, "right_name": right}])
