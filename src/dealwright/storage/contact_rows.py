"""The writes of a contact: its row, what is known of it, its links and the words of search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from dealwright.domain.contact import Contact
from dealwright.domain.contact_info import ContactInfo
from dealwright.domain.text import fold, search_words
from dealwright.domain.values import micros
from dealwright.storage.schema import (
    contact,
    contact_info,
    contact_manager,
    contact_tag,
    contact_value,
    tag,
    team,
    team_contact,
)
from dealwright.storage.writes import (
    Change,
    Index,
    Insert,
    InsertMany,
    Made,
    Remove,
    Write,
    replaced,
    revalued,
    versioned,
)

NEW = Made("contact")


def stored(whole: Contact, names: Iterable[str]) -> dict[str, Any]:
    """Return the columns that hold these fields of a contact."""
    columns: dict[str, Any] = {}
    for name in names:
        value = getattr(whole, name)
        columns[name] = micros(value) if isinstance(value, datetime) else value
    if "sharing" in columns:
        columns["sharing"] = int(whole.sharing)
    if "extra" in columns:
        columns["extra"] = msgspec.json.encode(whole.extra).decode()
    if "display_name" in columns:
        columns["display_fold"] = fold(whole.display_name)
    if "email" in columns:
        columns["email_fold"] = fold(whole.email) or None
    return columns


def inserted(whole: Contact, claim: str | None) -> Insert:
    """Return the write of a new contact, whose id will be known as `contact`; `claim` is an e-mail of its own."""
    columns = stored(whole, [name for name in Contact.__slots__ if name != "id"])
    return Insert(contact, {**columns, "email_claim": claim}, made=NEW.name)


def updated(whole: Contact, names: Sequence[str], version: int, claim: str | None) -> Change:
    """Return the guarded write of the fields that differ; a claim on an e-mail ends with the e-mail."""
    columns = stored(whole, [*names, "updated_at", "updated_by"])
    if "email" in columns:
        columns["email_claim"] = claim
    return versioned(contact, columns, whole.id, version)


def renamed_company(company: Contact) -> Change:
    """Return the write that gives people the new name of their company."""
    return Change(contact, {"company_name": company.display_name}, {"company_id": company.id}, add={"version": 1})


def searchable(whole: Contact, ident: int | Made) -> Index:
    """Return the write of the words under which a contact is found."""
    return Index("contact", ident, search_words(whole.display_name))


def informed(ident: int | Made, before: Sequence[ContactInfo], after: Sequence[ContactInfo]) -> list[Write]:
    """Return the writes that make the information of a contact what it is afterwards.

    The ids of new pieces will be known as `info0`, `info1` … in their order.
    """
    known = {one.id: one for one in before}
    writes: list[Write] = []
    if gone := sorted(set(known) - {one.id for one in after}):
        writes.append(Remove(contact_info, {"contact_id": ident, "id": gone}))
    differing = [one for one in after if one.id and one != known[one.id]]
    writes += [Change(contact_info, _info(one), {"id": one.id, "contact_id": ident}) for one in differing]
    new = [one for one in after if not one.id]
    writes += [
        Insert(contact_info, {"contact_id": ident, **_info(one)}, made=f"info{place}") for place, one in enumerate(new)
    ]
    return writes


def _info(one: ContactInfo) -> dict[str, Any]:
    kind = {"kind": int(one.kind), "category": one.category, "is_primary": one.is_primary}
    return {**kind, "data": one.data, "data_fold": fold(one.data)}


def managed(ident: int | Made, before: Iterable[str], after: Iterable[str]) -> list[Write]:
    """Return the writes that replace the managers of a contact."""
    return replaced(contact_manager, ("contact_id", "user_uid"), ident, before, after)


def tagged(ident: int | Made, before: Iterable[int], after: Iterable[int]) -> list[Write]:
    """Return the writes that replace the tags of a contact."""
    return replaced(contact_tag, ("contact_id", "tag_id"), ident, before, after)


def new_tag(ident: int | Made, title: str, made: str) -> list[Write]:
    """Return the writes of a tag that nobody had yet; its id will be known by the name given."""
    columns = {"subject": "contact", "title": title, "title_fold": fold(title)}
    return [Insert(tag, columns, made=made), Insert(contact_tag, {"contact_id": ident, "tag_id": Made(made)})]


def valued(ident: int | Made, before: Mapping[int, str], after: Mapping[int, str]) -> list[Write]:
    """Return the writes that make the custom values of a contact what they are afterwards."""
    return revalued(contact_value, "contact_id", ident, before, after)


def joined(ident: int | Made, come: Sequence[int], gone: Sequence[int], by: int | None, at: datetime) -> list[Write]:
    """Return the writes that make a contact a member of teams and take it out of others; the teams changed too."""
    writes: list[Write] = []
    if gone:
        writes.append(Change(team_contact, {"is_member": False}, {"contact_id": ident, "team_id": list(gone)}))
    if come:
        columns = ("team_id", "contact_id", "is_member")
        writes.append(InsertMany(team_contact, columns, [(one, ident, True) for one in come], keys=columns[:2]))
    if teams := sorted({*come, *gone}):
        stamp = {"updated_at": micros(at), "updated_by": by}
        writes.append(Change(team, stamp, {"id": teams}, add={"version": 1}))
    return writes
