"""The `base64FilterString` of a partial export (invoices-reports-voip §3): the filter of a list, packed by its page.

The vendor's page sends, separated by `;`, objects of an `id` and of `params`, which are JSON in Base64 again. A single
object of the list route's own parameters is read as well.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from inspect import isawaitable
from typing import Any, Final

import msgspec

from dealwright.dialects.onlyoffice import case_lists, contact_lists, invoice_item, opportunity_lists, task_lists
from dealwright.dialects.onlyoffice.binding import Bag
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.failures import bad_argument, malformed
from dealwright.dialects.onlyoffice.paging import page_of

Pairs = Iterator[tuple[str, str]]
Criteria = Any
"""Criteria of whichever kind of record; None where nothing can match."""

READERS: Final[Mapping[str, Callable[[Call], Criteria | Awaitable[Criteria]]]] = {
    "contact": contact_lists.criteria_of,
    "opportunity": opportunity_lists.criteria_of,
    "case": case_lists.criteria_of,
    "task": task_lists.criteria_of,
    "invoiceitem": invoice_item.criteria_of,
}
VALUES: Final = {
    **{"my": "responsibleid", "responsibleid": "responsibleid", "noresponsible": "responsibleid"},
    **{"withopportunity": "contactListView", "person": "contactListView", "company": "contactListView"},
    **{"contacttype": "contactType", "contactstage": "contactStage"},
    **{"stagetypeopen": "stageType", "stagetypeclosedandwon": "stageType", "stagetypeclosedandlost": "stageType"},
    **{"opportunitystagesid": "opportunityStagesid", "categoryid": "categoryid"},
    **{"opentask": "isClosed", "closedtask": "isClosed", "closed": "isClosed", "opened": "isClosed"},
    **{"shared": "isShared", "restricted": "isShared", "inventorystock": "inventoryStock"},
    **{"withinventorystock": "inventoryStock", "withoutinventorystock": "inventoryStock"},
}
"""Members of the page's filter whose `value` is one parameter of the list."""
SPANS: Final = frozenset(("lastmonth", "yesterday", "today", "thismonth", "overdue", "thenext"))


async def criteria_of(call: Call, kind: str) -> Criteria:
    """Return the criteria of a packed filter, None where nothing can match. Refuses with 400 what cannot be read."""
    bag, search = Bag(), ""
    for name, value in _pairs(kind, call.bag.text("base64FilterString") or ""):
        if name.lower() == "filtervalue":
            search = value
        bag.add(name, value)
    found = READERS[kind](replace(call, bag=bag, page=page_of([("filterValue", search)])))
    return await found if isawaitable(found) else found


def _pairs(kind: str, packed: str) -> Pairs:
    if not packed.strip():
        raise bad_argument()
    text = _unpacked(packed)
    whole = _json(text, lenient=True)
    if isinstance(whole, dict) and "params" not in _lower(whole):
        for name, value in whole.items():
            yield from _said(str(name), value)
        return
    items = [whole] if isinstance(whole, dict) else whole if isinstance(whole, list) else map(_json, text.split(";"))
    for item in items:
        yield from _meant(kind, item)


def _meant(kind: str, item: object) -> Pairs:
    """Run through the list's parameters that a member of the page's filter means."""
    if not isinstance(item, dict):
        raise malformed("The filter is no list of objects.")
    member, packed = _lower(item), _lower(item).get("params")
    if not isinstance(packed, str) or not packed:
        return
    params, name = _json(_unpacked(packed)), str(member.get("id", "")).lower()
    if not isinstance(params, dict):
        raise malformed("The filter is no list of objects.")
    if name == "text":
        yield from _said("filterValue", params.get("value"))
    elif name == "tags":
        yield from _said("tags", params.get("value"))
    elif name in SPANS or name == "fromtodate":
        yield from _span(params)
    elif name in ("contactid", "participantid"):
        yield from _contact(kind, name, params.get("id"))
    elif name in VALUES:
        yield from _said(VALUES[name], params.get("value"))


def _span(params: Mapping[str, Any]) -> Pairs:
    value = params.get("value")
    if isinstance(value, str):
        value = _json(value)
    ends = value if isinstance(value, list) and len(value) == 2 else [params.get("from"), params.get("to")]
    yield from _said("fromDate", ends[0])
    yield from _said("toDate", ends[1])


def _contact(kind: str, name: str, ident: object) -> Pairs:
    if kind == "task":
        yield "entityType", "contact"
        yield from _said("entityid", ident)
        return
    yield from _said("contactid", ident)
    if kind == "opportunity":
        yield "contactAlsoIsParticipant", "true" if name == "participantid" else "false"


def _said(name: str, value: object) -> Pairs:
    """Run through a value as the parameters that would say it."""
    if isinstance(value, list):
        for one in value:
            yield from _said(name, one)
    elif isinstance(value, bool):
        yield name, "true" if value else "false"
    elif isinstance(value, str | int | float):
        yield name, str(value)
    elif value is not None:
        raise malformed("The filter holds an object where a value was expected.")


def _unpacked(packed: str) -> str:
    try:
        return base64.b64decode(packed.strip().encode("ascii"), validate=True).decode()
    except (binascii.Error, ValueError):
        raise malformed("The filter is no Base64 of UTF-8.") from None


def _json(text: str, lenient: bool = False) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        if lenient:
            return None
        raise malformed("The filter is no JSON.") from None


def _lower(item: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name).lower(): value for name, value in item.items()}
