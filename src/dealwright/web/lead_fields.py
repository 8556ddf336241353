"""The fields of a lead form, and what they mean in our words; what else is sent in counts for nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from dealwright.actions.form_pages import WEB, LeadForm
from dealwright.actions.web_forms import Submission
from dealwright.domain.contact import Share, names_of
from dealwright.domain.errors import Invalid, Problem
from dealwright.domain.opportunity import TITLE_LENGTH, Change
from dealwright.domain.values import UNSET
from dealwright.storage.rules import Rules
from dealwright.web import form_fields
from dealwright.web.form_fields import EMAIL, ONCE, UTM, Sent

INVITATION: Final = "request"
"""The identity of a request that asks a known customer to fill in the form."""
PHONE: Final = "contactinfo_phone_1"
_ALIASES: Final[Mapping[str, Sequence[str]]] = {
    "name": ("name", "fullname"),
    "firstname": ("firstname",),
    "lastname": ("lastname",),
    EMAIL: ("email", EMAIL),
    PHONE: ("phone", PHONE),
    "companyname": ("company", "companyname"),
    "about": ("message", "about"),
}
_NAMES: Final[Mapping[str, str]] = {
    "firstname": "name",
    "lastname": "name",
    "first_name": "name",
    "last_name": "name",
    EMAIL: "email",
    PHONE: "phone",
    "companyname": "company",
    "company_name": "company",
    "about": "message",
    "title": "name",
}


def submission(sent: Sent, form: LeadForm, rules: Rules, address: str, at: datetime) -> Submission:
    """Return what somebody at an address submitted. Refuses with Invalid, whose fields are those of lead forms.

    Everybody sees the contact, everything is said in the name of who fills it in: neither is for strangers to choose.
    """
    fields = _fields(sent, form)
    if not fields.get(EMAIL):
        problem = Problem("email", "required", "is required")
        raise Invalid(problem, *_problems_of(fields, form, rules, address, at))
    found = form_fields.submission(fields, form, rules, address, at)
    found.contact = replace(found.contact, sharing=Share.WRITE)
    found.other = None if found.other is None else replace(found.other, sharing=Share.WRITE)
    if form.stage_id is not None:
        found.deal = _deal(found.deal or Change(), form, fields, rules)
        found.contact = replace(found.contact, about=UNSET)
    return found


def _problems_of(fields: Sent, form: LeadForm, rules: Rules, address: str, at: datetime) -> Sequence[Problem]:
    try:
        form_fields.submission(fields, form, rules, address, at)
    except Invalid as refusal:
        return [problem for problem in refusal.problems if problem.field != EMAIL]
    return ()


def _fields(sent: Sent, form: LeadForm) -> dict[str, Sequence[str]]:
    """Return the fields that count, by the names that every form knows them under."""
    found: dict[str, Sequence[str]] = {}
    for name, aliases in _ALIASES.items():
        said = next((value for alias in aliases for value in sent.get(alias, ()) if value), "")
        if said:
            found[name] = [said]
    if whole := found.pop("name", None):
        first, last = names_of(whole[0])
        found = {"firstname": [first], "lastname": [last], **found}
    kept = {f"customfield_{one.id}" for one in form.fields} | {*UTM, ONCE}
    return {**found, **{name: values for name, values in sent.items() if name in kept and any(values)}}


def _deal(said: Change, form: LeadForm, fields: Sent, rules: Rules) -> Change:
    message = next(iter(fields.get("about", ())), "")
    sources = rules.numbers_of("lead_source")
    return replace(
        said,
        title=form.title[:TITLE_LENGTH],
        description=message or UNSET,
        lead_source=WEB if WEB in sources else UNSET,
    )


def name_of(field: str) -> str:
    """Return the name that a field has in a lead form."""
    return _NAMES.get(field, field.replace("custom.", "customfield_"))
