"""Boards and their columns, called stages on the screen (crm §2 and §3)."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.nexudus.entity import (
    DELTA,
    EXPANDED,
    OPTIONAL,
    READ_ONLY,
    REQUIRED,
    Entity,
    Member,
    each,
    joined,
)

CRM_BOARD: Final = Entity(
    "CrmBoard",
    "crmboards",
    "crm",
    (
        Member("BusinessId", "int", REQUIRED, "location_id", to="Business"),
        Member("Name", "str", REQUIRED, "name"),
        Member("Archived", "bool", OPTIONAL, "archived"),
    ),
)

CRM_BOARD_COLUMN: Final = Entity(
    "CrmBoardColumn",
    "crmboardcolumns",
    "crm",
    (
        Member("CrmBoardId", "int", REQUIRED, "pipeline_id", to="CrmBoard"),
        Member("CrmBoardName", "str", EXPANDED, "pipeline.name"),
        Member("CrmBoardBusinessId", "int", EXPANDED, "pipeline.location_id"),
        Member("CrmBoardBusinessName", "str", EXPANDED, "pipeline.location.name"),
        Member("CrmBoardBusinessCurrencyId", "int", EXPANDED, "pipeline.location.currency.id"),
        Member("CrmBoardBusinessCurrencyCode", "str", EXPANDED, "pipeline.location.currency.code"),
        Member("Name", "str", REQUIRED, "title"),
        Member("Position", "int", REQUIRED, "position"),
        *each("bool", "TourRequests", "ToursConfirmed", "TourCompleted"),
        Member("WinOpportunity", "bool", OPTIONAL, "wins"),
        Member("LoseOpportunity", "bool", OPTIONAL, "loses"),
        *each("bool", "SignUps", "Bookings", "Cancellations", "ProposalsSent", "ProposalsAccepted"),
        *each("bool", "DocumentsSigned", "EventRegistrations", "ContactMessages"),
        Member("CannedResponseId", "int?", OPTIONAL, "canned_response_id", to="CannedResponse"),
        Member("TaskListId", "int?", OPTIONAL, "task_list_id", to="TaskList"),
        *each("bool", "UseTaskListAsResponsible", "ActivateAccount", "DeleteAccount", "DeactivateAccount"),
        *each("bool", "ConfirmTour", "ProductPurchased"),
        Member("Products", "int[]"),
        *each("int[]?", "AddedProducts", "RemovedProducts", kind=DELTA),
        Member("ResourceBooked", "bool"),
        Member("Resources", "int[]"),
        *each("int[]?", "AddedResources", "RemovedResources", kind=DELTA),
        Member("EventCheckins", "bool"),
        Member("OpportunitiesCount", "int", READ_ONLY, "deals"),
        Member("OpportunitiesValue", "dec", READ_ONLY, "amount"),
        Member("DueCount", "int", READ_ONLY, "due"),
    ),
    label=joined("CrmBoardName", "Name"),
    refusals={"outcome": "LoseOpportunity"},
)
