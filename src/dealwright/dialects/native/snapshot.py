"""Records that the rules hold: listed out of the snapshot, and told with an entity tag of what they say.

They count no versions. A deed on them holds under the rules stamp, so what If-Match saw is what is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final, Protocol, TypeVar

import msgspec
from msgspec import UNSET, Struct

from dealwright.dialects.native import pages
from dealwright.dialects.native.changing import differing
from dealwright.dialects.native.conditions import accepts, tag_of_content
from dealwright.dialects.native.pages import Source
from dealwright.dialects.native.problems import Wrong
from dealwright.dialects.native.routing import Call, Reply
from dealwright.dialects.native.shapes import Listing
from dealwright.dialects.native.shelves import Sorted
from dealwright.domain.text import fold
from dealwright.storage.keyset import Place


class Tagged(Struct, kw_only=True):
    """A record whose entity tag comes from what it says."""

    tagged: ClassVar[bool] = True


class Named(Protocol):
    """A record of the rules."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def name(self) -> str:
        """What it is called."""


N = TypeVar("N", bound=Named)
S = TypeVar("S", bound=Tagged)
ORDERS: Final[Mapping[str, Callable[[Named], Place]]] = {
    "id": lambda one: (one.id,),
    "name": lambda one: (fold(one.name), one.id),
}
SORTS: Final = pages.sorts_of(ORDERS)


async def page(
    call: Call, query: Sorted, list_: str, found: Iterable[N], written: Callable[[N], S], *by_members: str
) -> Reply[Listing[S]]:
    """Answer a page of the records found by these members of the query; refuses with 400 an unknown order."""
    by, descending = pages.order_of(query.sort, ORDERS)
    records = {one.id: one for one in found}
    places: list[Any] = sorted(map(by, records.values()), reverse=descending)

    async def behind(after: Place | None, limit: int) -> Sequence[Place]:
        rest = [one for one in places if after is None or (one < after if descending else one > after)]
        return rest[:limit]

    async def read(ids: Sequence[int]) -> list[N]:
        return [records[one] for one in ids]

    async def total() -> int:
        return len(records)

    narrowed = {name: said for name in by_members if (said := getattr(query, name)) is not UNSET}
    this = pages.about(list_, [query.sort], narrowed)
    return await pages.page(call, query, this, Source(behind, read, total), written)


def told(value: S, location: str | None = None) -> Reply[S]:
    """Answer a record with its entity tag, and with its place where it is new."""
    return Reply(value, tag_of_content(msgspec.json.encode(value)), location)


def check_match(call: Call, present: Tagged, said: Struct | None = None) -> None:
    """Refuse with 412, the present state and what differs from what was said, unless If-Match accepts what is there."""
    tag = tag_of_content(msgspec.json.encode(present))
    if not accepts(call.if_match, tag):
        extras = {"current": present, "differing": differing(said, present)}
        raise Wrong(412, "outdated", "the record is not as If-Match names it any more", (), {"ETag": tag}, extras)
