"""What all lists of ours do alike: go on from a cursor, and answer with some of the members only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from dealwright.dialects.native import cursor
from dealwright.dialects.native.problems import bad_query
from dealwright.dialects.native.shapes import Page
from dealwright.storage.keyset import Place
from dealwright.storage.rules import Rules

S = TypeVar("S", bound=Struct)
Order = TypeVar("Order")


def sorts_of(orders: Iterable[str]) -> tuple[str, ...]:
    """Return how the orders of a list are said: each by its name, with a dash before it to turn it round."""
    return tuple(f"{sign}{name}" for name in orders for sign in ("", "-"))


def order_of(said: str, orders: Mapping[str, Order]) -> tuple[Order, bool]:
    """Return the order that is said and whether it is turned round; refuses with 400 one that there is not."""
    name = said.removeprefix("-")
    if name not in orders:
        raise bad_query("sort", "not_allowed", f"there is no order by {said!r}")
    return orders[name], said != name


def about(kind: str, sort: Sequence[str], narrowed: object) -> str:
    """Return what makes a list the list it is: what is listed, its order, everything it is narrowed by."""
    return msgspec.json.encode([kind, list(sort), narrowed]).decode()


def after_of(said: str | UnsetType, list_: str, rules: Rules) -> Place | None:
    """Return the place behind which the page begins, None for the first page; `list_` is what `about` said."""
    return None if said is UNSET else cursor.opened(rules.settings["secret"], list_, said)


def page_of(list_: str, rules: Rules, last: Place | None) -> Page:
    """Return where a list goes on behind the last place of a page, None where it has ended."""
    if last is None:
        return Page(next_cursor=None, has_more=False)
    return Page(next_cursor=cursor.sealed(rules.settings["secret"], list_, last), has_more=True)


def last_of(places: Sequence[Place], limit: int) -> Place | None:
    """Return the last place of a page, None where nothing follows it; `places` holds one more where there is one."""
    return places[limit - 1] if len(places) > limit else None


def ids_of(places: Sequence[Place], limit: int) -> list[int]:
    """Return the ids of the records of a page."""
    return [int(place[-1] or 0) for place in places[:limit]]


def check_members(chosen: Sequence[str] | UnsetType, members: Collection[str]) -> None:
    """Refuse with 400 members that there are none of."""
    for name in () if chosen is UNSET else chosen:
        if name not in members:
            raise bad_query("fields", "unknown_member", f"there is no member {name!r} to choose")


def narrowed(made: S, chosen: Sequence[str] | UnsetType, members: Sequence[str]) -> S:
    """Return a record with the chosen members alone; without a choice as it is."""
    if chosen is not UNSET:
        for name in members:
            if name not in chosen:
                setattr(made, name, UNSET)
    return made
