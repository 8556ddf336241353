"""Under which headings a table of opportunities says what: the members' names, and those of the vendor's template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "contact_email": ("CoworkerEmail", "Email"),
    "contact_name": ("CoworkerFullName", "FullName", "Coworker", "Customer"),
    "contact_company": ("CoworkerCompanyName", "CompanyName"),
    "contact_phone": ("CoworkerMobilePhone", "MobilePhone"),
    "title": ("Name",),
    "description": ("Notes",),
    "pipeline": ("CrmBoardColumnCrmBoardName", "CrmBoardName", "CrmBoard", "Board"),
    "stage": ("CrmBoardColumnName", "CrmBoardColumn", "Column", "Stage"),
    "responsible": ("ResponsibleEmail", "ResponsibleFullName", "Responsible"),
    "amount": ("Value",),
    "follow_up_at": ("DueDate",),
    "outcome": ("Status",),
    "won_at": ("WonOn",),
    "lost_at": ("LostOn",),
    "kind": ("OpportunityTypeName", "OpportunityType"),
    "lead_source": ("LeadSource",),
    "loss_reason": ("LossReason",),
    "utm_source": ("UtmSource",),
    "utm_medium": ("UtmMedium",),
    "utm_campaign": ("UtmCampaign",),
    "utm_content": ("UtmContent",),
    "utm_term": ("UtmTerm",),
}
"""The headings that say each of our fields (crm §6 leaves them open)."""
HEADINGS: Final[Mapping[str, str]] = {
    heading.lower(): field for field, headings in FIELDS.items() for heading in headings
}
"""Our fields by folded heading."""
