"""The people who sign in, and their roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dealwright.domain.actor import Sight, Standing
from dealwright.domain.pipeline import Stamps
from dealwright.domain.values import UNSET, Unset


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A named set of rights."""

    id: int
    uid: str
    name: str
    stamps: Stamps
    description: str = ""
    rights: frozenset[str] = frozenset()
    system_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who signs in; `uid` is the identity that deals remember."""

    id: int
    uid: str
    email: str
    user_name: str
    first_name: str
    last_name: str
    standing: Standing
    stamps: Stamps
    title: str = ""
    sight: Sight = Sight.ALL
    active: bool = True
    api_access: bool = True
    language: int = 1
    location_id: int | None = None
    role_ids: tuple[int, ...] = ()
    team_ids: tuple[int, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    system_id: str | None = None
    two_factor: bool = False

    @property
    def name(self) -> str:
        """First and last name as one text."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(slots=True, kw_only=True)
class UserChange:
    """What a deed says about a user; UNSET fields stay. `role_ids` and `team_ids` replace the lists."""

    email: str | Unset = UNSET
    first_name: str | Unset = UNSET
    last_name: str | Unset = UNSET
    title: str | Unset = UNSET
    password: str | Unset = UNSET
    standing: Standing | Unset = UNSET
    sight: Sight | Unset = UNSET
    active: bool | Unset = UNSET
    api_access: bool | Unset = UNSET
    language: int | Unset = UNSET
    location_id: int | Unset | None = UNSET
    role_ids: Sequence[int] | Unset = UNSET
    team_ids: Sequence[int] | Unset = UNSET
    extra: Mapping[str, Any] | Unset = UNSET
    system_id: str | Unset | None = UNSET
