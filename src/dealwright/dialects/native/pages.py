"""What all lists of ours do alike: go on from a cursor, and answer with some of the members only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from dealwright.dialects.native import cursor
from dealwright.dialects.native.problems import bad_query
from dealwright.dialects.native.routing import Call, Reply
from dealwright.dialects.native.shapes import Listing, Page
from dealwright.storage.keyset import Place
from dealwright.storage.rules import Rules

T = TypeVar("T")
Shown = TypeVar("Shown")
Order = TypeVar("Order")


class Asked(Protocol):
    """What every list that goes on is asked with."""

    limit: int
    cursor: str | UnsetType
    total: Literal["none", "exact"]


@dataclass(frozen=True, slots=True)
class Source(Generic[T]):
    """Where a list comes from: the places behind a place, the records of some ids, how many there are in all."""

    places: Callable[[Place | None, int], Awaitable[Sequence[Place]]]
    records: Callable[[Sequence[int]], Awaitable[Sequence[T]]]
    total: Callable[[], Awaitable[int]]


async def page(
    call: Call, query: Asked, list_: str, source: Source[T], shown: Callable[[T], Shown]
) -> Reply[Listing[Shown]]:
    """Answer a page of the list that `list_`, what `about` said, stands for."""
    rules = call.db.rules
    after = after_of(query.cursor, list_, rules)
    places = await source.places(after, query.limit + 1)
    found = await source.records(ids_of(places, query.limit))
    where = page_of(list_, rules, last_of(places, query.limit))
    if query.total == "exact":
        where.total = await source.total()
    return Reply(Listing(data=[shown(one) for one in found], page=where))


def whole(data: list[Shown]) -> Reply[Listing[Shown]]:
    """Answer a list that has but one page."""
    return Reply(Listing(data=data, page=Page(next_cursor=None, has_more=False)))


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


def narrowed(made: T, chosen: Sequence[str] | UnsetType, members: Sequence[str]) -> T:
    """Return a record with the chosen members alone; without a choice as it is."""
    if chosen is not UNSET:
        for name in members:
            if name not in chosen:
                setattr(made, name, UNSET)
    return made
