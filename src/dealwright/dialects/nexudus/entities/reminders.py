"""Messages that go out by themselves (crm §12)."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.nexudus.entity import EXPANDED, OPTIONAL, REQUIRED, Entity, Member, each

REMINDER: Final = Entity(
    "Reminder",
    "reminders",
    "crm",
    (
        Member("BusinessId", "int", REQUIRED, "location_id", to="Business"),
        Member("BusinessName", "str", EXPANDED, "location.name"),
        Member("Name", "str", REQUIRED, "name"),
        *each("bool", "ForAllContacts", "ForAllMembers", "ForAllChildLocations"),
        Member("CoworkerId", "int?", OPTIONAL, "contact_id", to="Coworker"),
        Member("Tariffs", "int[]"),
        Member("ReminderType", "enum:eReminderType", OPTIONAL, "type", default=1),
        Member("ReminderDate", "dt?", OPTIONAL, "remind_at"),
        Member("DaysAfterSignup", "int?"),
        Member("ProductId", "int?"),
        Member("ProductName", "str?", EXPANDED),
        Member("SurveyId", "int?"),
        Member("SurveyName", "str?", EXPANDED),
        *each("int?", "DaysAfterRenewal", "DaysBeforeRenewal"),
        Member("ReminderAction", "enum:eReminderAction", OPTIONAL, "action", default=1),
        Member("Email", "str?"),
        Member("CannedResponseId", "int?", OPTIONAL, "canned_response_id", to="CannedResponse"),
        Member("CannedResponseName", "str?", EXPANDED, "canned_response.name"),
        Member("NextProcessTime", "dt?", OPTIONAL, "next_at"),
        Member("Resources", "int[]"),
        *each("bool", "OnlySendToTeamPayingMembers", "OnlySendToActiveCoworkers"),
        Member("BlockingPeriodMinutes", "int?"),
    ),
)
