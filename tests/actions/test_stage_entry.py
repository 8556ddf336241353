"""What entering a stage sets off: a letter, tasks, the contact's account, once for every entry and in its deed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dealwright.actions import contacts
from dealwright.actions import opportunities as deals
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.opportunity import Change
from dealwright.domain.values import instant
from dealwright.storage import schema
from dealwright.storage.database import Database
from tests.actions.about_automation import (
    customer,
    deal,
    events,
    letters,
    person,
    response,
    rows,
    stage,
    task_list,
)
from tests.actions.about_invoices import draft
from tests.cast import Cast
from tests.support import consistency

ACTIVE, INACTIVE, GONE = {"ActivateAccount": True}, {"DeactivateAccount": True}, {"DeleteAccount": True}


async def test_entering_sends_the_canned_response_to_the_contact(db: Database, cast: Cast) -> None:
    text = await response(db, cast, "Welcome, {FirstName}", "<p>{fullname} of {companyname}{nosuch}, {email}</p>")
    there = await stage(db, cast, canned_response_id=text)
    ada = await customer(db, cast, last_name="<Lovelace>", company_name="Desk & Co")
    await deals.move(db, cast.mia, await deal(db, cast, contact_id=ada), there)
    [letter] = await letters(db)
    assert (letter["to"], letter["subject"]) == ("ada@example.com", "Welcome, Ada")
    assert letter["html"] == "<p>Ada &lt;Lovelace&gt; of Desk &amp; Co, ada@example.com</p>"
    assert letter["reply_to"] == "mia@example.com"
    [message] = await rows(db, schema.message)
    assert (message["contact_id"], message["subject"], message["body"]) == (ada, "Welcome, Ada", letter["html"])


async def test_a_plain_text_becomes_a_page_with_its_lines(db: Database, cast: Cast) -> None:
    there = await stage(db, cast, canned_response_id=await response(db, cast, "Hi", "1 < 2\n{businessname} & you"))
    await deal(db, cast, contact_id=await customer(db, cast), stage_id=there)
    [letter] = await letters(db)
    assert letter["html"] == f"1 &lt; 2<br>\n{db.rules.location.name} &amp; you"


async def test_without_an_address_the_message_is_kept_and_nothing_sent(db: Database, cast: Cast) -> None:
    there = await stage(db, cast, canned_response_id=await response(db, cast))
    await deal(db, cast, contact_id=await customer(db, cast, email=None), stage_id=there)
    assert await letters(db) == []
    assert len(await rows(db, schema.message)) == 1


async def test_without_a_contact_nothing_is_sent_and_the_tasks_are_made(db: Database, cast: Cast) -> None:
    tasks = (await task_list(db, cast, "Call")).id
    there = await stage(db, cast, canned_response_id=await response(db, cast), task_list_id=tasks, **GONE)
    ident = await deal(db, cast, stage_id=there)
    assert await letters(db) == []
    [task] = await rows(db, schema.task)
    assert (task["opportunity_id"], task["contact_id"]) == (ident, None)


async def test_entering_makes_a_task_of_each_active_item(db: Database, cast: Cast) -> None:
    off: dict[str, Any] = {"name": "Off", "active": False}
    tasks = await task_list(db, cast, {"name": "Call", "delay_hours": 24}, {"name": "Write", "delay_hours": 0}, off)
    there, ada = await stage(db, cast, task_list_id=tasks.id), await customer(db, cast)
    ident = await deal(db, cast, contact_id=ada)
    moved = await deals.move(db, cast.mia, ident, there)
    call, write = await rows(db, schema.task)
    assert [task["title"] for task in (call, write)] == ["Call", "Write"]
    assert instant(call["deadline"]) - moved.opportunity.moved_at == timedelta(hours=24)
    assert instant(write["deadline"]) == moved.opportunity.moved_at
    items = {item.values["name"]: item.uid for item in db.rules.task_items.values()}
    assert (call["task_item_uid"], call["task_list_name"]) == (items["Call"], "Onboarding")
    assert (call["contact_id"], call["opportunity_id"], call["responsible"]) == (ada, ident, cast.mia.uid)
    assert (call["title_fold"], call["created_by"]) == ("call", cast.mia.id)


@pytest.mark.parametrize(
    ("own", "owner", "responsible"), [(False, "mia", "mia"), (True, "mia", "noah"), (False, None, "noah")]
)
async def test_tasks_go_to_the_owner_unless_the_stage_or_nobody_says_otherwise(
    db: Database, cast: Cast, own: bool, owner: str | None, responsible: str
) -> None:
    tasks = await task_list(db, cast, "Call")
    there = await stage(db, cast, task_list_id=tasks.id, UseTaskListAsResponsible=own)
    await deal(db, cast, stage_id=there, responsible=cast.actor(owner).uid if owner else None)
    [task] = await rows(db, schema.task)
    assert task["responsible"] == cast.actor(responsible).uid


async def test_the_owner_who_left_does_no_tasks(db: Database, cast: Cast) -> None:
    tasks = await task_list(db, cast, "Call")
    there = await stage(db, cast, task_list_id=tasks.id)
    await deal(db, cast, stage_id=there, responsible="11111111-1111-4111-8111-111111111111")
    [task] = await rows(db, schema.task)
    assert task["responsible"] == cast.noah.uid


async def test_an_item_that_notifies_tells_its_responsible_now_and_at_the_deadline(db: Database, cast: Cast) -> None:
    tasks = await task_list(db, cast, {"name": "Call", "notify": True}, "Silent")
    await deal(db, cast, stage_id=await stage(db, cast, task_list_id=tasks.id))
    kinds = [row["kind"] for row in await rows(db, schema.outbox)]
    assert sorted(kinds) == ["mail.task_given", "task.reminder"]


async def test_a_list_that_is_not_active_makes_nothing(db: Database, cast: Cast) -> None:
    tasks = await task_list(db, cast, "Call", active=False)
    await deal(db, cast, stage_id=await stage(db, cast, task_list_id=tasks.id))
    assert await rows(db, schema.task) == []


@pytest.mark.parametrize(("flags", "before", "after"), [(ACTIVE, False, True), (INACTIVE, True, False)])
async def test_a_stage_activates_or_deactivates_the_contact(
    db: Database, cast: Cast, flags: dict[str, bool], before: bool, after: bool
) -> None:
    ada, there = await customer(db, cast, active=before), await stage(db, cast, **flags)
    await deals.move(db, cast.mia, await deal(db, cast, contact_id=ada), there)
    found = await person(db, ada)
    assert found is not None
    assert (found.contact.active, found.contact.version) == (after, 2)
    assert (await events(db, "contact", ada))[-1]["via"] == "automation"


async def test_what_is_so_already_changes_nothing(db: Database, cast: Cast) -> None:
    ada = await customer(db, cast)
    await deal(db, cast, contact_id=ada, stage_id=await stage(db, cast, **ACTIVE))
    found = await person(db, ada)
    assert found is not None
    assert found.contact.version == 1
    assert len(await events(db, "contact", ada)) == 1


@pytest.mark.parametrize("created", [True, False], ids=["created there", "moved there"])
async def test_a_stage_that_deletes_moves_the_contact_to_the_trash_and_the_deal_lets_go(
    db: Database, cast: Cast, created: bool
) -> None:
    ada = await customer(db, cast)
    other = await deal(db, cast, contact_id=ada)
    there = await stage(db, cast, **GONE)
    ident = await deal(db, cast, contact_id=ada, **({"stage_id": there} if created else {}))
    if not created:
        await deals.add_member(db, cast.mia, ident, ada)
        await deals.move(db, cast.mia, ident, there)
    assert await person(db, ada) is None
    found = await deals.get(db, cast.mia, ident)
    assert (found.opportunity.stage_id, found.opportunity.contact_id, found.contact, found.members) == (
        *(there, None, None),
        (),
    )
    assert (await deals.get(db, cast.mia, other)).opportunity.contact_id is None
    [*_, moved] = await events(db, "opportunity", ident)
    [*_, gone] = await events(db, "contact", ada)
    assert (gone["kinds"], gone["via"], gone["deed_id"]) == ("contact.deleted", "automation", moved["deed_id"])
    await consistency.check(db)


@pytest.mark.parametrize("created", [True, False], ids=["created there", "moved there"])
async def test_a_contact_that_comes_back_is_taken_up_again(db: Database, cast: Cast, created: bool) -> None:
    ada, there = await customer(db, cast), await stage(db, cast, **GONE)
    ident = await deal(db, cast, contact_id=ada, **({"stage_id": there} if created else {}))
    if not created:
        await deals.add_member(db, cast.mia, ident, ada)
        await deals.move(db, cast.mia, ident, there)
    await contacts.restore(db, cast.mia, ada)
    found = await deals.get(db, cast.mia, ident)
    assert found.opportunity.contact_id == ada
    assert [brief.id for brief in found.members] == ([] if created else [ada])


async def test_nobody_has_to_have_the_right_to_do_what_a_stage_does(db: Database, cast: Cast) -> None:
    ada = await customer(db, cast, sharing=Share.NOBODY, managers=[cast.noah.uid])
    ident = await deal(db, cast)
    await deals.change(db, cast.noah, ident, Change(contact_id=ada))
    there = await stage(db, cast, **INACTIVE)
    await deals.move(db, cast.mia, ident, there)
    found = await person(db, ada)
    assert found is not None
    assert found.contact.active is False


async def test_a_contact_that_an_invoice_names_stays(db: Database, cast: Cast) -> None:
    ada = await customer(db, cast)
    await draft(db, cast.mia, ada)
    ident = await deal(db, cast, contact_id=ada, stage_id=await stage(db, cast, **GONE))
    assert (await deals.get(db, cast.mia, ident)).opportunity.contact_id == ada
    assert await person(db, ada) is not None


async def test_who_is_written_to_and_then_deleted_still_gets_the_letter(db: Database, cast: Cast) -> None:
    there = await stage(db, cast, canned_response_id=await response(db, cast), **GONE)
    await deal(db, cast, contact_id=await customer(db, cast), stage_id=there)
    [letter] = await letters(db)
    assert letter["to"] == "ada@example.com"


async def test_staying_in_a_stage_sets_nothing_off(db: Database, cast: Cast) -> None:
    tasks = (await task_list(db, cast, "Call")).id
    there = await stage(db, cast, canned_response_id=await response(db, cast), task_list_id=tasks)
    ident = await deal(db, cast, contact_id=await customer(db, cast), stage_id=there)
    await deals.change(db, cast.mia, ident, Change(stage_id=there, title="Twenty desks"))
    assert (len(await letters(db)), len(await rows(db, schema.task))) == (1, 1)


async def test_leaving_and_coming_back_sets_it_off_again(db: Database, cast: Cast) -> None:
    there = await stage(db, cast, task_list_id=(await task_list(db, cast, "Call")).id)
    ident = await deal(db, cast, stage_id=there)
    await deals.move(db, cast.mia, ident, db.rules.stages_of(db.rules.default_pipeline.id)[0].id)
    await deals.move(db, cast.mia, ident, there)
    assert len(await rows(db, schema.task)) == 2


async def test_a_new_contact_gets_the_tasks_of_lists_that_say_so(db: Database, cast: Cast) -> None:
    await task_list(db, cast, "Say hello", AssignToNewContacts=True)
    await task_list(db, cast, "Not this")
    ada = await customer(db, cast)
    [task] = await rows(db, schema.task)
    assert (task["title"], task["contact_id"], task["responsible"]) == ("Say hello", ada, cast.noah.uid)
    await contacts.change(db, cast.mia, ada, ContactChange(about="Mathematics"))
    assert len(await rows(db, schema.task)) == 1


async def test_a_contact_of_another_location_gets_none_of_them(db: Database, cast: Cast) -> None:
    await task_list(db, cast, "Say hello", AssignToNewContacts=True)
    await customer(db, cast, extra={"Businesses": [999]})
    assert await rows(db, schema.task) == []


async def test_an_ordinary_move_reads_and_writes_no_more_than_before(
    db: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage(db, cast, **GONE)
    ident = await deal(db, cast, contact_id=await customer(db, cast))
    reads: list[object] = []
    real = type(db).rows

    async def counted(self: Any, query: Any, **given: Any) -> Any:
        reads.append(query)
        return await real(self, query, **given)

    monkeypatch.setattr(type(db), "rows", counted)
    await deals.move(db, cast.mia, ident, db.rules.stages_of(db.rules.default_pipeline.id)[1].id)
    assert len(reads) == 1
