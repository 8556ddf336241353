"""The opportunity in the names of the published documentation: PascalCase, every member written out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.values import NO_DATE, NO_GUID, Amount

PREFERENCE: Final = "names=documented"
APPLIED: Final = ("Preference-Applied", PREFERENCE)
"""The header that tells a client its preference was heard."""

Member = tuple[str, object]
"""The member of our own answer, and what stands for it where it was left out."""

_PERSON: Final[Mapping[str, Member]] = {
    "Id": ("id", NO_GUID),
    "DisplayName": ("displayName", ""),
    "Title": ("title", None),
    "AvatarSmall": ("avatarSmall", ""),
    "ProfileUrl": ("profileUrl", ""),
}
_CURRENCY: Final[Mapping[str, Member]] = {
    "Title": ("title", None),
    "Symbol": ("symbol", None),
    "Abbreviation": ("abbreviation", None),
    "CultureName": ("cultureName", None),
    "IsConvertable": ("isConvertable", False),
    "IsBasic": ("isBasic", False),
}
_CONTACT: Final[Mapping[str, Member]] = {
    "SmallFotoUrl": ("smallFotoUrl", None),
    "MediumFotoUrl": ("mediumFotoUrl", None),
    "DisplayName": ("displayName", None),
    "IsCompany": ("isCompany", False),
    "AccessList": ("accessList", ()),
    "IsPrivate": ("isPrivate", False),
    "IsShared": ("isShared", False),
    "ShareType": ("shareType", 0),
    "Currency": ("currency", None),
    "CanEdit": ("canEdit", False),
    "CanDelete": ("canDelete", False),
    "ID": ("id", 0),
}
_STAGE: Final[Mapping[str, Member]] = {
    "SuccessProbability": ("successProbability", 0),
    "StageType": ("stageType", 0),
    "Title": ("title", None),
    "Description": ("description", None),
    "Color": ("color", None),
    "SortOrder": ("sortOrder", 0),
    "ID": ("id", 0),
}
_CUSTOM_FIELD: Final[Mapping[str, Member]] = {
    "EntityId": ("entityId", 0),
    "Label": ("label", None),
    "FieldValue": ("fieldValue", None),
    "FieldType": ("fieldType", 0),
    "Position": ("position", 0),
    "Mask": ("mask", None),
    "ID": ("id", 0),
}
_OPPORTUNITY: Final[Mapping[str, Member]] = {
    "CreateBy": ("createBy", None),
    "Created": ("created", NO_DATE),
    "Members": ("members", ()),
    "Contact": ("contact", None),
    "Title": ("title", None),
    "Description": ("description", None),
    "Responsible": ("responsible", None),
    "BidType": ("bidType", 0),
    "BidValue": ("bidValue", Amount(0)),
    "BidCurrency": ("bidCurrency", None),
    "PerPeriodValue": ("perPeriodValue", 0),
    "Stage": ("stage", None),
    "SuccessProbability": ("successProbability", 0),
    "ActualCloseDate": ("actualCloseDate", NO_DATE),
    "ExpectedCloseDate": ("expectedCloseDate", NO_DATE),
    "IsPrivate": ("isPrivate", False),
    "AccessList": ("accessList", ()),
    "CanEdit": ("canEdit", False),
    "CustomFields": ("customFields", ()),
    "ID": ("id", 0),
}
_INSIDE: Final[Mapping[str, Mapping[str, Member]]] = {
    "CreateBy": _PERSON,
    "Responsible": _PERSON,
    "AccessList": _PERSON,
    "Members": _CONTACT,
    "Contact": _CONTACT,
    "Stage": _STAGE,
    "BidCurrency": _CURRENCY,
    "Currency": _CURRENCY,
    "CustomFields": _CUSTOM_FIELD,
}
"""The shape of what stands under a name; a name means the same wherever it stands."""


def is_preferred(prefer: str) -> bool:
    """Tell whether a `Prefer` header asks for the documented names."""
    return bool(prefer) and any(part.strip().lower().replace(" ", "") == PREFERENCE for part in prefer.split(","))


def opportunity(shown: Mapping[str, object]) -> Shown:
    """Return an opportunity of the wire in the documented names; defaults and nulls are written out."""
    return _shaped(shown, _OPPORTUNITY)


def _shaped(shown: Mapping[str, object], shape: Mapping[str, Member]) -> Shown:
    return {name: _value(shown.get(member, default), _INSIDE.get(name)) for name, (member, default) in shape.items()}


def _value(value: object, shape: Mapping[str, Member] | None) -> object:
    if shape is None:
        return value
    if isinstance(value, list | tuple):
        return [_value(entry, shape) for entry in value]
    return _shaped(value, shape) if isinstance(value, Mapping) else value
