"""Webhooks told again, with two secrets at a time, beside broken ones, and found by how they fare."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dealwright.actions import opportunities, webhook_calls, webhook_replays, webhooks
from dealwright.actions.deed import now
from dealwright.actions.webhook_calls import Caller, Hooks
from dealwright.dialects.nexudus.hookbodies import body
from dealwright.domain.errors import Conflict, Forbidden, Invalid, NotFound
from dealwright.domain.opportunity import Change, Sharing
from dealwright.domain.webhook import FAILURES
from dealwright.storage import events, schema
from dealwright.storage.database import Database
from dealwright.storage.outage import Unwritable
from dealwright.storage.webhooks import Reply
from dealwright.storage.writes import Change as Written
from tests.dialects.nexudus.counter import Counter
from tests.dialects.nexudus.test_hookbodies import NEAR, hook, own, told, working
from tests.support.doorbell import Doorbell, Ring, doorbell
from tests.support.waiting import until


@pytest.fixture
async def bell() -> AsyncIterator[Doorbell]:
    async with doorbell() as found:
        yield found


def titles(rings: list[Ring]) -> list[str]:
    return [ring.record["Name"] for ring in rings]


async def calls(counter: Counter, ident: int) -> list[Reply]:
    return await webhook_calls.calls(counter.db, counter.cast.olga, ident, 2**62, 100)


async def switched(counter: Counter, ident: int, active: bool) -> None:
    await webhooks.change(counter.db, counter.cast.olga, ident, {"active": active})


async def replayed(db: Database, parcel: dict[str, int]) -> None:
    await Hooks(db, Caller(body, lambda _: 0.0, NEAR)).replay(parcel)


async def broken(counter: Counter, bell: Doorbell, *names: str) -> int:
    """A webhook that was switched off at the first of these deals, then switched on again."""
    ident = await hook(counter, bell, 1000)
    bell.answers = [500] * FAILURES
    for name in names:
        await counter.deal(Name=name)
    await told(counter.db)
    assert (await counter.get("WebHook", ident))["Active"] is False
    await switched(counter, ident, True)
    bell.rings.clear()
    return ident


# One call ------------------------------------------------------------------------------------------------------


async def test_one_call_is_made_again_beside_the_others(counter: Counter, bell: Doorbell) -> None:
    ident = await hook(counter, bell, 1000)
    for name in ("One", "Two"):
        await counter.deal(Name=name)
    await told(counter.db)
    await switched(counter, ident, False)
    first = (await calls(counter, ident))[-1]
    async with working(counter.db):
        await webhook_replays.again(counter.db, counter.cast.olga, ident, first.id)

        async def rung() -> bool:
            return len(await calls(counter, ident)) == 3

        await until(rung)
    assert titles(bell.rings) == ["One", "Two", "One"]
    assert bell.rings[0].headers["webhook-id"] == bell.rings[2].headers["webhook-id"]
    newest = (await calls(counter, ident))[0]
    assert (newest.seq, newest.status) == (first.seq, 200)


async def test_a_call_that_fails_again_counts_as_no_error(counter: Counter, bell: Doorbell) -> None:
    ident = await hook(counter, bell, 1000)
    await counter.deal()
    await told(counter.db)
    [call] = await calls(counter, ident)
    bell.answers = [500]
    await replayed(counter.db, {"webhook_id": ident, "seq": call.seq or 0})
    record = await counter.get("WebHook", ident)
    assert (record["ErrorCount"], record["Active"]) == (0, True)
    assert [one.status for one in await calls(counter, ident)] == [500, 200]


async def test_what_was_taken_in_out_of_its_turn_is_not_told_in_its_turn(counter: Counter, bell: Doorbell) -> None:
    ident = await hook(counter, bell, 1000)
    bell.answers = [500]
    for name in ("One", "Two"):
        await counter.deal(Name=name)
    await told(counter.db, pause=60.0)
    [call] = await calls(counter, ident)
    await replayed(counter.db, {"webhook_id": ident, "seq": call.seq or 0})
    await counter.db.apply([Written(schema.webhook, {"due_at": None}, {"id": ident})])
    await told(counter.db)
    assert titles(bell.rings) == ["One", "One", "Two"]


async def test_what_its_owner_may_not_see_any_more_is_noted_and_not_told(counter: Counter, bell: Doorbell) -> None:
    db, cast = counter.db, counter.cast
    ident = await own(db, cast.noah, 1000, bell.url)
    deal = await opportunities.create(db, cast.mia, Change(title="Open", stage_id=counter.stage(0)))
    await told(db)
    [call] = await calls(counter, ident)
    hidden = Change(sharing=Sharing(True, (cast.mia.uid,)))
    await opportunities.change(db, cast.mia, deal.opportunity.id, hidden)
    await replayed(db, {"webhook_id": ident, "seq": call.seq or 0})
    assert len(bell.rings) == 1
    assert (await calls(counter, ident))[0].error == webhook_calls.NOTHING


async def test_only_a_call_of_this_webhook_that_told_of_an_event_is_made_again(
    counter: Counter, bell: Doorbell
) -> None:
    db, cast = counter.db, counter.cast
    ident, other = await hook(counter, bell, 1000), await hook(counter, bell, 1001)
    await counter.deal()
    await told(db)
    [call] = await calls(counter, ident)
    for hook_id, call_id in ((other, call.id), (ident, call.id + 99)):
        with pytest.raises(Invalid) as refused:
            await webhook_replays.again(db, cast.olga, hook_id, call_id)
        assert refused.value.problems[0].field == "call_id"
    with pytest.raises(NotFound):
        await webhook_replays.again(db, replace(cast.mia, rights=cast.olga.rights), ident, call.id)
    with pytest.raises(Forbidden):
        await webhook_replays.again(db, cast.rita, ident, call.id)


# Everything since ----------------------------------------------------------------------------------------------


async def test_switched_on_again_it_is_told_from_then_on_and_the_rest_when_that_is_asked_for(
    counter: Counter, bell: Doorbell
) -> None:
    ident = await broken(counter, bell, "One", "Two", "Three")
    await counter.deal(Name="Four")
    await told(counter.db)
    assert titles(bell.rings) == ["Four"]
    since = await webhook_replays.anew(counter.db, counter.cast.olga, ident)
    assert since is not None
    await told(counter.db)
    assert titles(bell.rings) == ["Four", "One", "Two", "Three"]
    await counter.deal(Name="Five")
    await told(counter.db)
    assert titles(bell.rings)[4:] == ["Five"]
    assert await webhook_replays.anew(counter.db, counter.cast.olga, ident) is None


async def test_what_was_taken_in_since_a_moment_is_not_told_twice(counter: Counter, bell: Doorbell) -> None:
    ident = await hook(counter, bell, 1000)
    start = now()
    await counter.deal(Name="One")
    await told(counter.db)
    await switched(counter, ident, False)
    await counter.deal(Name="Off")
    await switched(counter, ident, True)
    await counter.deal(Name="Two")
    await told(counter.db)
    assert titles(bell.rings) == ["One", "Two"]
    await webhook_replays.anew(counter.db, counter.cast.olga, ident, start)
    await told(counter.db)
    assert titles(bell.rings) == ["One", "Two", "Off"]


async def test_what_happened_before_it_was_made_is_never_told(counter: Counter, bell: Doorbell) -> None:
    await counter.deal(Name="Before")
    ident = await hook(counter, bell, 1000)
    await webhook_replays.anew(counter.db, counter.cast.olga, ident, now() - timedelta(days=29))
    await told(counter.db)
    assert bell.rings == []


async def test_a_process_that_looked_further_looks_back_when_it_is_sent_back(counter: Counter, bell: Doorbell) -> None:
    ident = await hook(counter, bell, 1003)
    ringing = await hook(counter, bell, 1000)
    start = now()
    await switched(counter, ringing, False)
    await counter.deal(Name="Off")
    await switched(counter, ringing, True)
    hooks = Hooks(counter.db, Caller(body, lambda _: 0.0, NEAR))

    async def rounds() -> None:
        await events.order(counter.db)
        while await hooks.is_due():
            await hooks.work()
            await asyncio.gather(*hooks._running.values())

    await rounds()
    assert bell.rings == []
    await webhook_replays.anew(counter.db, counter.cast.olga, ringing, start)
    await rounds()
    assert titles(bell.rings) == ["Off"]
    assert await calls(counter, ident) == []


async def test_a_webhook_sent_back_while_it_is_being_told_is_not_put_forward_again(
    counter: Counter, bell: Doorbell
) -> None:
    ident = await broken(counter, bell, "One", "Two")
    await counter.deal(Name="Three")
    bell.delay = 0.3
    telling = asyncio.create_task(told(counter.db))
    while not bell.rings:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.01)
    await webhook_replays.anew(counter.db, counter.cast.olga, ident)
    await telling
    bell.delay = 0.0
    await told(counter.db)
    assert sorted(set(titles(bell.rings))) == ["One", "Three", "Two"]


async def test_a_webhook_that_is_off_is_not_sent_back(counter: Counter, bell: Doorbell) -> None:
    ident = await hook(counter, bell, 1000, Active=False)
    with pytest.raises(Conflict):
        await webhook_replays.anew(counter.db, counter.cast.olga, ident, now())


@pytest.mark.parametrize("days", [-1, 31])
async def test_a_moment_to_come_or_too_long_ago_is_refused(counter: Counter, bell: Doorbell, days: int) -> None:
    ident = await hook(counter, bell, 1000)
    with pytest.raises(Invalid) as refused:
        await webhook_replays.anew(counter.db, counter.cast.olga, ident, now() - timedelta(days=days))
    assert refused.value.problems[0].field == "since"


# Two secrets ---------------------------------------------------------------------------------------------------


def signed(secret: str, ring: Ring) -> str:
    prefix = f"{ring.headers['webhook-id']}.{ring.headers['webhook-timestamp']}.".encode()
    key = base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()
    return "v1," + base64.b64encode(hmac.new(key, prefix + ring.body, hashlib.sha256).digest()).decode()


def vendors(secret: str, ring: Ring) -> str:
    return hmac.new(secret.encode(), ring.body, hashlib.sha256).hexdigest().upper()


async def rung(counter: Counter, bell: Doorbell) -> Ring:
    await counter.deal()
    await told(counter.db)
    return bell.rings[-1]


async def test_a_secret_that_is_replaced_signs_on_for_a_while(counter: Counter, bell: Doorbell) -> None:
    db, olga = counter.db, counter.cast.olga
    said = {"name": "Bell", "action": 1000, "url": bell.url, "active": True, "secret": "first"}
    ident = (await webhooks.create(db, olga, said)).id
    record, second = await webhooks.rotate(db, olga, ident)
    assert second.startswith("whsec_")
    until = record.values["old_secret_until"]
    assert timedelta(hours=23) < until - now() < timedelta(hours=25)
    ring = await rung(counter, bell)
    assert ring.headers["webhook-signature"] == f"{signed(second, ring)} {signed('first', ring)}"
    assert ring.headers["x-nexudus-hook-signature"] == vendors(second, ring)
    past = {"old_secret_until": int((now() - timedelta(seconds=1)).timestamp() * 1_000_000)}
    await db.apply([Written(schema.webhook, past, {"id": ident})])
    ring = await rung(counter, bell)
    assert ring.headers["webhook-signature"] == signed(second, ring)


async def test_a_secret_that_is_changed_by_hand_is_valid_no_more(counter: Counter, bell: Doorbell) -> None:
    db, olga = counter.db, counter.cast.olga
    ident = await hook(counter, bell, 1000)
    await webhooks.rotate(db, olga, ident, "first")
    await webhooks.rotate(db, olga, ident, "second")
    await webhooks.change(db, olga, ident, {"secret": "third"})
    ring = await rung(counter, bell)
    assert ring.headers["webhook-signature"] == signed("third", ring)
    await webhooks.rotate(db, olga, ident, "fourth", 0)
    ring = await rung(counter, bell)
    assert ring.headers["webhook-signature"] == signed("fourth", ring)


async def test_the_secret_of_the_location_signs_on_where_it_signed_before(counter: Counter, bell: Doorbell) -> None:
    ident = await hook(counter, bell, 1000)
    await counter.post("BusinessSetting", BusinessId=counter.location, Name="Webhooks.SharedSecret", Value="shared")
    await webhooks.rotate(counter.db, counter.cast.olga, ident, "own")
    ring = await rung(counter, bell)
    assert ring.headers["webhook-signature"] == f"{signed('own', ring)} {signed('shared', ring)}"


async def test_no_event_tells_a_secret(counter: Counter, bell: Doorbell) -> None:
    ident = await hook(counter, bell, 1000)
    for secret in ("hush-one", "hush-two"):
        await webhooks.rotate(counter.db, counter.cast.olga, ident, secret)
    rows = await counter.db.text("SELECT before || after FROM event")
    assert not any("hush" in row[0] for row in rows)


@pytest.mark.parametrize(("secret", "hours", "field"), [("ü", 1, "secret"), (None, 169, "grace_hours")])
async def test_a_secret_or_a_time_that_cannot_be_is_refused(
    counter: Counter, bell: Doorbell, secret: str | None, hours: int, field: str
) -> None:
    ident = await hook(counter, bell, 1000)
    with pytest.raises(Invalid) as refused:
        await webhooks.rotate(counter.db, counter.cast.olga, ident, secret, hours)
    assert refused.value.problems[0].field == field


# Beside broken ones --------------------------------------------------------------------------------------------


async def test_broken_webhooks_do_not_hold_up_others(counter: Counter, bell: Doorbell) -> None:
    db, count = counter.db, 60
    async with doorbell() as dead:
        dead.hears, dead.answers = 0, [500] * count
        for _ in range(count):
            await hook(counter, dead, 1000)
        await db.apply([Written(schema.webhook, {"error_count": 1}, {"action": 1000})])
        await hook(counter, bell, 1000)
        hooks = Hooks(db, Caller(body, lambda _: 60.0, NEAR))
        await counter.deal(Name="One")
        await events.order(db)
        while not bell.rings:
            if await hooks.is_due():
                await hooks.work()
            assert len(hooks._running) <= webhook_calls.SLOW_AT_ONCE + 1
            await asyncio.sleep(0.01)
        assert len(dead.rings) <= webhook_calls.SLOW_AT_ONCE
        dead.release()
        await asyncio.gather(*hooks._running.values())


async def test_webhooks_have_their_turns_one_after_the_other(
    counter: Counter, bell: Doorbell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_calls, "AT_ONCE", 1)
    monkeypatch.setattr(webhook_calls, "TURN_SECONDS", 0.0)
    for place in range(3):
        await hook(counter, bell, 1000, URL=f"{bell.url}/{place}")
    monkeypatch.setattr(webhook_calls, "TURN_SECONDS", 0.01)
    bell.delay = 0.02
    for name in ("One", "Two"):
        await counter.deal(Name=name)
    await told(counter.db)
    assert [ring.path for ring in bell.rings] == ["/0", "/1", "/2", "/0", "/1", "/2"]


# Found by how they fare ----------------------------------------------------------------------------------------


async def test_webhooks_are_found_and_ordered_by_how_they_fare(counter: Counter, bell: Doorbell) -> None:
    good = await hook(counter, bell, 1000, Name="Good")
    idle = await hook(counter, bell, 1003, Name="Idle")
    async with doorbell() as dead:
        dead.answers = [503] * 9
        bad = await hook(counter, dead, 1000, Name="Bad")
        await counter.deal()
        await told(counter.db, pause=60.0)
        await counter.db.apply([Written(schema.webhook, {"due_at": None}, {"id": bad})])
        await told(counter.db, pause=60.0)

    async def found(**params: Any) -> list[int]:
        return [row["Id"] for row in await counter.rows("WebHook", **params)]

    assert await found(WebHook_ErrorCount=2) == [bad]
    assert await found(from_WebHook_ErrorCount=1) == [bad]
    assert sorted(await found(to_WebHook_ErrorCount=0)) == [good, idle]
    assert await found(WebHook_LastError="answers 503") == [bad]
    assert sorted(await found(from_WebHook_LastTrigger="2020-01-01T00:00:00Z")) == sorted([good, bad])
    assert (await found(orderby="ErrorCount", dir=1))[0] == bad
    assert (await found(orderby="LastTrigger", dir=0))[-1] == bad
    assert (await found(orderby="LastError", dir=1))[0] == bad


@pytest.mark.parametrize("pause", [0.0, 60.0], ids=["after the pause", "before it is over"])
async def test_a_call_that_could_not_be_noted_is_made_again_after_a_pause_only(
    counter: Counter, bell: Doorbell, monkeypatch: pytest.MonkeyPatch, pause: float
) -> None:
    await hook(counter, bell, 1000)
    await counter.deal(Name="One")
    await events.order(counter.db)
    hooks = Hooks(counter.db, Caller(body, lambda _: pause, NEAR))

    async def no_room(*_: object) -> None:
        raise Unwritable("the disk is full")

    with monkeypatch.context() as full:
        full.setattr(counter.db, "apply", no_room)
        await turn(hooks)
    await turn(hooks)
    assert titles(bell.rings) == (["One"] if pause else ["One", "One"])


async def turn(hooks: Hooks) -> None:
    """Let webhooks be called with what waits for them, and be done with it."""
    if await hooks.is_due():
        await hooks.work()
        await asyncio.gather(*hooks._running.values())
