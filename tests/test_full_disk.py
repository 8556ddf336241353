"""A disk that is full: every face says so, nothing is half written, reading goes on, and room is enough to recover."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest

from dealwright.actions.deed import now, posted
from dealwright.jobs import Post
from dealwright.storage import outbox, sqlite
from dealwright.storage.blobs import Blobs
from dealwright.storage.database import Database
from dealwright.storage.outage import Unwritable
from tests.office import FACES, Office
from tests.test_agreement import contact, events, make, office, row

__all__ = ["office"]

LONG = "Ten desks, and room for more. " * 2_000
REFUSED_ON_POSTGRES = ("event", "lease")


async def fill(db: Database) -> None:
    """Let the database say what it says on a full disk to whatever needs more room."""
    if not db.is_postgres:
        await db.text("PRAGMA max_page_count = 1")
        return
    body = "BEGIN RAISE 'could not extend file' USING ERRCODE = 'disk_full'; END"
    await db.text(f"CREATE FUNCTION full_disk() RETURNS trigger AS $$ {body} $$ LANGUAGE plpgsql")
    for table in REFUSED_ON_POSTGRES:
        await db.text(f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} EXECUTE FUNCTION full_disk()")


async def free(db: Database) -> None:
    """Make room again."""
    await db.text("DROP FUNCTION full_disk() CASCADE" if db.is_postgres else "PRAGMA max_page_count = 4294967294")


async def describe(office: Office, face: str, ident: int, contact_id: int) -> httpx.Response:
    """Give a deal of Mia's a long description through one face."""
    mia, stage = office.cast.mia, office.stage(0)
    if face == "onlyoffice":
        form = {"title": "Ten desks", "stageid": str(stage), "responsibleid": mia.uid, "contactid": str(contact_id)}
        form |= {"bidCurrencyAbbr": "USD", "description": LONG}
        return await office.send("mia", "PUT", f"/api/2.0/crm/opportunity/{ident}", form)
    if face == "nexudus":
        body = {"Id": ident, "Name": "Ten desks", "CrmBoardColumnId": stage, "CoworkerId": contact_id, "Notes": LONG}
        body |= {"ResponsibleId": mia.id, "Position": 1_000_000}
        return await office.send("mia", "PUT", "/api/crm/crmopportunities", body)
    return await office.send("mia", "PATCH", f"/api/v1/opportunities/{ident}", {"description": LONG})


def said(face: str, answer: httpx.Response) -> str:
    """The sentence in an error of this face."""
    body = answer.json()
    found = {"onlyoffice": body.get("error"), "nexudus": body}.get(face, {"message": body.get("detail")})
    return str(found.get("message") or found.get("Message"))


async def test_every_face_says_that_the_disk_is_full_and_goes_on_when_there_is_room(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    contact_id = await contact(office)
    ident = await make(office, contact_id)
    before = await row(office, ident), await events(office, ident)
    await fill(office.db)
    for face in FACES:
        answer = await describe(office, face, ident, contact_id)
        assert (answer.status_code, "is full" in said(face, answer)) == (503, True), face
        assert int(answer.headers["retry-after"]) > 0
        assert (await row(office, ident), await events(office, ident)) == before
    assert (await office.send("mia", "GET", f"/api/v1/opportunities/{ident}")).status_code == 200
    health = [await office.http.get(path) for path in ("/healthz", "/readyz")]
    assert [answer.status_code for answer in health] == [200, 503]
    assert "is full" in health[1].json()["writes"]
    assert [record for record in caplog.records if record.exc_info] == []
    await free(office.db)
    assert (await office.http.get("/readyz")).json() == {"status": "ok", "database": "answers"}
    assert [(await describe(office, face, ident, contact_id)).status_code for face in FACES] == [200, 200, 200]


async def test_an_upload_without_room_leaves_nothing_and_is_taken_later(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    deal = await make(office, await contact(office))
    folder = Path(office.db.blobs.address)

    def kept() -> list[str]:
        return [name for _, _, names in os.walk(folder) for name in names]

    async def upload() -> list[httpx.Response]:
        http, token = office.http, {"Authorization": f"Bearer {office.tokens['mia']}"}
        raw = {**token, "Content-Type": "application/octet-stream"}
        path, files = f"/api/2.0/crm/opportunity/{deal}/files/upload", {"file": ("plan.txt", b"x" * 300_000)}
        return [
            await http.post("/api/v1/files?title=plan.bin", content=b"x" * 300_000, headers=raw),
            await http.post(path, files=files, headers=token),
        ]

    with monkeypatch.context() as full:
        full.setattr(Blobs, "_open", filling_up(Blobs._open))
        refused = await upload()
        ready = await office.http.get("/readyz")
    assert [answer.status_code for answer in (*refused, ready)] == [503, 503, 503]
    assert kept() == []
    assert [answer.status_code for answer in await upload()] == [201, 201]
    assert len(kept()) == 2
    assert (await office.http.get("/readyz")).status_code == 200


def filling_up(original: Any) -> Any:
    """Open files on a disk that has room for one piece of a quarter of a megabyte, less a bit."""

    def opened(self: Blobs, name: str, mode: str) -> Any:
        file = original(self, name, mode)
        write = file.write

        def filled(piece: bytes) -> int:
            write(piece[:4096])
            raise OSError(errno.ENOSPC, "No space left on device")

        file.write = filled
        return file

    return opened


async def test_a_letter_that_left_is_not_sent_again_because_that_could_not_be_noted(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    settle = outbox.settle

    async def deliver(payload: Any) -> None:
        sent.append(payload)

    async def no_room(*_: Any) -> None:
        raise Unwritable("the disk is full")

    await db.apply([posted("mail.shared", {"title": "Ten desks"}, now())])
    post = Post(db, {"mail.shared": deliver})
    for way in (no_room, no_room, settle):
        monkeypatch.setattr(outbox, "settle", way)
        assert await post.is_due()
        if way is settle:
            await post.deliver()
        else:
            with pytest.raises(Unwritable):
                await post.deliver()
    assert not await post.is_due()
    assert len(sent) == 1


def noting(words: str) -> sqlite.Item:
    """Something for the writer to do."""
    return lambda cursor: cursor.execute("INSERT INTO paper VALUES (?)", (words,)), asyncio.Future()


async def test_what_sqlite_takes_back_for_want_of_room_is_taken_back_for_the_whole_group(tmp_path: Path) -> None:
    connection = sqlite.open_connection(str(tmp_path / "small.db"), readonly=False)
    connection.execute("CREATE TABLE paper (words TEXT)")
    connection.execute("PRAGMA max_page_count = 1")
    written = [noting(words) for words in ("short", LONG, "short again")]
    outcomes = sqlite._commit(connection.cursor(), written)
    assert {getattr(error, "sqlite_errorcode", None) for _, _, error in outcomes} == {sqlite3.SQLITE_FULL}
    assert connection.execute("SELECT count(*) FROM paper").fetchone() == (0,)
    connection.execute("PRAGMA max_page_count = 1000")
    assert [error for _, _, error in sqlite._commit(connection.cursor(), written)] == [None, None, None]
    connection.close()


async def test_a_writer_that_cannot_begin_says_so_and_begins_later(tmp_path: Path) -> None:
    writer = sqlite.Writer(str(tmp_path / "later" / "portal.db"))
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        await asyncio.wait_for(writer.submit(lambda cursor: None), 10)
    (tmp_path / "later").mkdir()
    assert await asyncio.wait_for(writer.submit(lambda cursor: "written"), 10) == "written"
    await asyncio.to_thread(writer.close)
