"""What is known to reach a contact by: e-mails, phones, addresses and links, several of each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from dealwright.domain.errors import Problem
from dealwright.domain.text import fold, is_storable

ADDRESS_PARTS: Final = ("street", "city", "state", "zip", "country")
WORK: Final = 1


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
    """One e-mail, phone, address or link of a contact; an address holds its parts as JSON text. Id 0: new."""

    id: int = 0
    kind: Info
    data: str
    category: int = 0
    is_primary: bool = False


Infos = Sequence[ContactInfo]


def info_problem(info: ContactInfo) -> Problem | None:
    """Return why a piece of information cannot be kept, None if it can."""
    if not info.data.strip():
        return Problem("infos", "required", "is a required field", info.data)
    return None if is_storable(info.data) else Problem("infos", "format", "holds characters that cannot be kept")


def first_of(infos: Infos, kind: Info, category: int | None = None) -> ContactInfo | None:
    """Return the first information of a kind (and a category): the primary one, else the oldest."""
    found = [one for one in infos if one.kind is kind and category in (None, one.category)]
    return min(found, key=lambda one: (not one.is_primary, not one.id, one.id), default=None)


def primary_email(infos: Infos) -> str | None:
    """Return the primary e-mail; one that is not marked so does not count."""
    return next((one.data for one in infos if one.kind is Info.EMAIL and one.is_primary), None)


def with_kinds(infos: Infos, wanted: Mapping[Info, Infos]) -> list[ContactInfo]:
    """Return the information with exactly this of the kinds that are named; the other kinds stay.

    A piece with the id of a present one is that one, changed; one without an id that says what a present one says
    is that one too; any other is new.
    """
    after = [one for one in infos if one.kind not in wanted]
    known = {one.id for one in infos} - {one.id for one in after}
    mentioned = {each.id for pieces in wanted.values() for each in pieces}
    unused = [one for one in infos if one.id in known - mentioned]
    for kind, pieces in wanted.items():
        named = [_of_kind(each, kind, known) for each in pieces]
        after += [_settled(each, unused) for each in _one_primary(named)]
    return after


def with_pieces(infos: Infos, added: Infos, changed: Infos, removed: Sequence[int]) -> list[ContactInfo]:
    """Return the information with pieces added, replaced by their ids and taken away.

    Of several primary pieces of a kind the one that was said last is it.
    """
    said = {one.id: one for one in changed}
    after = [said.get(one.id, one) for one in infos if one.id not in removed]
    after += [replace(one, id=0) for one in added]
    first_new = len(after) - len(added)
    mentioned = [place for place, one in enumerate(after) if one.id in said or place >= first_new]
    primary = {after[place].kind: place for place in mentioned if after[place].is_primary}
    return [
        replace(one, is_primary=primary[one.kind] == place) if one.kind in primary else one
        for place, one in enumerate(after)
    ]


def _of_kind(piece: ContactInfo, kind: Info, known: set[int]) -> ContactInfo:
    ident = piece.id if piece.id in known else 0
    return piece if piece.kind is kind and piece.id == ident else replace(piece, kind=kind, id=ident)


def _settled(wanted: ContactInfo, unused: list[ContactInfo]) -> ContactInfo:
    same = next((one for one in unused if not wanted.id and replace(one, id=0) == wanted), None)
    if same is None:
        return wanted
    unused.remove(same)
    return same


def _one_primary(pieces: list[ContactInfo]) -> list[ContactInfo]:
    primary = next((one for one in pieces if one.is_primary), None)
    return [one if one.is_primary is (one is primary) else replace(one, is_primary=one is primary) for one in pieces]


def with_first(infos: Infos, kind: Info, category: int | None, data: str | None) -> list[ContactInfo]:
    """Return the information with this as the first of its kind (and category); None or blank takes it away."""
    present = first_of(infos, kind, category)
    if not data or not data.strip():
        return [one for one in infos if one is not present]
    if present is not None:
        return [replace(one, data=data) if one is present else one for one in infos]
    primary = not any(one.kind is kind and one.is_primary for one in infos)
    return [*infos, ContactInfo(kind=kind, data=data, category=category or 0, is_primary=primary)]


def with_email(infos: Infos, email: str | None) -> list[ContactInfo]:
    """Return the information with this as the primary e-mail; None or blank takes the primary one away."""
    present = next((one for one in infos if one.kind is Info.EMAIL and one.is_primary), None)
    email = (email or "").strip()
    if not email:
        return [one for one in infos if one is not present]
    if present is not None:
        return [replace(one, data=email) if one is present else one for one in infos]
    known = next((one for one in infos if one.kind is Info.EMAIL and fold(one.data) == fold(email)), None)
    if known is not None:
        return [replace(one, data=email, is_primary=True) if one is known else one for one in infos]
    return [*infos, ContactInfo(kind=Info.EMAIL, data=email, category=WORK, is_primary=True)]


def with_address(infos: Infos, parts: Mapping[str, str | None]) -> list[ContactInfo]:
    """Return the information with these parts set in the first address; an address without any part goes."""
    merged = {**address_of(infos), **parts}
    kept = {name: merged[name] for name in ADDRESS_PARTS if merged.get(name)}
    return with_first(infos, Info.ADDRESS, None, json.dumps(kept, ensure_ascii=False) if kept else None)


def address_of(infos: Infos) -> dict[str, str]:
    """Return the parts of the first address that are known: street, city, state, zip, country."""
    present = first_of(infos, Info.ADDRESS)
    return address_parts(present.data) if present else {}


def address_parts(data: str) -> dict[str, str]:
    """Return the parts that an address holds as JSON text; a text that is no JSON object is all street."""
    try:
        found = json.loads(data)
    except ValueError:
        return {"street": data}
    if not isinstance(found, dict):
        return {"street": data}
    return {name: str(found[name]) for name in ADDRESS_PARTS if found.get(name)}
