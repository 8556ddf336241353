"""Contact statuses and types, task and history categories: four lists of one kind (contacts-tasks-cases §8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from dealwright.actions import list_items
from dealwright.actions.list_items import ItemChange
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, everything, listed, one
from dealwright.dialects.onlyoffice.failures import Words, absent_reference, missing
from dealwright.dialects.onlyoffice.opportunity import ident
from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.domain.values import UNSET
from dealwright.storage.rules import Item

IMAGES: Final = "/Products/CRM/App_Themes/default/images/"
"""Where the pictures of categories are."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One of the lists: its path, our name of it, who reads it, and what the contract calls and wants.

    `ident` names the id in the path of GET and DELETE, `looks` the parameter that an entry needs beside its title,
    and `users` says what points at its entries.
    """

    path: str
    name: str
    right: str
    ident: str
    looks: str
    noun: str
    users: str

    @property
    def needs(self) -> tuple[str, ...]:
        """Our name of the field that an entry needs beside its title."""
        return {"color": ("color",), "imageName": ("image",)}.get(self.looks, ())

    def words(self, doing: str) -> Words:
        """Return the vendor's sentences for the refusals of a PUT (`edited`) or DELETE (`deleted`)."""
        return {
            "records.in_use": f"Can't be {doing}. There are some {self.users}.",
            "list.not_allowed": f"The last {self.noun} cannot be deleted",
        }


STATUS: Final = Kept(
    *("contact/status", "contact_status", "Coworker-List", "contactStatusid"),
    *("color", "contact status", "related contacts"),
)
TYPE: Final = Kept(
    *("contact/type", "contact_type", "Coworker-List", "contactTypeid"),
    *("", "contact type", "related contacts"),
)
TASK: Final = Kept(
    *("task/category", "task_category", "CoworkerTask-List", "categoryid"),
    *("imageName", "task category", "tasks with this category"),
)
HISTORY: Final = Kept(
    *("history/category", "history_category", "CoworkerNote-List", "id"),
    *("imageName", "history category", "history events with this category"),
)


def entry(item: Item) -> Shown:
    """Return an entry without its number of uses; what its list has not is left out (§8)."""
    shown: Shown = {"imagePath": IMAGES + item.image} if item.list.endswith("category") else {}
    shown["title"] = item.title
    if item.list != TYPE.name:
        shown["description"] = item.description
    if item.list == STATUS.name or item.color:
        shown["color"] = item.color
    if item.position:
        shown["sortOrder"] = item.position
    return shown | {"id": item.id}


def counted(item: Item, used: Mapping[int, int]) -> Shown:
    """Return an entry with the number of its uses, left out where there are none (§8)."""
    count = used.get(item.id, 0)
    return entry(item) | ({"relativeItemsCount": count} if count else {})


async def get_all(kept: Kept, call: Call) -> Answer:
    """Answer the entries in their order."""
    used = await list_items.usage(call.db, call.actor, kept.name)
    return listed([counted(item, used) for item in call.db.rules.items_of(kept.name)], call.page)


async def get(kept: Kept, call: Call) -> Answer:
    """Answer one entry: 400 for id 0, 404 for a missing one."""
    item = call.db.rules.items.get(ident(call, kept.ident))
    if item is None or item.list != kept.name:
        raise missing()
    return one(counted(item, await list_items.usage(call.db, call.actor, kept.name)))


async def post(kept: Kept, call: Call) -> Answer:
    """Make an entry, or answer the one of this title that is there: 403, and 400 without a title or its looks."""
    change = _said(call)
    change.position = max(call.bag.integer("sortOrder"), 0)
    used = await list_items.usage(call.db, call.actor, kept.name)
    return one(counted(await list_items.create(call.db, call.actor, kept.name, change, kept.needs), used))


async def put(kept: Kept, call: Call) -> Answer:
    """Replace an entry that nothing points at, its place apart: 403, 400, 404, and 400 for one in use."""
    number, change = ident(call, "id"), _said(call)
    changed = await list_items.change(call.db, call.actor, kept.name, number, change, kept.needs, only_unused=True)
    return one(entry(changed))


async def put_looks(kept: Kept, call: Call) -> Answer:
    """Set the color or the picture of an entry, in use or not: 403, 404."""
    number, said, change = ident(call, "id"), _said(call), ItemChange()
    if kept.looks == "color":
        change.color = said.color
    else:
        change.image = said.image
    used = await list_items.usage(call.db, call.actor, kept.name)
    return one(counted(await list_items.change(call.db, call.actor, kept.name, number, change), used))


async def reorder(kept: Kept, call: Call) -> Answer:
    """Put the entries of these `titles` in this order: 403, and 500 for an unknown one, as the contract has it."""
    known = {item.title: item.id for item in call.db.rules.items_of(kept.name)}
    titles = call.bag.texts("titles")
    if not known.keys() >= set(titles):
        raise absent_reference("Object reference not set to an instance of an object.")
    used = await list_items.usage(call.db, call.actor, kept.name)
    ids = [known[title] for title in titles]
    changed = await list_items.reorder(call.db, call.actor, kept.name, ids)
    return everything([counted(item, used) for item in changed])


async def delete(kept: Kept, call: Call) -> Answer:
    """Delete an entry and answer it; `newcategoryid` takes over the tasks of a category.

    Refuses with 403, 404, and 400 for one in use, the last one, and an unknown `newcategoryid`.
    """
    number, target = ident(call, kept.ident), call.bag.integer("newcategoryid")
    move_to = target if kept is TASK and target > 0 else None
    return one(entry(await list_items.delete(call.db, call.actor, kept.name, number, move_to)))


def _said(call: Call) -> ItemChange:
    bag = call.bag
    return ItemChange(
        title=bag.text("title") or "",
        description=bag.text("description") or "",
        color=bag.text("color") or "",
        image=bag.text("imageName") or "",
        position=UNSET,
    )


def _serve(kept: Kept) -> None:
    """Add the routes of one list; there is no GET of one history category in the contract."""
    path = f"crm/{kept.path}"
    by_number, by_id = f"{path}/{{id:[0-9]+}}", f"{path}/{{{kept.ident}:[0-9]+}}"
    routes.get(path, right=kept.right)(partial(get_all, kept))
    if kept is not HISTORY:
        routes.get(by_id, right=kept.right)(partial(get, kept))
    routes.post(path)(partial(post, kept))
    routes.put(f"{path}/reorder")(partial(reorder, kept))
    routes.put(by_number, words=kept.words("edited"))(partial(put, kept))
    routes.delete(by_id, words=kept.words("deleted"))(partial(delete, kept))
    if kept.looks:
        tail = "color" if kept.looks == "color" else "icon"
        routes.put(f"{by_number}/{tail}")(partial(put_looks, kept))


for _kept in (STATUS, TYPE, TASK, HISTORY):
    _serve(_kept)
