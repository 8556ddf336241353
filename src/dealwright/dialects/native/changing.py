"""What all changes of ours do alike: hold under If-Match, or tell what is present and what differs from that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Protocol, TypeVar

from msgspec import UNSET, Struct

from dealwright.dialects.native.conditions import guarded, tag_of
from dealwright.dialects.native.problems import Wrong
from dealwright.dialects.native.routing import Call
from dealwright.domain.errors import Outdated

T = TypeVar("T")


class Versioned(Protocol):
    """A record as it goes over the wire."""

    @property
    def version(self) -> int:
        """Its version."""


async def under_match(
    call: Call,
    said: Struct | None,
    deed: Callable[[int | None], Awaitable[T]],
    present: Callable[[], Awaitable[Versioned]],
) -> T:
    """Do a deed under If-Match; refuses with 412, the present state and what differs from what was said."""
    try:
        return await guarded(call.if_match, deed)
    except Outdated as error:
        current = await present()
        extras = {"current": current, "differing": differing(said, current)}
        raise Wrong(412, "outdated", str(error), (), {"ETag": tag_of(current.version)}, extras) from None


def differing(said: Struct | None, current: object) -> list[str]:
    """Return the members that were mentioned and are not now what they were to become."""
    names = () if said is None else said.__struct_fields__
    mentioned = {name: value for name in names if (value := getattr(said, name)) is not UNSET}
    return [name for name, value in mentioned.items() if _differs(value, getattr(current, name, value))]


def _differs(said: object, present: object) -> bool:
    """Tell whether a member differs; of what has members of its own only those that are mentioned matter."""
    if isinstance(said, Struct) and present is not None:
        return any(_differs_in(name, said, present) for name in said.__struct_fields__)
    if isinstance(said, dict) and isinstance(present, dict):
        return any(present.get(name) != value for name, value in said.items())
    return said != present


def _differs_in(name: str, said: Struct, present: object) -> bool:
    one, other = getattr(said, name), getattr(present, name, UNSET)
    if one is UNSET or one == other:
        return False
    return name != "amount" or Decimal(one) != Decimal(str(other))
