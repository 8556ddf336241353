"""Tags in our own API: list, get, create, rename, delete."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.actions import tags as deeds
from dealwright.dialects.native import pages
from dealwright.dialects.native.reading import Body, Query
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.shapes import Listing
from dealwright.domain import tag as domain
from dealwright.domain.tag import SUBJECTS

TagSubject = Literal["opportunity", "contact", "case"]
TagTitle = Annotated[str, Meta(min_length=1, max_length=255)]
_PATH: Final = "/tags"
_ONE: Final = "/tags/{id}"
_NAMES: Final = {"tag": "title"}


class TagQuery(Query):
    """What the list of tags may be asked with."""

    subject: Annotated[TagSubject, Meta(description="The kind of record that bears them.")] | UnsetType = UNSET


class Tag(Struct, kw_only=True):
    """A label of a kind of record; `uses` counts those you see that bear it."""

    id: int
    subject: TagSubject
    title: str
    uses: int


class TagPatch(Body):
    """What to change about a tag."""

    title: TagTitle | UnsetType = UNSET


class TagDraft(Body):
    """A new tag; putting a tag on a record makes it too."""

    subject: TagSubject
    title: TagTitle


def _shown(subject: str, tag: domain.Tag) -> Tag:
    known: TagSubject = subject  # type: ignore[assignment]
    return Tag(id=tag.id, subject=known, title=tag.title, uses=tag.uses)


async def list_tags(call: Call, query: TagQuery) -> Reply[Listing[Tag]]:
    """List the tags of a kind of record by title, or of all kinds that you may list."""
    if query.subject is UNSET:
        subjects = [one for one in SUBJECTS if call.actor.may(f"{deeds.STEMS[one]}-List")]
    else:
        subjects = [query.subject]
    return pages.whole([_shown(one, tag) for one in subjects for tag in await deeds.read_all(call.db, call.actor, one)])


async def get_tag(call: Call) -> Reply[Tag]:
    """Get a tag."""
    return Reply(_shown(*await deeds.get(call.db, call.actor, call.id)))


async def create_tag(call: Call, body: TagDraft) -> Reply[Tag]:
    """Create a tag that nothing bears yet."""
    tag = await deeds.create(call.db, call.actor, body.subject, body.title)
    return Reply(_shown(body.subject, tag), location=f"{_PATH}/{tag.id}")


async def change_tag(call: Call, body: TagPatch) -> Reply[Tag]:
    """Rename a tag wherever it is."""
    if body.title is UNSET:
        return await get_tag(call)
    return Reply(_shown(*await deeds.rename(call.db, call.actor, call.id, body.title)))


async def delete_tag(call: Call) -> Reply[None]:
    """Delete a tag; the records that bore it lose it."""
    subject, tag = await deeds.get(call.db, call.actor, call.id)
    await deeds.delete(call.db, call.actor, subject, tag.title)
    return Reply(None)


ROUTES: Final = (
    Route("GET", _PATH, list_tags),
    Route("POST", _PATH, create_tag, 201, names=_NAMES),
    Route("GET", _ONE, get_tag),
    Route("PATCH", _ONE, change_tag, names=_NAMES),
    Route("DELETE", _ONE, delete_tag, 204),
)
