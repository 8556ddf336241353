"""Two contacts made one, on both databases: what moves, what is filled, and that it happens wholly or not at all."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any, Final

import pytest
from sqlalchemy import select

from dealwright.actions import cases, contacts, notes, opportunities, tasks, teams
from dealwright.actions.contact_merge import merge
from dealwright.domain.case import CaseChange
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.contact_info import ContactInfo, Info
from dealwright.domain.errors import Conflict, Forbidden, Invalid, NotFound, Outdated
from dealwright.domain.note import NoteChange
from dealwright.domain.opportunity import Change
from dealwright.domain.task import TaskChange
from dealwright.domain.team import TeamChange
from dealwright.storage import schema, sqlite_writes
from dealwright.storage.database import Database, connect
from dealwright.storage.query import Query
from dealwright.storage.writes import Change as Touch
from dealwright.storage.writes import Insert
from tests.actions.about_contacts import EVENTS, deal, events, firm, names_found, person, problems
from tests.cast import Cast, company
from tests.support.consistency import check

TOUCHED: Final = (
    *("contact", "contact_info", "contact_tag", "opportunity", "opportunity_member", "task", "note", "invoice"),
    *("cases", "case_member", "team", "team_contact", "event"),
)


class Scene:
    """A company with something of everything on it, and the one it becomes one with."""

    def __init__(self, db: Database, cast: Cast) -> None:
        self.db, self.cast = db, cast
        self.gone = self.into = self.worker = self.primary = self.member = self.agent = 0
        self.task = self.note = self.case = self.team = self.invoice = 0

    async def build(self) -> Scene:
        """Make it."""
        db, mia = self.db, self.cast.mia
        infos = {Info.EMAIL: [ContactInfo(kind=Info.EMAIL, data="old@example.com", is_primary=True)]}
        self.gone = (await firm(db, mia, "Acme Inc", about="Old", tags=["Lead", "Old"], infos=infos)).contact.id
        self.into = (await firm(db, mia, "Acme", industry="Steel", tags=["Lead"])).contact.id
        self.worker = (await person(db, mia, company_id=self.gone)).contact.id
        self.primary = await deal(db, self.cast, contact_id=self.gone)
        self.member = await deal(db, self.cast, contact_id=self.into, members=[self.gone, self.into])
        self.agent = await deal(db, self.cast, agent_id=self.gone)
        self.task = (await tasks.create(db, mia, TaskChange(title="Call", contact_id=self.gone))).task.id
        category = next(item.id for item in db.rules.items_of("history_category"))
        said = NoteChange(contact_id=self.gone, content="Hello", category_id=category)
        self.note = (await notes.create(db, mia, said)).note.id
        self.case = (await cases.create(db, mia, CaseChange(title="Side", members=[self.gone]))).case.id
        self.team = (await teams.create(db, mia, TeamChange(name="Desk", administrators=[self.gone]))).team.id
        self.invoice = await self._invoice()
        return self

    async def _invoice(self) -> int:
        row = {"uid": "i", "number": "1", "number_fold": "1", "currency": "EUR"}
        times = dict.fromkeys(("created_at", "updated_at", "issued_at", "due_at"), 1)
        made = Insert(schema.invoice, {**row, **times, "contact_id": self.gone}, made="invoice")
        return (await self.db.apply([made]))["invoice"]

    async def everything(self) -> list[Any]:
        """All rows that the deed can touch."""
        tables = [schema.metadata.tables[name] for name in TOUCHED]
        return [[tuple(row) for row in await self.db.rows(Query(select(table)))] for table in tables]


@pytest.fixture
async def scene(db: Database, cast: Cast) -> Scene:
    return await Scene(db, cast).build()


async def test_everything_moves_and_what_is_empty_is_filled(scene: Scene) -> None:
    db, mia = scene.db, scene.cast.mia
    into = await merge(db, mia, scene.gone, scene.into)
    own = into.contact
    assert (own.about, own.industry, own.email, own.version) == ("Old", "Steel", "old@example.com", 2)
    assert (into.tags, into.persons_count, into.teams) == (("Lead", "Old"), 1, {})
    assert into == await contacts.get(db, mia, scene.into)
    found = [(await opportunities.get(db, mia, one)).opportunity for one in (scene.primary, scene.member, scene.agent)]
    assert [each.contact_id for each in found] == [scene.into, scene.into, None]
    assert found[2].agent_id == scene.into
    assert [each.version for each in found] == [2, 2, 2]
    assert [brief.id for brief in (await opportunities.get(db, mia, scene.member)).members] == [scene.into]
    assert (await tasks.get(db, mia, scene.task)).task.contact_id == scene.into
    assert (await notes.get(db, mia, scene.note)).note.contact_id == scene.into
    assert [brief.id for brief in (await cases.get(db, mia, scene.case)).members] == [scene.into]
    assert [brief.id for brief in (await teams.get(db, mia, scene.team)).administrators] == [scene.into]
    worker = (await contacts.get(db, mia, scene.worker)).contact
    assert (worker.company_id, worker.company_name) == (scene.into, "Acme")
    invoice = schema.invoice.c
    row = await db.first(Query(select(invoice.contact_id, invoice.version)))
    assert row is not None
    assert tuple(row) == (scene.into, 2)
    assert await names_found(db, mia, text="acme") == ["Acme"]
    with pytest.raises(NotFound):
        await contacts.get(db, mia, scene.gone)
    await check(db)


async def test_every_record_has_one_event_of_the_deed(scene: Scene) -> None:
    db = scene.db
    before = len(await db.rows(EVENTS))
    await merge(db, scene.cast.mia, scene.gone, scene.into)
    new = (await db.rows(EVENTS))[before:]
    told = {(row[2], row[3]) for row in new}
    assert len(new) == len(told) == 11
    assert (await events(db, "contact", scene.gone))[-1] == (
        *("contact.deleted,contact.merged", {}),
        {"merged_into": scene.into},
    )
    kinds, _, after = (await events(db, "contact", scene.into))[-1]
    assert (kinds, after["merged_from"], after["about"]) == ("contact.changed,contact.merged", scene.gone, "Old")
    for subject, ident, name in (
        ("opportunity", scene.primary, "contact_id"),
        ("opportunity", scene.member, "member_id"),
        ("opportunity", scene.agent, "agent_id"),
        ("contact", scene.worker, "company_id"),
        ("invoice", scene.invoice, "contact_id"),
        ("case", scene.case, "member_id"),
    ):
        assert (await events(db, subject, ident))[-1] == (
            *(f"{subject}.changed", {name: scene.gone}),
            {name: scene.into},
        )


async def test_a_contact_that_was_merged_away_comes_back_with_its_own_data_alone(scene: Scene) -> None:
    db, mia = scene.db, scene.cast.mia
    await merge(db, mia, scene.gone, scene.into)
    back = await contacts.restore(db, mia, scene.gone)
    assert (back.contact.email, back.tags, back.persons_count) == ("old@example.com", ("Lead", "Old"), 0)
    assert (await opportunities.get(db, mia, scene.primary)).opportunity.contact_id == scene.into


async def test_a_person_and_its_company_can_be_one(db: Database, cast: Cast) -> None:
    company_id = (await firm(db, cast.mia)).contact.id
    ann = (await person(db, cast.mia, company_id=company_id)).contact.id
    bob = (await person(db, cast.mia, "Bob", company_id=company_id)).contact.id
    one = await merge(db, cast.mia, company_id, ann)
    assert (one.contact.is_company, one.contact.company_id) == (False, None)
    left = (await contacts.get(db, cast.mia, bob)).contact
    assert (left.company_id, left.company_name) == (None, "Acme")
    other = (await firm(db, cast.mia, "Other")).contact.id
    assert (await merge(db, cast.mia, ann, other)).contact.display_name == "Other"


async def test_a_persons_company_and_primary_mail_are_taken_over(db: Database, cast: Cast) -> None:
    acme = (await firm(db, cast.mia)).contact.id
    gone = (await person(db, cast.mia, company_id=acme, job_title="Boss", email="a@example.com")).contact.id
    into = (await person(db, cast.mia, email="b@example.com")).contact.id
    one = await merge(db, cast.mia, gone, into)
    assert (one.contact.company_id, one.contact.job_title, one.contact.email) == (acme, "Boss", "b@example.com")
    assert sorted((info.data, info.is_primary) for info in one.infos) == [
        ("a@example.com", False),
        ("b@example.com", True),
    ]


async def test_who_may_not_change_both_may_not_merge_them(db: Database, cast: Cast) -> None:
    mine, readable = (await firm(db, cast.mia)).contact.id, (await firm(db, cast.mia, sharing=Share.READ)).contact.id
    hidden = (await firm(db, cast.mia, sharing=Share.NOBODY)).contact.id
    for pair, refusal in (
        ((mine, readable), Forbidden),
        ((readable, mine), Forbidden),
        ((mine, hidden), NotFound),
        ((hidden, mine), NotFound),
        ((mine, 99999), NotFound),
    ):
        with pytest.raises(refusal):
            await merge(db, cast.noah, *pair)
    with pytest.raises(Invalid) as caught:
        await merge(db, cast.noah, mine, mine)
    assert problems(caught) == {("gone", "not_allowed")}
    with pytest.raises(Outdated):
        await merge(db, cast.carl, mine, readable, 7)
    with pytest.raises(Forbidden):
        await merge(db, cast.rita, mine, readable)


async def test_of_two_at_the_same_time_only_one_merges(scene: Scene) -> None:
    db, mia = scene.db, scene.cast.mia
    other = (await firm(db, mia, "Other")).contact.id
    results = await asyncio.gather(
        merge(db, mia, scene.gone, scene.into),
        merge(db, mia, scene.gone, other),
        contacts.change(db, mia, scene.gone, ContactChange(notes="meanwhile")),
        contacts.delete(db, mia, scene.gone),
        return_exceptions=True,
    )
    allowed = (NotFound, Conflict, Invalid)
    assert all(isinstance(one, allowed) for one in results if isinstance(one, BaseException))
    winners = [one for one in results[:2] if not isinstance(one, BaseException)]
    assert len(winners) == 1
    deal_now = (await opportunities.get(db, mia, scene.primary)).opportunity
    assert deal_now.contact_id in (scene.into, other)


async def test_whatever_statement_fails_on_sqlite_nothing_has_moved(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    db, execute = await connect(sqlite_url), sqlite_writes.execute
    try:
        scene, failures = await Scene(db, await company(db)).build(), 0
        for number in range(1, 80):
            before = await scene.everything()
            with monkeypatch.context() as broken:
                broken.setattr(
                    sqlite_writes, "execute", lambda cursor, *rest, n=number: execute(_failing(cursor, n), *rest)
                )
                try:
                    await merge(db, scene.cast.mia, scene.gone, scene.into)
                    break
                except sqlite3.OperationalError:
                    failures += 1
            assert await scene.everything() == before, number
        assert failures >= 30
        assert await scene.everything() != before
    finally:
        await db.close()


def _failing(cursor: sqlite3.Cursor, number: int) -> Any:
    return FailingCursor(cursor, number)


class FailingCursor:
    """A cursor whose N-th statement fails as a full disk would make it fail."""

    def __init__(self, cursor: sqlite3.Cursor, left: int) -> None:
        self._cursor, self._left = cursor, left

    def execute(self, *args: Any) -> Any:
        """Run a statement, or fail."""
        self._left -= 1
        if self._left == 0:
            raise sqlite3.OperationalError("disk I/O error")
        return self._cursor.execute(*args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


async def test_whatever_part_fails_on_postgres_nothing_has_moved(postgres_url: str) -> None:
    db = await connect(postgres_url)
    try:
        scene = await Scene(db, await company(db)).build()
        await db.text("CREATE FUNCTION fail() RETURNS trigger AS $$ BEGIN RAISE 'disk full'; END $$ LANGUAGE plpgsql")
        for table in TOUCHED:
            before = await scene.everything()
            await db.text(f"CREATE TRIGGER fail BEFORE INSERT OR UPDATE OR DELETE ON {table} EXECUTE FUNCTION fail()")
            with pytest.raises(Exception, match="disk full"):
                await merge(db, scene.cast.mia, scene.gone, scene.into)
            await db.text(f"DROP TRIGGER fail ON {table}")
            assert await scene.everything() == before, table
        await merge(db, scene.cast.mia, scene.gone, scene.into)
        assert await scene.everything() != before
    finally:
        await db.close()


@pytest.mark.parametrize("which", ["gone", "into"])
async def test_a_change_of_either_meanwhile_is_not_lost(
    scene: Scene, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    db, mia, write, waiting = scene.db, scene.cast.mia, scene.db.write, [True]
    row = Touch(schema.contact, {"notes": "told"}, {"id": getattr(scene, which)}, add={"version": 1})

    async def late(writes: Any, stamp: int | None) -> Any:
        if waiting:
            waiting.pop()
            await write([row], None)
        return await write(writes, stamp)

    monkeypatch.setattr(db, "write", late)
    assert (await merge(db, mia, scene.gone, scene.into)).contact.notes == "told"
    assert not waiting


async def test_a_deal_of_a_merged_contact_can_still_be_changed(scene: Scene) -> None:
    db, mia = scene.db, scene.cast.mia
    await merge(db, mia, scene.gone, scene.into)
    changed = await opportunities.change(db, mia, scene.primary, Change(title="Eleven desks"))
    assert changed.contact is not None
    assert changed.contact.display_name == "Acme"
