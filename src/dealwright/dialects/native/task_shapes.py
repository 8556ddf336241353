"""Tasks as they go over the wire."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.dialects.native.reading import Body
from dealwright.dialects.native.shapes import Id, Instant, Name, Whole

Title = Annotated[str, Meta(min_length=1, max_length=255)]


class Task(Struct, kw_only=True):
    """Something to do, on a contact, an opportunity, a case or on nothing.

    `alert_minutes` is how long before `due_at` its responsible is reminded, 0 is never; `notify` says that letters
    are written about it. `responsible_uid` stays when that person is removed.
    """

    id: int
    uid: str
    version: int
    title: str
    description: str | None
    due_at: Instant | None
    alert_minutes: int
    notify: bool
    closed: bool
    responsible_id: int | None
    responsible_uid: str | None
    category_id: int | None
    contact_id: int | None
    opportunity_id: int | None
    case_id: int | None
    location_id: int | None
    system_id: str | None
    created_at: Instant
    created_by: int | None
    updated_at: Instant
    updated_by: int | None


MEMBERS: Final = Task.__struct_fields__
"""What `fields` can name."""


class TaskPatch(Body):
    """What to change about a task (RFC 7396): absent members stay, null clears."""

    title: Title | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    due_at: Instant | UnsetType | None = UNSET
    alert_minutes: Whole | UnsetType = UNSET
    notify: bool | UnsetType = UNSET
    closed: bool | UnsetType = UNSET
    responsible_id: Id | UnsetType | None = UNSET
    category_id: Id | UnsetType | None = UNSET
    contact_id: Id | UnsetType | None = UNSET
    opportunity_id: Id | UnsetType | None = UNSET
    case_id: Id | UnsetType | None = UNSET
    location_id: Id | UnsetType | None = UNSET
    system_id: Name | UnsetType | None = UNSET


class TaskDraft(TaskPatch, kw_only=True):
    """A new task; without a responsible it is yours."""

    title: Title


class TaskGroup(TaskDraft, kw_only=True):
    """A new task for each of some contacts."""

    contact_ids: Annotated[list[Id], Meta(min_length=1, max_length=100)]


class TaskClosing(Body):
    """Nothing needs to be said to close a task, to reopen it or to take it back from the trash."""
