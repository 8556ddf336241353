"""Contacts: the people and companies we sell to, how they are named and who may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any, Final

from dealwright.domain.actor import Actor
from dealwright.domain.errors import Invalid, Problem
from dealwright.domain.text import is_storable
from dealwright.domain.values import UNSET, Unset

EMAIL_LENGTH: Final = 254


class Share(IntEnum):
    """Who sees a contact beside its managers; the numbers are stored (and ONLYOFFICE's)."""

    NOBODY = 0
    WRITE = 1
    READ = 2


class Info(IntEnum):
    """Kinds of contact information; the numbers are stored (and ONLYOFFICE's)."""

    PHONE = 0
    EMAIL = 1
    WEBSITE = 2
    SKYPE = 3
    TWITTER = 4
    LINKEDIN = 5
    FACEBOOK = 6
    ADDRESS = 7
    LIVEJOURNAL = 8
    MYSPACE = 9
    GMAIL = 10
    BLOGGER = 11
    YAHOO = 12
    MSN = 13
    ICQ = 14
    JABBER = 15
    AIM = 16
    VK = 17


@dataclass(slots=True, kw_only=True)
class ContactInfo:
    """One e-mail, phone, address or link of a contact; an address holds its parts as JSON text."""

    id: int = 0
    kind: Info
    data: str
    category: int = 0
    is_primary: bool = False


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

    def seen_by(self, actor: Actor) -> bool:
        """Tell whether this person may see the whole contact."""
        return self.sharing is not Share.NOBODY or actor.is_crm_admin or actor.uid in self.managers

    def edited_by(self, actor: Actor) -> bool:
        """Tell whether this person may change the contact."""
        return self.sharing is Share.WRITE or actor.is_crm_admin or actor.uid in self.managers


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
    """What a deed says about a contact; UNSET fields stay. `infos` replaces all information of the kinds it names."""

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
    infos: Sequence[ContactInfo] | Unset = UNSET
    tags: Sequence[str] | Unset = UNSET
    custom: Mapping[int, str | None] = field(default_factory=dict)
    email_is_unique: bool = False


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
        for name in change.__slots__
        if isinstance(value := getattr(change, name), str) and not is_storable(value)
    ]
    if isinstance(change.email, str) and len(change.email) > EMAIL_LENGTH:
        problems.append(Problem("email", "too_long", f"has at most {EMAIL_LENGTH} characters", change.email[:40]))
    if problems:
        raise Invalid(*problems)
    return change
