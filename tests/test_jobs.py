"""The jobs beside the requests: events get numbers, totals are folded, letters go out at least once."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from dealwright.actions import opportunities as deals
from dealwright.actions.deed import now, posted
from dealwright.config import Settings
from dealwright.domain.opportunity import Change, Sharing
from dealwright.jobs import ATTEMPTS, Jobs, Post, pause_after
from dealwright.mail import Undeliverable, transport, written
from dealwright.storage import outbox
from dealwright.storage.database import Database, connect
from dealwright.storage.folding import Summary
from dealwright.storage.query import Query
from dealwright.storage.schema import event
from dealwright.storage.schema import outbox as outbox_table
from dealwright.storage.summaries import SUMMARIES
from tests.cast import Cast, company
from tests.support.letterbox import Letterbox
from tests.support.waiting import until

UNNUMBERED = Query(event.select().with_only_columns(event.c.id).where(event.c.seq.is_(None)))
BOX = Query(outbox_table.select().order_by(outbox_table.c.id))


@pytest.fixture
async def letterbox() -> AsyncIterator[Letterbox]:
    box = Letterbox()
    await box.open()
    yield box
    await box.close()


@asynccontextmanager
async def working(db: Database, settings: Settings | None = None, **post: Any) -> AsyncIterator[Jobs]:
    jobs = Jobs(db, settings or Settings(), post)
    jobs.start()
    try:
        yield jobs
    finally:
        await jobs.stop()


async def deal_of(db: Database, cast: Cast, **values: Any) -> int:
    stage = db.rules.stages_of(db.rules.default_pipeline.id)[0].id
    made = await deals.create(db, cast.mia, Change(stage_id=stage, title="Ten desks", **values))
    return made.opportunity.id


async def boxed(db: Database) -> list[dict[str, Any]]:
    return [dict(zip(BOX.keys, row, strict=True)) for row in await db.rows(BOX)]


async def test_what_is_written_is_numbered_and_folded_soon_after(db: Database) -> None:
    cast = await company(db)

    async def quiet() -> bool:
        unfolded = [summary for summary in SUMMARIES.values() if await summary.is_unfolded(db)]
        return not await db.rows(UNNUMBERED) and not unfolded

    async with working(db):
        await deal_of(db, cast)
        await until(quiet)


async def test_what_another_process_wrote_is_found_by_looking(database_url: str) -> None:
    here, there = await connect(database_url), await connect(database_url)
    cast = await company(there)

    async def numbered() -> bool:
        return not await here.rows(UNNUMBERED)

    async with working(here):
        await deal_of(there, cast)
        await until(numbered)
    await here.close()
    await there.close()


async def test_when_the_process_that_had_the_leases_stops_another_goes_on_at_once(database_url: str) -> None:
    first, second = await connect(database_url), await connect(database_url)
    cast = await company(first)

    async def numbered() -> bool:
        return not await second.rows(UNNUMBERED)

    async with working(second) as staying:
        async with working(first):
            await deal_of(first, cast)
            await until(numbered)
        assert {row[0] for row in await second.text("SELECT holder FROM lease")} <= {staying._holder}
        await deal_of(second, cast)
        await until(numbered)
    await first.close()
    await second.close()


async def test_sharing_a_deal_leaves_a_letter_in_the_folder(db: Database, tmp_path: Path) -> None:
    cast = await company(db)
    settings = Settings(mail_transport=f"file:{tmp_path / 'mail'}", public_url="https://deals.example")
    async with working(db, settings):
        await deal_of(db, cast, sharing=Sharing(True, (cast.noah.uid,)), notify=True)

        async def delivered() -> bool:
            return bool([row for row in await boxed(db) if row["done_at"]])

        await until(delivered)
    [path] = (tmp_path / "mail").iterdir()
    letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert letter["To"] == "noah@example.com"
    assert letter["Subject"] == "Mia Example shared a deal with you: Ten desks"
    assert "https://deals.example/" in letter.get_content()


async def test_a_letter_goes_to_the_mail_server(letterbox: Letterbox) -> None:
    settings = Settings(mail_transport=f"smtp://127.0.0.1:{letterbox.port}", mail_sender="Deals <deals@example.com>")
    send = transport(settings)
    assert send is not None
    await send(written("mail.shared", {"by": "Mia", "title": "Zehn Tische – groß"}, "noah@example.com", settings))
    [(sender, recipients, content)] = letterbox.letters
    letter = email.message_from_bytes(content, policy=email.policy.default)
    assert (sender, recipients) == ("deals@example.com", ["noah@example.com"])
    assert letter["Subject"] == "Mia shared a deal with you: Zehn Tische – groß"


async def test_a_refused_recipient_is_given_up_and_a_busy_server_is_not(letterbox: Letterbox) -> None:
    settings = Settings(mail_transport=f"smtp://127.0.0.1:{letterbox.port}")
    send = transport(settings)
    assert send is not None
    letterbox.refuses["gone@example.com"] = "550 no such person"
    letterbox.refuses["busy@example.com"] = "451 try later"
    with pytest.raises(Undeliverable):
        await send(written("mail.shared", {"by": "Mia", "title": "x"}, "gone@example.com", settings))
    with pytest.raises(OSError, match="451"):
        await send(written("mail.shared", {"by": "Mia", "title": "x"}, "busy@example.com", settings))


@pytest.mark.parametrize("title", ["a\r\nBcc: eve@example.com", "a\nb", "x" * 5000, "\u202eevil", "{by}{0}"])
def test_no_title_gets_into_the_head_of_a_letter_but_as_its_subject(title: str) -> None:
    letter = written("mail.shared", {"by": "Mia", "title": title}, "noah@example.com", Settings())
    parsed = email.message_from_bytes(letter.as_bytes(), policy=email.policy.default)
    assert parsed["Bcc"] is None
    assert parsed["To"] == "noah@example.com"


@pytest.mark.parametrize("address", ["", "nobody", "a@b\r\nBcc: eve@example.com", "a@b@c", "<script>@x"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(Undeliverable):
        written("mail.shared", {"by": "Mia", "title": "x"}, address, Settings())


async def test_what_fails_is_tried_again_later_and_then_given_up(db: Database) -> None:
    async def never(_: Mapping[str, Any]) -> None:
        raise ConnectionRefusedError("nobody there")

    post = Post(db, {"test": never})
    await db.apply([posted("test", {}, now())])
    [row] = await boxed(db)
    for attempt in range(ATTEMPTS):
        await post.hand_over(outbox.Parcel(row["id"], "test", {}, attempt))
    [row] = await boxed(db)
    assert row["attempts"] == ATTEMPTS
    assert row["last_error"] == "ConnectionRefusedError: nobody there"
    assert row["done_at"] is not None


def test_the_pauses_grow_from_seconds_to_hours() -> None:
    waits = [pause_after(attempt) for attempt in range(ATTEMPTS)]
    assert 15 <= waits[0] < 20
    assert 6 * 3600 <= waits[-1] <= 7.5 * 3600
    assert sum(waits) > 24 * 3600


async def test_a_delivery_that_was_cut_off_happens_again(db: Database) -> None:
    seen: list[int] = []

    async def cut_off(payload: Mapping[str, Any]) -> None:
        seen.append(payload["n"])
        if len(seen) == 1:
            raise asyncio.CancelledError

    await db.apply([posted("test", {"n": 7}, now())])
    post = Post(db, {"test": cut_off})
    assert await post.is_due()
    with pytest.raises(asyncio.CancelledError):
        await post.deliver()
    assert await post.is_due()
    await post.deliver()
    assert seen == [7, 7]
    assert not await post.is_due()


async def test_a_letter_to_somebody_who_left_is_let_go(db: Database) -> None:
    await company(db)
    settings = Settings(mail_transport="file:/nowhere/at/all")
    await db.apply([posted("mail.shared", {"to_uid": "gone", "by": "Mia", "title": "x"}, now())])

    async def settled() -> bool:
        [row] = await boxed(db)
        return row["done_at"] is not None

    async with working(db, settings):
        await until(settled)
    [row] = await boxed(db)
    assert "not there any more" in row["last_error"]


async def test_a_job_that_fails_does_not_stop_the_others(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = await company(db)

    async def broken(_summary: Summary, _db: Database) -> None:
        raise RuntimeError("cannot fold")

    monkeypatch.setattr(Summary, "fold", broken)

    async def numbered() -> bool:
        return not await db.rows(UNNUMBERED)

    async with working(db):
        await deal_of(db, cast)
        await until(numbered)
