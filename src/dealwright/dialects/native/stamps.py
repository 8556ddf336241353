"""The members that every record of ours begins and ends with: which one it is, who made and changed it, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, TypedDict


class Known(Protocol):
    """A record of ours, as far as every kind of record is alike."""

    @property
    def id(self) -> int:
        """Its number, one for each kind of record."""

    @property
    def uid(self) -> str:
        """Its name among all records."""

    @property
    def version(self) -> int:
        """How often it was changed, and one."""

    @property
    def system_id(self) -> str | None:
        """What another system calls it."""

    @property
    def created_at(self) -> datetime:
        """When it was made."""

    @property
    def created_by(self) -> int | None:
        """The id of who made it."""

    @property
    def updated_at(self) -> datetime:
        """When it was changed last."""

    @property
    def updated_by(self) -> int | None:
        """The id of who changed it last."""


class Stamps(TypedDict):
    """Those members, by name."""

    id: int
    uid: str
    version: int
    system_id: str | None
    created_at: datetime
    created_by: int | None
    updated_at: datetime
    updated_by: int | None


def stamps(own: Known) -> Stamps:
    """Return the members that a record shares with every other."""
    return Stamps(
        id=own.id,
        uid=own.uid,
        version=own.version,
        system_id=own.system_id,
        created_at=own.created_at,
        created_by=own.created_by,
        updated_at=own.updated_at,
        updated_by=own.updated_by,
    )
