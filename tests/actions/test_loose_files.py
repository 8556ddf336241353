"""Uploads that nothing takes up go to the trash, and nothing that anything has taken up ever does."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from dealwright.actions import files, imports, mailings, notes, work
from dealwright.actions.deed import now
from dealwright.actions.mailings import Mailing
from dealwright.domain.errors import Invalid, NotFound
from dealwright.domain.file import Purpose
from dealwright.domain.note import CATEGORIES, NoteChange
from dealwright.domain.values import micros
from dealwright.storage import loose_files, schema
from dealwright.storage.database import Database
from dealwright.storage.writes import Change, Insert
from tests.actions.about_contacts import firm
from tests.cast import Cast

HOURS = 24


async def upload(db: Database, cast: Cast, purpose: Purpose = Purpose.ATTACHMENT, hours: int = HOURS + 1) -> int:
    """Keep a file that was uploaded some hours ago."""
    kept = await files.keep(db, cast.mia, purpose, "offer.txt", None, b"words")
    await aged(db, kept.id, hours)
    return kept.id


async def aged(db: Database, ident: int, hours: int = HOURS + 1) -> None:
    """Let a file lie for some hours."""
    at = micros(now() - timedelta(hours=hours))
    known = await db.text(f"SELECT used_at FROM file WHERE id = {ident}")
    await db.apply([Change(schema.file, {"used_at" if known[0][0] else "created_at": at}, {"id": ident})])


async def swept(db: Database, hours: int = HOURS) -> None:
    collector = files.Collector(db, hours)
    while await collector.sweep():
        pass


async def there(db: Database, cast: Cast, ident: int) -> bool:
    try:
        return bool(await files.get(db, cast.mia, ident))
    except NotFound:
        return False


async def said(db: Database, cast: Cast, *ids: int) -> NoteChange:
    """A note about a company, with files."""
    contact, category = (await firm(db, cast.mia)).contact.id, db.rules.items_of(CATEGORIES)[0].id
    return NoteChange(contact_id=contact, content="x", category_id=category, files=ids)


async def note(db: Database, cast: Cast, *ids: int) -> int:
    return (await notes.create(db, cast.mia, await said(db, cast, *ids))).note.id


@pytest.mark.parametrize("purpose", [Purpose.ATTACHMENT, Purpose.IMPORT])
async def test_an_upload_goes_to_the_trash_after_its_hours(db: Database, cast: Cast, purpose: Purpose) -> None:
    old, young = await upload(db, cast, purpose), await upload(db, cast, purpose, HOURS - 1)
    await swept(db, 0)
    assert await there(db, cast, old)
    await swept(db)
    assert [await there(db, cast, one) for one in (old, young)] == [False, True]
    rows = await db.text("SELECT subject_id, actor_id, via FROM event WHERE kinds = 'file.deleted'")
    assert [tuple(row) for row in rows] == [(old, None, "jobs")]


async def test_what_is_kept_for_itself_stays(db: Database, cast: Cast) -> None:
    kept = [await upload(db, cast, purpose) for purpose in Purpose if purpose not in ("attachment", "import")]
    await swept(db)
    assert all([await there(db, cast, one) for one in kept])


async def test_what_hangs_on_something_stays(db: Database, cast: Cast) -> None:
    hanging, sent, read = await upload(db, cast), await upload(db, cast), await upload(db, cast, Purpose.IMPORT)
    listed = await upload(db, cast, Purpose.IMPORT)
    await note(db, cast, hanging)
    zoe = (await firm(db, cast.mia, "Zoe")).contact.id
    await mailings.start(db, cast.carl, Mailing(contact_ids=[zoe], body="Dear", file_ids=[sent]))
    await imports.start_by_head(db, cast.mia, read, {}, {})
    at = micros(now())
    values = {"uid": "u", "created_at": at, "updated_at": at, "location_id": db.rules.location.id, "file_id": listed}
    await db.apply([Insert(schema.import_file, values)])
    for one in (hanging, sent, read, listed):
        await aged(db, one)
    await swept(db)
    assert [await there(db, cast, one) for one in (hanging, sent, read, listed)] == [True] * 4


async def test_what_was_taken_off_a_note_has_its_hours_again(db: Database, cast: Cast) -> None:
    file = await upload(db, cast)
    on = await note(db, cast, file)
    await aged(db, file)
    await notes.change(db, cast.mia, on, NoteChange(files=()))
    await swept(db)
    assert await there(db, cast, file)
    await aged(db, file)
    await swept(db)
    assert not await there(db, cast, file)


async def test_who_takes_it_up_just_then_is_not_too_late(db: Database, cast: Cast) -> None:
    file = await upload(db, cast)
    found = await loose_files.loose(db, 0, file, now() - timedelta(hours=HOURS))
    assert set(found) == {file}
    on = await note(db, cast, file)
    await files.Collector(db, HOURS).remove(file, found[file], now())
    assert [one.id for one in (await notes.get(db, cast.mia, on)).files] == [file]


async def test_a_file_is_swept_away_or_taken_up_never_both(db: Database, cast: Cast) -> None:
    for _ in range(12):
        some = [await upload(db, cast) for _ in range(3)]
        wanted = await said(db, cast, *some[::-1])
        made, *_ = await asyncio.gather(
            notes.create(db, cast.mia, wanted),
            swept(db),
            work.start(db, cast.mia, "never", {"file_id": some[0]}, some[:1]),
            return_exceptions=True,
        )
        left = [one for one in some if await there(db, cast, one)]
        if isinstance(made, (Invalid, NotFound)):
            assert set(left) <= {some[0]}
        else:
            assert not isinstance(made, BaseException)
            assert left == some


async def test_many_files_are_looked_at_a_stretch_at_a_time(
    db: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loose_files, "STRETCH", 2)
    some = [await upload(db, cast) for _ in range(5)]
    collector, looks = files.Collector(db, HOURS), 0
    while await collector.sweep():
        looks += 1
    assert (looks, [await there(db, cast, one) for one in some]) == (3, [False] * 5)
    some = [await upload(db, cast, hours=0)]
    await aged(db, some[0])
    while await collector.sweep():
        pass
    assert not await there(db, cast, some[0])
