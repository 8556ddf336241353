"""What is sent about tasks: who is told of which deed, and reminders that come once, in time or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dealwright import mail
from dealwright.actions import tasks
from dealwright.actions.deed import now
from dealwright.actions.task_letters import REMINDER, still_due, when
from dealwright.config import Settings
from dealwright.domain.task import TaskChange
from dealwright.domain.values import instant
from dealwright.jobs import Post, letters
from dealwright.storage import outbox
from dealwright.storage.database import Database, connect
from dealwright.storage.query import Query
from dealwright.storage.schema import outbox as outbox_table
from tests.cast import Cast

BOX = Query(outbox_table.select().order_by(outbox_table.c.id))


async def boxed(db: Database, *kinds: str) -> list[dict[str, Any]]:
    """What is in the outbox and not sent, the payload as it was said."""
    rows = [dict(zip(BOX.keys, row, strict=True)) for row in await db.rows(BOX)]
    return [
        {**row, "payload": json.loads(row["payload"])}
        for row in rows
        if row["done_at"] is None and row["kind"] in kinds
    ]


async def due(db: Database) -> list[datetime]:
    return sorted(instant(row["due_at"]) for row in await boxed(db, REMINDER))


async def made(db: Database, cast: Cast, **values: Any) -> int:
    """A task by Mia for Noah, due in an hour, who is to be reminded a quarter before."""
    own = {"title": "Call Ada", "responsible": cast.noah.uid, "deadline": now() + timedelta(hours=1)}
    change = TaskChange(**{**own, "alert_minutes": 15, **values})
    return (await tasks.create(db, cast.mia, change)).task.id


async def told(db: Database) -> list[tuple[str, str]]:
    rows = await boxed(db, "mail.task_given", "mail.task_done")
    return [(row["kind"], row["payload"]["to_uid"]) for row in rows]


async def test_a_reminder_comes_before_the_deadline_and_one_at_it(db: Database, cast: Cast) -> None:
    deadline = now() + timedelta(hours=1)
    await made(db, cast, deadline=deadline)
    assert await due(db) == [deadline - timedelta(minutes=15), deadline]


async def test_who_is_late_to_say_so_is_reminded_at_once(db: Database, cast: Cast) -> None:
    deadline = now() + timedelta(minutes=5)
    await made(db, cast, deadline=deadline)
    early, at = await due(db)
    assert abs(early - now()) < timedelta(minutes=1)
    assert at == deadline


@pytest.mark.parametrize(
    ("values", "number"),
    [
        ({}, 2),
        ({"alert_minutes": 0}, 0),
        ({"alert_minutes": 0, "notify": True}, 1),
        ({"closed": True}, 0),
        ({"responsible": None}, 0),
        ({"deadline": None}, 0),
        ({"alert_minutes": 2**31 - 1}, 2),
    ],
)
async def test_only_what_is_open_and_somebodys_reminds(
    db: Database, cast: Cast, values: Mapping[str, Any], number: int
) -> None:
    await made(db, cast, **values)
    assert len(await due(db)) == number


async def test_what_was_over_when_it_was_written_reminds_nobody(db: Database, cast: Cast) -> None:
    await made(db, cast, deadline=now() - timedelta(minutes=1))
    assert await due(db) == []


@pytest.mark.parametrize("name", ["deadline", "alert_minutes", "responsible"])
async def test_a_change_sets_the_reminders_anew(db: Database, cast: Cast, name: str) -> None:
    task = await made(db, cast)
    change = {
        "deadline": TaskChange(deadline=now() + timedelta(days=2)),
        "alert_minutes": TaskChange(alert_minutes=30),
        "responsible": TaskChange(responsible=cast.mia.uid),
    }
    await tasks.change(db, cast.mia, task, change[name])
    rows = await boxed(db, REMINDER)
    assert len(rows) == 2
    assert [True for row in rows if await still_due(db, row["payload"])] == [True, True]


async def test_another_title_leaves_the_reminders_as_they_are(db: Database, cast: Cast) -> None:
    task = await made(db, cast)
    before = await boxed(db, REMINDER)
    await tasks.change(db, cast.mia, task, TaskChange(title="Call Ada again"))
    assert await boxed(db, REMINDER) == before


async def test_there_and_back_again_still_reminds_once(db: Database, cast: Cast) -> None:
    deadline = now() + timedelta(hours=1)
    task = await made(db, cast, deadline=deadline)
    for moment in (deadline + timedelta(hours=1), deadline):
        await tasks.change(db, cast.mia, task, TaskChange(deadline=moment))
    assert len(await due(db)) == 2


async def test_a_closed_task_reminds_nobody_and_an_opened_one_does(db: Database, cast: Cast) -> None:
    task = await made(db, cast)
    parcel, _ = await boxed(db, REMINDER)
    await tasks.change(db, cast.noah, task, TaskChange(closed=True))
    assert await due(db) == []
    assert await still_due(db, parcel["payload"]) is None
    await tasks.change(db, cast.noah, task, TaskChange(closed=False))
    assert len(await due(db)) == 2


async def test_a_task_in_the_trash_reminds_nobody(db: Database, cast: Cast) -> None:
    task = await made(db, cast)
    parcel, _ = await boxed(db, REMINDER)
    assert await still_due(db, parcel["payload"]) is not None
    await tasks.delete(db, cast.mia, task)
    assert await still_due(db, parcel["payload"]) is None


async def test_a_reminder_survives_a_restart_and_is_sent_once(
    db: Database, cast: Cast, database_url: str, tmp_path: Any
) -> None:
    await made(db, cast, deadline=now() + timedelta(minutes=5))
    again = await connect(database_url)
    settings = Settings(mail_transport=f"file:{tmp_path / 'mail'}")
    post = Post(again, letters(again, settings))
    assert await post.is_due()
    await post.deliver()
    assert not await post.is_due()
    await again.close()
    [letter] = (tmp_path / "mail").iterdir()
    text = letter.read_text()
    assert "To: noah@example.com" in text
    assert "Call Ada" in text


async def test_a_reminder_that_came_too_late_is_let_go(db: Database, cast: Cast, tmp_path: Any) -> None:
    task = await made(db, cast, deadline=now() + timedelta(minutes=5))
    post = Post(db, letters(db, Settings(mail_transport=f"file:{tmp_path / 'mail'}")))
    assert await post.is_due()
    await tasks.change(db, cast.noah, task, TaskChange(closed=True))
    await post.deliver()
    assert not (tmp_path / "mail").exists()
    assert await outbox.due(db, (REMINDER,), now(), 10) == []


async def test_the_responsible_is_told_of_a_task_that_is_to_notify(db: Database, cast: Cast) -> None:
    await made(db, cast)
    assert await told(db) == []
    await made(db, cast, notify=True)
    assert await told(db) == [("mail.task_given", cast.noah.uid)]


async def test_nobody_is_told_of_ones_own_deeds(db: Database, cast: Cast) -> None:
    task = await made(db, cast, notify=True, responsible=cast.mia.uid)
    await tasks.change(db, cast.mia, task, TaskChange(closed=True))
    assert await told(db) == []


async def test_a_new_responsible_is_told_and_an_old_one_is_not_told_again(db: Database, cast: Cast) -> None:
    task = await made(db, cast, notify=True)
    await tasks.change(db, cast.mia, task, TaskChange(title="Call Ada today"))
    await tasks.change(db, cast.mia, task, TaskChange(responsible=cast.carl.uid))
    assert await told(db) == [("mail.task_given", cast.noah.uid), ("mail.task_given", cast.carl.uid)]


async def test_whoever_made_the_task_is_told_that_it_is_done(db: Database, cast: Cast) -> None:
    task = await made(db, cast, notify=True)
    await tasks.change(db, cast.noah, task, TaskChange(closed=True))
    assert (await told(db))[1:] == [("mail.task_done", cast.mia.uid)]


async def test_whoever_was_to_do_it_is_told_that_somebody_else_did(db: Database, cast: Cast) -> None:
    task = await made(db, cast, notify=True)
    await tasks.change(db, cast.carl, task, TaskChange(closed=True))
    assert {uid for kind, uid in await told(db) if kind == "mail.task_done"} == {cast.mia.uid, cast.noah.uid}


def test_a_letter_names_the_task_and_its_deadline() -> None:
    moment = datetime(2031, 5, 6, 10, 0, tzinfo=ZoneInfo("UTC"))
    facts = {"by": "Mia", "title": "Call Ada", "deadline": when(moment, ZoneInfo("Europe/Berlin"))}
    for kind in ("mail.task_given", "mail.task_done", "mail.task_due"):
        letter = mail.written(kind, facts, "noah@example.com", Settings())
        assert "Call Ada" in letter["Subject"]
        assert "2031-05-06 12:00 (Europe/Berlin)" in letter.get_content()
