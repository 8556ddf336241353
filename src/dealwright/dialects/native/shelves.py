"""One kind of record behind one path: how it is listed, told, and changed under If-Match."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from msgspec import UNSET, Struct, UnsetType

from dealwright.dialects.native import pages
from dealwright.dialects.native.changing import Versioned, under_match
from dealwright.dialects.native.conditions import tag_of
from dealwright.dialects.native.pages import Asked, Source
from dealwright.dialects.native.routing import Call, Reply
from dealwright.dialects.native.shapes import Listing
from dealwright.domain.actor import Actor
from dealwright.storage.database import Database
from dealwright.storage.finding import Criteria
from dealwright.storage.keyset import Place
from dealwright.storage.rules import Rules


class Sorted(Asked, Protocol):
    """What a list that has orders is asked with; where records have members to choose, `fields` may name some."""

    sort: str


class Numbered(Versioned, Protocol):
    """A record as it goes over the wire, with a path of its own."""

    @property
    def id(self) -> int:
        """Its number."""


Q = TypeVar("Q", bound=Sorted)
C = TypeVar("C", bound=Criteria)
T = TypeVar("T")
Order = TypeVar("Order")
Full = TypeVar("Full")
S = TypeVar("S")
V = TypeVar("V", bound=Numbered)
Deed = Callable[[int | None], Awaitable[T]]
"""A deed on the version that is wanted, None for any."""


def given(_: Call, criteria: Criteria) -> Mapping[str, Any]:
    """Return everything that a list is narrowed by."""
    return criteria.given()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lister(Generic[Q, C, Order, Full, S]):
    """How one kind of record is listed, under the right that it needs.

    `criteria` says what a query asks for, `narrowed` all of that in one value; `find_places` finds the places that
    follow a place, `read_many` the records of some ids, `total` counts. `members` are those that `fields` can name.
    """

    name: str
    right: str
    orders: Mapping[str, Order]
    criteria: Callable[[Q, Call], C]
    find_places: Callable[[Database, Actor, C, Order, bool, Place | None, int], Awaitable[Sequence[Place]]]
    read_many: Callable[[Database, Actor, Sequence[int]], Awaitable[Sequence[Full]]]
    total: Callable[[Database, Actor, C], Awaitable[int]]
    written: Callable[[Rules, Full], S]
    members: Sequence[str] = ()
    narrowed: Callable[[Call, C], object] = given

    async def page(self, call: Call, query: Q) -> Reply[Listing[S]]:
        """Answer a page of what is asked for; refuses with 400 an order, a member or a cursor that there is not."""
        db, actor = call.db, call.actor
        actor.require(self.right)
        chosen = chosen_by(query)
        pages.check_members(chosen, self.members)
        by, descending = pages.order_of(query.sort, self.orders)
        criteria = self.criteria(query, call)
        source = Source(
            lambda after, limit: self.find_places(db, actor, criteria, by, descending, after, limit),
            lambda ids: self.read_many(db, actor, ids),
            lambda: self.total(db, actor, criteria),
        )
        this = pages.about(self.name, [query.sort], self.narrowed(call, criteria))
        return await pages.page(
            call, query, this, source, lambda full: pages.narrowed(self.written(db.rules, full), chosen, self.members)
        )


class Shelf(Generic[Full, V]):
    """How one record is told, and changed under If-Match.

    `get` reads the record that the path names for who may read such records, `present` for who may see this one.
    """

    def __init__(
        self,
        path: str,
        written: Callable[[Rules, Full], V],
        get: Callable[[Database, Actor, int], Awaitable[Full]],
        present: Callable[[Database, Actor, int], Awaitable[Full]],
        members: Sequence[str] = (),
    ) -> None:
        self.path, self.written, self.get, self.present, self.members = path, written, get, present, members

    async def one(self, call: Call, query: object = None) -> Reply[V]:
        """Answer the record that the path names, or the members of it that a query asks for: these without a tag."""
        chosen = chosen_by(query)
        pages.check_members(chosen, self.members)
        whole = self.told(call, await self.get(call.db, call.actor, call.id))
        return whole if chosen is UNSET else Reply(pages.narrowed(whole.value, chosen, self.members))

    def told(self, call: Call, full: Full) -> Reply[V]:
        """Answer a record with its entity tag."""
        made = self.written(call.db.rules, full)
        return Reply(made, tag_of(made.version))

    def made(self, call: Call, full: Full) -> Reply[V]:
        """Answer a new record with the place where it is."""
        made = self.written(call.db.rules, full)
        return Reply(made, tag_of(made.version), f"{self.path}/{made.id}")

    async def held(self, call: Call, deed: Deed[T], said: Struct | None = None) -> T:
        """Do a deed under If-Match; `said` is the body that it came from."""

        async def present() -> V:
            return self.written(call.db.rules, await self.present(call.db, call.actor, call.id))

        return await under_match(call, said, deed, present)

    async def under(self, call: Call, deed: Deed[Full], said: Struct | None = None) -> Reply[V]:
        """Do a deed under If-Match and answer the record."""
        return self.told(call, await self.held(call, deed, said))

    async def gone(self, call: Call, deed: Deed[object]) -> Reply[None]:
        """Do a deed under If-Match that leaves no record."""
        await self.held(call, deed)
        return Reply(None)


def chosen_by(query: object) -> Sequence[str] | UnsetType:
    """Return the members that a query asks for; not every kind of record lets its members be chosen."""
    chosen: Sequence[str] | UnsetType = getattr(query, "fields", UNSET)
    return chosen
