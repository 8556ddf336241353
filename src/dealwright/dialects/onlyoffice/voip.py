"""Telephony (invoices-reports-voip §5): calls are kept here, but no provider that rings is connected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dealwright.actions import calls
from dealwright.actions.calls import CREATE, LIST, READ
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, listed, many, nothing, one
from dealwright.dialects.onlyoffice.failures import Failure, denied, missing, not_now
from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.dialects.onlyoffice.scalars import Names, integer
from dealwright.dialects.onlyoffice.values import NO_GUID, Amount, moment
from dealwright.dialects.onlyoffice.writing import contact_base, person
from dealwright.domain.call import CallChange, CallStatus
from dealwright.domain.values import UNSET, Unset
from dealwright.storage.calls import CallCriteria, CallOrder, FullCall
from dealwright.storage.query import Page

STATUSES: Final = Names({"Incoming": 0, "Outcoming": 1, "Answered": 2, "Missed": 3})
TYPES: Final = {
    "incoming": CallStatus.INCOMING,
    "outgoing": CallStatus.OUTGOING,
    "answered": CallStatus.ANSWERED,
    "missed": CallStatus.MISSED,
}
"""What `callType` may ask for; anything else asks for all calls."""
ORDERS: Final = {"date": CallOrder.DIALED, "duration": CallOrder.SECONDS, "price": CallOrder.PRICE, "id": CallOrder.ID}
KIND: Final = "voipCall"
NO_PROVIDER: Final = "No telephony provider is connected to this portal."
NUMBER: Final = r"crm/voip/numbers/{numberId:\w+}"
CALL: Final = r"crm/voip/call/{callId:\w+}"
LARGEST: Final = 1000
"""Missed calls that are listed at most."""


# What a provider would answer --------------------------------------------------------------------------------


async def none_there(call: Call) -> Answer:
    """Answer an empty list: there are no telephone numbers, operators or sounds without a provider."""
    return listed([], call.page)


async def none_there_for_administrators(call: Call) -> Answer:
    """Answer an empty list to CRM administrators: 403 for others."""
    _check_administrator(call)
    return await none_there(call)


async def refuse(call: Call) -> Answer:
    """Refuse with 403 what only a provider could do."""
    raise _no_provider()


async def refuse_after_look(call: Call) -> Answer:
    """Refuse with 403 what only a provider could do to a call; 404 where there is no such call."""
    await calls.get_external(call.db, call.actor, call.bag.text("callId") or "")
    raise _no_provider()


async def refuse_administrators_too(call: Call) -> Answer:
    """Refuse what administrators could do with a provider: 403."""
    _check_administrator(call)
    raise _no_provider()


@routes.get("crm/voip/numbers/current", right=LIST)
async def get_current_number(call: Call) -> Answer:
    """Answer the number that the caller rings from: there is none."""
    return nothing()


@routes.get(NUMBER, right=LIST)
async def get_number(call: Call) -> Answer:
    """Refuse with 404: there is no such number."""
    raise missing()


@routes.get("crm/voip/numbers/settings", right=LIST)
async def get_settings(call: Call) -> Answer:
    """Answer how calls wait: nobody waits."""
    return one({"queue": None, "pause": False})


for _path in ("numbers/available", "numbers/unlinked", "numbers/existing", "uploads"):
    routes.get(f"crm/voip/{_path}", right=LIST)(none_there_for_administrators)
routes.get(f"{NUMBER}/oper", right=LIST)(none_there)
routes.get("crm/voip/token", right=LIST)(refuse)
routes.post("crm/voip/call", right=CREATE)(refuse)
for _verb, _path in (
    ("POST", "crm/voip/numbers"),
    ("POST", "crm/voip/numbers/link"),
    ("PUT", "crm/voip/numbers/settings"),
    ("DELETE", "crm/voip/uploads"),
    ("DELETE", NUMBER),
    ("PUT", f"{NUMBER}/settings"),
    ("PUT", f"{NUMBER}/oper"),
    ("DELETE", f"{NUMBER}/oper"),
    ("PUT", "crm/voip/opers/{operatorId}"),
):
    routes.route(_verb, _path)(refuse_administrators_too)
for _path in (f"{CALL}/answer", f"{CALL}/reject", f"{CALL}/redirect", r"crm/voip/price/{callId:\w+}"):
    routes.post(_path, right=CREATE)(refuse_after_look)


def _check_administrator(call: Call) -> None:
    if not call.actor.is_crm_admin:
        raise denied()


def _no_provider() -> Failure:
    return not_now(NO_PROVIDER)


# Calls -------------------------------------------------------------------------------------------------------


@routes.get("crm/voip/call", right=LIST)
async def get_calls(call: Call) -> Answer:
    """Answer a page of the calls that match, the latest first unless told, with the exact total; 400 for bad values.

    What is a part of another call stands in its `calls`, not beside it.
    """
    page, name = call.page, call.page.sort_by.lower()
    descending = page.descending if name else True
    cut = Page(page.start, page.rows)
    order = ORDERS.get(name, CallOrder.DIALED)
    found = await calls.find(call.db, call.actor, _criteria(call), cut, order, descending)
    return many(await _rows(call, found.rows), page, found.total, KIND)


@routes.get("crm/voip/call/missed", right=LIST)
async def get_missed(call: Call) -> Answer:
    """Answer the calls that the caller missed, or nobody took, the latest first."""
    criteria = CallCriteria(status=CallStatus.MISSED, mine=call.actor.uid)
    found = await calls.find(call.db, call.actor, criteria, Page(0, LARGEST))
    return listed(await _rows(call, found.rows), call.page, KIND)


@routes.get(CALL, right=READ)
async def get_call(call: Call) -> Answer:
    """Answer one call: 404 for a missing or hidden one."""
    return one(await _one(call, await calls.get_external(call.db, call.actor, call.bag.text("callId") or "")))


@routes.post(CALL, right=CREATE)
async def post_call(call: Call) -> Answer:
    """Record a call, or what became of it since, and answer it; what is absent stays.

    Without `contactId` it is linked to the contact whose number it is. Refuses with 400 (a contact that is not
    there, bad values) and 403 (a call of this name that the caller does not see).
    """
    name = call.bag.text("callId") or ""
    return one(await _one(call, await calls.record(call.db, call.actor, name, _said(call))))


def _said(call: Call) -> CallChange:
    bag = call.bag
    status, price, operator = (
        bag.nullable_enum("status", STATUSES),
        bag.nullable_decimal("price"),
        bag.guid("answeredBy"),
    )
    change = CallChange(contact_id=_contact(call), from_number=_text(call, "from"), to_number=_text(call, "to"))
    if status is not None:
        change.status = _status(status)
    if price is not None:
        change.price = price
    if operator != NO_GUID:
        change.answered_by = operator
    return change


def _status(number: int) -> CallStatus | None:
    """Return the status of a number; the contract keeps numbers that have none, we keep nothing then."""
    return CallStatus(number) if number in list(CallStatus) else None


def _text(call: Call, name: str) -> str | Unset:
    text = call.bag.text(name)
    return UNSET if text is None else text


def _contact(call: Call) -> int | Unset:
    """Return the `contactId`, which the contract sends as text; 0 and nothing leave it to the telephone number."""
    text = call.bag.text("contactId") or ""
    number = integer(text) if text.strip() else 0
    return number if number > 0 else UNSET


def _criteria(call: Call) -> CallCriteria:
    bag = call.bag
    contact = bag.nullable_integer("contactID") or bag.nullable_integer("client")
    agent = bag.nullable_guid("agent")
    return CallCriteria(
        status=TYPES.get((bag.text("callType") or "").lower()),
        answered_by=None if agent in (None, NO_GUID) else agent,
        contact_id=contact,
        dialed_from=call.date("from"),
        dialed_to=call.date("to"),
        number_part=call.page.search or None,
        is_part=False,
    )


async def _rows(call: Call, found: Sequence[FullCall]) -> list[Shown]:
    """Return calls with those that are parts of them, which are left out where there are none (§5)."""
    parts = await calls.parts(call.db, call.actor, [full.call.id for full in found]) if found else {}
    made = []
    for full in found:
        own = [shown(call, part) for part in parts.get(full.call.id, ())]
        made.append(shown(call, full) | ({"calls": own} if own else {}))
    return made


async def _one(call: Call, full: FullCall) -> Shown:
    return (await _rows(call, [full]))[0]


def shown(call: Call, full: FullCall) -> Shown:
    """Return a call without its parts: every member is always there; a contact that the caller does not see is none."""
    own, contact = full.call, full.contact
    seen = contact is not None and contact.seen_by(call.actor)
    return {
        "from": own.from_number,
        "to": own.to_number,
        "status": None if own.status is None else int(own.status),
        "answeredBy": person(call.portal, own.answered_by),
        "dialDate": moment(own.dialed_at, call.portal.zone),
        "dialDuration": own.seconds,
        "cost": Amount(own.price),
        "contact": contact_base(call.portal, call.actor, contact) if contact is not None and seen else None,
        "recordUrl": own.record_url,
        "recordDuration": own.record_seconds,
        "id": own.external_id,
    }
