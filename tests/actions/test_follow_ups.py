"""Follow-ups: whoever is responsible is told once when the day comes, and nobody else."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dealwright.actions import follow_ups, people
from dealwright.actions import opportunities as deals
from dealwright.actions.deed import now
from dealwright.config import Settings
from dealwright.domain.opportunity import Change, Sharing
from dealwright.domain.people import UserChange
from dealwright.domain.pipeline import Outcome
from dealwright.domain.values import micros
from dealwright.jobs import Post, letters, reminding
from dealwright.storage import schema
from dealwright.storage.database import Database, connect
from tests.actions.about_automation import deal, events, rows
from tests.cast import Cast, company

HOUR = timedelta(hours=1)


async def told(db: Database) -> list[dict[str, Any]]:
    """The letters about follow-ups that were posted, as they were said."""
    found = [row for row in await rows(db, schema.outbox) if row["kind"] == follow_ups.LETTER]
    return [json.loads(row["payload"]) for row in found]


async def one(db: Database, ident: int) -> dict[str, Any]:
    """A deal as stored."""
    return next(row for row in await rows(db, schema.opportunity) if row["id"] == ident)


async def looked(db: Database) -> int:
    """Look for follow-ups until none is due; return how many letters there are then."""
    for _ in range(20):
        if not await follow_ups.is_due(db):
            return len(await told(db))
        await follow_ups.tell(db)
    raise AssertionError("it never ends")


async def test_when_the_day_comes_the_responsible_is_told_once(db: Database, cast: Cast) -> None:
    moment = now() - HOUR
    ident = await deal(db, cast, follow_up_at=moment)
    before = await one(db, ident)
    assert await looked(db) == 1
    assert await looked(db) == 1
    assert await told(db) == [
        {"opportunity": ident, "follow_up_at": micros(moment), "responsible": cast.mia.uid},
    ]
    after = await one(db, ident)
    differing = {name: after[name] for name in after if after[name] != before[name]}
    assert differing == {"reminded": True, "reminded_for": micros(moment), "version": 2}
    [*_, event] = await events(db, "opportunity", ident)
    assert (event["kinds"], event["actor_id"], event["via"]) == ("opportunity.reminded", None, "automation")
    assert json.loads(event["after"]) == {"reminded": True}


async def test_before_the_day_nobody_is_told(db: Database, cast: Cast) -> None:
    await deal(db, cast, follow_up_at=now() + HOUR)
    await deal(db, cast)
    assert await looked(db) == 0


async def test_another_day_arms_it_again_and_the_flag_does_not(db: Database, cast: Cast) -> None:
    ident = await deal(db, cast, follow_up_at=now() - HOUR)
    assert await looked(db) == 1
    await deals.change(db, cast.mia, ident, Change(reminded=False, title="Twenty desks"))
    assert await looked(db) == 1
    await deals.change(db, cast.mia, ident, Change(follow_up_at=now() - 2 * HOUR))
    assert await looked(db) == 2


async def test_the_flag_that_a_client_sets_keeps_nobody_from_being_told(db: Database, cast: Cast) -> None:
    await deal(db, cast, follow_up_at=now() - HOUR, reminded=True)
    assert await looked(db) == 1


@pytest.mark.parametrize("why", ["completed", "won", "in the trash", "nobody's"])
async def test_what_is_closed_gone_or_nobodys_tells_nobody(db: Database, cast: Cast, why: str) -> None:
    every: dict[str, dict[str, Any]] = {
        "completed": {"completed": True},
        "won": {"outcome": Outcome.WON},
        "nobody's": {"responsible": None},
    }
    values = every.get(why, {})
    ident = await deal(db, cast, follow_up_at=now() - HOUR, **values)
    if why == "in the trash":
        await deals.delete(db, cast.mia, ident)
    assert await looked(db) == 0
    assert not (await one(db, ident))["reminded"]


async def test_who_takes_on_a_deal_of_nobody_is_told_then(db: Database, cast: Cast) -> None:
    ident = await deal(db, cast, follow_up_at=now() - HOUR, responsible=None)
    assert await looked(db) == 0
    await deals.change(db, cast.mia, ident, Change(responsible=cast.noah.uid))
    assert await looked(db) == 1
    assert [said["responsible"] for said in await told(db)] == [cast.noah.uid]


@pytest.mark.parametrize("why", ["hidden", "no right", "unknown", "left"])
async def test_who_may_not_see_a_deal_is_not_told_of_it(db: Database, cast: Cast, why: str) -> None:
    owner = cast.gus.uid if why == "no right" else "33333333-3333-4333-8333-333333333333"
    if why in ("hidden", "left"):
        owner = cast.noah.uid
    sharing = Sharing(True, (cast.mia.uid,)) if why == "hidden" else Sharing()
    ident = await deal(db, cast, follow_up_at=now() - HOUR, responsible=owner, sharing=sharing)
    if why == "left":
        await people.change_user(db, cast.olga, cast.ids["noah"], UserChange(active=False))
    before = await one(db, ident)
    assert await looked(db) == 0
    after = await one(db, ident)
    assert (after["reminded"], after["version"]) == (before["reminded"], before["version"])


async def test_many_are_told_of_chunk_by_chunk(db: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow_ups, "CHUNK", 3)
    for place in range(7):
        await deal(db, cast, follow_up_at=now() - timedelta(hours=place + 1), responsible=_owner(cast, place))
    assert await looked(db) == 7


def _owner(cast: Cast, place: int) -> str:
    return (cast.mia if place % 2 else cast.noah).uid


async def test_two_processes_tell_once(database_url: str) -> None:
    here, there = await connect(database_url), await connect(database_url)
    cast = await company(here)
    await there.refresh()
    for place in range(12):
        await deal(here, cast, follow_up_at=now() - timedelta(hours=place + 1))
    while await follow_ups.is_due(here):
        await asyncio.gather(*(follow_ups.tell(db) for db in (here, there, here, there)))
    assert len({said["opportunity"] for said in await told(here)}) == len(await told(here)) == 12
    assert {row["version"] for row in await rows(here, schema.opportunity)} == {2}
    await here.close()
    await there.close()


async def test_a_deal_that_changes_at_the_same_time_is_told_of_as_it_is_then(
    db: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    ident = await deal(db, cast, follow_up_at=now() - HOUR)
    real = follow_ups._seen_by_theirs

    async def slow(db: Database, found: Any) -> Any:
        seen = await real(db, found)
        await deals.change(db, cast.mia, ident, Change(responsible=cast.noah.uid))
        return seen

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(follow_ups, "_seen_by_theirs", slow)
        await follow_ups.tell(db)
    assert await told(db) == []
    assert await looked(db) == 1
    assert [said["responsible"] for said in await told(db)] == [cast.noah.uid]


async def test_a_process_that_knows_old_rules_looks_at_the_new_ones(database_url: str) -> None:
    here, there = await connect(database_url), await connect(database_url)
    cast = await company(here)
    await deal(here, cast, follow_up_at=now() - HOUR)
    assert await looked(there) == 1
    await here.close()
    await there.close()


# On its way ----------------------------------------------------------------------------------------------------


def post(db: Database, folder: Path) -> Post:
    return Post(db, letters(db, Settings(mail_transport=f"file:{folder}", public_url="https://deals.example")))


async def delivered(db: Database, folder: Path) -> list[str]:
    """Deliver what is due; return the letters."""
    sending = post(db, folder)
    while await sending.is_due():
        await sending.deliver()
    return await asyncio.to_thread(_texts, folder)


def _texts(folder: Path) -> list[str]:
    found = [email.message_from_bytes(one.read_bytes(), policy=email.policy.default) for one in folder.glob("*.eml")]
    return [f"{one['To']}\n{one['Subject']}\n{one.get_content()}" for one in found]


async def test_the_letter_says_which_deal_and_when(db: Database, cast: Cast, tmp_path: Path) -> None:
    await deal(db, cast, follow_up_at=datetime.fromisoformat("2026-02-03T04:05:00Z"))
    await looked(db)
    [letter] = await delivered(db, tmp_path / "mail")
    assert letter.startswith("mia@example.com\nFollow up: Ten desks\n")
    assert "“Ten desks”: 2026-02-03 04:05 (UTC)" in letter


@pytest.mark.parametrize("why", ["closed", "another day", "another owner", "hidden", "in the trash"])
async def test_what_is_not_so_any_more_is_not_told(db: Database, cast: Cast, tmp_path: Path, why: str) -> None:
    ident = await deal(db, cast, follow_up_at=now() - HOUR)
    await looked(db)
    change = {
        "closed": Change(completed=True),
        "another day": Change(follow_up_at=now() + HOUR),
        "another owner": Change(responsible=cast.noah.uid),
        "hidden": Change(sharing=Sharing(True, (cast.noah.uid,))),
    }.get(why)
    if change is None:
        await deals.delete(db, cast.mia, ident)
    elif why == "hidden":
        await deals.change(db, cast.carl, ident, change)
    else:
        await deals.change(db, cast.mia, ident, change)
    assert await delivered(db, tmp_path / "mail") == []


async def test_where_no_mail_leaves_nothing_counts_as_told(db: Database, cast: Cast) -> None:
    assert reminding(db, Settings()) == ()
    assert [job.name for job in reminding(db, Settings(mail_transport="file:/tmp/mail"))] == ["follow-ups", "reminders"]
