"""Webhooks from the deed to the doorbell: who is told what, in which order, signed how, and what failures lead to."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from dealwright.actions import contacts, opportunities, webhook_calls, webhooks
from dealwright.actions.webhook_calls import Caller, Hooks
from dealwright.config import Settings
from dealwright.dialects.nexudus.hookbodies import body
from dealwright.domain.actor import Actor
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.opportunity import Change, Sharing
from dealwright.domain.webhook import FAILURES
from dealwright.jobs import Jobs
from dealwright.storage import events
from dealwright.storage import webhooks as store
from dealwright.storage.database import Database
from tests.dialects.nexudus.counter import Counter
from tests.support.doorbell import Doorbell, doorbell
from tests.support.waiting import until

NEAR = webhook_calls.allowing(private=True)


@pytest.fixture
async def bell() -> AsyncIterator[Doorbell]:
    async with doorbell() as found:
        yield found


async def hook(counter: Counter, bell: Doorbell, action: int, _as: str = "olga", **members: Any) -> int:
    """A webhook that rings the bell."""
    said = {"BusinessId": counter.location, "Name": "Bell", "Action": action, "URL": f"{bell.url}/in", "Active": True}
    return int((await counter.post("WebHook", _as, **{**said, **members}))["Id"])


async def own(db: Database, actor: Actor, action: int, url: str) -> int:
    """A webhook of somebody who may have one."""
    may = replace(actor, rights=actor.rights | {"WebHook-Create"})
    return (await webhooks.create(db, may, {"name": "Bell", "action": action, "url": url, "active": True})).id


async def told(db: Database, pause: float = 0.0, private: bool = True) -> None:
    """Give the events their numbers and let every webhook be called that is due."""
    await events.order(db)
    hooks = Hooks(db, Caller(body, lambda _: pause, replace(NEAR, private=private)))
    for _ in range(20):
        if not await hooks.is_due():
            return
        await hooks.work()
        await asyncio.gather(*hooks._running.values())


async def test_a_deal_is_told_as_this_dialect_shows_it(counter: Counter, bell: Doorbell) -> None:
    await hook(counter, bell, 1000)
    deal = await counter.deal(Name="Schöne Tische 🪑", Value=1200)
    await told(counter.db)
    [ring] = bell.rings
    assert ring.path == "/in"
    assert ring.headers["content-type"] == "application/json; charset=utf-8"
    assert ring.body.isascii()
    assert ring.record == await counter.get("CrmOpportunity", deal["Id"])
    assert "x-nexudus-hook-signature" not in ring.headers


async def test_each_action_of_ours_is_told_of_its_deed_alone(counter: Counter, bell: Doorbell) -> None:
    for action in (*range(1000, 1005), 1006, 1007):
        await hook(counter, bell, action, URL=f"{bell.url}/{action}")
    deal = await counter.deal()
    ident, mia = deal["Id"], counter.cast.mia
    await opportunities.change(counter.db, mia, ident, Change(title="Twenty desks"))
    await opportunities.change(counter.db, mia, ident, Change(stage_id=counter.stage(1)))
    await opportunities.change(counter.db, mia, ident, Change(stage_id=counter.stage(7)))
    await opportunities.delete(counter.db, mia, ident)
    await opportunities.restore(counter.db, mia, ident)
    await told(counter.db)
    found: dict[str, int] = {}
    for ring in bell.rings:
        found[ring.path] = found.get(ring.path, 0) + 1
        assert ring.record["Id"] == ident
    assert found == {"/1000": 1, "/1001": 3, "/1002": 1, "/1003": 2, "/1004": 1, "/1007": 1}


async def test_what_happened_is_told_in_its_order(counter: Counter, bell: Doorbell) -> None:
    await hook(counter, bell, 1000)
    made = [(await counter.deal(Name=f"Desk {place}"))["Id"] for place in range(12)]
    await told(counter.db)
    assert [ring.record["Id"] for ring in bell.rings] == made
    idents = [ring.headers["webhook-id"] for ring in bell.rings]
    assert len(set(idents)) == 12


async def test_the_vendors_own_actions_are_told_of_contacts_teams_and_proposals(
    counter: Counter, bell: Doorbell
) -> None:
    for action in (2, 3, 50, 54, 57):
        await hook(counter, bell, action, URL=f"{bell.url}/{action}")
    ann = await counter.customer()
    await counter.put("Coworker", {**ann, "FullName": "Ann Lane"})
    await counter.post("Team", Name="Lanes", BusinessId=counter.location)
    said = {"IssuedById": counter.location, "ResponsibleId": counter.cast.mia.id, "CoworkerId": ann["Id"]}
    await counter.post("Proposal", **said, Reference="P-1", ProposalStatus=1, TariffId=1)
    await counter.send(
        "olga", "POST", "/api/spaces/coworkers/runcommand", json={"Key": "COWORKER_DELETE", "Ids": [ann["Id"]]}
    )
    await told(counter.db)
    found = {ring.path: ring.record for ring in bell.rings}
    assert set(found) == {"/2", "/3", "/50", "/57"}  # the proposal went out of sight with its customer
    assert found["/50"]["FullName"] == "Ann Lane"
    assert found["/57"]["Name"] == "Lanes"


async def test_a_body_is_signed_as_the_vendor_and_as_the_standard_do(counter: Counter, bell: Doorbell) -> None:
    db, olga = counter.db, counter.cast.olga
    key = b"0123456789abcdef0123456789abcdef"
    secret = "whsec_" + base64.b64encode(key).decode()
    await webhooks.create(db, olga, {"name": "Bell", "action": 1000, "url": bell.url, "active": True, "secret": secret})
    await counter.deal(Name="Tür")
    await told(db)
    [ring] = bell.rings
    vendors = hmac.new(secret.encode(), ring.body, hashlib.sha256).hexdigest().upper()
    assert ring.headers["x-nexudus-hook-signature"] == vendors
    signed = f"{ring.headers['webhook-id']}.{ring.headers['webhook-timestamp']}.".encode() + ring.body
    standard = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert ring.headers["webhook-signature"] == f"v1,{standard}"


async def test_the_secret_of_a_location_signs_where_a_webhook_has_none(counter: Counter, bell: Doorbell) -> None:
    await hook(counter, bell, 1000)
    await counter.post("BusinessSetting", BusinessId=counter.location, Name="webhooks.sharedsecret", Value="s3cret")
    await counter.deal()
    await told(counter.db)
    [ring] = bell.rings
    expected = hmac.new(b"s3cret", ring.body, hashlib.sha256).hexdigest().upper()
    assert ring.headers["x-nexudus-hook-signature"] == expected


async def test_an_owner_is_told_what_that_person_may_see_when_it_is_told(counter: Counter, bell: Doorbell) -> None:
    db, cast = counter.db, counter.cast
    await own(db, cast.noah, 1000, bell.url)
    hidden = await opportunities.create(
        db, cast.mia, Change(title="Hidden", stage_id=counter.stage(0), sharing=Sharing(True, (cast.mia.uid,)))
    )
    await opportunities.create(db, cast.mia, Change(title="Open", stage_id=counter.stage(0)))
    await told(db)
    assert [ring.record["Name"] for ring in bell.rings] == ["Open"]
    await opportunities.delete(db, cast.mia, hidden.opportunity.id)
    await own(db, cast.noah, 1002, bell.url)
    await told(db)
    assert len(bell.rings) == 1


async def test_a_hidden_contact_is_told_to_those_who_manage_it(counter: Counter, bell: Doorbell) -> None:
    db, cast = counter.db, counter.cast
    for person in (cast.noah, cast.mia):
        await own(db, person, 3, f"{bell.url}/{person.id}")
    await contacts.create(db, cast.mia, ContactChange(first_name="Ann", sharing=Share.NOBODY, managers=[cast.mia.uid]))
    await told(db)
    assert [ring.path for ring in bell.rings] == [f"/{cast.mia.id}"]


async def test_what_happened_before_or_while_it_was_off_is_not_told(counter: Counter, bell: Doorbell) -> None:
    await counter.deal(Name="Before")
    ident = await hook(counter, bell, 1000)
    record = await counter.get("WebHook", ident)
    await counter.put("WebHook", {**record, "Active": False})
    await counter.deal(Name="Off")
    await told(counter.db)
    await counter.put("WebHook", {**record, "Active": True})
    await counter.deal(Name="On")
    await told(counter.db)
    assert [ring.record["Name"] for ring in bell.rings] == ["On"]


async def test_a_failure_is_told_again_and_what_came_later_waits_for_it(counter: Counter, bell: Doorbell) -> None:
    ident = await hook(counter, bell, 1000)
    bell.answers = [500, 302, 200]
    for name in ("One", "Two"):
        await counter.deal(Name=name)
    await told(counter.db, pause=60.0)
    record = await counter.get("WebHook", ident)
    assert (record["ErrorCount"], record["LastError"], record["Active"]) == (1, "The address answers 500.", True)
    assert record["LastTrigger"] is not None
    assert [ring.record["Name"] for ring in bell.rings] == ["One"]
    await webhooks.change(counter.db, counter.cast.olga, ident, {"url": f"{bell.url}/other"})
    await told(counter.db)
    assert [ring.record["Name"] for ring in bell.rings] == ["One", "One", "One", "Two"]
    assert len({ring.headers["webhook-id"] for ring in bell.rings[:3]}) == 1
    assert (await counter.get("WebHook", ident))["ErrorCount"] == 0
    calls = await webhook_calls.calls(counter.db, counter.cast.olga, ident, 2**62, 10)
    assert [reply.status for reply in calls] == [200, 200, 302, 500]


async def test_a_webhook_that_fails_again_and_again_is_switched_off(counter: Counter, bell: Doorbell) -> None:
    ident = await hook(counter, bell, 1000)
    bell.answers = [503] * 100
    await counter.deal()
    await told(counter.db)
    record = await counter.get("WebHook", ident)
    assert (record["Active"], record["ErrorCount"]) == (False, FAILURES)
    assert len(bell.rings) == FAILURES
    bell.answers = []
    await counter.put("WebHook", {**record, "Active": True})
    assert (await counter.get("WebHook", ident))["ErrorCount"] == 0


async def test_an_address_that_is_gone_is_not_tried_again(counter: Counter, bell: Doorbell) -> None:
    ident = await hook(counter, bell, 1000)
    bell.answers = [410]
    await counter.deal()
    await told(counter.db)
    assert (await counter.get("WebHook", ident))["Active"] is False


async def test_a_private_address_is_not_called_unless_that_is_allowed(counter: Counter, bell: Doorbell) -> None:
    ident = await hook(counter, bell, 1000)
    await counter.deal()
    await told(counter.db, pause=60.0, private=False)
    assert bell.rings == []
    assert "network" in (await counter.get("WebHook", ident))["LastError"]


async def test_a_redirection_is_a_failure_and_is_not_followed(counter: Counter, bell: Doorbell) -> None:
    await hook(counter, bell, 1000)
    bell.location, bell.answers = f"{bell.url}/elsewhere", [307]
    await counter.deal()
    await told(counter.db, pause=60.0)
    assert [ring.path for ring in bell.rings] == ["/in"]


async def test_who_does_not_answer_in_time_has_failed(counter: Counter, bell: Doorbell) -> None:
    await hook(counter, bell, 1000)
    found = await store.active(counter.db)
    bell.delay = 0.5
    reply = await webhook_calls.call(found[0], (), b"[]", 1, replace(NEAR, seconds=0.1))
    assert (reply.status, reply.is_well) == (None, False)
    assert "0.1 seconds" in str(reply.error)


async def test_a_webhook_whose_owner_left_is_switched_off(counter: Counter, bell: Doorbell) -> None:
    db, cast = counter.db, counter.cast
    ident = await own(db, cast.noah, 1000, bell.url)
    await counter.send("olga", "DELETE", f"/api/sys/users/{cast.noah.id}")
    await counter.deal()
    await told(db)
    assert bell.rings == []
    record = await counter.get("WebHook", ident)
    assert (record["Active"], record["LastError"]) == (False, "Its owner is not there any more.")


async def test_a_webhook_goes_with_the_log_of_its_calls(counter: Counter, bell: Doorbell) -> None:
    ident = await hook(counter, bell, 1000)
    await counter.deal()
    await told(counter.db)
    assert (await counter.send("olga", "DELETE", f"/api/sys/webhooks/{ident}")).status_code == 200
    assert await store.calls(counter.db, ident, 2**62, 10) == []


@pytest.mark.parametrize("action", [1000, 3, 57, 84, 1010, 1030, 5])
async def test_a_webhook_can_be_tried_out_whatever_it_is_about(counter: Counter, bell: Doorbell, action: int) -> None:
    ident = await hook(counter, bell, action, Active=False)
    hooks = Hooks(counter.db, Caller(body, lambda _: 0.0, NEAR))
    await hooks.try_out({"webhook_id": ident})
    [ring] = bell.rings
    if action == 5:
        assert ring.body == b"[]"
    else:
        assert ring.record["Id"] == (counter.location if action == 84 else 0)
    [reply] = await webhook_calls.calls(counter.db, counter.cast.olga, ident, 2**62, 10)
    assert (reply.seq, reply.status) == (None, 200)


@asynccontextmanager
async def working(db: Database) -> AsyncIterator[None]:
    jobs = Jobs(db, Settings(fetch_private=True), shown=body)
    jobs.start()
    try:
        yield
    finally:
        await jobs.stop()


async def test_the_jobs_call_webhooks_and_try_them_out(counter: Counter, bell: Doorbell) -> None:
    ident = await hook(counter, bell, 1000)
    async with working(counter.db):
        await counter.deal(Name="Ten desks")
        await webhook_calls.test(counter.db, counter.cast.olga, ident)

        async def rung() -> bool:
            return len(bell.rings) == 2

        await until(rung)
    assert {ring.record["Name"] for ring in bell.rings} == {"Ten desks"}
