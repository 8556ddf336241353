"""The enums by name (crm §1, conventions §8)."""

from __future__ import annotations

import pytest

from dealwright.dialects.nexudus.enums import ENUMS, listed, name_of, number_of


def test_the_numbers_are_the_vendors_and_three_is_no_source() -> None:
    sources = ENUMS["eCrmOpportunitySource"]
    assert (len(sources), min(sources), max(sources), 3 in sources) == (27, 1, 99, False)
    assert len(ENUMS["eCrmOpportunityLossReason"]) == 21
    assert len(ENUMS["eReminderType"]) == 22


@pytest.mark.parametrize("enum", ENUMS)
def test_an_enum_is_in_the_order_of_its_numbers_and_names_are_unique(enum: str) -> None:
    names = ENUMS[enum]
    assert list(names) == sorted(names)
    assert len({name.lower() for name in names.values()}) == len(names)


@pytest.mark.parametrize("name", ["eCrmOpportunityStatus", "ECRMOPPORTUNITYSTATUS"])
def test_an_enum_is_listed_with_ids_and_names(name: str) -> None:
    assert listed(name) == [{"Id": 1, "Name": "InProgress"}, {"Id": 2, "Name": "Won"}, {"Id": 3, "Name": "Lost"}]


def test_an_enum_that_is_not_there_is_none() -> None:
    assert listed("eNothing") is None


def test_names_and_numbers_find_each_other() -> None:
    assert number_of("eCoworkerType", "company") == 2
    assert number_of("eCoworkerType", "cat") is None
    assert name_of("eCoworkerType", 2) == "Company"
    assert name_of("eCrmOpportunitySource", 1001) == "1001"
