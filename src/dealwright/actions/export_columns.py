"""What stands in the columns of an exported table, for each kind of record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from dealwright.domain.contact import Brief
from dealwright.domain.contact_info import ContactInfo, Info, address_parts, first_of
from dealwright.domain.note import System
from dealwright.domain.values import plain
from dealwright.storage.cases import FullCase
from dealwright.storage.contacts import FullContact
from dealwright.storage.invoice_items import FullItem
from dealwright.storage.invoices import FullInvoice
from dealwright.storage.notes import FullNote
from dealwright.storage.opportunities import Deal
from dealwright.storage.rules import Rules
from dealwright.storage.tasks import FullTask

BILLINGS: Final = ("Fixed bid", "Per hour", "Per day", "Per week", "Per month", "Per year")
LINKS: Final = tuple(kind for kind in Info if kind not in (Info.PHONE, Info.EMAIL, Info.WEBSITE, Info.ADDRESS))


@dataclass(frozen=True, slots=True)
class Table:
    """One table: the heads of its columns, those of custom fields of these kinds behind them, and a record's cells."""

    heads: tuple[str, ...]
    cells: Callable[[Rules, Any], Sequence[object]]
    subjects: tuple[str, ...] = ()
    custom: Callable[[Any], Mapping[int, str]] = lambda _: {}

    def head(self, rules: Rules) -> list[str]:
        """Return the heads of all columns."""
        return [*self.heads, *(field.label for field in rules.fields_of(*self.subjects))]

    def row(self, rules: Rules, record: object) -> list[str]:
        """Return the cells of a record."""
        values = self.custom(record)
        own = [cell(rules, value) for value in self.cells(rules, record)]
        return [*own, *(values.get(field.id, "") for field in rules.fields_of(*self.subjects))]


def cell(rules: Rules, value: object) -> str:
    """Return a value as text: instants in the portal's zone, amounts with a point, lists with commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone(rules.zone).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, Decimal):
        return str(plain(value))
    if isinstance(value, (list, tuple)):
        return ", ".join(str(one) for one in value)
    return str(value)


def _by_uid(rules: Rules, uid: str | None) -> str:
    user = rules.users_by_uid.get(uid or "")
    return user.name if user else ""


def _by_id(rules: Rules, ident: int | None) -> str:
    user = rules.users.get(ident or 0)
    return user.name if user else ""


def _item(rules: Rules, ident: int | None) -> str:
    item = rules.items.get(ident or 0)
    return item.title if item else ""


def _names(briefs: Sequence[Brief]) -> list[str]:
    return [brief.display_name for brief in briefs]


def _contact(rules: Rules, full: FullContact) -> Sequence[object]:
    own, infos = full.contact, full.infos
    company = own.name if own.is_company else own.company_name
    return [
        *(own.id, "company" if own.is_company else "person", own.first_name, own.last_name, company, own.job_title),
        *(own.about, own.industry, own.currency, _item(rules, own.status_id), _item(rules, own.type_id), full.tags),
        *(_first(infos, Info.EMAIL), _rest(infos, Info.EMAIL), _first(infos, Info.PHONE), _rest(infos, Info.PHONE)),
        *(_all(infos, (Info.WEBSITE,)), _all(infos, LINKS), *_address(infos)),
        *([_by_uid(rules, uid) for uid in full.managers], own.created_at, _by_id(rules, own.created_by)),
    ]


def _first(infos: Sequence[ContactInfo], kind: Info) -> str:
    found = first_of(infos, kind)
    return found.data if found else ""


def _rest(infos: Sequence[ContactInfo], kind: Info) -> list[str]:
    first = first_of(infos, kind)
    return [one.data for one in infos if one.kind is kind and one is not first]


def _all(infos: Sequence[ContactInfo], kinds: Sequence[Info]) -> list[str]:
    return [one.data for one in infos if one.kind in kinds]


def _address(infos: Sequence[ContactInfo]) -> list[str]:
    parts = address_parts(_first(infos, Info.ADDRESS) or "{}")
    return [parts.get(name, "") for name in ("street", "city", "state", "zip", "country")]


def _deal(rules: Rules, deal: Deal) -> Sequence[object]:
    own = deal.opportunity
    stage = rules.stages.get(own.stage_id)
    billing = BILLINGS[own.billing] if 0 <= own.billing < len(BILLINGS) else own.billing
    return [
        *(own.id, own.title, own.description, stage.title if stage else "", own.outcome.name.lower()),
        *(own.amount, own.currency, billing, own.periods, own.probability, own.expected_close, own.closed_at),
        *(_by_uid(rules, own.responsible), deal.contact.display_name if deal.contact else "", _names(deal.members)),
        *(deal.tags, own.private, own.created_at, _by_id(rules, own.created_by), own.updated_at),
    ]


def _case(rules: Rules, full: FullCase) -> Sequence[object]:
    own = full.case
    return [
        *(own.id, own.title, own.closed, _names(full.members), full.tags, own.private),
        *(own.created_at, _by_id(rules, own.created_by)),
    ]


def _task(rules: Rules, full: FullTask) -> Sequence[object]:
    own = full.task
    contact = full.contact.display_name if full.contact else ""
    return [
        *(own.id, own.title, own.description, own.deadline, _by_uid(rules, own.responsible)),
        *(_item(rules, own.category_id), contact, full.opportunity_title, full.case_title, own.closed),
        *(own.alert_minutes, own.created_at, _by_id(rules, own.created_by)),
    ]


def _note(rules: Rules, full: FullNote) -> Sequence[object]:
    own, category = full.note, full.note.category_id
    title = System(category).title if category in list(System) else _item(rules, category)
    contact = full.contact.display_name if full.contact else ""
    files = [file.title for file in full.files]
    return [
        *(own.id, own.created_at, title, own.content, contact, full.opportunity_title, full.case_title, files),
        _by_id(rules, own.created_by),
    ]


def _invoice(rules: Rules, full: FullInvoice) -> Sequence[object]:
    own = full.invoice
    contact, consignee = (brief.display_name if brief else "" for brief in (full.contact, full.consignee))
    return [
        *(own.id, own.number, own.status.name.lower(), own.issued_at, own.due_at, contact, consignee),
        *(full.opportunity_title, own.cost, own.currency, own.rate, own.purchase_order, own.terms, own.description),
        *(own.created_at, _by_id(rules, own.created_by)),
    ]


def _sold(rules: Rules, full: FullItem) -> Sequence[object]:
    own = full.item
    taxes = [tax.name for tax in (full.tax1, full.tax2) if tax is not None]
    return [
        *(own.id, own.title, own.sku, own.description, own.price, own.currency, own.stock, own.tracked, taxes),
        *(own.created_at, _by_id(rules, own.created_by)),
    ]


TABLES: Final[Mapping[str, Table]] = {
    "contact": Table(
        (
            *("Id", "Kind", "First name", "Last name", "Company", "Job title", "About", "Industry", "Currency"),
            *("Status", "Type", "Tags", "E-mail", "Other e-mails", "Phone", "Other phones", "Website", "Other links"),
            *("Street", "City", "State", "Zip", "Country", "Managers", "Created", "Created by"),
        ),
        _contact,
        ("contact", "person", "company"),
        lambda full: full.custom,
    ),
    "opportunity": Table(
        (
            *("Id", "Title", "Description", "Stage", "Outcome", "Amount", "Currency", "Billing", "Periods"),
            *("Probability", "Expected close", "Closed", "Responsible", "Contact", "Participants", "Tags", "Private"),
            *("Created", "Created by", "Updated"),
        ),
        _deal,
        ("opportunity",),
        lambda deal: deal.custom,
    ),
    "case": Table(
        ("Id", "Title", "Closed", "Participants", "Tags", "Private", "Created", "Created by"),
        _case,
        ("case",),
        lambda full: full.custom,
    ),
    "task": Table(
        (
            *("Id", "Title", "Description", "Deadline", "Responsible", "Category", "Contact", "Opportunity", "Case"),
            *("Closed", "Alert minutes", "Created", "Created by"),
        ),
        _task,
    ),
    "history": Table(
        ("Id", "When", "Category", "Content", "Contact", "Opportunity", "Case", "Files", "By"),
        _note,
    ),
    "invoice": Table(
        (
            *("Id", "Number", "Status", "Issued", "Due", "Contact", "Consignee", "Opportunity", "Cost", "Currency"),
            *("Rate", "Purchase order", "Terms", "Description", "Created", "Created by"),
        ),
        _invoice,
    ),
    "invoice_item": Table(
        (
            *("Id", "Title", "SKU", "Description", "Price", "Currency", "In stock", "Tracked", "Taxes"),
            *("Created", "Created by"),
        ),
        _sold,
    ),
}
