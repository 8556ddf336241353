"""Proposals to customers (related, Proposal)."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.nexudus.entity import (
    CREATE_ONLY,
    EXPANDED,
    OPTIONAL,
    READ_ONLY,
    REQUIRED,
    Entity,
    Member,
    each,
    first,
)

PROPOSAL: Final = Entity(
    "Proposal",
    "proposals",
    "billing",
    (
        Member("IssuedById", "int", REQUIRED, "location_id", to="Business"),
        Member("IssuedByName", "str", EXPANDED, "location.name"),
        Member("IssuedByCurrencyCode", "str", EXPANDED, "location.currency.code"),
        Member("ResponsibleId", "int", REQUIRED, "responsible_id", to="User"),
        Member("ResponsibleFullName", "str", EXPANDED, "responsible.name"),
        Member("CoworkerId", "int", REQUIRED, "contact_id", to="Coworker"),
        Member("CoworkerCoworkerType", "enum:eCoworkerType", EXPANDED, "contact.kind"),
        Member("CoworkerFullName", "str", EXPANDED, "contact.display_name"),
        Member("CoworkerCompanyName", "str?", EXPANDED, "contact.company_name"),
        Member("CoworkerBillingName", "str?", EXPANDED, "contact.billing_name"),
        Member("Reference", "str", REQUIRED, "reference"),
        Member("Notes", "str?", OPTIONAL, "notes"),
        Member("ProposalStatus", "enum:eProposalStatus", REQUIRED, "status"),
        *each("int?", "DocumentToSendId", "DocumentToSignId"),
        Member("TariffId", "int", CREATE_ONLY),
        Member("TariffName", "str", READ_ONLY),
        Member("TariffPrice", "dec", READ_ONLY),
        Member("Price", "dec?", CREATE_ONLY, "price"),
        Member("StartDate", "dt?", CREATE_ONLY),
        Member("CancellationLimitDays", "int?", CREATE_ONLY),
        *each("dt?", "ContractTerm", "CancellationDate", "ExpirationDate", kind=CREATE_ONLY),
        Member("BillingDay", "int", CREATE_ONLY),
        Member("Quantity", "int", CREATE_ONLY, "quantity", default=1),
        Member("DiscountCodeId", "int?", CREATE_ONLY),
        Member("SentOn", "dt?", READ_ONLY, "sent_at"),
        Member("CustomerLastOpenedDate", "dt?", READ_ONLY, "opened_at"),
        Member("DoNotIssueInvoice", "bool"),
        *each("int[]", "Desks", "Variants", kind=CREATE_ONLY),
        *each("dec", "Total", "SignupTotal", "RecurringTotal", kind=READ_ONLY),
    ),
    label=first("Reference"),
)
