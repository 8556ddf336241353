"""What a deed on a contact comes to: the contact as it will be and the writes that make it so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from dealwright.actions.deed import happened, new_uid, recorded, values_of
from dealwright.actions.task_lists import tasks_of_new
from dealwright.domain.actor import Actor
from dealwright.domain.contact import (
    Brief,
    Contact,
    ContactChange,
    changed,
    differences,
    infos_after,
    managers_after,
    name_problem,
    titles,
)
from dealwright.domain.contact_info import ContactInfo, primary_email
from dealwright.domain.custom_field import values_after
from dealwright.domain.errors import Invalid, Problem
from dealwright.domain.event import Event
from dealwright.domain.text import fold
from dealwright.domain.values import UNSET
from dealwright.storage import contact_rows as rows
from dealwright.storage import contact_trash as trash
from dealwright.storage.contact_tallies import tallied
from dealwright.storage.contacts import FullContact, Loaded
from dealwright.storage.rules import Rules
from dealwright.storage.writes import Made, Write

NOTHING: Final[Mapping[str, Any]] = {}


@dataclass(slots=True)
class Decision:
    """The contact as it will be, and the writes that make it so (none: nothing differs)."""

    full: FullContact
    writes: list[Write] = field(default_factory=list)

    def made(self, ids: Mapping[str, int]) -> FullContact:
        """Return the contact with the ids that the writes made."""
        self.full.contact.id = ids.get(rows.NEW.name, self.full.contact.id)
        new = (one for one in self.full.infos if not one.id)
        for place, one in enumerate(new):
            one.id = ids[f"info{place}"]
        self.full.infos = tuple(sorted(self.full.infos, key=lambda one: one.id))
        return self.full


def decide(
    rules: Rules,
    actor: Actor,
    loaded: Loaded,
    change: ContactChange,
    at: datetime,
    kinds: Sequence[str] = ("contact.changed",),
    facts: Mapping[str, Any] = NOTHING,
) -> Decision:
    """Return what a change of a loaded contact comes to. Refuses with Invalid listing everything that is wrong.

    The event is of these kinds and tells these facts beside what changes.
    """
    old = loaded.full
    new = _after(rules, actor, loaded, change)
    names = differences(old.contact, new.contact)
    if not names and _links_of(old) == _links_of(new) and change.updated_at is UNSET:
        return Decision(old)
    _stamp(new.contact, actor, change, at)
    ident, version = new.contact.id, old.contact.version
    new.contact.version = version + 1
    writes: list[Write] = [rows.updated(new.contact, names, version, _claim(new.contact, change))]
    writes += tallied(old.contact, new.contact)
    if "display_name" in names:
        writes.append(rows.searchable(new.contact, ident))
        writes += [rows.renamed_company(new.contact)] if new.persons_count else []
    event = _changed_event(actor, at, names, old, new, kinds)
    event = replace(event, after={**event.after, **facts})
    return Decision(new, [*writes, *_link_writes(ident, loaded, new, event), recorded(event, ident)])


def decide_creation(
    rules: Rules, actor: Actor, loaded: Loaded, change: ContactChange, at: datetime, uid: str | None = None
) -> Decision:
    """Return what the creation of a contact comes to, under this identity or a new one. Refuses as `decide`."""
    blank = replace(loaded.full.contact, uid=uid or new_uid(), created_at=at, created_by=actor.id)
    empty = replace(loaded, full=FullContact(blank))
    new = _after(rules, actor, empty, change)
    _stamp(new.contact, actor, change, at)
    names = [name for name in differences(blank, new.contact) if getattr(new.contact, name)]
    facts = {**values_of(new.contact, names), **_links_of(new)}
    event = happened(actor, at, "contact", ["contact.created"], None, facts)
    writes: list[Write] = [rows.inserted(new.contact, _claim(new.contact, change)), *tallied(None, new.contact)]
    writes += [rows.searchable(new.contact, rows.NEW), *_link_writes(rows.NEW, empty, new, event)]
    writes += [recorded(event, rows.NEW), *tasks_of_new(rules, actor, rows.NEW, new.contact.extra, event, at)]
    return Decision(new, writes)


def decide_removal(actor: Actor, full: FullContact, at: datetime) -> Decision:
    """Return what moving a contact to the trash comes to: deals, cases, teams and people let go of it."""
    event = happened(actor, at, "contact", ["contact.deleted"])
    own = full.contact
    return Decision(full, [*trash.trashed(own, own.version, event), recorded(event, own.id)])


def decide_return(actor: Actor, full: FullContact, since: int, at: datetime) -> Decision:
    """Return what taking a contact back from the trash comes to; it went there at this stored moment."""
    event, own = happened(actor, at, "contact", ["contact.restored"]), full.contact
    lost = own.company_id if full.company is None else None
    return Decision(full, [*trash.returned(own, own.version, since, lost, event), recorded(event, own.id)])


def _after(rules: Rules, actor: Actor, loaded: Loaded, change: ContactChange) -> FullContact:
    old = loaded.full
    after = changed(old.contact, change)
    infos = infos_after(old.infos, change)
    after.email = primary_email(infos)
    problems = [*_problems(rules, loaded, change, after)]
    if problems:
        raise Invalid(*problems)
    company = _company(loaded, change, after)
    known = {fold(title): title for title in old.tags}
    known |= {folded: title for folded, (_, title) in loaded.tags.items()}
    wanted = titles(old.tags if change.tags is UNSET else change.tags)
    subjects = {"contact", "company" if after.is_company else "person"}
    return FullContact(
        after,
        infos=tuple(infos),
        managers=managers_after(old.managers, after.sharing, change, actor),
        tags=tuple(sorted(known.get(folded, title) for folded, title in wanted.items())),
        custom=values_after(rules.fields, subjects, old.custom, change.custom, change.keeps_values),
        teams=_teams(loaded, change),
        company=company,
        persons_count=old.persons_count,
    )


def _problems(rules: Rules, loaded: Loaded, change: ContactChange, after: Contact) -> Iterable[Problem]:
    """Return everything that is wrong with a change; what stays as it was is never wrong."""
    before = loaded.full.contact
    if problem := name_problem(after):
        yield problem
    if before.is_company and not after.is_company and loaded.full.persons_count:
        yield Problem("is_company", "in_use", "people belong to this company", False)
    if isinstance(change.company_id, int) and change.company_id != before.company_id:
        if after.is_company:
            yield Problem("company_id", "not_allowed", "a company belongs to no company", change.company_id)
        elif loaded.company is None:
            yield Problem("company_id", "unknown", "is no company", change.company_id)
    if change.email_is_unique and loaded.email_is_taken and fold(after.email) != fold(before.email):
        yield taken(after.email)
    if after.currency not in (before.currency, None) and after.currency not in rules.currencies:
        yield Problem("currency", "unknown", "is no currency", after.currency)
    for name in ("contact_status", "contact_type"):
        column = f"{name.removeprefix('contact_')}_id"
        number = getattr(after, column)
        if number not in (getattr(before, column), None) and not _listed(rules, name, number):
            yield Problem(column, "unknown", "is not in the list", number)
    for one in sorted(change.teams_after(loaded.full.teams) - {*loaded.full.teams, *loaded.teams}):
        yield Problem("teams", "unknown", "is no team", one)


def _listed(rules: Rules, name: str, number: int) -> bool:
    item = rules.items.get(number)
    return item is not None and item.list == name


def taken(email: str | None) -> Problem:
    """Return the problem of an e-mail that another contact has."""
    return Problem("email", "duplicate", "belongs to another contact", email)


def _company(loaded: Loaded, change: ContactChange, after: Contact) -> Brief | None:
    """Return the company a person belongs to afterwards; sets link and text on the way."""
    present = loaded.full.company
    if after.is_company:
        after.company_id = None
        after.company_name = after.company_name if change.company_name is UNSET else change.company_name or None
        return None
    said = change.company_name
    if change.company_id is UNSET and (said is UNSET or (present and fold(said) == fold(present.display_name))):
        return present
    if isinstance(change.company_id, int):
        company = present if present and present.id == change.company_id else loaded.company
    else:
        company = loaded.company if said is not UNSET and fold(said) else None
    after.company_id = company.id if company else None
    text = None if said is UNSET else (said or "").strip() or None
    after.company_name = company.display_name if company else text
    return company


def _teams(loaded: Loaded, change: ContactChange) -> dict[int, str]:
    names = {**loaded.teams, **loaded.full.teams}
    return {one: names[one] for one in sorted(change.teams_after(loaded.full.teams))}


def _stamp(contact: Contact, actor: Actor, change: ContactChange, at: datetime) -> None:
    contact.updated_by = actor.id
    contact.updated_at = at if change.updated_at is UNSET else change.updated_at


def _claim(contact: Contact, change: ContactChange) -> str | None:
    return (fold(contact.email) or None) if change.email_is_unique else None


def _link_writes(ident: int | Made, loaded: Loaded, new: FullContact, event: Event) -> list[Write]:
    old = loaded.full
    known = {folded: number for folded, (number, _) in loaded.tags.items()}
    unknown = [title for title in new.tags if fold(title) not in known]
    return [
        *rows.informed(ident, old.infos, new.infos),
        *rows.managed(ident, old.managers, new.managers),
        *rows.tagged(ident, _numbers(known, old.tags), _numbers(known, new.tags)),
        *(write for place, title in enumerate(unknown) for write in _tag_writes(ident, title, f"tag{place}", event)),
        *rows.valued(ident, old.custom, new.custom),
        *_team_writes(ident, old, new, event),
    ]


def _numbers(known: Mapping[str, int], tags: Iterable[str]) -> list[int]:
    return [known[fold(title)] for title in tags if fold(title) in known]


def _tag_writes(ident: int | Made, title: str, made: str, event: Event) -> list[Write]:
    facts = {"subject": "contact", "title": title}
    created = replace(event, subject="tag", kinds=["tag.created"], before={}, after=facts)
    return [*rows.new_tag(ident, title, made), recorded(created, Made(made))]


def _team_writes(ident: int | Made, old: FullContact, new: FullContact, event: Event) -> list[Write]:
    come, gone = sorted(set(new.teams) - set(old.teams)), sorted(set(old.teams) - set(new.teams))
    member = {"member": new.contact.uid}
    changes = {**{one: ({}, member) for one in come}, **{one: (member, {}) for one in gone}}
    told = [
        recorded(replace(event, subject="team", kinds=["team.changed"], before=before, after=after), one)
        for one, (before, after) in changes.items()
    ]
    return [*rows.joined(ident, come, gone, event.actor_id, event.at), *told]


def _links_of(full: FullContact) -> dict[str, Any]:
    """Return what hangs on a contact as an event keeps it; what is empty is left out."""
    found = {
        "infos": [_info_facts(one) for one in full.infos],
        "managers": list(full.managers),
        "tags": list(full.tags),
        "custom": {str(key): value for key, value in full.custom.items()},
        "teams": list(full.teams),
    }
    return {name: value for name, value in found.items() if value}


def _info_facts(one: ContactInfo) -> dict[str, Any]:
    return {"kind": one.kind.name.lower(), "category": one.category, "data": one.data, "is_primary": one.is_primary}


def _changed_event(
    actor: Actor, at: datetime, names: list[str], old: FullContact, new: FullContact, kinds: Sequence[str]
) -> Event:
    before, after = values_of(old.contact, names), values_of(new.contact, names)
    if "extra" in names:
        then, now = old.contact.extra, new.contact.extra
        keys = [key for key in {**then, **now} if then.get(key) != now.get(key)]
        before["extra"] = {key: then.get(key) for key in keys}
        after["extra"] = {key: now.get(key) for key in keys}
    links_before, links_after = _links_of(old), _links_of(new)
    for name in {*links_before, *links_after}:
        if links_before.get(name) != links_after.get(name):
            before[name], after[name] = links_before.get(name), links_after.get(name)
    return happened(actor, at, "contact", list(kinds), before, after)
