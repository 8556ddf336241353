"""Deeds on notes, on both databases: what they keep, who sees them, and what becomes of the files on them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dealwright.actions import cases, contacts, files, notes, opportunities
from dealwright.domain.actor import Actor
from dealwright.domain.case import CaseChange
from dealwright.domain.contact import Share
from dealwright.domain.errors import Forbidden, Invalid, NotFound, Outdated
from dealwright.domain.file import File, Purpose
from dealwright.domain.note import CONTENT_LENGTH, NoteChange, System
from dealwright.domain.opportunity import Sharing
from dealwright.storage import note_lists, schema
from dealwright.storage.database import Database
from dealwright.storage.note_lists import NoteCriteria, NoteOrder
from dealwright.storage.notes import FullNote
from dealwright.storage.query import Page, Query
from tests.actions.about_contacts import deal, events, firm, person, problems
from tests.cast import Cast

UNKNOWN = 999_999
MONDAY = datetime(2031, 5, 5, 9, 30, tzinfo=UTC)
MAILS = Query(select(schema.outbox.c.kind, schema.outbox.c.payload).order_by(schema.outbox.c.id))


def category(db: Database, place: int = 0) -> int:
    """A category of notes."""
    return db.rules.items_of("history_category")[place].id


async def note(db: Database, actor: Actor, content: str = "We met", **values: Any) -> FullNote:
    """Write a note."""
    return await notes.create(db, actor, NoteChange(**{"content": content, "category_id": category(db), **values}))


async def said(db: Database, actor: Actor, order: NoteOrder = NoteOrder.CREATED, **criteria: Any) -> list[str]:
    """What the notes that match say."""
    found = await notes.find(db, actor, NoteCriteria(**criteria), Page(), order, descending=False)
    assert await note_lists.total(db, actor, NoteCriteria(**criteria)) == len(found)
    return [full.note.content for full in found]


async def kept(db: Database, actor: Actor, title: str = "offer.pdf", purpose: Purpose = Purpose.ATTACHMENT) -> File:
    """Keep a file."""
    return await files.keep(db, actor, purpose, title, None, title.encode())


async def private_deal(db: Database, cast: Cast, **values: Any) -> int:
    """A deal that only Mia sees."""
    return await deal(db, cast, sharing=Sharing(True, (cast.mia.uid,)), **values)


# Writing -----------------------------------------------------------------------------------------------------


async def test_a_new_note_is_read_back_as_written(db: Database, cast: Cast) -> None:
    company, on = await firm(db, cast.mia), await deal(db, cast)
    file = await kept(db, cast.mia)
    hanging = {"contact_id": company.contact.id, "opportunity_id": on}
    made = await note(db, cast.mia, "We met\n", created_at=MONDAY, files=[file.id, file.id], system_id="n1", **hanging)
    assert await notes.get(db, cast.noah, made.note.id) == made
    assert (made.contact, made.opportunity_title, made.case_title) == (company.brief, "Ten desks", None)
    assert (made.files, made.note.created_at, made.note.version) == ((file,), MONDAY, 1)
    assert await events(db, "note", made.note.id) == [
        (
            "note.created",
            {},
            {
                **{"contact_id": company.contact.id, "opportunity_id": on, "category_id": category(db)},
                **{"content": "We met\n", "files": [file.id], "system_id": "n1", "created_at": "2031-05-05T09:30:00Z"},
            },
        )
    ]


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"content": " \n"}, "content", "required"),
        ({"content": "x" * (CONTENT_LENGTH + 1)}, "content", "too_long"),
        ({"content": "a\0b"}, "content", "format"),
        ({"category_id": UNKNOWN}, "category_id", "unknown"),
        ({"category_id": None}, "category_id", "required"),
        ({"category_id": -4}, "category_id", "unknown"),
        ({"contact_id": None}, "contact_id", "required"),
        ({"contact_id": UNKNOWN}, "contact_id", "unknown"),
        ({"opportunity_id": UNKNOWN}, "opportunity_id", "unknown"),
        ({"case_id": UNKNOWN}, "case_id", "unknown"),
        ({"files": [UNKNOWN]}, "files", "unknown"),
        ({"files": list(range(1, 102))}, "files", "out_of_range"),
    ],
)
async def test_a_note_that_is_none_is_refused(
    db: Database, cast: Cast, wrong: dict[str, Any], field: str, code: str
) -> None:
    """And nothing is written of it."""
    company = await firm(db, cast.mia)
    with pytest.raises(Invalid) as refusal:
        await note(db, cast.mia, **{"contact_id": company.contact.id, **wrong})
    assert (field, code) in problems(refusal)
    assert await said(db, cast.mia) == []


async def test_the_longest_note_is_kept_whole(db: Database, cast: Cast) -> None:
    """65,000 characters, whatever they are."""
    company = await firm(db, cast.mia)
    made = await note(db, cast.mia, "ß" * CONTENT_LENGTH, contact_id=company.contact.id)
    assert (await notes.get(db, cast.mia, made.note.id)).note.content == "ß" * CONTENT_LENGTH


async def test_what_a_person_does_not_see_cannot_be_written_about(db: Database, cast: Cast) -> None:
    """A deal, a contact, a case, a file."""
    hidden = await firm(db, cast.mia, sharing=Share.NOBODY, managers=[cast.mia.uid])
    on, shared = await private_deal(db, cast), await firm(db, cast.mia, "Open")
    sharing = Sharing(True, (cast.mia.uid,))
    side = await cases.create(db, cast.mia, CaseChange(title="Keys", sharing=sharing))
    file = await kept(db, cast.mia)
    for name, number in (("contact_id", hidden.contact.id), ("opportunity_id", on), ("case_id", side.case.id)):
        hanging: dict[str, Any] = {name: number}
        with pytest.raises(Invalid) as refusal:
            await note(db, cast.noah, **hanging)
        assert problems(refusal) == {(name, "unknown")}
    with pytest.raises(Invalid) as refusal:
        await note(db, cast.noah, contact_id=shared.contact.id, files=[file.id])
    assert problems(refusal) == {("files", "unknown")}


async def test_only_an_attachment_hangs_on_a_note(db: Database, cast: Cast) -> None:
    """Not a report, even one's own: it would be shown to whoever sees the record."""
    company = await firm(db, cast.mia)
    report = await kept(db, cast.mia, purpose=Purpose.REPORT)
    with pytest.raises(Invalid) as refusal:
        await note(db, cast.mia, contact_id=company.contact.id, files=[report.id])
    assert problems(refusal) == {("files", "unknown")}


async def test_a_note_hangs_on_a_deal_or_on_a_case(db: Database, cast: Cast) -> None:
    """On both it would be seen by too many or too few."""
    side, on = await cases.create(db, cast.mia, CaseChange(title="Keys")), await deal(db, cast)
    with pytest.raises(Invalid) as refusal:
        await note(db, cast.mia, opportunity_id=on, case_id=side.case.id)
    assert problems(refusal) == {("case_id", "not_allowed")}


# Sight -------------------------------------------------------------------------------------------------------


async def test_who_sees_the_record_sees_the_note(db: Database, cast: Cast) -> None:
    """Of a private deal's note nobody else knows, even where it names a contact that everybody sees."""
    one, on = (await firm(db, cast.mia)).contact.id, await private_deal(db, cast)
    secret = await note(db, cast.mia, "secret", opportunity_id=on, contact_id=one)
    await note(db, cast.mia, "open", contact_id=one)
    assert await said(db, cast.mia) == ["secret", "open"]
    assert await said(db, cast.carl) == ["secret", "open"]
    assert await said(db, cast.noah) == await said(db, cast.noah, contact_id=one) == ["open"]
    with pytest.raises(NotFound):
        await notes.get(db, cast.noah, secret.note.id)
    with pytest.raises(NotFound):
        await notes.delete(db, cast.noah, secret.note.id)


async def test_a_hidden_contact_is_not_named_on_an_open_deal(db: Database, cast: Cast) -> None:
    """The note itself is seen: it is the deal's."""
    hidden = await firm(db, cast.mia, sharing=Share.NOBODY, managers=[cast.mia.uid])
    made = await note(db, cast.mia, contact_id=hidden.contact.id, opportunity_id=await deal(db, cast))
    assert (await notes.get(db, cast.noah, made.note.id)).contact is None
    assert (await notes.get(db, cast.mia, made.note.id)).contact == hidden.brief


async def test_the_notes_of_a_case_are_seen_with_it(db: Database, cast: Cast) -> None:
    """By those it is shared with."""
    sharing = Sharing(True, (cast.mia.uid, cast.noah.uid))
    side = await cases.create(db, cast.mia, CaseChange(title="Keys", sharing=sharing))
    await note(db, cast.mia, "about keys", case_id=side.case.id)
    assert await said(db, cast.noah, case_id=side.case.id) == ["about keys"]
    assert await said(db, cast.carl, case_id=side.case.id) == ["about keys"]
    cast.ids["nele"] = cast.ids.pop("noah")
    await cases.change(db, cast.mia, side.case.id, CaseChange(sharing=Sharing(True, (cast.mia.uid,))))
    assert await said(db, cast.actor("nele"), case_id=side.case.id) == []


async def test_a_file_is_seen_with_the_record_that_its_note_hangs_on(db: Database, cast: Cast) -> None:
    """And by who brought it."""
    company = await firm(db, cast.mia)
    open_file, secret_file = await kept(db, cast.mia, "open.txt"), await kept(db, cast.mia, "secret.txt")
    await notes.attach(db, cast.mia, NoteChange(contact_id=company.contact.id, files=[open_file.id]))
    await notes.attach(db, cast.mia, NoteChange(opportunity_id=await private_deal(db, cast), files=[secret_file.id]))
    assert (await files.read(db, cast.noah, open_file.id))[1] == b"open.txt"
    with pytest.raises(NotFound):
        await files.read(db, cast.noah, secret_file.id)
    with pytest.raises(Forbidden):
        await files.delete(db, cast.noah, open_file.id)


async def test_notes_go_with_the_record(db: Database, cast: Cast) -> None:
    """And come back with it."""
    on, file = await deal(db, cast), await kept(db, cast.mia)
    made = await note(db, cast.mia, opportunity_id=on, files=[file.id])
    await opportunities.delete(db, cast.mia, on)
    assert await said(db, cast.mia) == []
    with pytest.raises(NotFound):
        await notes.get(db, cast.olga, made.note.id)
    with pytest.raises(NotFound):
        await files.get(db, cast.noah, file.id)
    await opportunities.restore(db, cast.mia, on)
    assert await said(db, cast.noah) == ["We met"]
    company = await firm(db, cast.mia)
    await note(db, cast.mia, contact_id=company.contact.id)
    await contacts.delete(db, cast.mia, company.contact.id)
    assert await said(db, cast.mia, contact_id=company.contact.id) == []


# Finding -----------------------------------------------------------------------------------------------------


async def test_the_notes_of_a_company_are_those_of_its_people_too(db: Database, cast: Cast) -> None:
    """Not the other way round."""
    company = await firm(db, cast.mia)
    ann = await person(db, cast.mia, company_id=company.contact.id)
    await note(db, cast.mia, "company", contact_id=company.contact.id)
    await note(db, cast.mia, "ann", contact_id=ann.contact.id)
    await note(db, cast.mia, "else", contact_id=(await firm(db, cast.mia, "Else")).contact.id)
    assert await said(db, cast.mia, company_id=company.contact.id) == ["company", "ann"]
    assert await said(db, cast.mia, company_id=ann.contact.id) == ["ann"]
    assert await said(db, cast.mia, contact_id=company.contact.id) == ["company"]


async def test_notes_are_found_by_what_is_known_of_them(db: Database, cast: Cast) -> None:
    """Category, author, time and words, case and accents aside."""
    one = (await firm(db, cast.mia)).contact.id
    await note(db, cast.mia, "Über den Preis", contact_id=one, created_at=MONDAY)
    await note(db, cast.noah, "call", contact_id=one, category_id=category(db, 1), created_at=MONDAY + timedelta(1))
    assert await said(db, cast.mia, category_id=category(db, 1)) == ["call"]
    assert await said(db, cast.mia, author_id=cast.mia.id) == ["Über den Preis"]
    assert await said(db, cast.mia, created_from=MONDAY + timedelta(1)) == ["call"]
    assert await said(db, cast.mia, created_to=MONDAY) == ["Über den Preis"]
    assert await said(db, cast.mia, content_part="uber DEN") == ["Über den Preis"]
    assert await said(db, cast.mia, content_part="x" * 500) == []


@pytest.mark.parametrize("order", list(NoteOrder))
async def test_notes_stand_in_every_order(db: Database, cast: Cast, order: NoteOrder) -> None:
    """The same on both databases; the id decides between equals."""
    one = (await firm(db, cast.mia)).contact.id
    for content, days, place in (("b", 2, 1), ("a", 3, 0), ("C", 1, 2)):
        await note(
            db, cast.mia, content, contact_id=one, created_at=MONDAY + timedelta(days), category_id=category(db, place)
        )
    expected = {
        **{NoteOrder.ID: "baC", NoteOrder.AUTHOR: "baC", NoteOrder.CREATED: "Cba"},
        **{NoteOrder.CATEGORY: "abC", NoteOrder.CONTENT: "abC"},
    }
    assert "".join(await said(db, cast.mia, order)) == expected[order]


async def test_pages_of_notes_go_on_where_the_last_ended(db: Database, cast: Cast) -> None:
    """Two notes of one instant are told apart by their ids."""
    one = (await firm(db, cast.mia)).contact.id
    made = [(await note(db, cast.mia, str(place), contact_id=one, created_at=MONDAY)).note.id for place in range(5)]
    found: list[int] = []
    after = None
    while True:
        places = await note_lists.find_places(db, cast.mia, NoteCriteria(), NoteOrder.CREATED, True, after, 2)
        if not places:
            break
        found += [int(place[-1] or 0) for place in places]
        after = places[-1]
    assert found == made[::-1]


# Changing and deleting ---------------------------------------------------------------------------------------


async def test_a_note_is_changed_by_who_wrote_it(db: Database, cast: Cast) -> None:
    """Administrators too; nobody else, though they see it."""
    one = (await firm(db, cast.mia)).contact.id
    made = await note(db, cast.mia, contact_id=one)
    changed = await notes.change(db, cast.mia, made.note.id, NoteChange(content="We met twice"), 1)
    assert (changed.note.content, changed.note.version) == ("We met twice", 2)
    assert await notes.get(db, cast.noah, made.note.id) == changed
    assert await said(db, cast.mia, content_part="TWICE") == ["We met twice"]
    assert (await notes.change(db, cast.carl, made.note.id, NoteChange(content="We met twice"))).note.version == 2
    with pytest.raises(Forbidden):
        await notes.change(db, cast.noah, made.note.id, NoteChange(content="no"))
    with pytest.raises(Outdated):
        await notes.change(db, cast.mia, made.note.id, NoteChange(content="no"), 1)
    before, after = {"content": "We met"}, {"content": "We met twice"}
    assert (await events(db, "note", made.note.id))[1:] == [("note.changed", before, after)]


async def test_the_files_of_a_note_are_changed(db: Database, cast: Cast) -> None:
    """What is let go of stays a file of who brought it."""
    one = (await firm(db, cast.mia)).contact.id
    first, second = await kept(db, cast.mia, "1.txt"), await kept(db, cast.mia, "2.txt")
    made = await note(db, cast.mia, contact_id=one, files=[first.id])
    changed = await notes.change(db, cast.mia, made.note.id, NoteChange(files=[second.id]))
    assert [file.title for file in changed.files] == ["2.txt"]
    assert await notes.get(db, cast.mia, made.note.id) == changed
    assert (await files.get(db, cast.mia, first.id)).title == "1.txt"
    with pytest.raises(NotFound):
        await files.get(db, cast.noah, first.id)


async def test_a_changed_note_must_still_be_one(db: Database, cast: Cast) -> None:
    """What was all right before is not asked about again."""
    one = (await firm(db, cast.mia)).contact.id
    made = await note(db, cast.mia, contact_id=one)
    for wrong, problem in (
        (NoteChange(contact_id=None), ("contact_id", "required")),
        (NoteChange(category_id=UNKNOWN), ("category_id", "unknown")),
        (NoteChange(opportunity_id=UNKNOWN), ("opportunity_id", "unknown")),
        (NoteChange(content=" "), ("content", "required")),
    ):
        with pytest.raises(Invalid) as refusal:
            await notes.change(db, cast.mia, made.note.id, wrong)
        assert problems(refusal) == {problem}


async def test_a_deleted_note_takes_its_files_along(db: Database, cast: Cast) -> None:
    """Those that hang on another note stay."""
    one = (await firm(db, cast.mia)).contact.id
    alone, shared = await kept(db, cast.mia, "1.txt"), await kept(db, cast.mia, "2.txt")
    made = await note(db, cast.mia, contact_id=one, files=[alone.id, shared.id])
    await note(db, cast.mia, "other", contact_id=one, files=[shared.id])
    assert await notes.delete(db, cast.mia, made.note.id) == made
    assert await said(db, cast.mia) == ["other"]
    assert (await files.get(db, cast.noah, shared.id)).title == "2.txt"
    with pytest.raises(NotFound):
        await files.get(db, cast.mia, alone.id)
    assert [kind for kind, _, _ in await events(db, "file", alone.id)] == ["file.created", "file.deleted"]


async def test_an_upload_is_told_of_and_goes_with_its_last_file(db: Database, cast: Cast) -> None:
    """The note of an upload says nothing without its files."""
    on = await deal(db, cast)
    first, second = await kept(db, cast.mia, "1.txt"), await kept(db, cast.mia, "2.txt")
    made = await notes.attach(db, cast.mia, NoteChange(opportunity_id=on, files=[first.id, second.id]))
    assert (made.note.category_id, made.note.content) == (System.FILES_UPLOADED, "Files are uploaded")
    found = await notes.files_of(db, cast.noah, NoteCriteria(opportunity_id=on))
    assert [file.id for file in found] == [second.id, first.id]
    await files.delete(db, cast.mia, first.id)
    assert [file.title for file in (await notes.get(db, cast.mia, made.note.id)).files] == ["2.txt"]
    await files.delete(db, cast.mia, second.id)
    assert await said(db, cast.mia, opportunity_id=on) == []
    assert [kind for kind, _, _ in await events(db, "note", made.note.id)] == ["note.created", "note.deleted"]


async def test_a_written_note_stays_when_its_file_goes(db: Database, cast: Cast) -> None:
    """It says something by itself."""
    one, file = (await firm(db, cast.mia)).contact.id, await kept(db, cast.mia)
    made = await note(db, cast.mia, contact_id=one, files=[file.id])
    await files.delete(db, cast.mia, file.id)
    assert (await notes.get(db, cast.mia, made.note.id)).files == ()


# Letters and rights ------------------------------------------------------------------------------------------


async def test_who_is_to_be_told_gets_a_letter(db: Database, cast: Cast) -> None:
    """Those who may see the record; nobody gets one's own."""
    on = await deal(db, cast, sharing=Sharing(True, (cast.mia.uid, cast.noah.uid)))
    file = await kept(db, cast.mia)
    change = NoteChange(content="We met", category_id=category(db), opportunity_id=on, files=[file.id])
    tell = [cast.noah.uid, cast.mia.uid, cast.carl.uid, cast.rita.uid, cast.gus.uid, "nobody", cast.noah.uid]
    await notes.create(db, cast.mia, change, tell)
    mails = [(row[0], json.loads(row[1])) for row in await db.rows(MAILS) if row[0] == "mail.noted"]
    assert sorted(facts["to_uid"] for _, facts in mails) == sorted([cast.noah.uid, cast.carl.uid])
    assert mails[0][1] | {"to_uid": ""} == {
        **{"by": cast.mia.name, "title": "Ten desks", "content": "We met", "to_uid": ""},
        "files": "\n\nFiles:\n* offer.pdf",
    }


async def test_notes_need_their_rights(db: Database, cast: Cast) -> None:
    """Rita may only read deals."""
    one = (await firm(db, cast.mia)).contact.id
    made = await note(db, cast.mia, contact_id=one)
    for deed in (
        lambda: notes.get(db, cast.rita, made.note.id),
        lambda: notes.find(db, cast.rita, NoteCriteria(), Page()),
        lambda: notes.delete(db, cast.rita, made.note.id),
        lambda: notes.change(db, cast.rita, made.note.id, NoteChange()),
        lambda: notes.create(db, cast.rita, NoteChange(content="x", contact_id=one)),
        lambda: notes.attach(db, cast.rita, NoteChange(contact_id=one)),
        lambda: notes.files_of(db, cast.rita, NoteCriteria(contact_id=one)),
    ):
        with pytest.raises(Forbidden):
            await deed()
