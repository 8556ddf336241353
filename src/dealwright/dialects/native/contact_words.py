"""Contacts between the wire and our words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final, get_args

from msgspec import UNSET

from dealwright.dialects.native import contact_shapes as shapes
from dealwright.dialects.native import members
from dealwright.dialects.native.contact_shapes import ContactPatch, InfoKind, Kind, SharingName
from dealwright.dialects.native.stamps import stamps
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.contact_info import ADDRESS_PARTS, ContactInfo, Info, Infos, address_parts
from dealwright.domain.errors import Invalid, Problem
from dealwright.storage.contacts import FullContact
from dealwright.storage.rules import Rules

SHARES: Final[dict[Share, SharingName]] = {Share.NOBODY: "managers", Share.READ: "read", Share.WRITE: "write"}
SHARES_BY_NAME: Final = {name: share for share, name in SHARES.items()}
KINDS: Final[dict[Info, InfoKind]] = {Info[name.upper()]: name for name in get_args(InfoKind)}
KINDS_BY_NAME: Final = {name: kind for kind, name in KINDS.items()}
POINTERS: Final[Mapping[str, str]] = {
    "is_company": "kind",
    "managers": "manager_ids",
    "teams": "team_ids",
    "tag": "tags",
}
"""Where our fields stand in the documents of this face."""

_PLAIN: Final = (
    *("first_name", "last_name", "name", "company_id", "company_name", "email", "job_title", "about", "industry"),
    *("currency", "status_id", "type_id", "active", "archived", "notes", "tags", "system_id"),
)


def contact(rules: Rules, full: FullContact) -> shapes.Contact:
    """Return a contact."""
    own = full.contact
    kind: Kind = "company" if own.is_company else "person"
    known = rules.users_by_uid
    return shapes.Contact(
        **stamps(own),
        kind=kind,
        display_name=own.display_name,
        first_name=own.first_name,
        last_name=own.last_name,
        name=own.name,
        company_id=own.company_id,
        company_name=own.company_name,
        email=own.email,
        job_title=own.job_title,
        about=own.about,
        industry=own.industry,
        currency=own.currency,
        status_id=own.status_id,
        type_id=own.type_id,
        sharing=SHARES[own.sharing],
        manager_ids=sorted(user.id for uid in full.managers if (user := known.get(uid))),
        team_ids=sorted(full.teams),
        active=own.active,
        archived=own.archived,
        notes=own.notes,
        infos=[_info(one) for one in _sorted(full.infos) if one.kind is not Info.ADDRESS],
        addresses=[_address(one) for one in _sorted(full.infos) if one.kind is Info.ADDRESS],
        tags=list(full.tags),
        custom={str(key): value for key, value in full.custom.items()},
    )


def _sorted(infos: Infos) -> list[ContactInfo]:
    return sorted(infos, key=lambda one: one.id)


def _info(one: ContactInfo) -> shapes.Info:
    return shapes.Info(
        id=one.id, kind=KINDS[one.kind], value=one.data, category=one.category, is_primary=one.is_primary
    )


def _address(one: ContactInfo) -> shapes.Address:
    parts = dict.fromkeys(ADDRESS_PARTS, "") | address_parts(one.data)
    return shapes.Address(id=one.id, category=one.category, is_primary=one.is_primary, **parts)


def change_of(said: ContactPatch, rules: Rules) -> ContactChange:
    """Return the change that a patch means. Refuses with Invalid."""
    change = ContactChange()
    members.say(change, said, _PLAIN)
    if said.kind is not UNSET:
        change.is_company = said.kind == "company"
    if said.sharing is not UNSET:
        change.sharing = SHARES_BY_NAME[said.sharing]
    if said.team_ids is not UNSET:
        change.teams = said.team_ids
    if said.custom is not UNSET:
        change.custom = {int(key): value for key, value in said.custom.items()}
    if infos := dict(_kinds_said(said)):
        change.infos = infos
    if said.manager_ids is not UNSET:
        if unknown := [one for one in said.manager_ids if one not in rules.users]:
            raise Invalid(*(Problem("managers", "unknown", f"{one} is no user") for one in unknown))
        change.managers = [rules.users[one].uid for one in said.manager_ids]
    return change


def _kinds_said(said: ContactPatch) -> Iterator[tuple[Info, Infos]]:
    """What is said of infos is everything there is of all kinds, so kinds that are not mentioned have none."""
    if said.infos is not UNSET:
        pieces = [_piece(one) for one in said.infos]
        yield from ((kind, [piece for piece in pieces if piece.kind is kind]) for kind in KINDS)
    if said.addresses is not UNSET:
        yield Info.ADDRESS, [_address_piece(one) for one in said.addresses]


def _piece(one: shapes.InfoSaid) -> ContactInfo:
    return ContactInfo(
        id=0 if one.id is UNSET else one.id,
        kind=KINDS_BY_NAME[one.kind],
        data=one.value,
        category=one.category,
        is_primary=one.is_primary,
    )


def _address_piece(one: shapes.AddressSaid) -> ContactInfo:
    parts = {name: value for name in ADDRESS_PARTS if (value := getattr(one, name))}
    return ContactInfo(
        id=0 if one.id is UNSET else one.id,
        kind=Info.ADDRESS,
        data=json.dumps(parts, ensure_ascii=False),
        category=one.category,
        is_primary=one.is_primary,
    )
