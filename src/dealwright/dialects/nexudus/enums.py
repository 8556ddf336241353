"""The enums of this dialect by name: for the bodies, and for `GET /api/utils/enums` (conventions §8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dealwright.dialects.nexudus.hookactions import HOOK_ACTIONS
from dealwright.domain.lists import LEAD_SOURCES, LOSS_REASONS

ENUMS: Final[Mapping[str, Mapping[int, str]]] = {
    "eCrmOpportunityStatus": {1: "InProgress", 2: "Won", 3: "Lost"},
    "eCrmOpportunitySource": LEAD_SOURCES,
    "eCrmOpportunityLossReason": LOSS_REASONS,
    "eReminderType": {
        1: "FixedDate",
        2: "DaysAfterSignUp",
        3: "DaysAfterRenewal",
        4: "DaysBeforeRenewal",
        5: "Birthday",
        6: "DaysBeforeCancellation",
        7: "AfterABooking",
        8: "LastActivity",
        9: "ProductPurchase",
        10: "DueInvoice",
        11: "OnFirstCheckIn",
        12: "OnSignUpFormSubmitted",
        13: "DaysBeforeTerm",
        14: "RegularBookerStoppedBooking",
        15: "RegularBooking",
        16: "StoppedBooking",
        17: "SingleBooking",
        18: "InvoiceFirstPaid",
        19: "DaysBeforeContractStarts",
        20: "DaysAfterDeliveryNotCollected",
        21: "DaysAfterFirstContractStartDate",
        22: "ProductAddedToBooking",
    },
    "eReminderAction": {1: "SendEmail", 2: "SendCannedMessage", 3: "SendSurvey"},
    "RecordType": {
        1: "Coworker",
        2: "Team",
        3: "FloorPlanDesk",
        4: "CrmOpportunity",
        5: "Visitor",
        6: "Proposal",
        7: "CoworkerInternal",
        8: "HelpDeskMessage",
        9: "HelpDeskDepartment",
        10: "Product",
        11: "Booking",
        12: "CoworkerInvoice",
        13: "Business",
        14: "CoworkerContract",
        15: "Tariff",
        16: "Resource",
        17: "FloorPlan",
        18: "InventoryAsset",
    },
    "FieldType": {
        1: "Text",
        2: "LongText",
        3: "Boolean",
        4: "Dropdown",
        5: "Date",
        6: "Integer",
        7: "Decimal",
    },
    "CoworkerFieldPosition": {
        1: "General",
        2: "Contact",
        3: "Profile",
        4: "Billing",
        5: "Access",
        6: "Notes",
    },
    "Visibility": {1: "Visible", 2: "ReadOnly", 3: "Internal"},
    "eCoworkerType": {1: "Individual", 2: "Company"},
    "eGender": {0: "None", 1: "NotSet", 2: "Male", 3: "Female", 4: "Other", 5: "RatherNotSay"},
    "eTaxRateType": {1: "Default", 2: "Reduced", 3: "Exempt"},
    "eAttendance": {
        1: "WorkingFromOffice",
        2: "WorkingFromHome",
        3: "WorkingFromAbroad",
        4: "NotWorking",
        5: "Undefined",
    },
    "eLanguage": {1: "EnglishUS", 2: "Spanish", 3: "EnglishUK"},
    "eWebhookAction": HOOK_ACTIONS,
    "eProposalStatus": {1: "Draft", 2: "Sent", 3: "Accepted", 4: "Rejected"},
}
MANAGED: Final = frozenset({"eCrmOpportunitySource", "eCrmOpportunityLossReason"})
"""Enums that a portal keeps as lists of its own, seeded with these; what a list holds is known to its rules."""

_FOLDED: Final = {name.lower(): name for name in ENUMS}
_NUMBERS: Final[Mapping[str, Mapping[str, int]]] = {
    enum: {name.lower(): number for number, name in names.items()} for enum, names in ENUMS.items()
}


def listed(name: str) -> list[dict[str, int | str]] | None:
    """Return an enum as `[{"Id", "Name"}]` in the order of its numbers, or None where there is no such enum.

    The name ignores case. The managed lists are listed as they were seeded.
    """
    enum = _FOLDED.get(name.lower())
    if enum is None:
        return None
    return [{"Id": number, "Name": text} for number, text in ENUMS[enum].items()]


def number_of(enum: str, name: str) -> int | None:
    """Return the number of a name, ignoring case, or None where the enum has no such name."""
    return _NUMBERS[enum].get(name.lower())


def name_of(enum: str, number: int) -> str:
    """Return the name of a number; a number without a name is printed as it is."""
    return ENUMS[enum].get(number, str(number))
