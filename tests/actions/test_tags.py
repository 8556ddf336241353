"""Deeds on tags, on both databases."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dealwright.actions import contacts
from dealwright.actions import opportunities as deals
from dealwright.actions import tags as deeds
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.errors import Forbidden, Invalid, NotFound
from dealwright.domain.opportunity import Sharing
from dealwright.storage.contacts import FullContact
from dealwright.storage.database import Database
from tests.actions.about_rules import events, make, problems, version
from tests.cast import Cast

SUBJECTS = ("opportunity", "contact", "case")


async def person(db: Database, cast: Cast, **values: Any) -> FullContact:
    """Make a contact by Mia."""
    return await contacts.create(db, cast.mia, ContactChange(first_name="Ann", last_name="Lee", **values))


async def uses(db: Database, cast: Cast, name: str, subject: str = "opportunity") -> dict[str, int]:
    """How often somebody sees each tag."""
    return {tag.title: tag.uses for tag in await deeds.read_all(db, cast.actor(name), subject)}


@pytest.mark.parametrize("subject", SUBJECTS)
async def test_a_new_tag_is_listed_by_its_title_and_borne_by_nothing(db: Database, cast: Cast, subject: str) -> None:
    for title in ("zebra", " Ärger ", "Boat"):
        await deeds.create(db, cast.mia, subject, title)
    titles = [tag.title for tag in await deeds.read_all(db, cast.noah, subject)]
    assert [title for title in titles if title in {"zebra", "Ärger", "Boat"}] == ["Ärger", "Boat", "zebra"]
    assert set((await uses(db, cast, "mia", subject)).values()) == {0}


@pytest.mark.parametrize("spelling", ["Hot lead", "HOT LEAD", "  hot   lead ", "hót lead"])
async def test_a_tag_is_made_once_whatever_its_spelling(db: Database, cast: Cast, spelling: str) -> None:
    await deeds.create(db, cast.mia, "opportunity", "Hot lead")
    with pytest.raises(Invalid) as refused:
        await deeds.create(db, cast.noah, "opportunity", spelling)
    assert problems(refused) == {("tag", "duplicate")}
    await deeds.create(db, cast.noah, "contact", spelling)


@pytest.mark.parametrize(("title", "code"), [("  ", "required"), ("x" * 256, "too_long"), ("a\0b", "format")])
async def test_a_title_must_be_a_name(db: Database, cast: Cast, title: str, code: str) -> None:
    deal = await make(db, cast)
    for deed in (
        deeds.create(db, cast.mia, "opportunity", title),
        deeds.add(db, cast.mia, "opportunity", deal.opportunity.id, title),
    ):
        with pytest.raises(Invalid) as refused:
            await deed
        assert problems(refused) == {("tag", code)}


async def test_a_tag_is_put_on_a_deal_once_and_taken_off(db: Database, cast: Cast) -> None:
    deal = await make(db, cast)
    ident = deal.opportunity.id
    await deeds.add(db, cast.noah, "opportunity", ident, "Hot lead")
    await deeds.add(db, cast.noah, "opportunity", ident, "hot LEAD")
    assert await deeds.titles(db, cast.mia, "opportunity", ident) == ["Hot lead"]
    assert (await deals.get(db, cast.mia, ident)).tags == ("Hot lead",)
    assert await version(db, deal) == 2
    await deeds.remove(db, cast.mia, "opportunity", ident, "HOT lead")
    await deeds.remove(db, cast.mia, "opportunity", ident, "HOT lead")
    assert await deeds.titles(db, cast.mia, "opportunity", ident) == []
    assert await version(db, deal) == 3
    assert await events(db, "opportunity", ident) == [
        "opportunity.created",
        "opportunity.changed,opportunity.tagged",
        "opportunity.changed,opportunity.untagged",
    ]
    assert await uses(db, cast, "mia") == {"Hot lead": 0}


async def test_a_tag_is_put_on_a_contact_and_taken_off(db: Database, cast: Cast) -> None:
    ann = await person(db, cast, tags=["Early bird"])
    ident = ann.contact.id
    await deeds.add(db, cast.noah, "contact", ident, "Hot lead")
    await deeds.add(db, cast.noah, "contact", ident, "Hot LEAD")
    assert await deeds.titles(db, cast.mia, "contact", ident) == ["Early bird", "Hot lead"]
    await deeds.remove(db, cast.mia, "contact", ident, "early BIRD")
    assert (await contacts.get(db, cast.mia, ident)).tags == ("Hot lead",)


async def test_a_contact_that_is_only_seen_gets_no_tags(db: Database, cast: Cast) -> None:
    ann = await person(db, cast, sharing=Share.READ, managers=[cast.mia.uid])
    with pytest.raises(Forbidden):
        await deeds.add(db, cast.noah, "contact", ann.contact.id, "Hot lead")
    await deeds.add(db, cast.mia, "contact", ann.contact.id, "Hot lead")
    with pytest.raises(Forbidden):
        await deeds.remove(db, cast.noah, "contact", ann.contact.id, "Hot lead")


async def test_many_put_the_same_new_tag_on_many_deals_at_once(db: Database, cast: Cast) -> None:
    made = [await make(db, cast) for _ in range(6)]
    await asyncio.gather(
        *(deeds.add(db, cast.mia, "opportunity", deal.opportunity.id, "Fair") for deal in made),
        *(deeds.add(db, cast.noah, "opportunity", deal.opportunity.id, "FAIR") for deal in made),
    )
    ((_, count),) = (await uses(db, cast, "mia")).items()
    assert count == 6
    assert [await version(db, deal) for deal in made] == [2] * 6


async def test_a_count_tells_nothing_of_what_somebody_does_not_see(db: Database, cast: Cast) -> None:
    hidden = await make(db, cast, sharing=Sharing(True, (cast.mia.uid,)))
    trashed, open_one = await make(db, cast), await make(db, cast)
    for deal in (hidden, trashed, open_one):
        await deeds.add(db, cast.mia, "opportunity", deal.opportunity.id, "Fair")
    await deals.delete(db, cast.mia, trashed.opportunity.id)
    assert [await uses(db, cast, name) for name in ("mia", "noah", "carl")] == [{"Fair": 2}, {"Fair": 1}, {"Fair": 2}]


async def test_a_record_out_of_sight_has_no_tags(db: Database, cast: Cast) -> None:
    hidden = await make(db, cast, sharing=Sharing(True, (cast.mia.uid,)))
    ann = await person(db, cast, sharing=Share.NOBODY, managers=[cast.mia.uid])
    await deeds.create(db, cast.mia, "opportunity", "Fair")
    await deeds.create(db, cast.mia, "contact", "Fair")
    for subject, ident in (
        ("opportunity", hidden.opportunity.id),
        ("opportunity", 999),
        ("contact", ann.contact.id),
        ("contact", 999),
        ("case", 1),
        ("invoice", 1),
    ):
        with pytest.raises(NotFound):
            await deeds.titles(db, cast.noah, subject, ident)
        with pytest.raises(NotFound):
            await deeds.add(db, cast.noah, subject, ident, "Fair")
        with pytest.raises(NotFound):
            await deeds.remove(db, cast.noah, subject, ident, "Fair")


async def test_a_deleted_tag_is_gone_everywhere_and_every_bearer_counts_it(db: Database, cast: Cast) -> None:
    deal, bare, ann = await make(db, cast), await make(db, cast), await person(db, cast, tags=["Fair"])
    await deeds.add(db, cast.mia, "opportunity", deal.opportunity.id, "Fair")
    gone = await deeds.delete(db, cast.noah, "opportunity", "FAIR")
    assert gone.title == "Fair"
    assert await uses(db, cast, "mia") == {}
    assert [await version(db, found) for found in (deal, bare)] == [3, 1]
    assert await events(db, "tag", gone.id) == ["tag.created", "tag.deleted"]
    assert (await contacts.get(db, cast.mia, ann.contact.id)).tags == ("Fair",)
    await deeds.delete(db, cast.noah, "contact", "fair")
    assert (await contacts.get(db, cast.mia, ann.contact.id)).tags == ()


@pytest.mark.parametrize("subject", SUBJECTS)
async def test_an_unknown_tag_cannot_be_deleted_or_taken_off(db: Database, cast: Cast, subject: str) -> None:
    with pytest.raises(NotFound):
        await deeds.delete(db, cast.mia, subject, "Never")
    with pytest.raises(NotFound):
        await deeds.remove(db, cast.mia, subject, 1, "Never")


async def test_unused_tags_go_and_what_the_trash_bears_does_not_keep_them(db: Database, cast: Cast) -> None:
    living, trashed = await make(db, cast), await make(db, cast)
    await deeds.add(db, cast.mia, "opportunity", living.opportunity.id, "Kept")
    await deeds.add(db, cast.mia, "opportunity", trashed.opportunity.id, "Trashed")
    await deeds.create(db, cast.mia, "opportunity", "Idle")
    await deals.delete(db, cast.mia, trashed.opportunity.id)
    with pytest.raises(Forbidden):
        await deeds.delete_unused(db, cast.mia, "opportunity")
    gone = await deeds.delete_unused(db, cast.carl, "opportunity")
    assert [tag.title for tag in gone] == ["Idle", "Trashed"]
    assert await uses(db, cast, "mia") == {"Kept": 1}
    assert await deeds.delete_unused(db, cast.carl, "opportunity") == []
    assert (await deals.restore(db, cast.mia, trashed.opportunity.id)).tags == ()


async def test_who_only_reads_deals_puts_no_tags_on_them(db: Database, cast: Cast) -> None:
    deal = await make(db, cast)
    assert await deeds.read_all(db, cast.rita, "opportunity") == []
    assert await deeds.titles(db, cast.rita, "opportunity", deal.opportunity.id) == []
    for deed in (
        deeds.create(db, cast.rita, "opportunity", "Fair"),
        deeds.add(db, cast.rita, "opportunity", deal.opportunity.id, "Fair"),
        deeds.delete(db, cast.rita, "opportunity", "Fair"),
        deeds.read_all(db, cast.rita, "contact"),
    ):
        with pytest.raises(Forbidden):
            await deed
