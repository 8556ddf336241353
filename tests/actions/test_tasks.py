"""Deeds on tasks, on both databases: what they keep, whom they refuse, in which order they are found."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dealwright.actions import contacts, opportunities, tasks
from dealwright.domain.actor import Actor
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.errors import Forbidden, Invalid, NotFound, Outdated
from dealwright.domain.opportunity import Sharing
from dealwright.domain.task import TaskChange
from dealwright.storage.database import Database
from dealwright.storage.query import Page
from dealwright.storage.task_lists import TaskCriteria, TaskOrder
from dealwright.storage.tasks import FullTask
from tests.actions.about_contacts import deal, events, firm, person, problems
from tests.cast import Cast, hire, role

MONDAY = datetime(2031, 5, 5, 9, 30, tzinfo=UTC)


async def task(db: Database, actor: Actor, title: str = "Call", **values: Any) -> FullTask:
    """Make a task."""
    return await tasks.create(db, actor, TaskChange(title=title, **values))


async def titles(db: Database, actor: Actor, order: TaskOrder = TaskOrder.DEADLINE, **criteria: Any) -> list[str]:
    """The titles of the tasks that match."""
    found = await tasks.find(db, actor, TaskCriteria(**criteria), Page(), order)
    assert found.total == len(found.rows)
    return [full.task.title for full in found.rows]


def category(db: Database) -> int:
    """A category of tasks."""
    return db.rules.items_of("task_category")[0].id


async def test_a_new_task_is_read_back_as_made(db: Database, cast: Cast) -> None:
    company = await firm(db, cast.mia)
    on = await deal(db, cast, contact_id=company.contact.id)
    made = await task(
        db,
        cast.mia,
        " Call back ",
        description="About desks",
        deadline=MONDAY,
        responsible=cast.noah.uid,
        category_id=category(db),
        contact_id=company.contact.id,
        opportunity_id=on,
        alert_minutes=15,
    )
    assert await tasks.get(db, cast.noah, made.task.id) == made
    assert (made.task.title, made.opportunity_title, made.contact) == ("Call back", "Ten desks", company.brief)
    assert (made.task.location_id, made.task.closed) == (db.rules.location.id, False)
    assert (await task(db, cast.mia)).task.responsible == cast.mia.uid


async def test_a_change_says_what_it_changes_and_the_rest_stays(db: Database, cast: Cast) -> None:
    made = await task(db, cast.mia, deadline=MONDAY, description="Old")
    said = TaskChange(closed=True, description=None)
    after = await tasks.change(db, cast.mia, made.task.id, said, version=1)
    assert await tasks.get(db, cast.mia, made.task.id) == after
    assert (after.task.closed, after.task.description, after.task.deadline, after.task.version) == (
        True,
        None,
        MONDAY,
        2,
    )
    assert await tasks.change(db, cast.mia, made.task.id, said) == after
    kinds = await events(db, "task", made.task.id)
    assert kinds[1:] == [
        ("task.changed", {"closed": False, "description": "Old"}, {"closed": True, "description": None})
    ]
    with pytest.raises(Outdated):
        await tasks.change(db, cast.mia, made.task.id, TaskChange(title="x"), version=1)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"title": " "}, ("title", "required")),
        ({"title": "x" * 256}, ("title", "too_long")),
        ({"description": "\0"}, ("description", "format")),
        ({"alert_minutes": -1}, ("alert_minutes", "out_of_range")),
        ({"category_id": 99999}, ("category_id", "unknown")),
        ({"location_id": 99999}, ("location_id", "unknown")),
        ({"contact_id": 99999}, ("contact_id", "unknown")),
        ({"opportunity_id": 99999}, ("opportunity_id", "unknown")),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
async def test_what_cannot_be_kept_is_refused_by_name(
    db: Database, cast: Cast, values: dict[str, Any], problem: tuple[str, str]
) -> None:
    with pytest.raises(Invalid) as caught:
        await tasks.create(db, cast.mia, TaskChange(**{"title": "Call", **values}))
    assert problems(caught) == {problem}


async def test_an_entry_of_another_list_is_no_category(db: Database, cast: Cast) -> None:
    with pytest.raises(Invalid):
        await task(db, cast.mia, category_id=db.rules.items_of("contact_status")[0].id)


async def test_what_a_caller_cannot_see_is_not_there_to_hang_a_task_on(db: Database, cast: Cast) -> None:
    hidden = await firm(db, cast.mia, sharing=Share.NOBODY)
    private = await deal(db, cast, sharing=Sharing(True, (cast.mia.uid,)))
    links: dict[str, Any] = {"contact_id": hidden.contact.id, "opportunity_id": private}
    with pytest.raises(Invalid) as caught:
        await task(db, cast.noah, **links)
    assert problems(caught) == {("contact_id", "unknown"), ("opportunity_id", "unknown")}
    forgiven = await task(db, cast.noah, forgives_links=True, **links)
    assert (forgiven.task.contact_id, forgiven.task.opportunity_id) == (None, None)
    kept = await task(db, cast.mia, responsible=cast.noah.uid, **links)
    after = await tasks.change(db, cast.noah, kept.task.id, TaskChange(closed=True, **links))
    assert (after.task.closed, after.task.contact_id) == (True, hidden.contact.id)
    assert (await tasks.get(db, cast.noah, kept.task.id)).opportunity_title is None


async def outcome(db: Database, actor: Actor, verb: str, ident: int) -> str:
    """What comes of somebody's deed: ok, or the refusal's name."""
    try:
        if verb == "see":
            await tasks.get(db, actor, ident)
        elif verb == "list":
            return "ok" if await titles(db, actor, ids=[ident]) else "NotFound"
        elif verb == "edit":
            await tasks.change(db, actor, ident, TaskChange(description=actor.name))
        else:
            await tasks.delete(db, actor, ident)
    except (Forbidden, NotFound) as refusal:
        return type(refusal).__name__
    return "ok"


SEEN = {"see": "ok", "list": "ok", "edit": "Forbidden", "delete": "Forbidden"}
HIDDEN = dict.fromkeys(SEEN, "NotFound")
OWN = dict.fromkeys(SEEN, "ok")


@pytest.mark.parametrize(
    ("hangs_on", "who", "expected"),
    [
        ("nothing", "mia", OWN),
        ("nothing", "noah", OWN),
        ("nothing", "una", SEEN),
        ("a public deal", "una", SEEN),
        ("a private deal", "una", HIDDEN),
        ("a private deal", "noah", OWN),
        ("a hidden contact", "una", HIDDEN),
        ("a hidden contact", "carl", OWN),
        ("a hidden contact", "olga", OWN),
        ("a hidden contact and a public deal", "una", SEEN),
        ("nothing", "rita", dict.fromkeys(SEEN, "Forbidden")),
        ("nothing", "gus", dict.fromkeys(SEEN, "Forbidden")),
    ],
)
async def test_sight_follows_what_a_task_hangs_on_and_hands_follow_people(
    db: Database, cast: Cast, hangs_on: str, who: str, expected: dict[str, str]
) -> None:
    cast.ids["una"] = await hire(db, "una")
    links: dict[str, Any] = {}
    if "contact" in hangs_on:
        links["contact_id"] = (await firm(db, cast.mia, sharing=Share.NOBODY)).contact.id
    if "deal" in hangs_on:
        sharing = Sharing(True, (cast.mia.uid,)) if "private" in hangs_on else Sharing()
        links["opportunity_id"] = await deal(db, cast, sharing=sharing)
    for verb, wanted in expected.items():
        made = await task(db, cast.mia, responsible=cast.noah.uid, **links)
        assert await outcome(db, cast.actor(who), verb, made.task.id) == wanted


async def test_each_verb_needs_its_right(db: Database, cast: Cast) -> None:
    cast.ids["una"] = await hire(db, "una", role_ids=[role(db, "CoworkerTask-Read")])
    ident = (await task(db, cast.mia, responsible=cast.actor("una").uid)).task.id
    una = cast.actor("una")
    assert await outcome(db, una, "see", ident) == "ok"
    for verb in ("list", "edit", "delete"):
        assert await outcome(db, una, verb, ident) == "Forbidden"
    with pytest.raises(Forbidden):
        await task(db, una)


async def test_a_deleted_task_is_nowhere(db: Database, cast: Cast) -> None:
    made = await task(db, cast.mia)
    assert await tasks.delete(db, cast.mia, made.task.id) == made
    assert [await outcome(db, cast.olga, verb, made.task.id) for verb in SEEN] == ["NotFound"] * 4
    assert not await tasks.exists_for_anybody(db, made.task.id)
    assert [kinds for kinds, *_ in await events(db, "task", made.task.id)] == ["task.created", "task.deleted"]


async def test_tasks_go_to_the_trash_with_their_contact_or_deal(db: Database, cast: Cast) -> None:
    company = await firm(db, cast.mia)
    on = await deal(db, cast)
    await task(db, cast.mia, "Contact", contact_id=company.contact.id)
    await task(db, cast.mia, "Deal", opportunity_id=on)
    await task(db, cast.mia, "Free")
    await contacts.delete(db, cast.mia, company.contact.id)
    assert await titles(db, cast.olga) == ["Deal", "Free"]
    await opportunities.delete(db, cast.mia, on)
    assert await titles(db, cast.olga) == ["Free"]


async def test_lists_are_by_deadline_with_tasks_without_one_first(db: Database, cast: Cast) -> None:
    for title, days in (("late", 9), ("never", None), ("early", 1)):
        await task(db, cast.mia, title, deadline=None if days is None else MONDAY + timedelta(days))
    assert await titles(db, cast.mia) == ["never", "early", "late"]
    turned = await tasks.find(db, cast.mia, TaskCriteria(), Page(), TaskOrder.DEADLINE, descending=True)
    assert [full.task.title for full in turned.rows] == ["late", "early", "never"]
    assert await titles(db, cast.mia, TaskOrder.TITLE) == ["early", "late", "never"]


async def test_open_tasks_can_come_first_whatever_the_order(db: Database, cast: Cast) -> None:
    for title, day, closed in (("a", 1, True), ("b", 2, False), ("c", 3, False)):
        await task(db, cast.mia, title, deadline=MONDAY + timedelta(day), closed=closed)
    for descending, expected in ((False, ["b", "c", "a"]), (True, ["c", "b", "a"])):
        found = await tasks.find(
            db, cast.mia, TaskCriteria(), Page(), TaskOrder.DEADLINE, descending=descending, open_first=True
        )
        assert [full.task.title for full in found.rows] == expected


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({"closed": True}, ["done"]),
        ({"closed": False}, ["company", "deal", "worker"]),
        ({"deadline_from": MONDAY}, ["deal", "done"]),
        ({"deadline_to": MONDAY}, ["deal"]),
        ({"deadline_from": MONDAY, "deadline_to": MONDAY + timedelta(days=1)}, ["deal", "done"]),
        ({"title_part": "ÖMPÁN"}, ["company"]),
        ({"responsible": "noah"}, ["worker"]),
        ({"contact_id": "company"}, ["company"]),
        ({"company_id": "company"}, ["company", "worker"]),
        ({"opportunity_id": "deal"}, ["deal"]),
        ({"category_id": "category"}, ["done"]),
        ({"contact_id": "company", "closed": True}, []),
    ],
    ids=str,
)
async def test_criteria_narrow_together(
    db: Database, cast: Cast, criteria: dict[str, Any], expected: list[str]
) -> None:
    company = await firm(db, cast.mia)
    worker = await person(db, cast.mia, company_id=company.contact.id)
    on = await deal(db, cast)
    await task(db, cast.mia, "company", contact_id=company.contact.id)
    await task(db, cast.mia, "worker", contact_id=worker.contact.id, responsible=cast.noah.uid)
    await task(db, cast.mia, "deal", opportunity_id=on, deadline=MONDAY)
    await task(db, cast.mia, "done", closed=True, deadline=MONDAY + timedelta(days=1), category_id=category(db))
    known = {"noah": cast.noah.uid, "company": company.contact.id, "deal": on, "category": category(db)}
    asked: dict[str, Any] = {
        name: known.get(value, value) if isinstance(value, str) else value for name, value in criteria.items()
    }
    assert sorted(await titles(db, cast.mia, **asked)) == expected


async def test_a_list_counts_exactly_what_this_person_sees(db: Database, cast: Cast) -> None:
    hidden = (await firm(db, cast.mia, sharing=Share.NOBODY)).contact.id
    for n in range(6):
        await task(db, cast.mia, f"Task {n}", contact_id=hidden if n < 2 else None)
    for actor, seen in ((cast.noah, 4), (cast.mia, 6), (cast.carl, 6)):
        found = await tasks.find(db, actor, TaskCriteria(), Page(1, 2))
        assert (len(found.rows), found.total) == (2, seen)


async def test_of_many_changes_at_once_none_is_lost(db: Database, cast: Cast) -> None:
    made = await task(db, cast.mia)
    words = [TaskChange(description="d"), TaskChange(deadline=MONDAY), TaskChange(alert_minutes=5)]
    words += [TaskChange(closed=True), TaskChange(title="New"), TaskChange(notify=True)]
    await asyncio.gather(*(tasks.change(db, cast.mia, made.task.id, one) for one in words))
    after = (await tasks.get(db, cast.mia, made.task.id)).task
    found = (after.description, after.deadline, after.alert_minutes, after.closed, after.title, after.notify)
    assert found == ("d", MONDAY, 5, True, "New", True)
    assert after.version == 7


async def test_a_card_of_a_contact_is_shown_with_its_new_name(db: Database, cast: Cast) -> None:
    company = await firm(db, cast.mia)
    made = await task(db, cast.mia, contact_id=company.contact.id)
    await contacts.change(db, cast.mia, company.contact.id, ContactChange(name="New"))
    card = (await tasks.get(db, cast.mia, made.task.id)).contact
    assert card is not None
    assert card.display_name == "New"
