"""Documents with files from addresses: kept with the record, replaced, cleared, or nothing at all."""

from __future__ import annotations

import email
import email.policy
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from dealwright import jobs
from dealwright.actions import contacts, fetched_files
from dealwright.actions import files as file_deeds
from dealwright.actions import plain_records as deeds
from dealwright.actions.plain_entities import DOCUMENT
from dealwright.config import Settings
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.errors import Forbidden, Invalid, NotFound
from dealwright.fetching import Bounds
from dealwright.jobs import Post
from dealwright.storage.database import Database
from tests.actions.about_rules import problems
from tests.cast import Cast
from tests.support.shelf import shelf

HERE = Bounds(1000, 5.0, private=True)


@pytest.fixture
async def address() -> AsyncIterator[str]:
    """Where `/any/path` answers with its path as bytes."""
    async with shelf() as found:
        yield found


async def said(db: Database, cast: Cast, share: Share = Share.WRITE) -> dict[str, object]:
    """What a document cannot do without."""
    change = ContactChange(first_name="Ann", last_name="Lee", sharing=share, managers=[cast.mia.uid])
    return {"name": "Contract", "contact_id": (await contacts.create(db, cast.mia, change)).contact.id}


async def contents(db: Database, cast: Cast, ident: int, field: str = "file_id") -> tuple[str, bytes]:
    """Title and bytes of a file of a document."""
    file, pieces = await fetched_files.opened(db, cast.mia, DOCUMENT, ident, field)
    return file.title, b"".join([piece async for piece in pieces])


async def test_a_document_keeps_what_lies_at_its_addresses(db: Database, cast: Cast, address: str) -> None:
    urls = {"file_id": f"{address}/a/contract%20one.pdf?x=1", "signed_file_id": f"{address}/signed.pdf"}
    made = await fetched_files.create(db, cast.mia, DOCUMENT, await said(db, cast), urls, HERE)
    assert (made.values["file.title"], made.values["signed_file.title"]) == ("contract one.pdf", "signed.pdf")
    assert await contents(db, cast, made.id) == ("contract one.pdf", b"/a/contract%20one.pdf?x=1")
    assert (await contents(db, cast, made.id, "signed_file_id"))[1] == b"/signed.pdf"


async def test_a_new_file_takes_the_place_of_the_old_one(db: Database, cast: Cast, address: str) -> None:
    first = {"file_id": f"{address}/first.txt"}
    made = await fetched_files.create(db, cast.mia, DOCUMENT, await said(db, cast), first, HERE)
    old = made.values["file_id"]
    changed = await fetched_files.change(db, cast.mia, DOCUMENT, made.id, {}, {"file_id": f"{address}/next.txt"}, HERE)
    assert changed.values["file.title"] == "next.txt"
    with pytest.raises(NotFound):
        await file_deeds.get(db, cast.olga, old)
    cleared = await fetched_files.change(db, cast.mia, DOCUMENT, made.id, {"file_id": None}, {}, HERE)
    assert (cleared.values["file_id"], cleared.values["file.title"]) == (None, None)
    with pytest.raises(NotFound):
        await contents(db, cast, made.id)


@pytest.mark.parametrize("url", ["ftp://example.com/x", "data:text/plain,x", "http://127.0.0.1:9/none", "nonsense"])
async def test_an_address_that_is_not_fetched_makes_nothing(db: Database, cast: Cast, address: str, url: str) -> None:
    urls = {"file_id": f"{address}/good.txt", "signed_file_id": url}
    with pytest.raises(Invalid) as refused:
        await fetched_files.create(db, cast.mia, DOCUMENT, await said(db, cast), urls, HERE)
    assert problems(refused) == {("signed_file_id", "format")}
    assert await db.text("SELECT id FROM document") == []
    assert await db.text("SELECT id FROM file WHERE deleted_at IS NULL") == []


async def test_private_networks_and_large_files_are_not_fetched(db: Database, cast: Cast, address: str) -> None:
    given = await said(db, cast)
    for bounds in (replace(HERE, private=False), replace(HERE, size=3)):
        with pytest.raises(Invalid):
            await fetched_files.create(db, cast.mia, DOCUMENT, given, {"file_id": f"{address}/x.txt"}, bounds)


async def test_nothing_is_fetched_for_a_record_that_is_refused(db: Database, cast: Cast, address: str) -> None:
    urls = {"file_id": f"{address}/x.txt"}
    with pytest.raises(Invalid):
        await fetched_files.create(db, cast.mia, DOCUMENT, {"name": "No contact"}, urls, HERE)
    with pytest.raises(Forbidden):
        await fetched_files.create(db, cast.rita, DOCUMENT, await said(db, cast), urls, HERE)
    assert await db.text("SELECT id FROM file") == []


async def test_a_file_is_seen_with_the_contact_of_its_document(db: Database, cast: Cast, address: str) -> None:
    urls = {"file_id": f"{address}/x.txt"}
    shared = await fetched_files.create(db, cast.mia, DOCUMENT, await said(db, cast), urls, HERE)
    hidden = await fetched_files.create(db, cast.mia, DOCUMENT, await said(db, cast, Share.NOBODY), urls, HERE)
    assert (await file_deeds.get(db, cast.noah, shared.values["file_id"])).title == "x.txt"
    for deed in (
        file_deeds.get(db, cast.noah, hidden.values["file_id"]),
        fetched_files.opened(db, cast.noah, DOCUMENT, hidden.id, "file_id"),
    ):
        with pytest.raises(NotFound):
            await deed
    await deeds.delete(db, cast.mia, DOCUMENT, shared.id)
    with pytest.raises(NotFound):
        await file_deeds.get(db, cast.noah, shared.values["file_id"])


async def test_the_address_a_document_names_is_told_once_that_it_is_signed(
    db: Database, cast: Cast, address: str, tmp_path: Path
) -> None:
    signed = {"signed_file_id": f"{address}/signed.pdf"}
    named = {**await said(db, cast), "extra": {"NotifyWhenSignedEmail": " Lena <legal@example.com> "}}
    made = await fetched_files.create(db, cast.mia, DOCUMENT, named, {"file_id": f"{address}/open.pdf"}, HERE)
    post = Post(db, jobs.letters(db, Settings(mail_transport=f"file:{tmp_path}")))
    await deeds.change(db, cast.mia, DOCUMENT, made.id, {"description": "To be signed"})
    assert not await post.is_due()
    for _ in range(2):
        await fetched_files.change(db, cast.mia, DOCUMENT, made.id, {}, signed, HERE)
    unnamed = {**named, "extra": {}}
    await fetched_files.create(db, cast.mia, DOCUMENT, unnamed, signed, HERE)
    assert await post.is_due()
    await post.deliver()
    [path] = list(tmp_path.glob("*.eml"))  # noqa: ASYNC240 - a folder of one file
    letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert (letter["to"], letter["subject"]) == ("Lena <legal@example.com>", "Signed: Contract")
    assert "“Contract” of Ann Lee is signed; Mia" in letter.get_content()
