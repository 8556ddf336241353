"""Finding contacts: the same words find the same ones on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from dealwright.actions import contacts
from dealwright.domain.contact import ContactChange, Share
from dealwright.storage import plenty
from dealwright.storage.contact_lists import ContactCriteria, ContactOrder
from dealwright.storage.database import Database
from dealwright.storage.query import Page
from tests.actions.about_contacts import FIRST, firm, names_found, person
from tests.cast import Cast


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("muller", ["Jörg Müller", "MULLER & Sons", "Müllerova, Eva"]),
        ("MÜLLER", ["Jörg Müller", "MULLER & Sons", "Müllerova, Eva"]),
        ("mül jo", ["Jörg Müller"]),
        ("  jo   ", ["Jörg Müller"]),
        ("ller", []),
        ("strasse", ["Straße 7 GmbH"]),
        ("7", ["Straße 7 GmbH"]),
        ("o'brien", ["O'Brien Ltd"]),
        ("brien-o", ["O'Brien Ltd"]),
        ("привет", ["ПРИВЕТ Мир"]),
        ("東京", ["東京 Desk"]),
        ("and or not", []),
        ('"*:& |!', []),
        ("a" * 70, ["A" * 80]),
    ],
)
async def test_words_are_found_by_prefix_whatever_case_and_accents(
    db: Database, cast: Cast, text: str, expected: list[str]
) -> None:
    names = [
        "Jörg Müller",
        "MULLER & Sons",
        "Müllerova, Eva",
        "Straße 7 GmbH",
        "O'Brien Ltd",
        "ПРИВЕТ Мир",
        "東京 Desk",
    ]
    for name in [*names, "A" * 80]:
        await firm(db, cast.mia, name)
    assert sorted(await names_found(db, cast.noah, text=text)) == sorted(expected)


async def test_a_new_name_is_found_and_the_old_one_is_not(db: Database, cast: Cast) -> None:
    made = await firm(db, cast.mia, "Before")
    await contacts.change(db, cast.mia, made.contact.id, ContactChange(name="After"))
    assert await names_found(db, cast.mia, text="before") == []
    assert await names_found(db, cast.mia, text="after") == ["After"]


async def test_a_list_counts_exactly_what_this_person_sees(db: Database, cast: Cast) -> None:
    for n in range(7):
        await firm(db, cast.mia, f"Firm {n}", sharing=Share.NOBODY if n < 2 else Share.READ)
    for actor, seen in ((cast.noah, 5), (cast.mia, 7), (cast.carl, 7)):
        page = await contacts.find(db, actor, ContactCriteria(text="firm"), Page(2, 2))
        assert (len(page.rows), page.total) == (2, seen)
        beyond = await contacts.find(db, actor, ContactCriteria(), Page(50, 10))
        assert (list(beyond.rows), beyond.total) == ([], seen)


async def test_criteria_narrow_together(db: Database, cast: Cast) -> None:
    company = await firm(db, cast.mia, "Acme")
    await person(db, cast.mia, "Ann", "Acme", company_id=company.contact.id, email="a@example.com")
    await person(db, cast.mia, "Bob", "Acme")
    assert await names_found(db, cast.mia, text="acme", is_company=True) == ["Acme"]
    assert await names_found(db, cast.mia, text="acme", is_company=False) == ["Ann Acme", "Bob Acme"]
    assert await names_found(db, cast.mia, company_id=company.contact.id) == ["Ann Acme"]
    assert await names_found(db, cast.mia, email="A@Example.com", is_company=True) == []
    assert await names_found(db, cast.mia, ids=[]) == []


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (ContactOrder.ID, ["Éva", "adam", "Berta"]),
        (ContactOrder.CREATED, ["Éva", "adam", "Berta"]),
        (ContactOrder.DISPLAY_NAME, ["adam", "Berta", "Éva"]),
    ],
)
async def test_orders_ignore_case_and_turn_round(
    db: Database, cast: Cast, order: ContactOrder, expected: list[str]
) -> None:
    for name in ("Éva", "adam", "Berta"):
        await firm(db, cast.mia, name)
    for descending, names in ((False, expected), (True, expected[::-1])):
        found = await contacts.find(db, cast.mia, ContactCriteria(), FIRST, order, descending)
        assert [full.contact.name for full in found.rows] == names


@pytest.mark.parametrize("many", [0, 10_000], ids=["met on the way", "put in order"])
async def test_words_and_tags_find_the_same_however_much_matches(
    db: Database, cast: Cast, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plenty, "MANY", many)
    for name, tags in (("Ann", ["a"]), ("Annabel", ["a", "b"]), ("Bob", ["a"]), ("Anna", [])):
        await person(db, cast.mia, name, tags=tags)
    assert await names_found(db, cast.mia, text="ann") == ["Ann Lee", "Anna Lee", "Annabel Lee"]
    assert await names_found(db, cast.mia, tags=["a"]) == ["Ann Lee", "Annabel Lee", "Bob Lee"]
    assert await names_found(db, cast.mia, tags=["a", "b"]) == ["Annabel Lee"]
    assert await names_found(db, cast.mia, text="ann", tags=["a"]) == ["Ann Lee", "Annabel Lee"]
    assert await names_found(db, cast.mia, text="lee", tags=["none"]) == []


async def test_contacts_without_something_are_found(db: Database, cast: Cast) -> None:
    status = next(item.id for item in db.rules.items_of("contact_status"))
    kind = next(item.id for item in db.rules.items_of("contact_type"))
    await firm(db, cast.mia, "All", status_id=status, type_id=kind, managers=[cast.noah.uid])
    await firm(db, cast.mia, "None")
    nothing: list[dict[str, Any]] = [{"status_id": 0}, {"type_id": 0}, {"manager": ""}]
    for criteria in nothing:
        assert await names_found(db, cast.mia, **criteria) == ["None"]
    something: list[dict[str, Any]] = [{"status_id": status}, {"type_id": kind}, {"manager": cast.noah.uid}]
    for said in something:
        assert await names_found(db, cast.mia, **said) == ["All"]
    assert await names_found(db, cast.mia, manager=cast.mia.uid) == []
