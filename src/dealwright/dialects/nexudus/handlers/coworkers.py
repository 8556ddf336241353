"""Customers: how a contact is shown, and what a body says about one (related, Coworker; domain, Contact)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from dealwright.actions import contacts
from dealwright.dialects.nexudus.entities.coworkers import COWORKER
from dealwright.dialects.nexudus.entity import Verb
from dealwright.dialects.nexudus.handlers import accounts, pictures
from dealwright.dialects.nexudus.handlers.afterwards import afterwards
from dealwright.dialects.nexudus.handlers.pictures import Pictures
from dealwright.dialects.nexudus.handling import Call, Done, Handler, Listed
from dealwright.dialects.nexudus.keeping import kept_changes, known, locations_after
from dealwright.dialects.nexudus.reading import Body, Command
from dealwright.dialects.nexudus.shown import Values, custom_change, custom_items, standard
from dealwright.dialects.nexudus.sources import Tables, Walk
from dealwright.domain.actor import Standing
from dealwright.domain.contact import Contact, ContactChange, names_of
from dealwright.domain.contact_info import Info, Infos, address_of, first_of
from dealwright.domain.errors import invalid
from dealwright.domain.people import UserChange
from dealwright.domain.text import fold
from dealwright.storage import contacts as store
from dealwright.storage.contacts import FullContact
from dealwright.storage.rules import Rules

_PERSON, _COMPANY = 1, 2
_WORK, _MOBILE = 1, 2
_PLAIN: Final = ("job_title", "about", "industry", "company_name", "active", "archived", "notes", "system_id")
_FIRSTS: Final[Mapping[str, tuple[Info, int | None]]] = {
    "mobile_phone": (Info.PHONE, _MOBILE),
    "landline": (Info.PHONE, _WORK),
    "website": (Info.WEBSITE, None),
    "twitter": (Info.TWITTER, None),
    "facebook": (Info.FACEBOOK, None),
    "linkedin": (Info.LINKEDIN, None),
    "skype": (Info.SKYPE, None),
}
"""Members that are the first piece of information of a kind and category."""
_ADDRESS: Final = {"street": "street", "city": "city", "state": "state", "post_code": "zip"}
WALKS: Final[Mapping[str, Walk]] = {"kind": ("is_company", lambda kind: kind == _COMPANY)}


async def _one(call: Call, record_id: int) -> FullContact:
    return await store.read(call.db, call.actor, record_id)


async def _gone(call: Call, record_id: int) -> FullContact:
    return (await store.read_trashed(call.db, call.actor, record_id))[0]


async def _many(call: Call, ids: Sequence[int]) -> list[FullContact]:
    return await store.read_many(call.db, call.actor, ids)


def shown(rules: Rules, full: FullContact) -> Values:
    """Return a contact in our words, with everything that we only keep."""
    contact = full.contact
    stamps = (contact.created_at, contact.updated_at, contact.updated_by)
    return {
        **_from_kept(rules, contact),
        **standard(rules, contact.id, contact.uid, contact.system_id, stamps),
        **{name: getattr(contact, name) for name in _PLAIN},
        **_reached(full.infos),
        **_of_teams(full),
        "kind": _COMPANY if contact.is_company else _PERSON,
        "display_name": contact.display_name,
        "email": contact.email,
        "company_name": contact.company_name or (contact.display_name if contact.is_company else None),
        "tags": _tags(full),
        "locations": list(contact.extra.get("Businesses", ())),
        "AvatarFileName": full.photo,
        "BannerImageFileName": full.banner,
        "custom": custom_items(rules, full.custom, "contact", _subject(contact.is_company)),
    }


def _from_kept(rules: Rules, contact: Contact) -> Values:
    """Return the members that we only keep, and those that follow from them and from the name."""
    kept = known(COWORKER, contact.extra)
    user = rules.users.get(kept.get("UserId") or 0)
    home = rules.locations.get(kept.get("InvoicingBusinessId") or 0)
    places = (rules.locations.get(one) for one in contact.extra.get("Businesses", ()))
    first, last = names_of(contact.display_name)
    return {
        "CountryId": rules.location.country_id,
        "SimpleTimeZoneId": rules.location.time_zone_id,
        "RegistrationDate": contact.created_at,
        **kept,
        "InvoicingBusinessName": home.name if home else None,
        "BusinessNames": ",".join(place.name for place in places if place) or None,
        "UserFullName": user.name if user else None,
        "UserActive": user.active if user else None,
        "UserIsAdmin": user.standing is not Standing.GUEST if user else None,
        "ShortDescription": f"{contact.display_name} ({contact.id})",
        **dict.fromkeys(("GuessedFirstName", "GuessedFirstNameForInvoice"), contact.first_name or first),
        **dict.fromkeys(("GuessedLastName", "GuessedLastNameForInvoice"), contact.last_name or last),
    }


def _reached(infos: Infos) -> Values:
    found = {name: first_of(infos, *kind) for name, kind in _FIRSTS.items()}
    address = address_of(infos)
    return {
        **{name: one.data if one else None for name, one in found.items()},
        **{name: address.get(part) for name, part in _ADDRESS.items()},
    }


def _of_teams(full: FullContact) -> Values:
    ids, names = list(full.teams), list(full.teams.values())
    return {
        "teams": ids,
        "team_id": ids[0] if ids else None,
        "team_name": names[0] if names else None,
        "team_ids": ",".join(map(str, ids)) or None,
        "team_names": ",".join(names) or None,
    }


def _split(tags: str | None) -> list[str]:
    return [title.strip() for title in (tags or "").split(",") if title.strip()]


def _tags(full: FullContact) -> str | None:
    """Return the tags as they were written here, unless they have been changed elsewhere since."""
    written = full.contact.extra.get("ProfileTags")
    if written is not None and {fold(title) for title in _split(written)} == {fold(title) for title in full.tags}:
        return str(written)
    return ", ".join(full.tags) or None


def _subject(is_company: bool) -> str:
    return "company" if is_company else "person"


def _change(rules: Rules, body: Body, present: FullContact | None) -> ContactChange:
    said: Mapping[str, Any] = body.values
    is_company = said["kind"] == _COMPANY
    change = ContactChange(**{name: said[name] for name in _PLAIN if name in said}, email_is_unique=True)
    change.is_company = is_company
    _name(change, said["display_name"], present.contact if present else None)
    change.email = said["email"]
    change.firsts = {kind: said[name] for name, kind in _FIRSTS.items()}
    change.address = {part: said[name] for name, part in _ADDRESS.items()}
    change.tags = _split(said["tags"])
    teams = body.collections.get("teams")
    if teams is not None:
        change.added_teams, change.removed_teams = teams.added, teams.removed
        if teams.whole is not None:
            change.teams = teams.whole
    if "custom" in said:
        change.custom = custom_change(rules, said["custom"], "contact", _subject(is_company))
    kept = kept_changes(COWORKER, body, {})
    extra = locations_after(rules, body, {**(present.contact.extra if present else {}), **kept})
    change.extra = {**extra, "ProfileTags": said["tags"]}
    return change


def _name(change: ContactChange, full_name: str, present: Contact | None) -> None:
    """Set the name, unless it is the present one: that must not be split anew."""
    if present and full_name == present.display_name and change.is_company is present.is_company:
        return
    if change.is_company:
        change.name = full_name
    else:
        change.first_name, change.last_name = names_of(full_name)


async def create(call: Call, body: Body) -> Done:
    """Make a contact; see actions.contacts.create. It gets a code of five digits where none is given.

    What is at the addresses of its pictures is fetched before: if it is none, nothing is made.
    """
    change, account = _change(call.db.rules, body, None), accounts.said(call, body, None)
    hanging = await pictures.said(call, body)
    code = f"{secrets.randbelow(100_000):05}"
    change.extra = {"AccessPincode": code, **_mapping(change.extra)}
    contact = (await contacts.create(call.db, call.actor, change)).contact
    return await _finished(call, contact, hanging, account)


async def _finished(call: Call, contact: Contact, hanging: Pictures, account: UserChange | None) -> Done:
    """Do what belongs to a contact that was written: its pictures, its account."""
    at = await afterwards(call, lambda mine: pictures.hang(mine, contact.id, hanging, contact.updated_at))
    return Done(contact.id, await afterwards(call, lambda mine: accounts.make(mine, contact.id, account, at)))


def _mapping(extra: object) -> Mapping[str, Any]:
    assert isinstance(extra, Mapping)
    return {name: value for name, value in extra.items() if value is not None}


async def change(call: Call, body: Body) -> Done:
    """Replace a contact; see actions.contacts.change. No e-mail may be told where the contact has none."""
    present = await store.read(call.db, call.actor, body.id)
    if body.owed and present.contact.email is not None:
        raise invalid("email", "required", "is a required field")
    account, hanging = accounts.said(call, body, present.contact), await pictures.said(call, body)
    full = await contacts.change(call.db, call.actor, body.id, _change(call.db.rules, body, present))
    return await _finished(call, full.contact, hanging, account)


async def run_delete(call: Call, command: Command) -> str:
    """Move contacts to the trash; see actions.contacts.delete (related, Coworker: there is no DELETE)."""
    for contact_id in command.ids:
        await contacts.delete(call.db, call.actor, contact_id)
    return "Coworker was successfully deleted."


COWORKERS: Final = Handler(
    entity=COWORKER,
    source=Tables(COWORKER, "contact", _one, _many, shown, WALKS, _gone),
    create=create,
    change=change,
    download=pictures.opened,
    commands={"COWORKER_DELETE": Listed("COWORKER_DELETE", "Delete customers", run_delete)},
    checked=frozenset({Verb.CREATE, Verb.UPDATE}),
)
