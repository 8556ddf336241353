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


async def set_numbering(db: Database, actor: Actor, wanted: Numbering) -> Numbering:
    """Say how new invoices are numbered and return it. Refuses with Forbidden unless a CRM administrator asks, Invalid.

    Where numbers are not automatic, an empty prefix or number leaves what there is.
    """
    present = numbering(db.rules)
    new = Numbering(wanted.automatic, wanted.prefix, wanted.first or ("" if wanted.automatic else present.first))
    if actor.is_crm_admin:
        refuse(numbering_problems(new))
    said = {AUTOMATIC: "true" if new.automatic else "false", PREFIX: new.prefix, FIRST: new.first}
    await keep(db, actor, said)
    return new


async def set_terms(db: Database, actor: Actor, said: str) -> str:
    """Say the terms that a new invoice begins with and return them. Refuses with Forbidden and Invalid."""
    if actor.is_crm_admin:
        too_long = Problem("terms", "too_long", f"has at most {TERMS_LENGTH} characters")
        refuse(found(text_problem("terms", said), too_long if len(said) > TERMS_LENGTH else None))
    await keep(db, actor, {TERMS: said})
    return said


async def set_name(db: Database, actor: Actor, name: str) -> str:
    """Say what the organisation is called and return it. Refuses with Forbidden and Invalid."""
    if actor.is_crm_admin:
        too_long = Problem("company_name", "too_long", f"has at most {NAME_LENGTH} characters")
        refuse(found(text_problem("company_name", name), too_long if len(name) > NAME_LENGTH else None))
    await keep(db, actor, {NAME: name})
    return name


async def set_address(db: Database, actor: Actor, parts: Mapping[str, str]) -> dict[str, str]:
    """Say where the organisation is and return it: street, city, state, zip, country. Refuses as `set_name`."""
    known = {name: parts.get(name) or "" for name in ADDRESS_PARTS}
    if actor.is_crm_admin:
        too_long = Problem("address", "too_long", f"has at most {ADDRESS_LENGTH} characters")
        length = sum(map(len, known.values()))
        refuse([*text_problems(known.items()), *found(too_long if length > ADDRESS_LENGTH else None)])
    await keep(db, actor, {ADDRESS: json.dumps(known, ensure_ascii=False) if any(known.values()) else ""})
    return known
