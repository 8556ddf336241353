"""The managed lists in our own API: statuses, types and categories, which administrators keep, and the fixed ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.actions import list_items as deeds
from dealwright.actions.list_items import LISTS, ItemChange
from dealwright.dialects.native import members, pages
from dealwright.dialects.native.reading import Body, Query
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.shapes import Id, Listing, Whole
from dealwright.domain.errors import NotFound, invalid
from dealwright.domain.text import fold
from dealwright.storage.rules import Item

FIXED: Final = ("lead_source", "loss_reason")
"""Lists whose numbers are the vendor's; they are only read."""
READERS: Final = {
    **dict.fromkeys(("contact_status", "contact_type"), "Coworker-List"),
    "task_category": "CoworkerTask-List",
    "history_category": "CoworkerNote-List",
    **dict.fromkeys(FIXED, "CrmOpportunity-List"),
}
"""The right that reads a list: whoever lists the records reads it."""
_PATH: Final = "/lists/{list}"
_ONE: Final = "/lists/{list}/{id}"
_ALL: Final = (*LISTS, *FIXED)
ItemTitle = Annotated[str, Meta(min_length=1, max_length=255)]
Look = Annotated[str, Meta(max_length=255)]


class ListItem(Struct, kw_only=True):
    """One entry of a list. `number` is what records keep of it where the list is fixed, otherwise they keep its id.

    `uses` counts the records you see that are of it; it is null where that is not counted.
    """

    id: int
    number: int | None
    title: str
    description: str
    color: str
    image: str
    position: int
    uses: int | None


class ListItemPatch(Body):
    """What to change about an entry: its looks are a `color` or the file name of an `image`."""

    title: ItemTitle | UnsetType = UNSET
    description: str | UnsetType = UNSET
    color: Look | UnsetType = UNSET
    image: Look | UnsetType = UNSET
    position: Whole | UnsetType = UNSET


class ListItemDraft(ListItemPatch, kw_only=True):
    """A new entry; without a position it comes to the end."""

    title: ItemTitle


class ItemOrder(Body):
    """Entries of a list in the order in which they are to stand."""

    ids: Annotated[list[Id], Meta(min_length=1, max_length=1000)]


class ItemRemovalQuery(Query):
    """What is to become of the records of an entry that goes."""

    move_to: Annotated[Id, Meta(description="The entry that its records get first.")] | UnsetType = UNSET


def written(item: Item, uses: Mapping[int, int]) -> ListItem:
    """Return an entry as it goes over the wire."""
    return ListItem(
        id=item.id,
        number=item.number,
        title=item.title,
        description=item.description,
        color=item.color,
        image=item.image,
        position=item.position,
        uses=None if item.list in FIXED else uses.get(item.id, 0),
    )


def change_of(said: ListItemPatch) -> ItemChange:
    """Return the change that a patch means."""
    change = ItemChange()
    members.say(change, said, ListItemPatch.__struct_fields__)
    return change


async def _uses(call: Call) -> Mapping[int, int]:
    """Count the uses. A deed on a list moves the rules, so ask before it."""
    call.actor.require(READERS[call.word])
    return await deeds.usage(call.db, call.actor, call.word)


async def list_list_items(call: Call) -> Reply[Listing[ListItem]]:
    """List the entries of a list in their order."""
    uses = await _uses(call)
    return pages.whole([written(item, uses) for item in call.db.rules.items_of(call.word)])


async def get_list_item(call: Call) -> Reply[ListItem]:
    """Get an entry of a list."""
    uses = await _uses(call)
    item = call.db.rules.items.get(call.id)
    if item is None or item.list != call.word:
        raise NotFound("list item")
    return Reply(written(item, uses))


async def create_list_item(call: Call, body: ListItemDraft) -> Reply[ListItem]:
    """Create an entry of a list, at the end unless it has a position."""
    if any(fold(item.title) == fold(body.title) for item in call.db.rules.items_of(call.word)):
        raise invalid("title", "duplicate", "is the title of another entry", body.title)
    item = await deeds.create(call.db, call.actor, call.word, change_of(body))
    return Reply(written(item, {}), location=f"/lists/{call.word}/{item.id}")


async def change_list_item(call: Call, body: ListItemPatch) -> Reply[ListItem]:
    """Change an entry of a list, also one that is in use."""
    uses = await _uses(call)
    return Reply(written(await deeds.change(call.db, call.actor, call.word, call.id, change_of(body)), uses))


async def delete_list_item(call: Call, query: ItemRemovalQuery) -> Reply[None]:
    """Delete an entry of a list; one in use only together with `move_to`, the last one never."""
    move_to = None if query.move_to is UNSET else query.move_to
    await deeds.delete(call.db, call.actor, call.word, call.id, move_to)
    return Reply(None)


async def order_list_items(call: Call, body: ItemOrder) -> Reply[Listing[ListItem]]:
    """Put entries of a list in this order; those that are not named keep their positions."""
    uses = await _uses(call)
    found = await deeds.reorder(call.db, call.actor, call.word, body.ids)
    return pages.whole([written(item, uses) for item in found])


ROUTES: Final = (
    Route("GET", _PATH, list_list_items, words=_ALL),
    Route("POST", _PATH, create_list_item, 201, words=LISTS),
    Route("POST", f"{_PATH}/order", order_list_items, words=LISTS),
    Route("GET", _ONE, get_list_item, words=_ALL),
    Route("PATCH", _ONE, change_list_item, words=LISTS),
    Route("DELETE", _ONE, delete_list_item, 204, words=LISTS, names={"move_to": "?move_to"}),
)
