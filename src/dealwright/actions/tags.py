"""Deeds on tags: make, list, put on a record and take off, delete. Subjects: "opportunity", "contact", "case"."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from dealwright.actions import contacts
from dealwright.actions.deed import attempted, happened, now, recorded, written
from dealwright.actions.rule_deeds import together
from dealwright.domain.actor import Actor
from dealwright.domain.contact import ContactChange
from dealwright.domain.errors import Forbidden, Outdated, invalid
from dealwright.domain.tag import Tag, subject_of, title_of
from dealwright.domain.text import fold
from dealwright.storage import contacts as contact_store
from dealwright.storage import tags as store
from dealwright.storage.database import Database
from dealwright.storage.tags import Tagging
from dealwright.storage.writes import Clash, Insert, Lost, Write

STEMS: Final = {"opportunity": "CrmOpportunity", "contact": "Coworker", "case": "Case"}


def _require(actor: Actor, subject: str, verb: str) -> None:
    actor.require(f"{STEMS[subject_of(subject)]}-{verb}")


async def read_all(db: Database, actor: Actor, subject: str) -> list[Tag]:
    """Return the tags of a kind of record by title; `uses` counts the records this person sees. Forbidden."""
    _require(actor, subject, "List")
    return await store.read_all(db, actor, subject)


async def titles(db: Database, actor: Actor, subject: str, record_id: int) -> list[str]:
    """Return the titles of a record's tags in order. Refuses with Forbidden and NotFound."""
    _require(actor, subject, "Read")
    return await store.read_titles(db, actor, subject, record_id)


async def create(db: Database, actor: Actor, subject: str, title: str) -> Tag:
    """Make a tag that nothing bears yet and return it.

    Refuses with Forbidden, and with Invalid ("tag": "required", "too_long", "format"; "duplicate" where a tag of
    this title is there in whatever spelling).
    """
    _require(actor, subject, "Edit")
    title = title_of(title)
    try:
        ids = await written(db, [store.made(subject, title), _created(actor, subject, title)], actor)
    except Clash as clash:
        raise invalid("tag", "duplicate", "a tag of this title is there", title) from clash
    return Tag(ids[store.NEW.name], title)


def _created(actor: Actor, subject: str, title: str) -> Write:
    facts = {"subject": subject, "title": title}
    return recorded(happened(actor, now(), "tag", ["tag.created"], None, facts), store.NEW)


async def add(db: Database, actor: Actor, subject: str, record_id: int, title: str) -> None:
    """Put a tag on a record, making it where it is new; one that is on already stays on.

    Refuses with Forbidden (no right; a contact that is not this person's to change), NotFound and Invalid ("tag").
    """
    _require(actor, subject, "Edit")
    title = title_of(title)

    def putting(found: Tagging) -> list[Write]:
        if found.is_on:
            return []
        event = _told(actor, subject, record_id, "tagged", {}, {"tag": title})
        if found.tag_id is not None:
            return [store.put_on(subject, record_id, found.tag_id), event]
        return [
            *(store.made(subject, title), _created(actor, subject, title)),
            *(store.put_on(subject, record_id, store.NEW), event),
        ]

    if subject == "contact":
        await _on_contact(db, actor, record_id, lambda present: [*present, title])
    else:
        await _on_record(db, actor, subject, record_id, title, putting)


async def remove(db: Database, actor: Actor, subject: str, record_id: int, title: str) -> None:
    """Take a tag off a record, on it or not. Refuses with Forbidden, and NotFound (the record, or no such tag)."""
    _require(actor, subject, "Edit")
    tag, key = await store.read(db, subject, title), fold(title)

    def taking(found: Tagging) -> list[Write]:
        if not found.is_on:
            return []
        event = _told(actor, subject, record_id, "untagged", {"tag": tag.title}, {})
        return [store.taken_off(subject, record_id, tag.id), event]

    if subject == "contact":
        await _on_contact(db, actor, record_id, lambda present: [one for one in present if fold(one) != key])
    else:
        await _on_record(db, actor, subject, record_id, title, taking)


def _told(
    actor: Actor, subject: str, record_id: int, kind: str, before: Mapping[str, str], after: Mapping[str, str]
) -> Write:
    kinds = [f"{subject}.changed", f"{subject}.{kind}"]
    return recorded(happened(actor, now(), subject, kinds, before, after), record_id)


async def _on_record(
    db: Database, actor: Actor, subject: str, record_id: int, title: str, decide: Callable[[Tagging], list[Write]]
) -> None:
    """Do it to a deal or a case; a contact has its tags written with the rest of it."""

    async def deed(_: int) -> None:
        found = await store.load(db, actor, subject, record_id, title)
        writes = decide(found)
        if not writes:
            return
        try:
            await written(db, [store.touched(subject, record_id, found.version, actor, now()), *writes], actor)
        except Clash as clash:
            raise Lost("somebody made the same tag") from clash

    async with db.turns.of(subject, record_id):
        await attempted(deed)


async def _on_contact(db: Database, actor: Actor, contact_id: int, alter: Callable[[Sequence[str]], list[str]]) -> None:
    async def deed(_: int) -> None:
        full = await contact_store.read(db, actor, contact_id)
        change = ContactChange(tags=alter(full.tags))
        try:
            await contacts.change(db, actor, contact_id, change, full.contact.version)
        except Outdated as error:
            raise Lost("the contact changed at the same time") from error

    await attempted(deed)


async def delete(db: Database, actor: Actor, subject: str, title: str) -> Tag:
    """Take a tag off everything and away; return it. Refuses with Forbidden and NotFound."""
    _require(actor, subject, "Edit")

    async def deed(_: int) -> Tag:
        tag = await store.read(db, subject, title)
        await written(db, [*store.removed_everywhere(subject, tag.id), _deleted(actor, subject, tag)], actor)
        return tag

    return await attempted(deed)


async def get(db: Database, actor: Actor, tag_id: int) -> tuple[str, Tag]:
    """Return a tag by its id and the kind of record that bears it; `uses` as in `read_all`. Forbidden, NotFound."""
    subject, _ = await store.read_by_id(db, tag_id)
    _require(actor, subject, "Read")
    found = (tag for tag in await store.read_all(db, actor, subject) if tag.id == tag_id)
    return subject, next(found)


async def rename(db: Database, actor: Actor, tag_id: int, title: str) -> tuple[str, Tag]:
    """Give a tag another title wherever it is and return it with its kind of record.

    Refuses with Forbidden and NotFound, and with Invalid as `create`.
    """
    title = title_of(title)

    async def deed(_: int) -> tuple[str, Tag]:
        subject, tag = await store.read_by_id(db, tag_id)
        _require(actor, subject, "Edit")
        if title != tag.title:
            facts = ({"title": tag.title}, {"title": title})
            event = recorded(happened(actor, now(), "tag", ["tag.changed"], *facts), tag_id)
            await written(db, [*store.renamed(subject, tag, title), event], actor)
        return await get(db, actor, tag_id)

    try:
        return await attempted(deed)
    except Clash as clash:
        raise invalid("tag", "duplicate", "a tag of this title is there", title) from clash


async def delete_unused(db: Database, actor: Actor, subject: str) -> list[Tag]:
    """Take the tags away that no living record bears; return them. Forbidden unless a CRM administrator asks."""
    _require(actor, subject, "Edit")
    if not actor.is_crm_admin:
        raise Forbidden("only CRM administrators delete unused tags")

    async def deed(_: int) -> list[Tag]:
        unused = await store.read_unused(db, subject)
        if unused:
            events = together([_deleted(actor, subject, tag) for tag in unused])
            await written(db, [*store.removed_unused(subject, [tag.id for tag in unused]), *events], actor)
        return unused

    return await attempted(deed)


def _deleted(actor: Actor, subject: str, tag: Tag) -> Insert:
    facts = {"subject": subject, "title": tag.title}
    return recorded(happened(actor, now(), "tag", ["tag.deleted"], facts), tag.id)
