"""Contacts: the people and companies we sell to, how they are named and who may see them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum
from typing import Any, Final

from dealwright.domain.actor import Actor
from dealwright.domain.contact_info import (
    ContactInfo,
    Info,
    Infos,
    info_problem,
    primary_email,
    with_address,
    with_email,
    with_first,
    with_kinds,
    with_pieces,
)
from dealwright.domain.errors import Invalid, Problem
from dealwright.domain.text import fold, is_storable
from dealwright.domain.values import UNSET, Unset

EMAIL_LENGTH: Final = 254
NAME_LENGTH: Final = 255
_LENGTHS: Final = {
    "email": EMAIL_LENGTH,
    **dict.fromkeys(("first_name", "last_name", "name", "company_name"), NAME_LENGTH),
}


class Share(IntEnum):
    """Who sees a contact beside its managers; the numbers are stored (and ONLYOFFICE's)."""

    NOBODY = 0
    WRITE = 1
    READ = 2


@dataclass(frozen=True, slots=True)
class Brief:
    """The card of a contact: what everybody who sees a deal sees of its primary contact, and what access needs."""

    id: int
    is_company: bool
    display_name: str
    sharing: Share
    currency: str | None
    email: str | None
    company_name: str | None
    managers: tuple[str, ...]
    invoiced: bool = False

    def seen_by(self, actor: Actor) -> bool:
        """Tell whether this person may see the whole contact."""
        return self.sharing is not Share.NOBODY or actor.is_crm_admin or actor.uid in self.managers

    def edited_by(self, actor: Actor) -> bool:
        """Tell whether this person may change the contact."""
        return self.sharing is Share.WRITE or actor.is_crm_admin or actor.uid in self.managers

    def deleted_by(self, actor: Actor) -> bool:
        """Tell whether this person may delete the contact: whoever may change it, unless an invoice names it."""
        return self.edited_by(actor) and not self.invoiced


@dataclass(slots=True, kw_only=True)
class Contact:
    """A person or a company. `extra` keeps what a vendor's record holds beyond a CRM."""

    id: int
    uid: str
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: int | None = None
    updated_by: int | None = None
    system_id: str | None = None
    is_company: bool = False
    first_name: str = ""
    last_name: str = ""
    name: str = ""
    display_name: str = ""
    company_id: int | None = None
    company_name: str | None = None
    email: str | None = None
    job_title: str | None = None
    about: str | None = None
    industry: str | None = None
    currency: str | None = None
    status_id: int | None = None
    type_id: int | None = None
    sharing: Share = Share.WRITE
    active: bool = True
    archived: bool = False
    notes: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class ContactChange:
    """What a deed says about a contact: for each field nothing (UNSET) or a value.

    `email` is the primary e-mail. `infos` says everything there is of the kinds it names; `added_infos` come beside
    what is there, `changed_infos` replace those of their ids, `removed_infos` (ids) go; `firsts` sets the first
    information of a kind and category (None: any category), None takes it away; `address` sets parts of the first
    address. `company_name` links a person to the company of exactly that name where there is one. `managers` and
    `tags` (titles) replace, `teams` (ids) too, and their deltas come after. `extra` holds the members to set, None
    takes one away, the others stay. `custom` maps field ids to values; None clears. `email_is_unique` refuses an e-mail
    that another contact has; `keeps_values` takes custom values unchecked.
    """

    is_company: bool | Unset = UNSET
    first_name: str | Unset = UNSET
    last_name: str | Unset = UNSET
    name: str | Unset = UNSET
    company_id: int | Unset | None = UNSET
    company_name: str | Unset | None = UNSET
    email: str | Unset | None = UNSET
    job_title: str | Unset | None = UNSET
    about: str | Unset | None = UNSET
    industry: str | Unset | None = UNSET
    currency: str | Unset | None = UNSET
    status_id: int | Unset | None = UNSET
    type_id: int | Unset | None = UNSET
    sharing: Share | Unset = UNSET
    managers: Sequence[str] | Unset = UNSET
    active: bool | Unset = UNSET
    archived: bool | Unset = UNSET
    notes: str | Unset | None = UNSET
    system_id: str | Unset | None = UNSET
    extra: Mapping[str, Any] | Unset = UNSET
    infos: Mapping[Info, Infos] | Unset = UNSET
    added_infos: Infos = ()
    changed_infos: Infos = ()
    removed_infos: Sequence[int] = ()
    firsts: Mapping[tuple[Info, int | None], str | None] = field(default_factory=dict)
    address: Mapping[str, str | None] | Unset = UNSET
    tags: Sequence[str] | Unset = UNSET
    teams: Sequence[int] | Unset = UNSET
    added_teams: Sequence[int] = ()
    removed_teams: Sequence[int] = ()
    custom: Mapping[int, str | None] = field(default_factory=dict)
    created_at: datetime | Unset = UNSET
    updated_at: datetime | Unset = UNSET
    email_is_unique: bool = False
    keeps_values: bool = False

    def teams_after(self, present: Iterable[int]) -> set[int]:
        """Return the teams of a contact afterwards."""
        return replaced(present, self.teams, self.added_teams, self.removed_teams)


_PLAIN: Final = (
    *("is_company", "first_name", "last_name", "name", "job_title", "about", "industry", "currency"),
    *("status_id", "type_id", "sharing", "active", "archived", "notes", "system_id", "created_at"),
)
COMPARED: Final = tuple(
    name for name in Contact.__slots__ if name not in {"id", "uid", "version", "updated_at", "updated_by"}
)
"""Fields whose difference makes a change a change."""


def replaced(
    present: Iterable[int], whole: Iterable[int] | Unset, added: Iterable[int], gone: Iterable[int]
) -> set[int]:
    """Return a set of ids after a change: the whole new set if there is one, then what is added and taken away."""
    start = set(present) if whole is UNSET else set(whole)
    return (start | set(added)) - set(gone)


def display_name(is_company: bool, first: str, last: str, name: str) -> str:
    """Return how a contact is shown: a company by its name, a person as `First Last`."""
    return name.strip() if is_company else f"{first} {last}".strip()


def names_of(full_name: str) -> tuple[str, str]:
    """Return first and last name of a full name: split at the last space."""
    first, _, last = full_name.strip().rpartition(" ")
    return (first.strip(), last) if first else (last, "")


def checked(change: ContactChange) -> ContactChange:
    """Return the change if its texts can be kept; refuses with Invalid listing those that cannot."""
    problems = [
        Problem(name, "format", "holds characters that cannot be kept", value)
        for name, value in _texts(change)
        if not is_storable(value)
    ]
    problems += [
        Problem(name, "too_long", f"has at most {limit} characters", value[:40])
        for name, limit in _LENGTHS.items()
        if isinstance(value := getattr(change, name), str) and len(value) > limit
    ]
    pieces = [*change.added_infos, *change.changed_infos]
    if change.infos is not UNSET:
        pieces += [one for some in change.infos.values() for one in some]
    problems += [problem for one in pieces if (problem := info_problem(one))]
    if problems:
        raise Invalid(*problems)
    return change


def _texts(change: ContactChange) -> Iterator[tuple[str, str]]:
    """Every text of a change beside those of `infos`, under the name of its field."""
    for name in change.__slots__:
        value = getattr(change, name)
        if value is UNSET:
            continue
        if isinstance(value, Mapping):
            value = list(value.values())
        for text in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(text, str):
                yield name, text


def changed(before: Contact, change: ContactChange) -> Contact:
    """Return the contact as it is after a change; what it is linked to and its information are not decided here."""
    after = replace(before, **{name: value for name in _PLAIN if (value := getattr(change, name)) is not UNSET})
    if change.extra is not UNSET:
        after.extra = {k: v for k, v in {**before.extra, **change.extra}.items() if v is not None}
    if after.is_company is not before.is_company:
        _renamed(after, before, change)
    after.first_name, after.last_name, after.name = (
        after.first_name.strip(),
        after.last_name.strip(),
        after.name.strip(),
    )
    after.display_name = display_name(after.is_company, after.first_name, after.last_name, after.name)
    return after


def _renamed(after: Contact, before: Contact, change: ContactChange) -> None:
    """Give somebody who was a person the name of a company, or the other way round, unless the change says one."""
    if after.is_company:
        after.first_name = after.last_name = ""
        after.name = before.display_name if change.name is UNSET else change.name
    else:
        after.name = ""
        if change.first_name is UNSET and change.last_name is UNSET:
            after.first_name, after.last_name = names_of(before.name)


def name_problem(contact: Contact) -> Problem | None:
    """Return what a contact's name lacks: nobody is without one."""
    if contact.display_name:
        return None
    return Problem("name" if contact.is_company else "first_name", "required", "is a required field", "")


def infos_after(before: Infos, change: ContactChange) -> list[ContactInfo]:
    """Return all information of a contact after a change; what is new has the id 0."""
    infos = list(before) if change.infos is UNSET else with_kinds(before, change.infos)
    infos = with_pieces(infos, change.added_infos, change.changed_infos, change.removed_infos)
    for (kind, category), data in change.firsts.items():
        infos = with_first(infos, kind, category, data)
    if change.address is not UNSET:
        infos = with_address(infos, change.address)
    return infos if change.email is UNSET else with_email(infos, change.email)


def wanted_email(change: ContactChange) -> str | None:
    """Return the e-mail that a change makes the primary one, None where it makes none."""
    return primary_email(infos_after((), change))


def managers_after(present: Sequence[str], sharing: Share, change: ContactChange, actor: Actor) -> tuple[str, ...]:
    """Return the managers after a change: who makes a contact private is among them, or sees it anyway."""
    wanted = set(present if change.managers is UNSET else change.managers)
    says = change.sharing is not UNSET or change.managers is not UNSET
    if says and sharing is Share.NOBODY and not actor.is_crm_admin:
        wanted.add(actor.uid)
    return tuple(sorted(wanted))


def titles(tags: Iterable[str]) -> dict[str, str]:
    """Return tag titles by their folded twin: without blanks, each once, the first spelling counts."""
    found: dict[str, str] = {}
    for title in tags:
        if title.strip():
            found.setdefault(fold(title), title.strip())
    return found


def differences(before: Contact, after: Contact) -> list[str]:
    """Return the names of the fields that differ, the bookkeeping left out."""
    return [name for name in COMPARED if getattr(before, name) != getattr(after, name)]
