"""Letters to contacts: how they read, that each leaves once, and what is kept of them; on both databases."""

from __future__ import annotations

import asyncio
import email
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from dealwright.actions import contacts, custom_fields, files, mailings, notes, work
from dealwright.actions.mailings import Mailing
from dealwright.config import Settings
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.custom_field import FieldChange, FieldType
from dealwright.domain.errors import Forbidden, Invalid, NotFound
from dealwright.domain.file import Purpose
from dealwright.domain.work import State, Work
from dealwright.jobs import Jobs
from dealwright.storage.database import Database
from dealwright.storage.note_lists import NoteCriteria
from dealwright.storage.query import Page
from tests.actions.about_contacts import firm, person, problems
from tests.cast import Cast

TEMPLATE = "<p>Dear $(Person.First Name) of $(Company.Company Name),</p>"


@asynccontextmanager
async def at_work(db: Database, way: str) -> AsyncIterator[None]:
    """Let the jobs run."""
    jobs = Jobs(db, Settings(mail_transport=way, mail_sender="Desk <desk@example.com>"))
    jobs.start()
    try:
        yield
    finally:
        await jobs.stop()


async def ended(db: Database, cast: Cast, found: Work) -> Work:
    """Wait for the end of a work and of the letters it made."""
    for _ in range(500):
        found = await work.status(db, cast.mia, found.id)
        if found.is_finished:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError("it does not end")


def put(folder: Path) -> list[Path]:
    """The letters in a folder."""
    return list(folder.glob("*.eml"))


async def letters(folder: Path, count: int) -> dict[str, Any]:
    """Wait for so many letters and return them by recipient."""
    for _ in range(500):
        found = put(folder)
        if len(found) >= count:
            break
        await asyncio.sleep(0.02)
    parsed = [email.message_from_bytes(path.read_bytes(), policy=default) for path in found]
    return {str(each["To"]): each for each in parsed}


async def test_a_template_reads_differently_for_everybody(db: Database, cast: Cast) -> None:
    field = await custom_fields.create(
        db, cast.olga, FieldChange(subject="person", label="Shoe size", type=FieldType.TEXT)
    )
    company = (await firm(db, cast.mia, "Acme & Sons", address={"city": "Riga", "street": "Main 1"})).contact.id
    said: dict[str, Any] = {"email": "ann@example.com", "job_title": "Boss", "custom": {field.id: "38"}}
    ann = (await person(db, cast.mia, "Ann", "<Lee>", company_id=company, **said)).contact.id
    for template, contact, text in (
        (TEMPLATE, ann, "<p>Dear Ann of Acme &amp; Sons,</p>"),
        ("$(person.last name)|$(Person.Full Name)|$(Person.Job Title)", ann, "&lt;Lee&gt;|Ann &lt;Lee&gt;|Boss"),
        ("$(Person.Email) $(Person.Shoe Size) $(Person.Phone)$(Person.)", ann, "ann@example.com 38 $(Person.)"),
        ("$(Company.City), $(Company.Street)", ann, "Riga, Main 1"),
        (TEMPLATE, company, "<p>Dear  of Acme &amp; Sons,</p>"),
        ("$(Company.Address) $(Nobody.Name) $100", company, "Main 1, Riga $(Nobody.Name) $100"),
    ):
        assert await mailings.preview(db, cast.mia, template, contact) == text
    with pytest.raises(NotFound):
        await mailings.preview(db, cast.mia, TEMPLATE, 99999)
    with pytest.raises(Forbidden):
        await mailings.preview(db, cast.rita, TEMPLATE, ann)


async def test_each_contact_gets_one_letter_and_its_history_keeps_it(db: Database, cast: Cast, tmp_path: Path) -> None:
    ann = (await person(db, cast.mia, email="ann@example.com")).contact.id
    bob = (await person(db, cast.mia, "Bob", email="bob@example.com")).contact.id
    silent, hidden = (await firm(db, cast.mia)).contact.id, (await firm(db, cast.olga, sharing=Share.NOBODY)).contact.id
    file = await files.keep(db, cast.mia, Purpose.ATTACHMENT, "offer.txt", "text/plain", b"ten desks")
    mailing = Mailing(
        contact_ids=[ann, bob, silent, hidden, ann],
        subject="For $(Person.First Name)",
        body=TEMPLATE + "<script>evil()</script>",
        file_ids=[file.id],
        keeps=True,
    )
    found = await mailings.start(db, cast.mia, mailing)
    async with at_work(db, f"file:{tmp_path}"):
        done = await ended(db, cast, found)
        sent = await letters(tmp_path, 2)
    assert (done.state, done.done, done.failed, done.percentage) == (State.DONE, 2, 2, 100.0)
    assert {(one.row, one.code) for one in await work.problems(db, cast.mia, done.id, Page())} == {
        (3, "required"),
        (4, "unknown"),
    }
    assert set(sent) == {"ann@example.com", "bob@example.com"}
    letter = sent["bob@example.com"]
    assert (letter["Subject"], letter["From"]) == ("For Bob", "Mia Example <desk@example.com>")
    assert letter["Reply-To"] == "mia@example.com"
    assert letter.get_body(("html",)).get_content().startswith("<p>Dear Bob of ,</p>")
    assert letter.get_body(("plain",)).get_content().strip() == "Dear Bob of ,"
    assert [(one.get_filename(), one.get_content()) for one in letter.iter_attachments()] == [
        ("offer.txt", "ten desks")
    ]
    (note,) = await notes.find(db, cast.mia, NoteCriteria(contact_id=ann), Page())
    assert (note.note.category_id, note.note.content) == (-3, "For Ann\n\nDear Ann of ,")
    assert [each.id for each in note.files] == [file.id]
    assert await notes.find(db, cast.mia, NoteCriteria(contact_id=silent), Page()) == []


async def test_nothing_is_kept_unless_asked_and_no_letter_is_made_twice(
    db: Database, cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailings, "CHUNK", 2)
    ids = [(await person(db, cast.mia, email=f"{name}@example.com")).contact.id for name in "abcde"]
    found = await mailings.start(db, cast.mia, short(ids))
    async with at_work(db, f"file:{tmp_path}"):
        await ended(db, cast, found)
        sent = await letters(tmp_path, 5)
    assert len(sent) == len(put(tmp_path)) == 5
    assert await notes.find(db, cast.mia, NoteCriteria(contact_id=ids[0]), Page()) == []


def short(ids: list[int]) -> Mailing:
    """A short letter."""
    return Mailing(contact_ids=ids, body="Hello")


async def test_what_cannot_be_sent_is_refused_at_once(db: Database, cast: Cast) -> None:
    ann = (await person(db, cast.mia, email="ann@example.com")).contact.id
    logo = await files.keep(db, cast.mia, Purpose.REPORT, "report.txt", "text/plain", b"x")
    wrong: list[tuple[dict[str, Any], tuple[str, str]]] = [
        ({"contact_ids": []}, ("contacts", "required")),
        ({"body": "  "}, ("body", "required")),
        ({"subject": "x" * 256}, ("subject", "too_long")),
        ({"contact_ids": list(range(1, 10_002))}, ("contacts", "too_long")),
        ({"body": "\ud800"}, ("body", "format")),
        ({"file_ids": [99999]}, ("files", "unknown")),
        ({"file_ids": [logo.id]}, ("files", "unknown")),
    ]
    for said, problem in wrong:
        with pytest.raises(Invalid) as caught:
            await mailings.start(db, cast.mia, Mailing(**{"contact_ids": [ann], "body": "Hello", **said}))
        assert problems(caught) == {problem}
    with pytest.raises(Forbidden):
        await mailings.start(db, cast.rita, Mailing(contact_ids=[ann], body="Hello"))
    assert await mailings.latest(db, cast.mia) is None


async def test_a_server_without_mail_says_so(db: Database, cast: Cast) -> None:
    ann = (await person(db, cast.mia, email="ann@example.com")).contact.id
    found = await mailings.start(db, cast.mia, Mailing(contact_ids=[ann], body="Hello", keeps=True))
    async with at_work(db, "none"):
        done = await ended(db, cast, found)
    assert (done.state, done.error) == (State.FAILED, "mail is not set up on this server")
    assert await notes.find(db, cast.mia, NoteCriteria(contact_id=ann), Page()) == []


async def test_a_mailing_is_cancelled_and_told_to_its_sender_alone(db: Database, cast: Cast) -> None:
    ann = (await person(db, cast.mia, email="ann@example.com")).contact.id
    assert await mailings.cancel(db, cast.mia) is None
    found = await mailings.start(db, cast.mia, Mailing(contact_ids=[ann], body="Hello"))
    assert await mailings.latest(db, cast.noah) is None
    cancelled = await mailings.cancel(db, cast.mia)
    assert cancelled is not None
    assert (cancelled.id, cancelled.cancelled) == (found.id, True)
    async with at_work(db, "none"):
        assert (await ended(db, cast, found)).state is State.CANCELLED


async def test_somebody_who_loses_sight_of_a_contact_does_not_write_to_it(
    db: Database, cast: Cast, tmp_path: Path
) -> None:
    ann = (await person(db, cast.olga, email="ann@example.com")).contact.id
    found = await mailings.start(db, cast.mia, Mailing(contact_ids=[ann], body="Hello"))
    await contacts.change(db, cast.olga, ann, ContactChange(sharing=Share.NOBODY, managers=[]))
    async with at_work(db, f"file:{tmp_path}"):
        done = await ended(db, cast, found)
    assert (done.done, done.failed) == (0, 1)
    assert not put(tmp_path)
