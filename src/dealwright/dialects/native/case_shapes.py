"""Cases as they go over the wire."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.dialects.native.reading import Body
from dealwright.dialects.native.shapes import FieldId, Id, Instant

Title = Annotated[str, Meta(min_length=1, max_length=255)]


class Case(Struct, kw_only=True):
    """A side conversation about contacts. `shared_with` is null where everybody sees it."""

    id: int
    uid: str
    version: int
    title: str
    closed: bool
    member_ids: list[int]
    shared_with: list[int] | None
    tags: list[str]
    custom: dict[str, str]
    system_id: str | None
    created_at: Instant
    created_by: int | None
    updated_at: Instant
    updated_by: int | None


MEMBERS: Final = Case.__struct_fields__
"""What `fields` can name."""


class CasePatch(Body):
    """What to change about a case (RFC 7396): absent members stay, null clears, lists are replaced as a whole.

    Member ids that are no contacts you can see are left out. `shared_with` names who sees the case beside you, null
    means everybody. `custom` maps ids of custom fields to values.
    """

    title: Title | UnsetType = UNSET
    closed: bool | UnsetType = UNSET
    member_ids: list[Id] | UnsetType = UNSET
    shared_with: Annotated[list[Id], Meta(min_length=1)] | UnsetType | None = UNSET
    custom: dict[FieldId, str | None] | UnsetType = UNSET
    system_id: str | UnsetType | None = UNSET


class CaseDraft(CasePatch, kw_only=True):
    """A new case."""

    title: Title


class CaseClosing(Body):
    """Nothing needs to be said to close a case, to reopen it or to take it back from the trash."""
