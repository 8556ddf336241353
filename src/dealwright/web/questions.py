"""What the page of a form asks for, question by question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dealwright.actions.form_pages import LeadForm
from dealwright.actions.web_forms import WebForm
from dealwright.domain.custom_field import CustomField, FieldType


@dataclass(frozen=True, slots=True)
class Field:
    """One question of the page."""

    name: str
    label: str
    kind: str = "text"
    autocomplete: str = "off"
    needed: bool = False
    options: tuple[str, ...] = ()


PORTAL: Final = (
    Field("firstName", "First name", autocomplete="given-name", needed=True),
    Field("lastName", "Last name", autocomplete="family-name"),
    Field("contactInfo_Email_1", "E-mail", "email", "email", needed=True),
    Field("contactInfo_Phone_1", "Phone", "tel", "tel"),
    Field("companyName", "Company", autocomplete="organization"),
    Field("jobTitle", "Position", autocomplete="organization-title"),
    Field("about", "Message", "area"),
)
LEAD: Final = (
    Field("name", "Name", autocomplete="name", needed=True),
    Field("email", "E-mail", "email", "email", needed=True),
    Field("phone", "Phone", "tel", "tel"),
    Field("company", "Company", autocomplete="organization"),
    Field("message", "Message", "area"),
)
_KINDS: Final = {
    FieldType.LONG_TEXT: "area",
    FieldType.CHOICE: "choice",
    FieldType.YES_NO: "check",
    FieldType.DATE: "date",
    FieldType.INTEGER: "number",
}


def asked_by(form: WebForm) -> list[Field]:
    """Return the questions of a form in their order; those about the deal and the custom fields before the message."""
    own = LEAD if isinstance(form, LeadForm) else PORTAL
    if isinstance(form, LeadForm):
        return [*own[:-1], *(_question(one) for one in form.fields), own[-1]]
    return [*own, *(_question(one) for one in form.fields)]


def _question(definition: CustomField) -> Field:
    kind = _KINDS.get(definition.type, "text")
    return Field(f"customField_{definition.id}", definition.label, kind, options=definition.options)
