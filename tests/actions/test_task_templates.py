"""Deeds on task templates: kept with their tasks, changed under guard, made into tasks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dealwright.actions import contacts, tasks
from dealwright.actions import task_templates as deeds
from dealwright.actions.deed import now
from dealwright.domain.contact import ContactChange
from dealwright.domain.errors import Forbidden, Invalid, NotFound, Outdated
from dealwright.domain.task import TaskChange
from dealwright.domain.task_template import TaskTemplate, TemplateChange, TemplateTask
from dealwright.storage.database import Database
from dealwright.storage.tasks import Named
from tests.actions.about_rules import events, make, problems
from tests.cast import Cast

DAY = 864_000_000_000


async def made(db: Database, cast: Cast, *tasks_: TemplateTask, subject: str = "opportunity") -> TaskTemplate:
    change = TemplateChange(subject=subject, title="After the first call", tasks=tasks_)
    return await deeds.create(db, cast.mia, change)


def category(db: Database) -> int:
    return db.rules.items_of("task_category")[0].id


def welcome(db: Database, cast: Cast) -> list[TemplateTask]:
    first = TemplateTask(title=" Send the offer ", offset_ticks=DAY, category_id=category(db), notify=True)
    return [first, TemplateTask(title="Call again", responsible=cast.noah.uid, offset_ticks=3 * DAY)]


async def test_a_template_is_kept_with_its_tasks(db: Database, cast: Cast) -> None:
    template = await made(db, cast, *welcome(db, cast))
    found = await deeds.get(db, cast.noah, template.id)
    assert found == template
    assert [task.title for task in found.tasks] == ["Send the offer", "Call again"]
    assert found in await deeds.read_all(db, cast.noah, ["opportunity"])
    assert await deeds.read_all(db, cast.noah, ["contact"]) == []
    assert await events(db, "task_template", template.id) == ["task_template.created"]


async def test_tasks_are_changed_added_and_taken_away_in_one_deed(db: Database, cast: Cast) -> None:
    first, second = (before := await made(db, cast, *welcome(db, cast))).tasks
    wanted = [replace(second, title="Visit"), TemplateTask(title="Write")]
    after = await deeds.change(db, cast.mia, before.id, TemplateChange(title="Later", tasks=wanted), before.version)
    assert (after.title, after.version) == ("Later", before.version + 1)
    assert [(task.id == second.id, task.title) for task in after.tasks] == [(True, "Visit"), (False, "Write")]
    assert first.id not in {task.id for task in after.tasks}
    assert (await events(db, "task_template", before.id))[1:] == ["task_template.changed"]


async def test_what_differs_in_nothing_is_no_change(db: Database, cast: Cast) -> None:
    before = await made(db, cast, *welcome(db, cast))
    assert await deeds.change(db, cast.mia, before.id, TemplateChange(tasks=before.tasks)) == before
    assert len(await events(db, "task_template", before.id)) == 1


async def test_one_task_is_put_and_taken_by_itself(db: Database, cast: Cast) -> None:
    template = await made(db, cast)
    task = await deeds.put_task(db, cast.mia, template.id, TemplateTask(title="Call"))
    other = await deeds.put_task(db, cast.mia, template.id, TemplateTask(title="Write"))
    assert await deeds.put_task(db, cast.mia, template.id, replace(task, title="Call soon")) == replace(
        task, title="Call soon"
    )
    assert (await deeds.get_of_task(db, cast.mia, other.id)).id == template.id
    left = await deeds.alter_tasks(db, cast.mia, template.id, lambda found: [one for one in found if one.id != task.id])
    assert left.tasks == (other,)


async def test_another_version_is_refused(db: Database, cast: Cast) -> None:
    template = await made(db, cast)
    with pytest.raises(Outdated):
        await deeds.change(db, cast.mia, template.id, TemplateChange(title="x"), template.version + 1)
    with pytest.raises(Outdated):
        await deeds.delete(db, cast.mia, template.id, template.version + 1)


async def test_a_deleted_template_is_gone_with_its_tasks(db: Database, cast: Cast) -> None:
    template = await made(db, cast, *welcome(db, cast))
    assert await deeds.delete(db, cast.mia, template.id) == template
    with pytest.raises(NotFound):
        await deeds.get(db, cast.mia, template.id)
    with pytest.raises(NotFound):
        await deeds.get_of_task(db, cast.mia, template.tasks[0].id)


async def test_what_is_wrong_is_refused_whole(db: Database, cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        await made(db, cast, TemplateTask(title="", category_id=999_999), subject="team")
    assert problems(refused) == {
        ("subject", "unknown"),
        ("tasks.0.title", "required"),
        ("tasks.0.category_id", "unknown"),
    }
    assert await deeds.read_all(db, cast.mia) == []


async def test_whoever_lacks_the_right_is_refused(db: Database, cast: Cast) -> None:
    with pytest.raises(Forbidden):
        await deeds.create(db, cast.rita, TemplateChange(subject="case", title="x"))
    with pytest.raises(Forbidden):
        await deeds.read_all(db, cast.rita)


async def test_the_tasks_of_a_template_are_made_for_a_deal(db: Database, cast: Cast) -> None:
    deal = (await make(db, cast)).opportunity.id
    template = await made(db, cast, *welcome(db, cast))
    offer, call = await deeds.apply(db, cast.mia, template.id, Named(deal=deal))
    assert (offer.task.title, offer.task.category_id, offer.task.notify) == ("Send the offer", category(db), True)
    assert (offer.task.responsible, call.task.responsible) == (cast.mia.uid, cast.noah.uid)
    assert {offer.task.opportunity_id, call.task.opportunity_id} == {deal}
    assert offer.task.deadline is not None
    assert abs(offer.task.deadline - now() - timedelta(days=1)) < timedelta(minutes=1)
    assert await tasks.get(db, cast.mia, offer.task.id) == offer
    assert await events(db, "task", call.task.id) == ["task.created"]


@pytest.mark.parametrize(
    ("subject", "is_company", "fine"),
    [
        ("contact", True, True),
        ("contact", False, True),
        ("company", True, True),
        ("company", False, False),
        ("person", True, False),
        ("person", False, True),
        ("opportunity", True, False),
    ],
)
async def test_a_template_is_for_what_it_is_for(
    db: Database, cast: Cast, subject: str, is_company: bool, fine: bool
) -> None:
    who = (
        ContactChange(is_company=True, name="Desk & Co") if is_company else ContactChange(first_name="A", last_name="B")
    )
    contact = (await contacts.create(db, cast.mia, who)).contact.id
    template = await made(db, cast, TemplateTask(title="Call"), subject=subject)
    if fine:
        [call] = await deeds.apply(db, cast.mia, template.id, Named(contact=contact))
        assert call.task.contact_id == contact
        return
    with pytest.raises(Invalid) as refused:
        await deeds.apply(db, cast.mia, template.id, Named(contact=contact))
    assert problems(refused) == {("contact_id", "not_allowed")}


@pytest.mark.parametrize(
    ("target", "problem"),
    [(Named(), ("opportunity_id", "required")), (Named(deal=999_999), ("opportunity_id", "unknown"))],
)
async def test_a_template_needs_a_record_that_is_there(
    db: Database, cast: Cast, target: Named, problem: tuple[str, str]
) -> None:
    template = await made(db, cast, TemplateTask(title="Call"))
    with pytest.raises(Invalid) as refused:
        await deeds.apply(db, cast.mia, template.id, target)
    assert problems(refused) == {problem}


async def test_either_all_tasks_are_made_or_none(db: Database, cast: Cast) -> None:
    changes: list[Any] = [TaskChange(title="fine"), TaskChange(title="bad", category_id=999_999)]
    with pytest.raises(Invalid):
        await tasks.create_many(db, cast.mia, changes)
    found = await tasks.create_many(db, cast.mia, [TaskChange(title=f"task {place}") for place in range(12)])
    assert [full.task.title for full in found] == [f"task {place}" for place in range(12)]
    assert await tasks.get_many(db, cast.mia, [full.task.id for full in found]) == found
    with pytest.raises(Invalid) as refused:
        await tasks.create_many(db, cast.mia, [TaskChange(title="x")] * (tasks.MOST + 1))
    assert problems(refused) == {("tasks", "out_of_range")}
