"""What proposals, webhooks and forms do alike in our own API: pages, entity tags, changes under If-Match."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.actions import plain_records as deeds
from dealwright.actions.plain_records import Entity
from dealwright.dialects.native import pages
from dealwright.dialects.native.pages import Source
from dealwright.dialects.native.problems import bad_query
from dealwright.dialects.native.reading import Query
from dealwright.dialects.native.routing import Call, Reply
from dealwright.dialects.native.shapes import LIMIT, Cursor, Limit, Listing, TotalName
from dealwright.dialects.native.shelves import Numbered, Shelf
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


V = TypeVar("V", bound=Numbered)


class PlainShelf(Shelf[PlainRecord, V]):
    """One kind of plain record behind one path: how it is listed, told and changed."""

    def __init__(self, entity: Entity, path: str, written: Callable[[Rules, PlainRecord], V]) -> None:
        super().__init__(
            path,
            written,
            lambda db, actor, ident: deeds.get(db, actor, entity, ident),
            lambda db, actor, ident: store.read(db, actor, entity.kind, ident),
        )
        self.entity = entity

    async def page(self, call: Call, query: ListQuery, narrowed: Mapping[str, int | UnsetType]) -> Reply[Listing[V]]:
        """Answer a page of those whose fields hold these numbers; what is not said narrows nothing."""
        db, actor, kind = call.db, call.actor, self.entity.kind
        actor.require(f"{self.entity.stem}-List")
        if query.sort not in SORTS:
            raise bad_query("sort", "not_allowed", f"there is no order by {query.sort!r}")
        said, descending = {name: one for name, one in narrowed.items() if one is not UNSET}, query.sort.startswith("-")
        source = Source(
            lambda after, limit: plain_lists.find_places(db, actor, kind, said, descending, after, limit),
            lambda ids: store.read_many(db, actor, kind, ids),
            lambda: plain_lists.total(db, actor, kind, said),
        )
        this = pages.about(kind.subject, [query.sort], said)
        return await pages.page(call, query, this, source, lambda one: self.written(db.rules, one))

    async def create(self, call: Call, values: Mapping[str, Any]) -> Reply[V]:
        """Make a record and answer it."""
        return self.made(call, await deeds.create(call.db, call.actor, self.entity, values))

    async def change(self, call: Call, said: Struct, values: Mapping[str, Any]) -> Reply[V]:
        """Change the record that the path names."""
        return await self.under(
            call, lambda v: deeds.change(call.db, call.actor, self.entity, call.id, values, v), said
        )

    async def delete(self, call: Call) -> Reply[None]:
        """Delete the record that the path names."""
        return await self.gone(call, lambda v: deeds.delete(call.db, call.actor, self.entity, call.id, v))

    async def restore(self, call: Call) -> Reply[V]:
        """Take the record that the path names back from the trash."""
        return self.told(call, await deeds.restore(call.db, call.actor, self.entity, call.id))


def values_of(said: Struct) -> dict[str, Any]:
    """Return the members that are said."""
    return {name: value for name in said.__struct_fields__ if (value := getattr(said, name)) is not UNSET}
