"""Telephone calls in our own API: list, get, record, link to a contact."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.actions import calls as deeds
from dealwright.dialects.native import members, pages, people, times
from dealwright.dialects.native.listing import uid_of
from dealwright.dialects.native.reading import Body, Query
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.shapes import (
    LIMIT,
    Amount,
    Cursor,
    Id,
    Instant,
    Limit,
    Listing,
    Name,
    Somebody,
    TotalName,
    Whole,
)
from dealwright.dialects.native.shelves import Lister
from dealwright.dialects.native.written import decimal_text, user_id
from dealwright.domain import call as domain
from dealwright.domain.call import CallChange, CallStatus
from dealwright.domain.errors import Invalid
from dealwright.storage import calls as store
from dealwright.storage.calls import CallCriteria, CallOrder
from dealwright.storage.rules import Rules

StatusName = Literal["incoming", "outgoing", "answered", "missed"]
STATUSES: Final[dict[CallStatus, StatusName]] = {
    CallStatus.INCOMING: "incoming",
    CallStatus.OUTGOING: "outgoing",
    CallStatus.ANSWERED: "answered",
    CallStatus.MISSED: "missed",
}
STATUSES_BY_NAME: Final = {name: status for status, name in STATUSES.items()}
ORDERS: Final = {"id": CallOrder.ID, "dialed_at": CallOrder.DIALED}
SORTS: Final = pages.sorts_of(ORDERS)
POINTERS: Final = {"answered_by": "answered_by_id"}
"""Where our fields stand in the documents of this face."""
_PLAIN: Final = (
    "from_number",
    "to_number",
    "contact_id",
    "parent_id",
    "seconds",
    "record_url",
    "record_seconds",
    "system_id",
)
NumberPart = Annotated[str, Meta(min_length=1, max_length=64, description="A part of either number.")]
_PATH: Final = "/calls"
_ONE: Final = "/calls/{id}"


class CallQuery(Query):
    """What the list may be asked with; everything that is given must hold."""

    limit: Limit = LIMIT
    cursor: Cursor | UnsetType = UNSET
    total: TotalName = "none"
    sort: Annotated[str, Meta(extra_json_schema={"enum": list(SORTS)})] = "-dialed_at"
    status: StatusName | UnsetType = UNSET
    answered_by: Somebody | UnsetType = UNSET
    contact_id: Id | UnsetType = UNSET
    number: NumberPart | UnsetType = UNSET
    parent_id: Annotated[Id, Meta(description="Parts of this call.")] | UnsetType = UNSET
    dialed_from: Annotated[Instant, Meta(description="Then or later.")] | UnsetType = UNSET
    dialed_to: Annotated[Instant, Meta(description="Then or earlier.")] | UnsetType = UNSET


class PhoneCall(Struct, kw_only=True):
    """A telephone call. `external_id` is what the telephone system calls it, `parent_id` the call it is a part of."""

    id: int
    uid: str
    external_id: str
    from_number: str
    to_number: str
    status: StatusName | None
    answered_by_id: int | None
    answered_by_uid: str | None
    contact_id: int | None
    parent_id: int | None
    dialed_at: Instant
    seconds: int
    price: Amount
    record_url: str | None
    record_seconds: int
    system_id: str | None
    created_at: Instant
    created_by: int | None
    updated_at: Instant
    updated_by: int | None


class CallDraft(Body, kw_only=True):
    """A call that took place; without a contact it is linked to the one whose number it is."""

    external_id: Annotated[str, Meta(min_length=1, max_length=255)] | UnsetType = UNSET
    from_number: Name | UnsetType = UNSET
    to_number: Name | UnsetType = UNSET
    status: StatusName | UnsetType | None = UNSET
    answered_by_id: Id | UnsetType | None = UNSET
    contact_id: Id | UnsetType | None = UNSET
    parent_id: Id | UnsetType | None = UNSET
    dialed_at: Instant | UnsetType = UNSET
    seconds: Whole | UnsetType = UNSET
    price: Amount | UnsetType = UNSET
    record_url: Annotated[str, Meta(max_length=2000)] | UnsetType | None = UNSET
    record_seconds: Whole | UnsetType = UNSET
    system_id: str | UnsetType | None = UNSET


class CallLink(Body):
    """The contact that a call is with; without one that whose number it is."""

    contact_id: Id | UnsetType = UNSET


def written(rules: Rules, own: domain.Call) -> PhoneCall:
    """Return a call as it goes over the wire."""
    return PhoneCall(
        id=own.id,
        uid=own.uid,
        external_id=own.external_id,
        from_number=own.from_number,
        to_number=own.to_number,
        status=None if own.status is None else STATUSES[own.status],
        answered_by_id=user_id(rules, own.answered_by),
        answered_by_uid=own.answered_by,
        contact_id=own.contact_id,
        parent_id=own.parent_id,
        dialed_at=own.dialed_at,
        seconds=own.seconds,
        price=decimal_text(own.price),
        record_url=own.record_url,
        record_seconds=own.record_seconds,
        system_id=own.system_id,
        created_at=own.created_at,
        created_by=own.created_by,
        updated_at=own.updated_at,
        updated_by=own.updated_by,
    )


def change_of(said: CallDraft, rules: Rules) -> CallChange:
    """Return the change that a draft means. Refuses with Invalid."""
    change = CallChange()
    members.say(change, said, _PLAIN)
    if said.status is not UNSET:
        change.status = None if said.status is None else STATUSES_BY_NAME[said.status]
    if said.price is not UNSET:
        change.price = Decimal(said.price) + 0
    problems = [
        *times.say(change, "dialed_at", said.dialed_at),
        *people.say(change, "answered_by", said.answered_by_id, rules),
    ]
    if problems:
        raise Invalid(*problems)
    return change


def _criteria(query: CallQuery, call: Call) -> CallCriteria:
    return CallCriteria(
        status=None if query.status is UNSET else STATUSES_BY_NAME[query.status],
        answered_by=None if query.answered_by is UNSET else uid_of(query.answered_by, call.db.rules, call.actor),
        contact_id=None if query.contact_id is UNSET else query.contact_id,
        parent_id=None if query.parent_id is UNSET else query.parent_id,
        dialed_from=times.bound("dialed_from", query.dialed_from),
        dialed_to=times.bound("dialed_to", query.dialed_to),
        number_part=None if query.number is UNSET else query.number,
    )


_LIST: Final = Lister(
    name="calls",
    right=deeds.LIST,
    orders=ORDERS,
    criteria=_criteria,
    find_places=store.find_places,
    read_many=store.read_many,
    total=store.total,
    written=lambda rules, full: written(rules, full.call),
)


async def list_calls(call: Call, query: CallQuery) -> Reply[Listing[PhoneCall]]:
    """List calls, the latest first unless told."""
    return await _LIST.page(call, query)


async def get_call(call: Call) -> Reply[PhoneCall]:
    """Get a call."""
    return Reply(written(call.db.rules, (await deeds.get(call.db, call.actor, call.id)).call))


async def create_call(call: Call, body: CallDraft) -> Reply[PhoneCall]:
    """Record a call that took place."""
    name = None if body.external_id is UNSET else body.external_id
    own = (await deeds.create(call.db, call.actor, name, change_of(body, call.db.rules))).call
    return Reply(written(call.db.rules, own), location=f"{_PATH}/{own.id}")


async def link_call(call: Call, body: CallLink) -> Reply[PhoneCall]:
    """Link a call to a contact, or to whose number it is; if that is nobody's it is linked to none."""
    contact_id = None if body.contact_id is UNSET else body.contact_id
    full = await deeds.link(call.db, call.actor, call.id, contact_id)
    return Reply(written(call.db.rules, full.call))


ROUTES: Final = (
    Route("GET", _PATH, list_calls, right=deeds.LIST),
    Route("POST", _PATH, create_call, 201, right=deeds.CREATE, names=POINTERS),
    Route("GET", _ONE, get_call, right=deeds.READ, checked=True),
    Route("POST", f"{_ONE}/link", link_call, right=deeds.EDIT, bodiless=True),
)
