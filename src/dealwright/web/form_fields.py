"""The fields of a public form as ONLYOFFICE names them, and what they mean in our words; more in the documentation."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from dealwright.actions.web_forms import Submission, WebForm
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.contact_info import ADDRESS_PARTS, WORK, ContactInfo, Info
from dealwright.domain.custom_field import CustomField, FieldType, value_problem
from dealwright.domain.errors import Invalid, Problem
from dealwright.domain.opportunity import TITLE_LENGTH, Change
from dealwright.storage.rules import Rules

LONGEST: Final = 10_000
"""Characters of one field."""
SAME_SECONDS: Final = 600
"""How long the same words from the same address are the same submission."""
ONCE: Final = "submission"
"""A field that names one filling-in of a form, so that sending it twice makes one record."""
EMAIL: Final = "contactinfo_email_1"
TRAP: Final = "nickname"
"""A field that people do not see and robots fill in."""
KEYS: Final = ("web_form_key", "webformkey", "form_key")
OWN: Final = frozenset({ONCE, TRAP, *KEYS, "return_url"})
"""Fields that are about the sending, not about who sends."""
LABELS: Final = {
    **{"firstname": "First name", "lastname": "Last name", "companyname": "Company", "jobtitle": "Position"},
    **{"about": "Message", "opportunity_title": "About", "opportunity_value": "Value", "tag": "Tags"},
}
UTM: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
_INFO: Final = re.compile(r"contactinfo_([a-z]+)(?:_(\d))?(?:_([a-z]+))?")
_CUSTOM: Final = re.compile(r"customfield_(\d{1,9})")
_EMAIL: Final = re.compile(r"[^@\s<>\"(),:;\[\]\\]+@[^@\s<>\"(),:;\[\]\\]+")

Sent = Mapping[str, Sequence[str]]
"""The fields by their lower-case names, each with all of its values, blanks at the ends taken off."""


@dataclass(slots=True)
class _Reading:
    """What is being read, and what is wrong with it."""

    sent: Sent
    problems: list[Problem] = field(default_factory=list)

    def text(self, name: str) -> str:
        """Return the first value of a field, "" where it was not sent."""
        return next(iter(self.sent.get(name, ())), "")

    def wrong(self, name: str, message: str) -> None:
        """Note what is wrong with a field."""
        self.problems.append(Problem(name, "format", message, self.text(name)))


def submission(sent: Sent, form: WebForm, rules: Rules, address: str, at: datetime) -> Submission:
    """Return what somebody at an address sent in. Refuses with Invalid, whose fields are those of the form."""
    read = _Reading(sent)
    for name, values in sent.items():
        if any(len(value) > LONGEST for value in values):
            read.problems.append(Problem(name, "too_long", f"has at most {LONGEST} characters"))
    is_company = _is_company(read)
    if ONCE in sent and not any(name.startswith("contactinfo_email") and read.text(name) for name in sent):
        read.problems.append(Problem(EMAIL, "required", "is required"))
    sharing, managers = _sharing(read), _people(read.text("managers_list"), rules)
    access = ContactChange(sharing=sharing, managers=managers)
    contact = _contact(read, is_company, rules, access)
    other = _other(read, is_company, access)
    deal = _deal(read, rules, managers, form.stage_id is not None)
    if read.problems:
        raise Invalid(*read.problems)
    return Submission(
        contact=contact,
        other=other,
        deal=deal,
        notify=_people(read.text("notify_list"), rules),
        told=tuple(_told(sent, rules)),
        identities=_identities(sent, address, at),
    )


def _is_company(read: _Reading) -> bool:
    said = read.text("is_company").lower()
    if said not in {"", "true", "false"}:
        read.wrong("is_company", "is true or false")
    if said in {"true", "false"}:
        is_company = said == "true"
    else:
        is_company = not (read.text("firstname") or read.text("lastname")) and bool(read.text("companyname"))
    if is_company and not read.text("companyname"):
        read.problems.append(Problem("companyname", "required", "is required"))
    if not is_company and not (read.text("firstname") or read.text("lastname")):
        read.problems.append(Problem("firstname", "required", "is required"))
    return is_company


def _sharing(read: _Reading) -> Share:
    """`is_shared` is yes or no, `share_type` a number; neither means nobody but the managers, as theirs has it."""
    said = read.text("is_shared").lower()
    if said:
        return Share.WRITE if said in {"true", "on", "1"} else Share.NOBODY
    number = read.text("share_type")
    return Share(int(number)) if number in {"0", "1", "2"} else Share.NOBODY


def _people(text: str, rules: Rules) -> tuple[str, ...]:
    """Return the people of a list with commas that the portal knows, by uid."""
    return tuple(uid for part in text.split(",") if (uid := part.strip().lower()) in rules.users_by_uid)


def _contact(read: _Reading, is_company: bool, rules: Rules, access: ContactChange) -> ContactChange:
    change = ContactChange(is_company=is_company, sharing=access.sharing, managers=access.managers)
    if is_company:
        change.name = read.text("companyname")
    else:
        change.first_name, change.last_name = read.text("firstname"), read.text("lastname")
        change.job_title = read.text("jobtitle") or None
        change.company_name = read.text("companyname") or None
    change.about = read.text("about") or None
    change.infos = _infos(read)
    change.tags = [part for part in read.sent.get("tag", ()) if part]
    change.custom = _custom(read, {"contact", "company" if is_company else "person"}, rules)
    return change


def _other(read: _Reading, is_company: bool, access: ContactChange) -> ContactChange | None:
    first, last, company = read.text("firstname"), read.text("lastname"), read.text("companyname")
    change = ContactChange(is_company=not is_company, sharing=access.sharing, managers=access.managers)
    if is_company and first and last:
        change.first_name, change.last_name = first, last
        return change
    if not is_company and company:
        change.name = company
        return change
    return None


def _infos(read: _Reading) -> dict[Info, list[ContactInfo]]:
    found: dict[Info, list[ContactInfo]] = {}
    addresses: dict[int, dict[str, str]] = {}
    for name in read.sent:
        matched, value = _INFO.fullmatch(name), read.text(name)
        kind = Info.__members__.get(matched[1].upper()) if matched else None
        if matched is None or kind is None or not value:
            continue
        category = int(matched[2]) if matched[2] else WORK
        if kind is Info.ADDRESS:
            part = matched[3] if matched[3] in ADDRESS_PARTS else "street"
            addresses.setdefault(category, {})[part] = value
            continue
        if kind is Info.EMAIL and not _EMAIL.fullmatch(value):
            read.wrong(name, "is not an e-mail address")
        pieces = found.setdefault(kind, [])
        pieces.append(ContactInfo(kind=kind, data=value, category=category, is_primary=not pieces))
    for category, parts in addresses.items():
        data = json.dumps(parts, ensure_ascii=False)
        pieces = found.setdefault(Info.ADDRESS, [])
        pieces.append(ContactInfo(kind=Info.ADDRESS, data=data, category=category, is_primary=not pieces))
    return found


def _custom(read: _Reading, subjects: set[str], rules: Rules) -> dict[int, str | None]:
    """Return the values of custom fields; those of other records and those that are unknown are passed over."""
    values: dict[int, str | None] = {}
    for name in read.sent:
        matched = _CUSTOM.fullmatch(name)
        definition = rules.fields.get(int(matched[1])) if matched else None
        if definition is None or definition.subject not in subjects or definition.type is FieldType.HEADING:
            continue
        value = _value(definition, read.text(name))
        problem = value_problem(definition, value) if value else None
        if problem is not None:
            read.wrong(name, problem.message)
        if value:
            values[definition.id] = value
    return values


def _value(definition: CustomField, said: str) -> str:
    if definition.type is FieldType.YES_NO and said:
        return "true" if said.lower() in {"on", "true", "1"} else "false"
    return said


def _deal(read: _Reading, rules: Rules, managers: Sequence[str], has_stage: bool) -> Change | None:
    """Return the deal that the fields `opportunity_…`, `utm_…` and its custom fields describe; None without any.

    Where somebody comes from is enough only for a form that makes a deal of everything.
    """
    custom = _custom(read, {"opportunity"}, rules)
    told = ("opportunity_", "utm_") if has_stage else ("opportunity_",)
    if not custom and not any(name.startswith(told) and read.text(name) for name in read.sent):
        return None
    change = Change(title=read.text("opportunity_title")[:TITLE_LENGTH] or None, custom=custom)
    change.description = read.text("opportunity_description") or None
    if read.text("opportunity_value"):
        change.amount = _amount(read)
        code = read.text("opportunity_currency").upper() or rules.default_currency
        change.currency = code
        if code not in rules.currencies:
            read.wrong("opportunity_currency", "is no currency")
    if read.text("opportunity_expected"):
        change.expected_close = _day(read, rules)
    if read.text("opportunity_stage").isdigit() and len(read.text("opportunity_stage")) < 10:
        change.stage_id = int(read.text("opportunity_stage"))
    for name in UTM:
        if read.text(name):
            setattr(change, name, read.text(name)[:255])
    if managers:
        change.responsible = managers[0]
    return change


def _amount(read: _Reading) -> Decimal | None:
    try:
        amount = Decimal(read.text("opportunity_value")[:40])
    except InvalidOperation:
        read.wrong("opportunity_value", "is no amount")
        return None
    if not amount.is_finite() or not 0 <= amount < 10**15 or amount != round(amount, 9):
        read.wrong("opportunity_value", "is no amount")
        return None
    return amount


def _day(read: _Reading, rules: Rules) -> datetime | None:
    try:
        day = date.fromisoformat(read.text("opportunity_expected"))
        return datetime(day.year, day.month, day.day, tzinfo=rules.zone).astimezone(UTC)
    except (ValueError, OverflowError):
        read.wrong("opportunity_expected", "is no date such as 2026-12-31")
        return None


def _told(sent: Sent, rules: Rules) -> Iterator[tuple[str, str]]:
    """What was filled in, with labels that people know; what forms keep hidden is left out."""
    for name, values in sent.items():
        said = ", ".join(value for value in values if value)
        custom, info = _CUSTOM.fullmatch(name), _INFO.fullmatch(name)
        if not said:
            continue
        if custom and int(custom[1]) in rules.fields:
            yield rules.fields[int(custom[1])].label, said
        elif info:
            yield f"{info[1].capitalize()}{f' ({info[3]})' if info[3] else ''}", said
        elif name in LABELS:
            yield LABELS[name], said


def _identities(sent: Sent, address: str, at: datetime) -> tuple[str, ...]:
    """Return by what a submission is recognised: the form's own token, else these words from this address by now."""
    once = next(iter(sent.get(ONCE, ())), "")
    if once:
        return (f"once {once}",)
    words = json.dumps([address, sorted((name, list(values)) for name, values in sent.items())])
    digest, span = (
        hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest(),
        int(at.timestamp()) // SAME_SECONDS,
    )
    return tuple(f"words {digest} {span - back}" for back in (0, 1))
