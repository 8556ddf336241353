"""Telephony over the wire (invoices-reports-voip §5): calls are kept, a provider there is none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from dealwright.actions import calls
from dealwright.dialects.onlyoffice.failures import ACCESS_DENIED, NOT_FOUND
from dealwright.dialects.onlyoffice.voip import NO_PROVIDER
from dealwright.domain.call import CallChange
from dealwright.storage.database import Database
from tests.dialects.onlyoffice.clerk import Clerk, envelope, hired

MANAGED = [
    ("POST", "numbers"),
    ("POST", "numbers/link"),
    ("PUT", "numbers/settings"),
    ("PUT", "numbers/7/settings"),
    ("PUT", "numbers/7/oper"),
    ("DELETE", "numbers/7/oper"),
    ("DELETE", "numbers/7"),
    ("DELETE", "uploads"),
    ("PUT", "opers/5f0d7f2c-3b1a-4c55-9d0e-0a1b2c3d4e5f"),
]


@pytest.fixture
async def clerk(staffed: Database) -> AsyncIterator[Clerk]:
    async with hired(staffed) as found:
        yield found


def at(seconds: int) -> datetime:
    return datetime(2031, 1, 2, 9, 0, seconds, tzinfo=UTC)


def names(found: list[dict[str, Any]]) -> list[str]:
    return [call["id"] for call in found]


async def test_a_recorded_call_comes_back(clerk: Clerk) -> None:
    noah, company = clerk.cast.noah, await clerk.company()
    said = {"from": "+1 555 0100", "to": "+1 555 0101", "answeredBy": noah.uid, "status": "Answered", "price": "0.25"}
    made = await clerk.post("crm/voip/call/CA1", "mia", contactId=company["id"], **said)
    assert made.pop("contact")["id"] == company["id"]
    assert made.pop("answeredBy")["id"] == noah.uid
    assert made.pop("dialDate").endswith("Z")
    assert made == {
        **{"id": "CA1", "from": "+1 555 0100", "to": "+1 555 0101", "status": 2, "dialDuration": 0, "cost": 0.25},
        **{"recordUrl": None, "recordDuration": 0},
    }
    assert (await clerk.get("crm/voip/call/CA1", "noah"))["cost"] == 0.25
    changed = await clerk.post("crm/voip/call/CA1", "mia", status=3)
    assert (changed["status"], changed["from"], changed["contact"]["id"]) == (3, "+1 555 0100", company["id"])


async def test_a_call_finds_its_contact_by_number(clerk: Clerk) -> None:
    company = await clerk.company()
    path = f"crm/contact/{company['id']}/batch"
    await clerk.post(path, items=[{"infoType": 0, "category": 1, "data": "+1 (555) 010-0000"}])
    assert (await clerk.post("crm/voip/call/CA1", to="15550100000", status="Outcoming"))["contact"]["id"] == company[
        "id"
    ]
    assert (await clerk.post("crm/voip/call/CA2", **{"from": "15550100001"}))["contact"] is None


async def test_calls_are_listed_the_latest_first_with_their_total(clerk: Clerk) -> None:
    for name, status in (("CA1", "Missed"), ("CA2", "Answered"), ("CA3", "Outcoming")):
        await clerk.post(f"crm/voip/call/{name}", status=status, **{"from": f"+1 555 {name}"})
    body = envelope(await clerk.ask("olga", "GET", "crm/voip/call", count=2))
    assert (names(body["response"]), body["total"]) == (["CA3", "CA2"], 3)
    assert names(await clerk.get("crm/voip/call", sortBy="date")) == ["CA1", "CA2", "CA3"]
    assert names(await clerk.get("crm/voip/call", callType="outgoing")) == ["CA3"]
    assert names(await clerk.get("crm/voip/call", filterValue="CA2")) == ["CA2"]
    assert await clerk.get("crm/voip/call", to="2001-01-01") == []


async def test_the_parts_of_a_call_stand_in_it(clerk: Clerk) -> None:
    for name in ("CA1", "CA2"):
        await clerk.post(f"crm/voip/call/{name}", **{"from": "+1 555 0100"})
    whole = await calls.get_external(clerk.db, clerk.cast.olga, "CA1")
    for name, seconds in (("CA1b", 2), ("CA1a", 1)):
        said = CallChange(parent_id=whole.call.id, seconds=seconds, dialed_at=at(seconds))
        await calls.create(clerk.db, clerk.cast.olga, name, said)
    shown = await clerk.get("crm/voip/call/CA1")
    assert [(one["id"], one["dialDuration"], "calls" in one) for one in shown["calls"]] == [
        *(("CA1a", 1, False), ("CA1b", 2, False))
    ]
    body = envelope(await clerk.ask("olga", "GET", "crm/voip/call", sortBy="id"))
    assert ([(one["id"], names(one.get("calls", []))) for one in body["response"]], body["total"]) == (
        *([("CA1", ["CA1a", "CA1b"]), ("CA2", [])], 2),
    )
    assert (await clerk.post("crm/voip/call/CA1", status=2))["calls"] == shown["calls"]


async def test_missed_calls_are_ones_own_or_nobodys(clerk: Clerk) -> None:
    for name, uid in (("CA1", clerk.cast.noah.uid), ("CA2", clerk.cast.mia.uid), ("CA3", None)):
        await clerk.post(f"crm/voip/call/{name}", status="Missed", answeredBy=uid)
    assert names(await clerk.get("crm/voip/call/missed", "noah")) == ["CA3", "CA1"]


async def test_a_call_that_is_not_there_is_missing(clerk: Clerk) -> None:
    assert await clerk.no("GET", "crm/voip/call/CA9") == (404, NOT_FOUND)
    for deed in ("answer", "reject", "redirect"):
        assert await clerk.no("POST", f"crm/voip/call/CA9/{deed}") == (404, NOT_FOUND)
    assert (await clerk.no("POST", "crm/voip/call/CA9", contactId=999_999))[0] == 400
    assert (await clerk.no("POST", "crm/voip/call/CA9", contactId="x"))[0] == 400
    assert (await clerk.no("POST", "crm/voip/call/CA9", price="-1"))[0] == 400


async def test_an_empty_telephone_system_has_nothing_to_list(clerk: Clerk) -> None:
    for path in ("numbers/available", "numbers/unlinked", "numbers/existing", "uploads", "numbers/7/oper"):
        assert await clerk.get(f"crm/voip/{path}") == [], path
    assert await clerk.get("crm/voip/numbers/current") == {}
    assert await clerk.get("crm/voip/numbers/settings") == {"queue": None, "pause": False}
    assert await clerk.no("GET", "crm/voip/numbers/7") == (404, NOT_FOUND)


@pytest.mark.parametrize(("verb", "path"), MANAGED)
async def test_numbers_are_managed_by_nobody_without_a_provider(clerk: Clerk, verb: str, path: str) -> None:
    assert await clerk.no(verb, f"crm/voip/{path}") == (403, NO_PROVIDER)
    assert await clerk.no(verb, f"crm/voip/{path}", by="mia") == (403, ACCESS_DENIED)


async def test_nothing_rings_without_a_provider(clerk: Clerk) -> None:
    await clerk.post("crm/voip/call/CA1", "mia")
    assert await clerk.no("GET", "crm/voip/token", by="mia") == (403, NO_PROVIDER)
    for path in ("call", "call/CA1/answer", "call/CA1/reject", "call/CA1/redirect", "price/CA1"):
        assert await clerk.no("POST", f"crm/voip/{path}", by="mia") == (403, NO_PROVIDER), path
