"""Texts that are sent again and again (crm §9)."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.nexudus.entity import EXPANDED, OPTIONAL, REQUIRED, Entity, Member

CANNED_RESPONSE: Final = Entity(
    "CannedResponse",
    "cannedresponses",
    "crm",
    (
        Member("BusinessId", "int", REQUIRED, "location_id", to="Business"),
        Member("BusinessName", "str", EXPANDED, "location.name"),
        Member("Name", "str", REQUIRED, "name"),
        Member("Subject", "str?", OPTIONAL, "subject"),
        Member("MessageText", "str?", OPTIONAL, "message"),
    ),
)
