"""Contacts as this dialect's full objects (contacts §1): a contactBase and what makes a person or a company."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.portal import Portal
from dealwright.dialects.onlyoffice.values import moment, without_defaults
from dealwright.dialects.onlyoffice.writing import contact_base, custom_fields, maker
from dealwright.domain.actor import Actor
from dealwright.domain.contact_info import ContactInfo, Info, address_parts
from dealwright.storage.contacts import FullContact
from dealwright.storage.rules import Item
from dealwright.storage.task_counts import ToDo

_USUAL = ("Home", "Work", "Other")
CATEGORIES: Final = {
    Info.PHONE: ("Home", "Work", "Mobile", "Fax", "Direct", "Other"),
    Info.ADDRESS: ("Home", "Delivery", "Office", "Billing", "Other", "Work"),
}


NOTHING_TO_DO: Final = ToDo()


def kind_of(shown: object) -> str:
    """Return what the list parameter `type` calls a contact object: `company` or `person` (conventions §7)."""
    return "company" if isinstance(shown, dict) and shown.get("isCompany") else "person"


def contact(portal: Portal, actor: Actor, full: FullContact, tasks: ToDo = NOTHING_TO_DO) -> Shown:
    """Return a contact in its single form: addresses are always told, tags never (contacts §1)."""
    return _head(portal, actor, full) | {"addresses": _addresses(full)} | _body(portal, actor, full, tasks)


def contact_row(portal: Portal, actor: Actor, full: FullContact, tasks: ToDo = NOTHING_TO_DO) -> Shown:
    """Return a contact in its list form: addresses and tags are told where there are any (contacts §1)."""
    shown = _head(portal, actor, full)
    if addresses := _addresses(full):
        shown["addresses"] = addresses
    if full.tags:
        shown["tags"] = sorted(full.tags)
    return shown | _body(portal, actor, full, tasks)


def _head(portal: Portal, actor: Actor, full: FullContact) -> Shown:
    """Return what a person has and a company has not, or the other way round."""
    own = full.contact
    if own.is_company:
        return without_defaults({"companyName": own.name, "personsCount": full.persons_count})
    company = full.company if full.company is not None and full.company.seen_by(actor) else None
    shown: Shown = {
        "firstName": own.first_name,
        "lastName": own.last_name,
        "company": None if company is None else contact_base(portal, actor, company),
        "title": own.job_title,
    }
    return without_defaults(shown)


def _body(portal: Portal, actor: Actor, full: FullContact, tasks: ToDo) -> Shown:
    own = full.contact
    status = portal.rules.items.get(own.status_id or 0)
    subject = "company" if own.is_company else "person"
    shown: Shown = {
        "createBy": maker(portal, own.created_by),
        "created": moment(own.created_at, portal.zone),
        "about": own.about or "",
        "industry": own.industry or "",
        "commonData": [info_shown(info) for info in newest(full) if info.kind is not Info.ADDRESS],
        "customFields": custom_fields(portal, own.id, full.custom, "contact", subject),
    }
    if status is not None:
        shown["contactStatus"] = status_shown(status)
    if tasks.count:
        shown["taskCount"] = tasks.count
    shown["haveLateTasks"] = tasks.late > 0
    return shown | contact_base(portal, actor, full.brief)


def status_shown(item: Item) -> Shown:
    """Return a status inside a contact; what is empty is left out (contacts §1)."""
    shown: Shown = {"id": item.id, "title": item.title, "description": item.description, "color": item.color}
    return without_defaults({**shown, "sortOrder": item.position})


def info_shown(info: ContactInfo) -> Shown:
    """Return a contactInfo: every member is always there (contacts §1)."""
    return {
        "id": info.id,
        "infoType": int(info.kind),
        "category": info.category,
        "data": info.data,
        "categoryName": category_name(info),
        "isPrimary": info.is_primary,
    }


def category_name(info: ContactInfo) -> str:
    """Return the name of an information's category, "" for a number that has none (contacts §1)."""
    names = CATEGORIES.get(info.kind, _USUAL)
    return names[info.category] if 0 <= info.category < len(names) else ""


def _addresses(full: FullContact) -> list[Shown]:
    return [_address(info) for info in newest(full) if info.kind is Info.ADDRESS]


def newest(full: FullContact) -> Iterator[ContactInfo]:
    """Run through what is known of a contact, the newest first as the contract lists it (contacts §3)."""
    return reversed(full.infos)


def _address(info: ContactInfo) -> Shown:
    rest: Shown = {"category": info.category, "categoryName": category_name(info), "isPrimary": info.is_primary}
    return {**address_parts(info.data), **without_defaults(rest)}
