"""What was sent to a customer, and what came back (related, CoworkerMessage)."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.nexudus.entity import EXPANDED, READ_ONLY, READING, Entity, Member, Verb, each, first

COWORKER_MESSAGE: Final = Entity(
    "CoworkerMessage",
    "coworkermessages",
    "spaces",
    (
        Member("CoworkerId", "int", READ_ONLY, "contact_id", to="Coworker"),
        Member("CoworkerFullName", "str", EXPANDED, "contact.display_name"),
        Member("CoworkerEmail", "str", EXPANDED, "contact.email"),
        Member("CoworkerBillingName", "str?", EXPANDED, "contact.billing_name"),
        Member("CoworkerCompanyName", "str?", EXPANDED, "contact.company_name"),
        Member("EmailAccountId", "int?", READ_ONLY),
        *each("str?", "EmailAccountDisplayName", "EmailAccountEmailAddress", kind=EXPANDED),
        Member("Subject", "str?", READ_ONLY, "subject"),
        Member("Body", "str?", READ_ONLY, "body"),
        Member("IsNewMessage", "bool", READ_ONLY, "is_new"),
        Member("Incoming", "bool", READ_ONLY, "incoming"),
        Member("MessageId", "int?", READ_ONLY),
        Member("ReminderUniqueId", "str?", READ_ONLY, "reminder_uid"),
    ),
    verbs=READING | {Verb.COMMANDS, Verb.RUN},
    label=first("Subject"),
)
