"""What deeds on the small records that make up the rules do alike: their stamps, their event, their write.

Such a deed moves the rules stamp. The actor who did it was signed in under the stamp before, so everything a face
wants to tell afterwards must come from the deed's answer or from `db.rules`, or have been asked before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from dealwright.actions.deed import happened, new_uid, recorded, values_of
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Invalid, Problem
from dealwright.domain.pipeline import Stamps
from dealwright.domain.values import UNSET, micros
from dealwright.storage.writes import Insert, InsertMany, Made, Write

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class Numbered(Protocol):
    """A record."""

    @property
    def id(self) -> int:
        """Its number."""


def mentioned(change: DataclassInstance, *but: str) -> dict[str, Any]:
    """Return the fields that a change mentions, some left out; lists become tuples."""
    names = [field.name for field in fields(change) if field.name not in but]
    said = {name: value for name in names if (value := getattr(change, name)) is not UNSET}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}


def fresh(actor: Actor, at: datetime) -> dict[str, Any]:
    """Return the columns with which every new record begins."""
    moment = micros(at)
    stamps = {"created_at": moment, "created_by": actor.by, "updated_at": moment, "updated_by": actor.by}
    return {"uid": new_uid(), **stamps}


def touched(actor: Actor, at: datetime) -> dict[str, Any]:
    """Return the columns that every change of a record sets."""
    return {"updated_at": micros(at), "updated_by": actor.by}


def stamps_of(actor: Actor, at: datetime) -> Stamps:
    """Return the stamps of a record that this person is making."""
    return Stamps(created_at=at, updated_at=at, created_by=actor.id, updated_by=actor.id)


def differing(before: object, after: object, names: Sequence[str]) -> list[str]:
    """Return the names of the fields that differ between two records."""
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def made(actor: Actor, at: datetime, subject: str, ident: int | Made, facts: Mapping[str, Any]) -> Insert:
    """Return the event of a record made; facts that say nothing are left out."""
    told = {name: value for name, value in facts.items() if value not in (None, "", (), {})}
    return recorded(happened(actor, at, subject, [f"{subject}.created"], None, told), ident)


def altered(
    actor: Actor, at: datetime, subject: str, before: Numbered, after: Numbered, names: Sequence[str]
) -> Insert:
    """Return the event of a record changed in these fields."""
    old, new = values_of(before, names), values_of(after, names)
    return recorded(happened(actor, at, subject, [f"{subject}.changed"], old, new), before.id)


def gone(actor: Actor, at: datetime, subject: str, ident: int, facts: Mapping[str, Any]) -> Insert:
    """Return the event of a record deleted."""
    return recorded(happened(actor, at, subject, [f"{subject}.deleted"], facts), ident)


def together(inserts: Sequence[Insert]) -> list[Write]:
    """Return many inserts of one shape as one write."""
    if not inserts:
        return []
    columns = tuple(inserts[0].values)
    rows = [tuple(insert.values.values()) for insert in inserts]
    return [InsertMany(inserts[0].table, columns, rows)]


def refuse(problems: Sequence[Problem]) -> None:
    """Refuse with Invalid when there is anything wrong."""
    if problems:
        raise Invalid(*problems)
