"""Opportunities, their types, and the history of their stages (crm §4, §5 and §7)."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.nexudus.entity import (
    EXPANDED,
    OPTIONAL,
    READ_ONLY,
    REQUIRED,
    Entity,
    Member,
    first,
    joined,
)
from dealwright.domain.values import DERIVE

CRM_OPPORTUNITY: Final = Entity(
    "CrmOpportunity",
    "crmopportunities",
    "crm",
    (
        Member("Name", "str?", OPTIONAL, "title"),
        Member("CrmBoardColumnId", "int", REQUIRED, "stage_id", to="CrmBoardColumn"),
        Member("CrmBoardColumnName", "str", EXPANDED, "stage.title"),
        Member("CrmBoardColumnCrmBoardId", "int", EXPANDED, "stage.pipeline_id"),
        Member("CrmBoardColumnCrmBoardName", "str", EXPANDED, "stage.pipeline.name"),
        Member("CrmBoardColumnCrmBoardBusinessId", "int", EXPANDED, "stage.pipeline.location_id"),
        Member("CrmBoardColumnCrmBoardBusinessName", "str", EXPANDED, "stage.pipeline.location.name"),
        Member("CrmBoardColumnCrmBoardBusinessCurrencyId", "int", EXPANDED, "stage.pipeline.location.currency.id"),
        Member(
            "CrmBoardColumnCrmBoardBusinessCurrencyCode",
            "str",
            EXPANDED,
            "stage.pipeline.location.currency.code",
        ),
        Member("CoworkerId", "int", REQUIRED, "contact_id", to="Coworker", forgiven=True),
        Member("CoworkerFullName", "str", EXPANDED, "contact.display_name"),
        Member("CoworkerCoworkerType", "enum:eCoworkerType", EXPANDED, "contact.kind"),
        Member("CoworkerCompanyName", "str?", EXPANDED, "contact.company_name"),
        Member("CoworkerEmail", "str", EXPANDED, "contact.email"),
        Member("TeamId", "int?", OPTIONAL, "team_id", to="Team"),
        Member("TeamName", "str?", EXPANDED, "team.name"),
        Member("TeamDescription", "str?", EXPANDED, "team.description"),
        Member("TeamProfileWebsite", "str?", EXPANDED, "team.profile_website"),
        Member("OpportunityTypeId", "int?", OPTIONAL, "kind_id", to="OpportunityType"),
        Member("OpportunityTypeName", "str?", EXPANDED, "kind.name"),
        Member("ResponsibleId", "int?", OPTIONAL, "responsible", to="User"),
        Member("ResponsibleFullName", "str?", EXPANDED, "responsible.name"),
        Member("ReferrerId", "int?", OPTIONAL, "referrer_id", to="Coworker"),
        Member("AgentId", "int?", OPTIONAL, "agent_id", to="Coworker"),
        Member("Notes", "str?", OPTIONAL, "description"),
        Member("Completed", "bool", OPTIONAL, "completed", default=DERIVE),
        Member("DueDate", "dt?", OPTIONAL, "follow_up_at"),
        Member("Value", "dec?", OPTIONAL, "amount"),
        Member("Reminded", "bool", OPTIONAL, "reminded"),
        Member("LeadSource", "enum?:eCrmOpportunitySource", OPTIONAL, "lead_source"),
        Member("LossReason", "enum?:eCrmOpportunityLossReason", OPTIONAL, "loss_reason"),
        Member("Status", "enum:eCrmOpportunityStatus", OPTIONAL, "outcome", default=DERIVE),
        Member("WonOn", "dt?", OPTIONAL, "won_at"),
        Member("LostOn", "dt?", OPTIONAL, "lost_at"),
        Member("CrmUpdatedOn", "dt?", READ_ONLY, "moved_at"),
        Member("Position", "int", REQUIRED, "position"),
        Member("UtmSource", "str?", OPTIONAL, "utm_source"),
        Member("UtmMedium", "str?", OPTIONAL, "utm_medium"),
        Member("UtmCampaign", "str?", OPTIONAL, "utm_campaign"),
        Member("UtmContent", "str?", OPTIONAL, "utm_content"),
        Member("UtmTerm", "str?", OPTIONAL, "utm_term"),
    ),
    label=first("Name", "CoworkerFullName"),
)

CRM_OPPORTUNITY_HISTORY: Final = Entity(
    "CrmOpportunityHistory",
    "crmopportunityhistories",
    "crm",
    (
        Member("CrmOpportunityId", "int?", OPTIONAL, "opportunity_id", to="CrmOpportunity"),
        Member("OldCrmBoardColumnId", "int?", OPTIONAL, "from_stage_id", to="CrmBoardColumn"),
        Member("OldCrmBoardColumnName", "str?", EXPANDED, "from_stage.title"),
        Member("FromTime", "dt?", OPTIONAL, "from_time"),
        Member("ToTime", "dt?", OPTIONAL, "to_time"),
        Member("NewCrmBoardColumnId", "int", REQUIRED, "to_stage_id", to="CrmBoardColumn"),
        Member("NewCrmBoardColumnName", "str", EXPANDED, "to_stage.title"),
        Member("UserId", "int?", OPTIONAL, "user_id", to="User"),
        Member("UserFullName", "str?", EXPANDED, "user.name"),
    ),
    label=joined("OldCrmBoardColumnName", "NewCrmBoardColumnName"),
)

OPPORTUNITY_TYPE: Final = Entity(
    "OpportunityType",
    "opportunitytypes",
    "crm",
    (
        Member("BusinessId", "int", REQUIRED, "location_id", to="Business"),
        Member("Name", "str", REQUIRED, "name"),
        Member("NotesTemplate", "str?", OPTIONAL, "notes_template"),
    ),
)
