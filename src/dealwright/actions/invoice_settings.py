"""Deeds on what invoices have in common: their numbers, their terms, and the organisation that sends them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dealwright.actions.portal_settings import keep
from dealwright.actions.rule_deeds import refuse
from dealwright.domain.actor import Actor
from dealwright.domain.contact_info import ADDRESS_PARTS, address_parts
from dealwright.domain.errors import Problem
from dealwright.domain.invoice import ADDRESS_LENGTH, Numbering, numbering_problems
from dealwright.domain.naming import NAME_LENGTH, found, text_problem, text_problems
from dealwright.domain.values import UNSET, Unset
from dealwright.storage.database import Database
from dealwright.storage.rules import Rules

AUTOMATIC: Final = "invoice.automatic"
PREFIX: Final = "invoice.prefix"
FIRST: Final = "invoice.number"
TERMS: Final = "invoice.terms"
NAME: Final = "organisation.name"
ADDRESS: Final = "organisation.address"
LOGO: Final = "organisation.logo"
TERMS_LENGTH: Final = 20_000


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who sends the invoices: a name, an address by its parts, the id of a logo's file (0: none)."""

    name: str
    address: Mapping[str, str]
    logo_id: int


def numbering(rules: Rules) -> Numbering:
    """Return how new invoices are numbered."""
    said, usual = rules.settings, Numbering()
    automatic = said.get(AUTOMATIC, "true") == "true"
    return Numbering(automatic, said.get(PREFIX, usual.prefix), said.get(FIRST) or usual.first)


def terms(rules: Rules) -> str:
    """Return the terms that a new invoice begins with."""
    return rules.settings.get(TERMS, "")


def organisation(rules: Rules) -> Organisation:
    """Return who sends the invoices."""
    said = rules.settings
    address = address_parts(said[ADDRESS]) if said.get(ADDRESS) else {}
    return Organisation(said.get(NAME, ""), address, int(said.get(LOGO) or 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsChange:
    """What is said about how invoices are made and who sends them: for each nothing (UNSET) or a value.

    Without automatic numbers an empty `first` leaves what there is; of an address all parts are said.
    """

    automatic: bool | Unset = UNSET
    prefix: str | Unset = UNSET
    first: str | Unset = UNSET
    terms: str | Unset = UNSET
    name: str | Unset = UNSET
    address: Mapping[str, str] | Unset = UNSET


async def change(db: Database, actor: Actor, said: SettingsChange) -> None:
    """Say several of these settings at once, one event for all. Refuses with Forbidden unless a CRM administrator asks.

    Refuses with Invalid listing everything that is wrong: "prefix", "number", "terms", "company_name", "address".
    """
    wanted = _numbering_after(numbering(db.rules), said)
    if actor.is_crm_admin:
        refuse([*(numbering_problems(wanted) if wanted else []), *_problems(said)])
    await keep(db, actor, {**(_numbering_kept(wanted) if wanted else {}), **_kept(said)})


def _numbering_after(present: Numbering, said: SettingsChange) -> Numbering | None:
    """Return the numbering as it will be, None where nothing is said of it."""
    if said.automatic is UNSET and said.prefix is UNSET and said.first is UNSET:
        return None
    automatic = present.automatic if said.automatic is UNSET else said.automatic
    first = present.first if said.first is UNSET else said.first
    prefix = present.prefix if said.prefix is UNSET else said.prefix
    return Numbering(automatic, prefix, first or ("" if automatic else present.first))


def _numbering_kept(wanted: Numbering) -> dict[str, str]:
    return {AUTOMATIC: "true" if wanted.automatic else "false", PREFIX: wanted.prefix, FIRST: wanted.first}


def _problems(said: SettingsChange) -> list[Problem]:
    problems: list[Problem] = []
    for field, text, most in (("terms", said.terms, TERMS_LENGTH), ("company_name", said.name, NAME_LENGTH)):
        if text is not UNSET:
            problems += found(text_problem(field, text), _too_long(field, len(text), most))
    if said.address is not UNSET:
        length = sum(map(len, said.address.values()))
        problems += [*text_problems(said.address.items()), *found(_too_long("address", length, ADDRESS_LENGTH))]
    return problems


def _too_long(field: str, length: int, most: int) -> Problem | None:
    return Problem(field, "too_long", f"has at most {most} characters") if length > most else None


def _kept(said: SettingsChange) -> dict[str, str]:
    texts = {name: text for name, text in ((TERMS, said.terms), (NAME, said.name)) if text is not UNSET}
    if said.address is not UNSET:
        known = {name: said.address.get(name) or "" for name in ADDRESS_PARTS}
        texts[ADDRESS] = json.dumps(known, ensure_ascii=False) if any(known.values()) else ""
    return texts


async def set_numbering(db: Database, actor: Actor, wanted: Numbering) -> Numbering:
    """Say how new invoices are numbered and return it. Refuses as `change`."""
    await change(db, actor, SettingsChange(automatic=wanted.automatic, prefix=wanted.prefix, first=wanted.first))
    return numbering(db.rules)


async def set_terms(db: Database, actor: Actor, said: str) -> str:
    """Say the terms that a new invoice begins with and return them. Refuses as `change`."""
    await change(db, actor, SettingsChange(terms=said))
    return said


async def set_name(db: Database, actor: Actor, name: str) -> str:
    """Say what the organisation is called and return it. Refuses as `change`."""
    await change(db, actor, SettingsChange(name=name))
    return name


async def set_address(db: Database, actor: Actor, parts: Mapping[str, str]) -> dict[str, str]:
    """Say where the organisation is and return it: street, city, state, zip, country. Refuses as `change`."""
    known = {name: parts.get(name) or "" for name in ADDRESS_PARTS}
    await change(db, actor, SettingsChange(address=known))
    return known
