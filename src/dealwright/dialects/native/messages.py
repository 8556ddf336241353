"""Messages of contacts in our own API: list, get, and take in one that came from a contact by another way."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.actions.plain_entities import MESSAGE
from dealwright.dialects.native.plain_records import ListQuery, PlainShelf, values_of
from dealwright.dialects.native.reading import Body
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.shapes import Id, Instant, Listing
from dealwright.storage.plain_records import PlainRecord
from dealwright.storage.rules import Rules

_PATH: Final = "/messages"
Text = Annotated[str, Meta(max_length=100_000)]


class Message(Struct, kw_only=True):
    """What was sent to a contact, or `incoming`: what came from one. Nobody changes it afterwards."""

    id: int
    uid: str
    version: int
    contact_id: int
    incoming: bool
    subject: str | None
    body: str | None
    created_at: Instant
    created_by: int | None
    updated_at: Instant
    updated_by: int | None


class MessageDraft(Body):
    """A message that came in from a contact: what a mail server or a telephone app has to tell."""

    contact_id: Id
    subject: Annotated[str, Meta(max_length=255)] | UnsetType | None = UNSET
    body: Text | UnsetType | None = UNSET


class MessageListQuery(ListQuery):
    """What the list may be asked with."""

    contact_id: Id | UnsetType = UNSET


def written(_: Rules, record: PlainRecord) -> Message:
    """Return a message as it goes over the wire."""
    values = record.values
    return Message(
        id=record.id,
        uid=record.uid,
        version=record.version,
        contact_id=values["contact_id"],
        incoming=values["incoming"],
        subject=values["subject"],
        body=values["body"],
        created_at=record.created_at,
        created_by=record.created_by,
        updated_at=record.updated_at,
        updated_by=record.updated_by,
    )


_SHELF: Final = PlainShelf(MESSAGE, _PATH, written)


async def list_messages(call: Call, query: MessageListQuery) -> Reply[Listing[Message]]:
    """List messages in the order in which they were sent or came in."""
    return await _SHELF.page(call, query, {"contact_id": query.contact_id})


async def get_message(call: Call) -> Reply[Message]:
    """Get a message."""
    return await _SHELF.one(call)


async def create_message(call: Call, body: MessageDraft) -> Reply[Message]:
    """Take in a message that came from a contact; stages that wait for messages of contacts take the contact up."""
    return await _SHELF.create(call, {**values_of(body), "incoming": True, "is_new": True})


ROUTES: Final = (
    Route("GET", _PATH, list_messages, right="CoworkerMessage-List"),
    Route("POST", _PATH, create_message, 201, right="CoworkerMessage-Create"),
    Route("GET", f"{_PATH}/{{id}}", get_message, right="CoworkerMessage-Read", checked=True),
)
