"""Deeds on calls: recorded once by name, linked to whose number it is, seen by who sees the contact."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from dealwright.actions import calls as deeds
from dealwright.actions import contacts
from dealwright.actions.deed import now
from dealwright.domain.call import CallChange, CallStatus
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.contact_info import ContactInfo, Info
from dealwright.domain.errors import Forbidden, Invalid, NotFound
from dealwright.storage.calls import CallCriteria, CallOrder, FullCall
from dealwright.storage.database import Database
from dealwright.storage.query import Page
from tests.actions.about_rules import events, problems
from tests.cast import Cast


async def phoned(db: Database, cast: Cast, number: str, sharing: Share = Share.WRITE) -> int:
    """A contact of Mia's with a telephone number."""
    phone = ContactInfo(id=0, kind=Info.PHONE, data=number, category=1, is_primary=True)
    change = ContactChange(is_company=True, name=f"At {number}", sharing=sharing, infos={Info.PHONE: [phone]})
    return (await contacts.create(db, cast.mia, change)).contact.id


async def rung(db: Database, cast: Cast, name: str | None = None, **values: Any) -> FullCall:
    own = {"from_number": "+442079460000", "to_number": "+4930123456", "status": CallStatus.ANSWERED}
    return await deeds.create(db, cast.mia, name, CallChange(**{**own, **values}))


async def found(db: Database, cast: Cast, **values: Any) -> list[int]:
    calls = await deeds.find(db, cast.mia, CallCriteria(**values), Page(0, 50))
    assert calls.total == len(calls.rows)
    return [full.call.id for full in calls.rows]


async def test_a_call_is_linked_to_whose_number_it_is(db: Database, cast: Cast) -> None:
    await phoned(db, cast, "+44 20 7946 0001")
    contact = await phoned(db, cast, "(020) 7946-0000")
    call = await rung(db, cast)
    assert (call.call.contact_id, call.contact and call.contact.id) == (contact, contact)
    assert await events(db, "call", call.call.id) == ["call.created"]


async def test_an_outgoing_call_is_with_whom_it_went_to(db: Database, cast: Cast) -> None:
    ours, theirs = await phoned(db, cast, "+442079460000"), await phoned(db, cast, "030 123456")
    assert (await rung(db, cast, status=CallStatus.OUTGOING)).call.contact_id == theirs
    assert (await rung(db, cast, status=CallStatus.INCOMING)).call.contact_id == ours


async def test_a_number_of_nobody_links_to_nobody(db: Database, cast: Cast) -> None:
    await phoned(db, cast, "+44 20 7946 9999")
    assert (await rung(db, cast)).call.contact_id is None
    assert (await rung(db, cast, from_number="anonymous", to_number="")).call.contact_id is None


async def test_a_hidden_contact_is_not_found_by_its_number(db: Database, cast: Cast) -> None:
    await phoned(db, cast, "+442079460000", Share.NOBODY)
    call = await deeds.create(db, cast.noah, None, CallChange(from_number="+442079460000"))
    assert call.call.contact_id is None


async def test_a_call_is_recorded_once_and_changed_afterwards(db: Database, cast: Cast) -> None:
    first = await deeds.record(db, cast.mia, "CA1", CallChange(from_number="1", status=CallStatus.INCOMING))
    later = await deeds.record(db, cast.mia, "CA1", CallChange(status=CallStatus.MISSED))
    assert (later.call.id, later.call.from_number, later.call.status) == (first.call.id, "1", CallStatus.MISSED)
    again = await deeds.record(db, cast.mia, "CA1", CallChange(status=CallStatus.MISSED))
    assert again == later
    assert await events(db, "call", first.call.id) == ["call.created", "call.changed"]


async def test_two_who_record_one_call_at_the_same_time_make_one(db: Database, cast: Cast) -> None:
    made = await asyncio.gather(*(deeds.record(db, cast.mia, "CA1", CallChange(seconds=one)) for one in range(4)))
    assert len({full.call.id for full in made}) == 1


async def test_a_name_is_taken_once(db: Database, cast: Cast) -> None:
    await rung(db, cast, "CA1")
    with pytest.raises(Invalid) as refused:
        await rung(db, cast, "CA1")
    assert problems(refused) == {("external_id", "duplicate")}


async def test_a_call_is_linked_by_hand_and_by_number(db: Database, cast: Cast) -> None:
    call = (await rung(db, cast)).call
    other = await phoned(db, cast, "+1 555 0100")
    assert (await deeds.link(db, cast.mia, call.id, other)).call.contact_id == other
    right = await phoned(db, cast, "+44 20 7946 0000")
    assert (await deeds.link(db, cast.mia, call.id)).call.contact_id == right
    with pytest.raises(Invalid) as refused:
        await deeds.link(db, cast.mia, call.id, 999_999)
    assert problems(refused) == {("contact_id", "unknown")}
    with pytest.raises(NotFound):
        await deeds.link(db, cast.mia, 999_999, other)


async def test_a_call_is_seen_by_who_sees_its_contact(db: Database, cast: Cast) -> None:
    contact = await phoned(db, cast, "+442079460000", Share.NOBODY)
    call = (await rung(db, cast, "CA1")).call
    assert call.contact_id == contact
    assert (await deeds.get(db, cast.carl, call.id)).call == call
    with pytest.raises(NotFound):
        await deeds.get(db, cast.noah, call.id)
    with pytest.raises(Forbidden):
        await deeds.record(db, cast.noah, "CA1", CallChange(seconds=1))
    assert (await deeds.find(db, cast.noah, CallCriteria(), Page(0, 50))).total == 0
    with pytest.raises(Forbidden):
        await deeds.get(db, cast.rita, call.id)


async def test_calls_are_found_by_what_they_are(db: Database, cast: Cast) -> None:
    contact, at = await phoned(db, cast, "+1 555 0100"), now()
    old = (await rung(db, cast, dialed_at=at - timedelta(days=2), seconds=9)).call.id
    missed = (await rung(db, cast, status=CallStatus.MISSED, answered_by=cast.noah.uid, dialed_at=at)).call.id
    theirs = (await rung(db, cast, from_number="+15550100", dialed_at=at - timedelta(days=1))).call.id
    assert await found(db, cast) == [missed, theirs, old]
    assert await found(db, cast, status=3) == [missed]
    assert await found(db, cast, contact_id=contact) == [theirs]
    assert await found(db, cast, number_part="1555") == [theirs]
    assert await found(db, cast, answered_by=cast.noah.uid) == [missed]
    assert await found(db, cast, mine=cast.mia.uid) == [theirs, old]
    assert await found(db, cast, dialed_from=at - timedelta(days=1), dialed_to=at - timedelta(hours=1)) == [theirs]
    by_length = await deeds.find(db, cast.mia, CallCriteria(), Page(0, 1), CallOrder.SECONDS)
    assert ([full.call.id for full in by_length.rows], by_length.total) == ([old], 3)
