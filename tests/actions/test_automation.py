"""What happens for a contact brings it into the stages that wait for it: once, and nobody moved it there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pytest

from dealwright.actions import (
    automation,
    messages,
    pipelines,
    plain_records,
    portal_settings,
    proposals,
    stages,
    web_forms,
)
from dealwright.actions import opportunities as deals
from dealwright.actions.automation import Circumstances, Trigger
from dealwright.actions.deed import now
from dealwright.actions.files import keep
from dealwright.actions.plain_entities import DOCUMENT, MESSAGE
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.file import Purpose
from dealwright.domain.opportunity import Change
from dealwright.domain.pipeline import Outcome, PipelineChange, StageChange
from dealwright.jobs import Post, errands
from dealwright.storage import schema
from dealwright.storage.contacts import read
from dealwright.storage.database import Database, connect
from tests.actions.about_automation import customer, events, letters, response, rows, stage, task_list
from tests.cast import Cast, company
from tests.support import consistency

WAITS = {"ProposalsSent": True}


async def deals_in(db: Database, there: int) -> list[dict[str, Any]]:
    """The deals that stand in a stage, as rows."""
    return [row for row in await rows(db, schema.opportunity) if row["stage_id"] == there and not row["deleted_at"]]


async def sent(db: Database, cast: Cast, contact_id: int) -> None:
    """Say that a proposal was sent to a contact, by Mia."""
    await automation.happened(db, cast.mia, Trigger.PROPOSAL_SENT, contact_id)


async def proposal(db: Database, cast: Cast, contact_id: int) -> int:
    """The id of a new proposal to a contact, which Noah is responsible for."""
    values = {"contact_id": contact_id, "responsible_id": cast.ids["noah"], "reference": "P1"}
    return (await plain_records.create(db, cast.mia, proposals.PROPOSAL, values)).id


async def test_the_contact_gets_a_deal_that_nobody_made(db: Database, cast: Cast) -> None:
    there, ada = await stage(db, cast, **WAITS), await customer(db, cast)
    await sent(db, cast, ada)
    [made] = await deals_in(db, there)
    assert (made["contact_id"], made["title"], made["created_by"], made["updated_by"]) == (ada, None, None, None)
    [visit] = [row for row in await rows(db, schema.stage_visit) if row["opportunity_id"] == made["id"]]
    assert (visit["user_id"], visit["from_stage_id"], visit["to_stage_id"]) == (None, None, there)
    [event] = await events(db, "opportunity", made["id"])
    assert (event["kinds"], event["actor_id"], event["via"]) == ("opportunity.created", None, "automation")
    assert await rows(db, schema.outbox) == []
    await consistency.check(db)


async def test_every_stage_that_waits_takes_it_up_and_no_other(db: Database, cast: Cast) -> None:
    one, two = await stage(db, cast, **WAITS), await stage(db, cast, **WAITS, ContactMessages=True)
    other = await stage(db, cast, ProposalsAccepted=True)
    await sent(db, cast, await customer(db, cast))
    assert [len(await deals_in(db, there)) for there in (one, two, other)] == [1, 1, 0]


async def test_one_that_is_open_there_is_not_doubled(db: Database, cast: Cast) -> None:
    there, ada = await stage(db, cast, **WAITS), await customer(db, cast)
    for _ in range(3):
        await sent(db, cast, ada)
    assert len(await deals_in(db, there)) == 1
    await sent(db, cast, await customer(db, cast, email="bob@example.com"))
    assert len(await deals_in(db, there)) == 2


@pytest.mark.parametrize("way", ["moved on", "lost", "in the trash"])
async def test_one_that_is_not_open_there_any_more_makes_room_for_another(db: Database, cast: Cast, way: str) -> None:
    there, ada = await stage(db, cast, **WAITS), await customer(db, cast)
    await sent(db, cast, ada)
    [made] = await deals_in(db, there)
    if way == "moved on":
        await deals.move(db, cast.mia, made["id"], db.rules.stages_of(db.rules.default_pipeline.id)[0].id)
    elif way == "lost":
        await deals.change(db, cast.mia, made["id"], Change(outcome=Outcome.LOST, completed=True))
    else:
        await deals.delete(db, cast.mia, made["id"])
    await sent(db, cast, ada)
    assert len([row for row in await rows(db, schema.opportunity) if row["contact_id"] == ada]) == 2


async def test_two_processes_at_once_make_one_deal(database_url: str) -> None:
    here, there = await connect(database_url), await connect(database_url)
    cast = await company(here)
    waits, ada = await stage(here, cast, **WAITS), await customer(here, cast)
    await there.refresh()
    for _ in range(5):
        await asyncio.gather(*(sent(db, cast, ada) for db in (here, there, here, there)))
    assert len(await deals_in(here, waits)) == 1
    await here.close()
    await there.close()


async def test_what_a_deed_noted_is_done_by_the_jobs_once(db: Database, cast: Cast) -> None:
    there, ada = await stage(db, cast, **WAITS), await customer(db, cast)
    [one] = await automation.expected(db, cast.mia, Trigger.PROPOSAL_SENT, ada)
    await db.apply([one.posted])
    post = Post(db, errands(db))
    assert await post.is_due()
    await post.deliver()
    assert not await post.is_due()
    [made] = await deals_in(db, there)
    await deals.delete(db, cast.mia, made["id"])
    await automation.assign(db, asdict(one))  # delivered again: a process died before it had noted so
    assert await deals_in(db, there) == []


async def test_what_is_known_of_it_comes_along(db: Database, cast: Cast) -> None:
    there, ada = await stage(db, cast, **WAITS), await customer(db, cast)
    utm = {"utm_source": "news", "utm_campaign": "", "password": "x"}
    known = Circumstances(responsible=cast.noah.uid, utm=utm)
    await automation.happened(db, cast.mia, Trigger.PROPOSAL_SENT, ada, known)
    [made] = await deals_in(db, there)
    assert (made["responsible"], made["utm_source"], made["utm_campaign"]) == (cast.noah.uid, "news", None)


@pytest.mark.parametrize(("managers", "seen"), [(["noah"], ["mia", "noah"]), ([], ["mia"])])
async def test_the_deal_of_a_hidden_contact_is_hidden_too(
    db: Database, cast: Cast, managers: list[str], seen: list[str]
) -> None:
    there = await stage(db, cast, **WAITS)
    uids = [cast.actor(name).uid for name in managers]
    ada = await customer(db, cast, sharing=Share.NOBODY, managers=uids)
    for row in await rows(db, schema.contact_manager):
        if not managers:
            await db.text(f"DELETE FROM contact_manager WHERE user_uid = '{row['user_uid']}'")
    await sent(db, cast, ada)
    [made] = await deals_in(db, there)
    shares = sorted(row["user_uid"] for row in await rows(db, schema.opportunity_share))
    assert (bool(made["private"]), shares) == (True, sorted(cast.actor(name).uid for name in seen))


async def test_other_locations_and_archived_pipelines_do_not_wait(db: Database, cast: Cast) -> None:
    there, ada = await stage(db, cast, **WAITS), await customer(db, cast)
    await automation.happened(db, cast.mia, Trigger.PROPOSAL_SENT, ada, Circumstances(location_id=999))
    assert await deals_in(db, there) == []
    old = await pipelines.create(db, cast.olga, PipelineChange(name="Old"))
    waits = await stages.create(db, cast.olga, StageChange(title="W", pipeline_id=old.id, extra=WAITS))
    await pipelines.change(db, cast.olga, old.id, PipelineChange(archived=True))
    await sent(db, cast, ada)
    assert await deals_in(db, waits.id) == []


async def test_a_stage_that_takes_contacts_up_does_the_rest_too(db: Database, cast: Cast) -> None:
    tasks = (await task_list(db, cast, "Call")).id
    text = await response(db, cast)
    there = await stage(db, cast, canned_response_id=text, task_list_id=tasks, outcome=Outcome.WON, **WAITS)
    ada = await customer(db, cast)
    await sent(db, cast, ada)
    [made] = await deals_in(db, there)
    assert Outcome(made["outcome"]) is Outcome.WON
    assert [letter["to"] for letter in await letters(db)] == ["ada@example.com"]
    [task] = await rows(db, schema.task)
    assert (task["contact_id"], task["opportunity_id"], task["created_by"]) == (ada, made["id"], None)


async def test_a_stage_that_asks_for_what_nobody_said_takes_nobody_up(db: Database, cast: Cast) -> None:
    there = await stage(db, cast, required_fields=("amount",), **WAITS)
    await sent(db, cast, await customer(db, cast))
    assert await deals_in(db, there) == []


async def test_a_contact_in_the_trash_and_a_stage_that_is_gone_are_passed_over(db: Database, cast: Cast) -> None:
    there, ada = await stage(db, cast, **WAITS), await customer(db, cast)
    [one] = await automation.expected(db, cast.mia, Trigger.PROPOSAL_SENT, ada)
    for lost in ({"contact_uid": "nobody"}, {"stage_id": 999_999}):
        await automation.assign(db, {**asdict(one), **lost})
    assert await deals_in(db, there) == []


@pytest.mark.parametrize(("flag", "step"), [("ProposalsSent", proposals.send), ("ProposalsAccepted", proposals.accept)])
async def test_proposals_bring_their_contact_there(db: Database, cast: Cast, flag: str, step: Any) -> None:
    there, ada = await stage(db, cast, **{flag: True}), await customer(db, cast)
    offer = await proposal(db, cast, ada)
    if step is proposals.accept:
        await proposals.send(db, cast.mia, offer)
        assert await deals_in(db, there) == []
    await step(db, cast.mia, offer)
    [made] = await deals_in(db, there)
    assert (made["contact_id"], made["responsible"]) == (ada, cast.noah.uid)


async def test_who_fills_in_the_form_comes_there_once(db: Database, cast: Cast) -> None:
    there = await stage(db, cast, SignUps=True)
    await portal_settings.new_form_key(db, cast.olga)
    form = web_forms.present(db.rules)
    assert form is not None
    said = web_forms.Submission(contact=ContactChange(first_name="Ada", last_name="Lovelace"))
    for _ in range(2):
        await web_forms.submit(db, form, said)
    [made] = await deals_in(db, there)
    assert made["created_by"] is None


async def test_a_message_that_comes_in_brings_its_contact_and_one_that_goes_out_does_not(
    db: Database, cast: Cast
) -> None:
    there, ada = await stage(db, cast, ContactMessages=True), await customer(db, cast)
    card = (await read(db, cast.mia, ada)).brief
    await db.apply(messages.to_contact(cast.mia, card, "Ten desks", "Are they wanted?", now()))
    assert await deals_in(db, there) == []
    for _ in range(2):
        said = {"contact_id": ada, "subject": "Ten desks", "body": "They are.", "incoming": True}
        await plain_records.create(db, cast.mia, MESSAGE, said)
    [made] = await deals_in(db, there)
    assert (made["contact_id"], made["created_by"]) == (ada, None)
    await consistency.check(db)


async def test_a_document_that_gets_its_signed_copy_brings_its_contact(db: Database, cast: Cast) -> None:
    there, ada = await stage(db, cast, DocumentsSigned=True), await customer(db, cast)
    made = await plain_records.create(db, cast.mia, DOCUMENT, {"name": "Contract", "contact_id": ada})
    assert await deals_in(db, there) == []
    first, second = [(await keep(db, cast.mia, Purpose.DOCUMENT, "c.pdf", None, b"%")).id for _ in range(2)]
    await plain_records.change(db, cast.mia, DOCUMENT, made.id, {"signed_file_id": first})
    [deal] = await deals_in(db, there)
    await deals.win(db, cast.olga, deal["id"])
    after = len(await rows(db, schema.opportunity))
    for said in ({"name": "The contract"}, {"signed_file_id": second}, {"signed_file_id": None}):
        await plain_records.change(db, cast.mia, DOCUMENT, made.id, said)
    assert len(await rows(db, schema.opportunity)) == after  # it was signed before


async def test_a_document_that_comes_signed_counts_where_it_belongs(db: Database, cast: Cast) -> None:
    there, ada = await stage(db, cast, DocumentsSigned=True), await customer(db, cast)
    file = await keep(db, cast.mia, Purpose.DOCUMENT, "c.pdf", None, b"%")
    said = {"name": "Contract", "contact_id": ada, "signed_file_id": file.id}
    made = await plain_records.create(db, cast.mia, DOCUMENT, said)
    assert made.values["location_id"] == db.rules.location_of_stage(there).id
    assert len(await deals_in(db, there)) == 1


async def test_what_a_deed_brings_is_not_lost_when_nobody_settles_it(
    db: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, ada = await stage(db, cast, ContactMessages=True), await customer(db, cast)

    async def dies(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(automation, "assign", dies)
    await plain_records.create(db, cast.mia, MESSAGE, {"contact_id": ada, "incoming": True})
    monkeypatch.undo()
    assert await deals_in(db, there) == []
    post = Post(db, errands(db))
    assert await post.is_due()
    await post.deliver()
    assert len(await deals_in(db, there)) == 1


@pytest.mark.parametrize("flags", [{}, {"Bookings": True, "TourRequests": True, "EventCheckins": True}])
async def test_flags_of_what_we_do_not_know_wait_for_nothing(
    db: Database, cast: Cast, flags: Mapping[str, bool]
) -> None:
    there, ada = await stage(db, cast, **flags), await customer(db, cast)
    for trigger in Trigger:
        await automation.happened(db, cast.mia, trigger, ada)
    assert await deals_in(db, there) == []
