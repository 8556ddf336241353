"""Forms that customers fill in, and what they filled in (related, FormPage and FormPageRequest)."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.nexudus.entity import EXPANDED, OPTIONAL, READ_ONLY, REQUIRED, Entity, Member, each, joined

FORM_PAGE: Final = Entity(
    "FormPage",
    "formpages",
    "content",
    (
        Member("BusinessId", "int", REQUIRED, "location_id", to="Business"),
        Member("BusinessName", "str", EXPANDED, "location.name"),
        Member("Name", "str", REQUIRED, "name"),
        Member("Description", "str", REQUIRED, "description"),
        Member("Active", "bool", OPTIONAL, "active"),
        Member("CrmBoardColumnId", "int?", OPTIONAL, "stage_id", to="CrmBoardColumn"),
        Member("CrmBoardColumnName", "str?", EXPANDED, "stage.title"),
        Member("CrmBoardColumnCrmBoardId", "int?", EXPANDED, "stage.pipeline_id"),
        Member("CrmBoardColumnCrmBoardName", "str?", EXPANDED, "stage.pipeline.name"),
        Member("ResponsibleId", "int?", OPTIONAL, "responsible_id", to="User"),
        Member("ResponsibleFullName", "str?", EXPANDED, "responsible.name"),
    ),
)

FORM_PAGE_REQUEST: Final = Entity(
    "FormPageRequest",
    "formpagerequests",
    "content",
    (
        Member("CoworkerId", "int", REQUIRED, "contact_id", to="Coworker"),
        Member("CoworkerCoworkerType", "enum:eCoworkerType", EXPANDED, "contact.kind"),
        Member("CoworkerFullName", "str", EXPANDED, "contact.display_name"),
        Member("CoworkerCompanyName", "str?", EXPANDED, "contact.company_name"),
        Member("CoworkerBillingName", "str?", EXPANDED, "contact.billing_name"),
        Member("CoworkerEmail", "str", EXPANDED, "contact.email"),
        Member("FormPageId", "int", REQUIRED, "form_page_id", to="FormPage"),
        Member("FormPageName", "str", EXPANDED, "form_page.name"),
        Member("FormPageBusinessName", "str", EXPANDED, "form_page.location.name"),
        Member("SentOn", "dt?", OPTIONAL, "sent_at"),
        Member("Submitted", "bool", OPTIONAL, "submitted"),
        *each("str?", "EventAttendeeUniqueId", "CalendarEventUniqueId", "CoworkerContractUniqueId", kind=READ_ONLY),
    ),
    label=joined("FormPageName", "CoworkerFullName"),
)
