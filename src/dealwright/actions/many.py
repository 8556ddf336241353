"""What deeds over many records do alike: chunk by chunk, each chunk in one transaction, and what became of each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from dealwright.actions.deed import ATTEMPTS, attempted, written
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Conflict, RulesMoved
from dealwright.domain.event import Event
from dealwright.storage.database import Database
from dealwright.storage.query import listed
from dealwright.storage.sight import seeing
from dealwright.storage.sweeping import Swept, stamps, told

T = TypeVar("T")
CHUNK: Final = 500
"""Records of one transaction; others wait for no more."""
SHOWN: Final = 10_000
"""Records that a deed hands back at most; it counts the others."""


@dataclass(slots=True)
class Done(Generic[T]):
    """What a deed over many did: to how many records, and the first `SHOWN` of them."""

    count: int = 0
    shown: list[T] = field(default_factory=list)


async def in_chunks(ids: Sequence[int], deed: Callable[[Sequence[int], bool], Awaitable[Sequence[T] | int]]) -> Done[T]:
    """Do a deed on one chunk of ids after the other, each id once.

    `deed` is told whether the records are to be handed back, and returns them or else their number. What was done
    stays done when a later chunk is refused; Conflict when the rules change meanwhile, because the request must not
    be repeated from its start then.
    """
    done, wanted = Done[T](), list(dict.fromkeys(ids))
    for start in range(0, len(wanted), CHUNK):
        try:
            found = await deed(wanted[start : start + CHUNK], len(done.shown) < SHOWN)
        except RulesMoved:
            if not done.count:
                raise
            raise Conflict(f"the portal's rules changed meanwhile; only {done.count} records are done") from None
        done.count += found if isinstance(found, int) else len(found)
        done.shown += [] if isinstance(found, int) else found
    return done


async def swept(
    db: Database, actor: Actor, statements: Swept, ids: Sequence[int], event: Event, **given: object
) -> set[int]:
    """Run statements over these records and return the ids of those that were changed and have their event.

    Records that somebody else changes at the same time are tried again; Conflict where that does not end.
    """
    said: Mapping[str, Any] = {**seeing(actor), "ids": listed(ids), **given}
    write = statements.write({**stamps(event), **said})
    for _ in range(ATTEMPTS):
        await attempted(lambda _: written(db, [write], actor))
        if await db.first(statements.left, **said) is None:
            return await told(db, event, ids)
    raise Conflict("some of the records changed at the same time; try again")
