"""The opportunity in the names of the published documentation."""

from __future__ import annotations

import pytest

from dealwright.dialects.onlyoffice import documented
from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.values import NO_DATE, Amount, encoded

MIKE: Shown = {
    "id": "9924256a-739c-462b-af15-e652a3b1b6eb",
    "displayName": "Mike",
    "avatarSmall": "a",
    "profileUrl": "p",
}
ACME: Shown = {
    **{"smallFotoUrl": "s", "mediumFotoUrl": "m", "displayName": "ACME", "isCompany": True, "isPrivate": False},
    **{"isShared": True, "shareType": 1, "currency": None, "canEdit": True, "canDelete": True, "id": 12},
}
EURO: Shown = {"title": "Euro", "symbol": "€", "abbreviation": "EUR", "cultureName": "EU", "isConvertable": True}
SPARSE: Shown = {
    **{"createBy": MIKE, "created": "2025-01-10T08:36:24.0000000Z", "members": [ACME], "title": "Hotel"},
    **{"responsible": MIKE, "stage": {"successProbability": 20, "stageType": 0, "title": "Need", "id": 4}},
    **{"actualCloseDate": NO_DATE, "expectedCloseDate": NO_DATE, "isPrivate": False, "accessList": []},
    **{"canEdit": True, "customFields": [], "id": 7},
}
FULL: Shown = {
    **SPARSE,
    **{"contact": {**ACME, "accessList": [MIKE], "currency": EURO}, "description": "", "bidType": 4},
    **{"bidValue": Amount("1500.50"), "bidCurrency": EURO, "perPeriodValue": 12, "successProbability": 20},
    "customFields": [
        {"entityId": 7, "label": "Colour", "fieldValue": "blue", "fieldType": 0, "position": 1, "mask": "", "id": 3}
    ],
}
OPPORTUNITY = (
    *("CreateBy", "Created", "Members", "Contact", "Title", "Description", "Responsible", "BidType", "BidValue"),
    *("BidCurrency", "PerPeriodValue", "Stage", "SuccessProbability", "ActualCloseDate", "ExpectedCloseDate"),
    *("IsPrivate", "AccessList", "CanEdit", "CustomFields", "ID"),
)


@pytest.mark.parametrize("shown", [SPARSE, FULL, {}])
def test_every_documented_member_is_there_and_no_other(shown: Shown) -> None:
    assert tuple(documented.opportunity(shown)) == OPPORTUNITY


def test_what_was_left_out_is_written_as_its_default() -> None:
    deal = documented.opportunity(SPARSE)
    assert (deal["BidType"], deal["PerPeriodValue"], deal["SuccessProbability"]) == (0, 0, 0)
    assert (deal["Contact"], deal["BidCurrency"], deal["Description"]) == (None, None, None)
    assert b'"BidValue":0.0,' in encoded(deal)


def test_what_is_inside_has_the_documented_names_too() -> None:
    deal = documented.opportunity(FULL)
    person = {"Id": MIKE["id"], "DisplayName": "Mike", "Title": None, "AvatarSmall": "a", "ProfileUrl": "p"}
    currency = {
        **{"Title": "Euro", "Symbol": "€", "Abbreviation": "EUR", "CultureName": "EU"},
        **{"IsConvertable": True, "IsBasic": False},
    }
    member = {
        **{"SmallFotoUrl": "s", "MediumFotoUrl": "m", "DisplayName": "ACME", "IsCompany": True, "AccessList": []},
        **{"IsPrivate": False, "IsShared": True, "ShareType": 1, "Currency": None, "CanEdit": True, "CanDelete": True},
        "ID": 12,
    }
    assert deal["CreateBy"] == deal["Responsible"] == person
    assert deal["BidCurrency"] == currency
    assert deal["Members"] == [member]
    assert deal["Contact"] == {**member, "AccessList": [person], "Currency": currency}
    assert deal["Stage"] == {
        **{"SuccessProbability": 20, "StageType": 0, "Title": "Need", "Description": None, "Color": None},
        **{"SortOrder": 0, "ID": 4},
    }
    assert deal["CustomFields"] == [
        {"EntityId": 7, "Label": "Colour", "FieldValue": "blue", "FieldType": 0, "Position": 1, "Mask": "", "ID": 3}
    ]
    assert (deal["BidValue"], deal["ID"]) == (Amount("1500.50"), 7)


@pytest.mark.parametrize("header", ["names=documented", "NAMES=Documented", "respond-async, names = documented"])
def test_the_names_are_preferred_by_a_header(header: str) -> None:
    assert documented.is_preferred(header)


@pytest.mark.parametrize("header", ["", "names=other", "documented", "names=documentedly"])
def test_another_preference_is_none_of_ours(header: str) -> None:
    assert not documented.is_preferred(header)
