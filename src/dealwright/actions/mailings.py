"""Deeds on letters to contacts: show how one would read, send it to many as long work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from dealwright.actions import files, work
from dealwright.actions.deed import happened, new_uid, now, posted, recorded, values_of
from dealwright.actions.work_runs import Run, Worker
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Forbidden, Invalid, NotFound, Problem
from dealwright.domain.file import Purpose
from dealwright.domain.mailing import (
    BODY_LENGTH,
    FILES_SIZE,
    RECIPIENTS,
    SUBJECT_LENGTH,
    Words,
    rendered,
    text_of,
    words_of,
)
from dealwright.domain.note import CONTENT_LENGTH, Note, System, differences
from dealwright.domain.text import is_storable
from dealwright.domain.work import RowProblem, Work
from dealwright.storage import contacts as store
from dealwright.storage import files as file_store
from dealwright.storage import notes
from dealwright.storage.contacts import FullContact
from dealwright.storage.database import Database
from dealwright.storage.rules import Rules
from dealwright.storage.schema import note_file
from dealwright.storage.writes import InsertMany, Made, Write

KIND: Final = "mailing"
LETTER: Final = "mail.letter"
SEND, LOOK = "CoworkerMessage-Create", "CoworkerMessage-Read"
CHUNK: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """A letter to contacts; subject and body (a page) may hold tags. `keeps` writes it into their histories."""

    contact_ids: Sequence[int]
    subject: str = ""
    body: str
    file_ids: Sequence[int] = ()
    keeps: bool = False


async def preview(db: Database, actor: Actor, template: str, contact_id: int) -> str:
    """Return how a template reads for a contact. Refuses with Forbidden and NotFound."""
    actor.require(LOOK)
    full = await store.read(db, actor, contact_id)
    person, company = _words(db.rules, full, await _companies(db, actor, [full]))
    return rendered(template, person, company, html=True)


async def start(db: Database, actor: Actor, mailing: Mailing) -> Work:
    """Start sending a letter to contacts and return the work.

    Refuses with Forbidden, and with Invalid: nobody to send it to, too many, nothing said, files that are not there,
    not attachments or too large together.
    """
    actor.require(SEND)
    if mailing.keeps:
        actor.require("CoworkerNote-Create")
    ids, file_ids = list(dict.fromkeys(mailing.contact_ids)), list(dict.fromkeys(mailing.file_ids))
    problems = [*_problems(mailing, ids), *await _file_problems(db, actor, file_ids)]
    if problems:
        raise Invalid(*problems)
    said = {"subject": mailing.subject, "body": mailing.body, "keeps": mailing.keeps}
    return await work.start(db, actor, KIND, {**said, "contacts": ids, "files": file_ids}, file_ids)


async def latest(db: Database, actor: Actor) -> Work | None:
    """Return this person's last mailing, None where there is none. Refuses with Forbidden."""
    actor.require(LOOK)
    return await work.latest(db, actor, KIND)


async def cancel(db: Database, actor: Actor) -> Work | None:
    """Ask this person's last mailing to end and return it; letters that are on their way stay so. Forbidden."""
    actor.require(SEND)
    found = await work.latest(db, actor, KIND)
    return None if found is None else await work.cancel(db, actor, found.id)


def _problems(mailing: Mailing, ids: Sequence[int]) -> list[Problem]:
    problems = []
    if not ids:
        problems.append(Problem("contacts", "required", "nobody is named"))
    if len(ids) > RECIPIENTS:
        problems.append(Problem("contacts", "too_long", f"are at most {RECIPIENTS}", len(ids)))
    if not mailing.body.strip():
        problems.append(Problem("body", "required", "is a required field"))
    for name, text, most in (("subject", mailing.subject, SUBJECT_LENGTH), ("body", mailing.body, BODY_LENGTH)):
        if len(text) > most:
            problems.append(Problem(name, "too_long", f"has at most {most} characters", text[:40]))
        if not is_storable(text):
            problems.append(Problem(name, "format", "holds characters that cannot be kept"))
    return problems


async def _file_problems(db: Database, actor: Actor, ids: Sequence[int]) -> list[Problem]:
    size, problems = 0, []
    for one in ids:
        try:
            file = await files.get(db, actor, one)
        except NotFound:
            problems.append(Problem("files", "unknown", "is no file", one))
            continue
        size += file.size
        if file.purpose is not Purpose.ATTACHMENT:
            problems.append(Problem("files", "unknown", "is no attachment", one))
    if size > FILES_SIZE:
        problems.append(Problem("files", "too_long", f"have at most {FILES_SIZE} bytes together", size))
    return problems


# The work ----------------------------------------------------------------------------------------------------


def worker(leaves: bool) -> Worker:
    """Return who sends mailings; `leaves` says whether mail leaves this server at all."""

    async def send(run: Run) -> Mapping[str, Any]:
        if not leaves:
            raise Forbidden("mail is not set up on this server")
        await _send(run)
        return {"letters": run.work.done}

    return send


async def _send(run: Run) -> None:
    ids = run.input["contacts"]
    start = int(run.cursor.get("next", 0))
    for first in range(start, len(ids), CHUNK):

        async def step(first: int = first) -> None:
            chunk = await _chunk(run, first)
            done, failed = run.work.done + chunk.letters, run.work.failed + len(chunk.problems)
            following = {"next": first + CHUNK}
            said = {"done": done, "failed": failed, "total": len(ids)}
            await run.advance(**said, cursor=following, problems=chunk.problems, writes=chunk.writes)

        await run.repeated(step)


@dataclass(slots=True)
class _Chunk:
    """Some letters: their writes, and who cannot get one."""

    letters: int = 0
    writes: list[Write] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)


async def _chunk(run: Run, first: int) -> _Chunk:
    db, actor, ids = run.db, run.actor, run.input["contacts"][first : first + CHUNK]
    found = {full.contact.id: full for full in await store.read_many(db, actor, ids)}
    companies = await _companies(db, actor, found.values())
    chunk, at = _Chunk(), now()
    for place, one in enumerate(ids, first + 1):
        full = found.get(one)
        if full is None or not full.contact.email:
            message = "has no e-mail" if full else "is no contact"
            code = "required" if full else "unknown"
            chunk.problems.append(RowProblem(row=place, field="email", code=code, message=message, value=str(one)))
            continue
        chunk.writes += _letter(run, actor, full, companies, place, at)
        chunk.letters += 1
    return chunk


def _letter(
    run: Run, actor: Actor, full: FullContact, companies: Mapping[int, FullContact], place: int, at: datetime
) -> list[Write]:
    said = run.input
    person, company = _words(run.db.rules, full, companies)
    subject, body = rendered(said["subject"], person, company, False), rendered(said["body"], person, company, True)
    text = text_of(body)
    facts = {"to": full.contact.email, "subject": subject, "html": body, "text": text}
    facts |= {"by": actor.name, "reply_to": actor.email, "files": said["files"]}
    writes: list[Write] = [posted(LETTER, facts, at)]
    if said["keeps"]:
        writes += _kept(actor, full, f"{subject}\n\n{text}".strip(), said["files"], f"note{place}", at)
    return writes


def _kept(
    actor: Actor, full: FullContact, content: str, file_ids: Sequence[int], made: str, at: datetime
) -> list[Write]:
    """Return the writes that keep a letter in the history of a contact."""
    who = actor.id
    blank = Note(id=0, uid=new_uid(), version=1, created_at=at, updated_at=at, created_by=who, updated_by=who)
    note = replace(blank, contact_id=full.contact.id, category_id=int(System.MAIL), content=content[:CONTENT_LENGTH])
    event = happened(actor, at, "note", ["note.created"], None, values_of(note, differences(blank, note)))
    writes: list[Write] = [replace(notes.inserted(note), made=made), recorded(event, Made(made))]
    if file_ids:
        columns = ("note_id", "file_id")
        writes.append(InsertMany(note_file, columns, [(Made(made), one) for one in file_ids], keys=columns))
    return writes


async def _companies(db: Database, actor: Actor, found: Iterable[FullContact]) -> dict[int, FullContact]:
    """Return the companies that people belong to, as far as this person sees them."""
    ids = {one for full in found if (one := full.contact.company_id) is not None}
    return {full.contact.id: full for full in await store.read_many(db, actor, sorted(ids))}


def _words(rules: Rules, full: FullContact, companies: Mapping[int, FullContact]) -> tuple[Words, Words]:
    """Return what the tags of a person and of a company stand for in a letter to a contact."""
    own = words_of(full.contact, full.infos, _labelled(rules, full))
    if full.contact.is_company:
        return {}, own
    company = companies.get(full.contact.company_id or 0)
    if company is not None:
        return own, words_of(company.contact, company.infos, _labelled(rules, company))
    return own, {"company name": full.contact.company_name or ""}


def _labelled(rules: Rules, full: FullContact) -> dict[str, str]:
    return {rules.fields[key].label: value for key, value in full.custom.items() if key in rules.fields}


# On its way --------------------------------------------------------------------------------------------------


async def attachments(db: Database, ids: Sequence[int]) -> list[tuple[str, str, bytes]]:
    """Return title, media type and bytes of a letter's files, which its sender was allowed to see.

    One that is gone meanwhile does not go along.
    """
    found = []
    for one in ids:
        file = await file_store.read_known(db, one)
        if file is None:
            continue
        try:
            pieces = [piece async for piece in await files.contents(db, file)]
        except NotFound:
            continue
        found.append((file.title, file.media_type, b"".join(pieces)))
    return found
