"""Proposals in our own API: list, get, make, change, send, have accepted, to the trash and back."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.actions import proposals as deeds
from dealwright.dialects.native.plain_records import ListQuery, PlainShelf, values_of
from dealwright.dialects.native.reading import Body
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.shapes import Amount, CurrencyCode, Id, Instant, Listing
from dealwright.dialects.native.stamps import stamps
from dealwright.dialects.native.written import decimal_text
from dealwright.domain.proposal import Status, total
from dealwright.storage.plain_records import PlainRecord
from dealwright.storage.rules import Rules

_PATH: Final = "/proposals"
_ONE: Final = "/proposals/{id}"
StatusName = Literal["draft", "sent", "accepted", "rejected"]
_NAMES: Final[dict[int, StatusName]] = {
    Status.DRAFT: "draft",
    Status.SENT: "sent",
    Status.ACCEPTED: "accepted",
    Status.REJECTED: "rejected",
}
_NUMBERS: Final = {name: number for number, name in _NAMES.items()}
Reference = Annotated[str, Meta(min_length=1, max_length=255)]
Quantity = Annotated[int, Meta(ge=1, le=2**31 - 1)]


class Proposal(Struct, kw_only=True):
    """What is offered to a contact. Price and total are in the currency of the location that makes the offer."""

    id: int
    uid: str
    version: int
    reference: str
    status: StatusName
    location_id: int
    contact_id: int
    responsible_id: int
    price: Amount | None
    quantity: int
    total: Amount
    currency: CurrencyCode
    notes: str | None
    sent_at: Instant | None
    opened_at: Instant | None
    system_id: str | None
    created_at: Instant
    created_by: int | None
    updated_at: Instant
    updated_by: int | None


class ProposalPatch(Body):
    """What to change about a proposal (RFC 7396); an accepted one cannot be changed.

    `status` rejects a draft or a proposal that was sent, and makes a rejected one a draft again.
    """

    reference: Reference | UnsetType = UNSET
    contact_id: Id | UnsetType = UNSET
    responsible_id: Id | UnsetType = UNSET
    location_id: Id | UnsetType = UNSET
    price: Amount | UnsetType | None = UNSET
    quantity: Quantity | UnsetType = UNSET
    notes: str | UnsetType | None = UNSET
    status: Literal["draft", "rejected"] | UnsetType = UNSET
    system_id: str | UnsetType | None = UNSET


class ProposalDraft(ProposalPatch, kw_only=True):
    """A new proposal; without anybody responsible it is yours."""

    reference: Reference
    contact_id: Id


class ProposalStep(Body):
    """Nothing needs to be said to send a proposal, to have it accepted or to take it back from the trash."""


class ProposalListQuery(ListQuery):
    """What the list may be asked with; everything that is given must hold."""

    contact_id: Id | UnsetType = UNSET
    responsible_id: Id | UnsetType = UNSET
    status: StatusName | UnsetType = UNSET


def written(rules: Rules, record: PlainRecord) -> Proposal:
    """Return a proposal as it goes over the wire."""
    values = record.values
    price, quantity = values["price"], values["quantity"]
    return Proposal(
        **stamps(record),
        reference=values["reference"],
        status=_NAMES[values["status"]],
        location_id=values["location_id"],
        contact_id=values["contact_id"],
        responsible_id=values["responsible_id"],
        price=None if price is None else decimal_text(price),
        quantity=quantity,
        total=decimal_text(total(price, quantity)),
        currency=rules.locations[values["location_id"]].currency,
        notes=values["notes"],
        sent_at=values["sent_at"],
        opened_at=values["opened_at"],
    )


_SHELF: Final = PlainShelf(deeds.PROPOSAL, _PATH, written)


def _values(said: ProposalPatch) -> dict[str, Any]:
    values = values_of(said)
    if values.get("price") is not None:
        values["price"] = Decimal(values["price"])
    if "status" in values:
        values["status"] = _NUMBERS[values["status"]]
    return values


async def list_proposals(call: Call, query: ProposalListQuery) -> Reply[Listing[Proposal]]:
    """List proposals in the order in which they were made."""
    status = UNSET if query.status is UNSET else _NUMBERS[query.status]
    said = {"contact_id": query.contact_id, "responsible_id": query.responsible_id, "status": status}
    return await _SHELF.page(call, query, said)


async def get_proposal(call: Call) -> Reply[Proposal]:
    """Get a proposal."""
    return await _SHELF.one(call)


async def create_proposal(call: Call, body: ProposalDraft) -> Reply[Proposal]:
    """Create a proposal."""
    return await _SHELF.create(call, {"responsible_id": call.actor.id, **_values(body)})


async def change_proposal(call: Call, body: ProposalPatch) -> Reply[Proposal]:
    """Change a proposal by a merge patch; `If-Match` guards against overwriting somebody else's change."""
    return await _SHELF.change(call, body, _values(body))


async def send_proposal(call: Call, body: ProposalStep) -> Reply[Proposal]:
    """Send a proposal by mail to its contact, where that has an address; it can be sent again."""
    return await _SHELF.under(call, lambda v: deeds.send(call.db, call.actor, call.id, v))


async def accept_proposal(call: Call, body: ProposalStep) -> Reply[Proposal]:
    """Note that a proposal that was sent is accepted."""
    return await _SHELF.under(call, lambda v: deeds.accept(call.db, call.actor, call.id, v))


async def delete_proposal(call: Call) -> Reply[None]:
    """Move a proposal to the trash."""
    return await _SHELF.delete(call)


async def restore_proposal(call: Call, body: ProposalStep) -> Reply[Proposal]:
    """Take a proposal back from the trash."""
    return await _SHELF.restore(call)


ROUTES: Final = (
    Route("GET", _PATH, list_proposals, right="Proposal-List"),
    Route("POST", _PATH, create_proposal, 201, right="Proposal-Create"),
    Route("GET", _ONE, get_proposal, right="Proposal-Read", checked=True),
    Route("PATCH", _ONE, change_proposal, right="Proposal-Edit", guarded=True),
    Route("DELETE", _ONE, delete_proposal, 204, right="Proposal-Delete", guarded=True),
    Route("POST", f"{_ONE}/send", send_proposal, right="Proposal-Edit", guarded=True, bodiless=True),
    Route("POST", f"{_ONE}/accept", accept_proposal, right="Proposal-Edit", guarded=True, bodiless=True),
    Route("POST", f"{_ONE}/restore", restore_proposal, right="Proposal-Delete", bodiless=True),
)
