"""Long work: what outlives its request and a restart, how far it is and what went wrong with single rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from dealwright.domain.actor import Actor
from dealwright.domain.errors import Invalid, Problem, Refusal

SHOWN_VALUE: Final = 200
MESSAGE_LENGTH: Final = 500


class State(StrEnum):
    """How far a work is; the last three are final."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(slots=True, kw_only=True)
class Work:
    """A piece of long work. `cursor` is where its worker goes on; `scope` narrows the rights it has (None: all)."""

    id: int
    uid: str
    kind: str
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: int | None = None
    state: State = State.WAITING
    input: Mapping[str, Any] = field(default_factory=dict)
    cursor: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)
    total: int = 0
    done: int = 0
    failed: int = 0
    attempts: int = 0
    error: str | None = None
    via: str = ""
    scope: str | None = None
    claim: str | None = None
    cancelled: bool = False
    finished_at: datetime | None = None

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen."""
        return self.finished_at is not None

    @property
    def percentage(self) -> float:
        """How much is done, from 0 to 100; 100 only when it was finished to its end."""
        if self.state is State.DONE:
            return 100.0
        seen = self.done + self.failed
        return min(99.0, round(100.0 * seen / self.total, 1)) if self.total > 0 else 0.0

    def seen_by(self, actor: Actor) -> bool:
        """Tell whether this person may see and cancel it: who started it, and administrators of the CRM."""
        return self.created_by == actor.id or actor.is_crm_admin


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """Why a row was left out: its number as people count (the first is 1), our field name and code, a sentence."""

    row: int
    field: str
    code: str
    message: str
    value: str = ""


def problems_of(row: int, refusal: Refusal) -> list[RowProblem]:
    """Return what a refusal says of a row; values are shortened and hold nothing that cannot be stored."""
    found = refusal.problems if isinstance(refusal, Invalid) else (Problem("", "refused", str(refusal)),)
    return [
        RowProblem(
            row=row, field=one.field, code=one.code, message=one.message[:MESSAGE_LENGTH], value=shown(one.value)
        )
        for one in found
    ]


def shown(value: object) -> str:
    """Return the beginning of a value as it may be kept: without NUL and lone surrogates."""
    text = "" if value is None else str(value)
    return text[:SHOWN_VALUE].encode("utf-8", "replace").decode().replace("\0", "\ufffd")
