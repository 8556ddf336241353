"""The bodies of POST and PUT contact/person and contact/company (contacts-tasks-cases §2) in our words."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.onlyoffice.binding import Bag
from dealwright.dialects.onlyoffice.failures import absent_reference, bad_argument
from dealwright.dialects.onlyoffice.scalars import Names
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.values import UNSET

SHARE_TYPES: Final = Names({"None": 0, "ReadWrite": 1, "Read": 2})


def new_person(bag: Bag) -> ContactChange:
    """Return what a new person shall be.

    Refuses as the contract has it: 500 without `firstName` or `lastName` at all, 400 where the first name is empty.
    """
    first, last = bag.text("firstName"), bag.text("lastName")
    if first is None or last is None:
        raise absent_reference("Value cannot be null.")
    if not first.strip():
        raise bad_argument()
    return _person(bag, first, last)


def new_company(bag: Bag) -> ContactChange:
    """Return what a new company shall be. Refuses with 400 without a name."""
    name = bag.text("companyName") or ""
    if not name.strip():
        raise bad_argument()
    return _company(bag, name)


def person_again(bag: Bag) -> ContactChange:
    """Return what a person shall be from now on: all that is absent is reset, managers apart.

    Refuses with 400 where either name is empty.
    """
    first, last = (bag.text(name) or "" for name in ("firstName", "lastName"))
    if not first.strip() or not last.strip():
        raise bad_argument()
    return _reset(_person(bag, first, last))


def company_again(bag: Bag) -> ContactChange:
    """Return what a company shall be from now on: all that is absent is reset, managers apart.

    Refuses as the contract has it: 500 without `companyName` at all, 400 where it is blank.
    """
    name = bag.text("companyName")
    if name is None:
        raise absent_reference("Object reference not set to an instance of an object.")
    if not name.strip():
        raise bad_argument()
    return _reset(_company(bag, name))


def quick_people(bag: Bag, uid: str) -> list[ContactChange]:
    """Return the people that `data` names, each the caller's own; a pair without both names is passed over (§2)."""
    names = [(pair.text("key") or "", pair.text("value") or "") for pair in bag.records("data")]
    return [
        ContactChange(is_company=False, first_name=first, last_name=last, sharing=Share.NOBODY, managers=[uid])
        for first, last in names
        if first.strip() and last.strip()
    ]


def quick_companies(bag: Bag, uid: str) -> list[ContactChange]:
    """Return the companies that `companyName` names, each the caller's own; an empty name is passed over (§2)."""
    return [
        ContactChange(is_company=True, name=name, sharing=Share.NOBODY, managers=[uid])
        for name in bag.texts("companyName")
        if name.strip()
    ]


def _person(bag: Bag, first: str, last: str) -> ContactChange:
    change = _common(bag)
    change.is_company = False
    change.first_name, change.last_name = first, last
    change.job_title = bag.text("jobTitle")
    company = bag.integer("companyId")
    change.company_id = company if company > 0 else None
    return change


def _company(bag: Bag, name: str) -> ContactChange:
    change = _common(bag)
    change.is_company, change.name = True, name
    return change


def _common(bag: Bag) -> ContactChange:
    managers = bag.guids("managerList")
    return ContactChange(
        about=bag.text("about"),
        sharing=share(bag),
        managers=managers or UNSET,
        custom={field: text for field, value in bag.pairs("customFieldList") if (text := value.strip())},
        keeps_values=True,
    )


def share(bag: Bag) -> Share:
    """Return the `shareType`, nobody where it is absent; refuses a number that is none of them with 400 (§1)."""
    number = bag.enum("shareType", SHARE_TYPES)
    if number not in SHARE_TYPES.numbers.values():
        raise bad_argument()
    return Share(number)


def _reset(change: ContactChange) -> ContactChange:
    """Return the change of a PUT: what is no parameter of it is emptied (§2)."""
    change.status_id = change.type_id = change.industry = change.currency = None
    return change
