"""Records of ours as this dialect's objects: person, currency, stage, contact, custom field, opportunity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.portal import Portal
from dealwright.dialects.onlyoffice.values import NO_GUID, Amount, moment, without_defaults
from dealwright.domain.actor import Actor
from dealwright.domain.contact import Brief, Share
from dealwright.domain.currency import Currency
from dealwright.domain.custom_field import CustomField, FieldType
from dealwright.domain.people import User
from dealwright.domain.photo import Size
from dealwright.domain.pipeline import Stage
from dealwright.storage.opportunities import Deal

AVATAR: Final = "/skins/default/images/default_user_photo_size_{0}-{0}.png"
NOBODY: Final[Shown] = {
    "id": NO_GUID,
    "displayName": "profile removed",
    "avatarSmall": AVATAR.format(32),
    "profileUrl": "",
}
"""Stands for a person that the portal does not know, or no longer (conventions §8)."""

_PHOTO = "{}/Products/CRM/HttpHandlers/filehandler.ashx?action=contactphotoulr&cid={}&isc={}&ps={}"
_PHOTO_SIZES: Final = {Size.SMALL: 1, Size.MEDIUM: 2, Size.BIG: 3}
_TEXT_MASK = '{"size":40}'


def person(portal: Portal, uid: str | None) -> Shown:
    """Return the short object of a person by uid (conventions §8)."""
    user = portal.rules.users_by_uid.get(uid or "")
    return NOBODY if user is None else person_of(portal, user)


def maker(portal: Portal, user_id: int | None) -> Shown:
    """Return the short object of the person who made a record (conventions §8)."""
    user = portal.rules.users.get(user_id or 0)
    return NOBODY if user is None else person_of(portal, user)


def person_of(portal: Portal, user: User) -> Shown:
    """Return the short object of a user; the title is left out where there is none (conventions §8)."""
    return portal.once("person", user.id, lambda: short_person(portal, user))


def short_person(portal: Portal, user: User) -> Shown:
    """Return the short object of a user as it is now, which may be newer than the portal's rules."""
    shown: Shown = {"id": user.uid, "displayName": user.name or user.user_name}
    if user.title:
        shown["title"] = user.title
    shown["avatarSmall"] = AVATAR.format(32)
    shown["profileUrl"] = f"{portal.url}/Products/People/Profile.aspx?user={quote(user.user_name)}"
    return shown


def currency_by_code(portal: Portal, code: str | None) -> Shown | None:
    """Return the currencyInfo of an ISO code, None for no code and for one that the portal does not know (§1.1)."""
    found = portal.rules.currencies.get(code or "")
    return None if found is None else portal.once("currency", found.code, lambda: currency_info(found))


def currency_info(currency: Currency) -> Shown:
    """Return a currencyInfo: every member is always there (opportunities §1.1)."""
    return {
        "title": currency.title,
        "symbol": currency.symbol,
        "abbreviation": currency.code,
        "cultureName": currency.culture,
        "isConvertable": currency.convertible,
        "isBasic": currency.basic,
    }


def stage_by_id(portal: Portal, stage_id: int) -> Shown | None:
    """Return the stageBase of a stage, None if there is none (opportunities §1.2)."""
    found = portal.rules.stages.get(stage_id)
    return None if found is None else portal.once("stage", found.id, lambda: stage_base(found))


def stage_base(stage: Stage) -> Shown:
    """Return a stageBase: never with an order, and without a color where there is none (opportunities §1.2)."""
    shown: Shown = {
        "successProbability": stage.probability,
        "stageType": int(stage.outcome),
        "title": stage.title,
        "description": stage.description,
    }
    if stage.color:
        shown["color"] = stage.color
    shown["id"] = stage.id
    return shown


def contact_base(portal: Portal, actor: Actor, brief: Brief) -> Shown:
    """Return a contactBase as the caller may use it; managers are told of a private contact alone (§1.1)."""
    private, editable = brief.sharing is Share.NOBODY, brief.edited_by(actor)
    shown: Shown = {
        "smallFotoUrl": photo_address(portal.url, brief.id, brief.is_company, Size.SMALL),
        "mediumFotoUrl": photo_address(portal.url, brief.id, brief.is_company, Size.MEDIUM),
        "displayName": brief.display_name,
        "isCompany": brief.is_company,
    }
    if private:
        shown["accessList"] = [person(portal, uid) for uid in brief.managers]
    return shown | {
        "isPrivate": private,
        "isShared": not private,
        "shareType": int(brief.sharing),
        "currency": currency_by_code(portal, brief.currency),
        "canEdit": editable and actor.may("Coworker-Edit"),
        "canDelete": brief.deleted_by(actor) and actor.may("Coworker-Delete"),
        "id": brief.id,
    }


def photo_address(url: str, contact_id: int, is_company: bool, size: Size) -> str:
    """Return where a contact's photo is sent in a size, or what stands for it (opportunities §1.1)."""
    return _PHOTO.format(url, contact_id, is_company, _PHOTO_SIZES[size])


def custom_field_base(field: CustomField, entity_id: int, value: str) -> Shown:
    """Return a customFieldBase: every member is always there; whole and decimal numbers are a TextField (§1.1)."""
    known = field.type <= FieldType.DATE
    return {
        "entityId": entity_id,
        "label": field.label,
        "fieldValue": value,
        "fieldType": int(field.type if known else FieldType.TEXT),
        "position": field.position,
        "mask": field.mask if known else field.mask or _TEXT_MASK,
        "id": field.id,
    }


def custom_fields(portal: Portal, entity_id: int, values: Mapping[int, str], *subjects: str) -> list[Shown]:
    """Return the fields of these kinds of record that have a value, and all headings, by position (§1.1)."""
    shown = []
    for field in portal.rules.fields_of(*subjects):
        value = values.get(field.id, "")
        if field.type is FieldType.HEADING:
            shown.append(custom_field_base(field, entity_id, ""))
        elif value.strip():
            shown.append(custom_field_base(field, entity_id, value))
    return shown


def opportunity(portal: Portal, actor: Actor, deal: Deal) -> Shown:
    """Return an opportunity in its single form: the contact and the access list are always told (§1.1)."""
    shown = _opportunity(portal, actor, deal, deal.contact)
    shown["accessList"] = [person(portal, uid) for uid in deal.shared_with]
    return shown | _ending(portal, actor, deal)


def opportunity_row(portal: Portal, actor: Actor, deal: Deal) -> Shown:
    """Return an opportunity in its list form: a hidden contact and an empty access list are left out (§1.1)."""
    contact = deal.contact if deal.contact is not None and deal.contact.seen_by(actor) else None
    shown = _opportunity(portal, actor, deal, contact)
    if deal.opportunity.private:
        shown["accessList"] = [person(portal, uid) for uid in deal.shared_with]
    return shown | _ending(portal, actor, deal)


def _opportunity(portal: Portal, actor: Actor, deal: Deal, contact: Brief | None) -> Shown:
    """Return the members of an opportunity up to `isPrivate`, in the contract's order."""
    own = deal.opportunity
    shown: Shown = {
        "createBy": maker(portal, own.created_by),
        "created": moment(own.created_at, portal.zone),
        "members": [contact_base(portal, actor, brief) for brief in deal.members if brief.seen_by(actor)],
    }
    shown |= without_defaults(
        {
            "contact": None if contact is None else contact_base(portal, actor, contact),
            "title": own.title or (deal.contact.display_name if deal.contact else own.title),
            "description": own.description or "",
            "responsible": person(portal, own.responsible),
            "bidType": own.billing,
            "bidValue": None if own.amount is None else Amount(own.amount),
            "bidCurrency": currency_by_code(portal, own.currency),
            "perPeriodValue": own.periods,
            "stage": stage_by_id(portal, own.stage_id),
            "successProbability": own.probability,
        }
    )
    shown["actualCloseDate"] = moment(own.closed_at, portal.zone)
    shown["expectedCloseDate"] = moment(own.expected_close, portal.zone)
    shown["isPrivate"] = own.private
    return shown


def _ending(portal: Portal, actor: Actor, deal: Deal) -> Shown:
    ident = deal.opportunity.id
    return {
        "canEdit": actor.may("CrmOpportunity-Edit"),
        "customFields": custom_fields(portal, ident, deal.custom, "opportunity"),
        "id": ident,
    }
