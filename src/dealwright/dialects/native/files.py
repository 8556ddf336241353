"""Files in our own API: list, get, upload, download, delete; a note hangs them on a record."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.actions import files as deeds
from dealwright.dialects.native import pages
from dealwright.dialects.native.conditions import tag_of
from dealwright.dialects.native.pages import Source
from dealwright.dialects.native.reading import Query, Upload
from dealwright.dialects.native.routing import Call, Download, Reply, Route
from dealwright.dialects.native.shapes import LIMIT, Cursor, Id, Instant, Limit, Listing, TotalName
from dealwright.dialects.native.stamps import stamps
from dealwright.dialects.wire import file_headers
from dealwright.domain.file import File as Known
from dealwright.domain.file import Purpose
from dealwright.storage import file_lists
from dealwright.storage import files as store
from dealwright.storage.file_lists import FileCriteria

_PATH: Final = "/files"
_ONE: Final = "/files/{id}"


class File(Struct, kw_only=True):
    """What is known of a file. `content` is the path of its bytes, `size` says how many they are."""

    id: int
    uid: str
    version: int
    purpose: Purpose
    title: str
    media_type: str
    size: int
    content: str
    system_id: str | None
    created_at: Instant
    created_by: int | None
    updated_at: Instant
    updated_by: int | None


MEMBERS: Final = File.__struct_fields__
"""What `fields` can name."""
Member = Annotated[str, Meta(extra_json_schema={"enum": list(MEMBERS)})]


class FileQuery(Query):
    """What one file may be asked with."""

    lists: ClassVar[frozenset[str]] = frozenset({"fields"})

    fields: Annotated[list[Member], Meta(description="The members to answer with; all without it.")] | UnsetType = UNSET


class FileListQuery(FileQuery):
    """What the list may be asked with; everything that is given must hold."""

    limit: Limit = LIMIT
    cursor: Cursor | UnsetType = UNSET
    total: TotalName = "none"
    purpose: Purpose | UnsetType = UNSET
    contact_id: Annotated[Id, Meta(description="On a note about this contact.")] | UnsetType = UNSET
    opportunity_id: Annotated[Id, Meta(description="On a note about this opportunity.")] | UnsetType = UNSET
    case_id: Annotated[Id, Meta(description="On a note about this case.")] | UnsetType = UNSET


class FileTitle(Query, kw_only=True):
    """What an upload is called."""

    title: Annotated[
        str,
        Meta(min_length=1, max_length=255, description="The name with its ending, which tells the media type."),
    ]


class ContentQuery(Query):
    """How the bytes of a file are asked for."""

    inline: Annotated[bool, Meta(description="Shown instead of saved, where that is safe.")] = False


def written(call: Call, file: Known) -> File:
    """Return a file as it goes over the wire."""
    return File(
        **stamps(file),
        purpose=file.purpose,
        title=file.title,
        media_type=file.media_type,
        size=file.size,
        content=f"{call.base}{_PATH}/{file.id}/content",
    )


async def list_files(call: Call, query: FileListQuery) -> Reply[Listing[File]]:
    """List files, the newest first: your own, and those on what you may see."""
    db, actor = call.db, call.actor
    actor.require(deeds.LIST)
    pages.check_members(query.fields, MEMBERS)
    names = ("purpose", "contact_id", "opportunity_id", "case_id")
    criteria = FileCriteria(**{name: said for name in names if (said := getattr(query, name)) is not UNSET})
    source = Source(
        lambda after, limit: file_lists.find_places(db, actor, criteria, after, limit),
        lambda ids: store.read_many(db, actor, ids),
        lambda: file_lists.total(db, actor, criteria),
    )
    this = pages.about("files", [], criteria.given())
    return await pages.page(
        call, query, this, source, lambda file: pages.narrowed(written(call, file), query.fields, MEMBERS)
    )


async def get_file(call: Call, query: FileQuery) -> Reply[File]:
    """Get what is known of a file.

    The default body has an `ETag`, its version; with `fields` there is none.
    """
    pages.check_members(query.fields, MEMBERS)
    file = await deeds.get(call.db, call.actor, call.id)
    tag = tag_of(file.version) if query.fields is UNSET else None
    return Reply(pages.narrowed(written(call, file), query.fields, MEMBERS), tag)


async def get_file_content(call: Call, query: ContentQuery) -> Reply[Download]:
    """Get the bytes of a file.

    They come under the file's own media type, to be saved, unless they are asked for `inline` and cannot act.
    """
    file, pieces = await deeds.opened(call.db, call.actor, call.id)
    return Reply(Download(file_headers(file, query.inline), pieces))


async def create_file(call: Call, query: FileTitle, body: Upload) -> Reply[File]:
    """Upload a file: the body is its bytes as they are.

    It is yours alone until a note hangs it on a record.
    """
    file = await deeds.keep(call.db, call.actor, Purpose.ATTACHMENT, query.title, None, body.pieces())
    return Reply(written(call, file), tag_of(file.version), f"{_PATH}/{file.id}")


async def delete_file(call: Call) -> Reply[None]:
    """Delete a file; its bytes are removed a month later."""
    await deeds.delete(call.db, call.actor, call.id)
    return Reply(None)


ROUTES: Final = (
    Route("GET", _PATH, list_files, right=deeds.LIST),
    Route("POST", _PATH, create_file, 201, right=deeds.CREATE),
    Route("GET", _ONE, get_file, right=deeds.READ),
    Route("GET", f"{_ONE}/content", get_file_content, right=deeds.READ),
    Route("DELETE", _ONE, delete_file, 204, right=deeds.DELETE),
)
