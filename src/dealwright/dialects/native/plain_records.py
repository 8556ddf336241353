"""What proposals, webhooks and forms do alike in our own API: pages, entity tags, changes under If-Match."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Generic, Protocol, TypeVar

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.actions import plain_records as deeds
from dealwright.actions.plain_records import Entity
from dealwright.dialects.native import pages
from dealwright.dialects.native.changing import Versioned, under_match
from dealwright.dialects.native.conditions import tag_of
from dealwright.dialects.native.problems import bad_query
from dealwright.dialects.native.reading import Query
from dealwright.dialects.native.routing import Call, Reply
from dealwright.dialects.native.shapes import LIMIT, Cursor, Limit, Listing, TotalName
from dealwright.storage import plain_lists
from dealwright.storage import plain_records as store
from dealwright.storage.plain_records import PlainRecord
from dealwright.storage.rules import Rules

SORTS = ("id", "-id")


class ListQuery(Query):
    """What a list may be asked with."""

    limit: Limit = LIMIT
    cursor: Cursor | UnsetType = UNSET
    total: TotalName = "none"
    sort: Annotated[str, Meta(extra_json_schema={"enum": list(SORTS)})] = "id"


class Shape(Versioned, Protocol):
    """A record as it goes over the wire."""

    @property
    def id(self) -> int:
        """Its number."""


S = TypeVar("S", bound=Shape)


class Shelf(Generic[S]):
    """One kind of record behind one path: how it is listed, told and changed."""

    def __init__(self, entity: Entity, path: str, written: Callable[[Rules, PlainRecord], S]) -> None:
        self._entity, self._path, self._written = entity, path, written

    async def page(self, call: Call, query: ListQuery, narrowed: Mapping[str, int | UnsetType]) -> Reply[Listing[S]]:
        """Answer a page of those whose fields hold these numbers; what is not said narrows nothing."""
        db, actor, rules, kind = call.db, call.actor, call.db.rules, self._entity.kind
        actor.require(f"{self._entity.stem}-List")
        if query.sort not in SORTS:
            raise bad_query("sort", "not_allowed", f"there is no order by {query.sort!r}")
        said = {name: value for name, value in narrowed.items() if value is not UNSET}
        this = pages.about(kind.subject, [query.sort], said)
        after, descending = pages.after_of(query.cursor, this, rules), query.sort.startswith("-")
        places = await plain_lists.find_places(db, actor, kind, said, descending, after, query.limit + 1)
        found = await store.read_many(db, actor, kind, pages.ids_of(places, query.limit))
        page = pages.page_of(this, rules, pages.last_of(places, query.limit))
        if query.total == "exact":
            page.total = await plain_lists.total(db, actor, kind, said)
        return Reply(Listing(data=[self._written(rules, one) for one in found], page=page))

    async def one(self, call: Call) -> Reply[S]:
        """Answer the record that the path names."""
        return self.told(call, await deeds.get(call.db, call.actor, self._entity, call.id))

    def told(self, call: Call, record: PlainRecord) -> Reply[S]:
        """Answer a record with its entity tag."""
        return Reply(self._written(call.db.rules, record), tag_of(record.version))

    def made(self, call: Call, record: PlainRecord) -> Reply[S]:
        """Answer a new record with the place where it is."""
        return Reply(self._written(call.db.rules, record), tag_of(record.version), f"{self._path}/{record.id}")

    async def create(self, call: Call, values: Mapping[str, Any]) -> Reply[S]:
        """Make a record and answer it."""
        return self.made(call, await deeds.create(call.db, call.actor, self._entity, values))

    async def change(self, call: Call, said: Struct, values: Mapping[str, Any]) -> Reply[S]:
        """Change the record that the path names."""
        return await self.under(
            call, lambda v: deeds.change(call.db, call.actor, self._entity, call.id, values, v), said
        )

    async def delete(self, call: Call) -> Reply[None]:
        """Delete the record that the path names."""
        await self.under(call, lambda v: deeds.delete(call.db, call.actor, self._entity, call.id, v))
        return Reply(None)

    async def restore(self, call: Call) -> Reply[S]:
        """Take the record that the path names back from the trash."""
        return self.told(call, await deeds.restore(call.db, call.actor, self._entity, call.id))

    async def under(
        self, call: Call, deed: Callable[[int | None], Awaitable[PlainRecord]], said: Struct | None = None
    ) -> Reply[S]:
        """Do a deed under If-Match and answer the record."""

        async def present() -> S:
            return self._written(call.db.rules, await store.read(call.db, call.actor, self._entity.kind, call.id))

        return self.told(call, await under_match(call, said, deed, present))


def values_of(said: Struct) -> dict[str, Any]:
    """Return the members that are said."""
    return {name: value for name in said.__struct_fields__ if (value := getattr(said, name)) is not UNSET}
