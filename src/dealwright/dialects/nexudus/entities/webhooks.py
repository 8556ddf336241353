"""Webhooks (conventions §10; related, WebHook)."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.nexudus.entity import OPTIONAL, READ_ONLY, REQUIRED, Entity, Member

WEB_HOOK: Final = Entity(
    "WebHook",
    "webhooks",
    "sys",
    (
        Member("BusinessId", "int", REQUIRED, "location_id", to="Business"),
        Member("Name", "str", REQUIRED, "name"),
        Member("Action", "enum:eWebhookAction", REQUIRED, "action"),
        Member("Description", "str?", OPTIONAL, "description"),
        Member("URL", "str", REQUIRED, "url"),
        Member("Active", "bool", OPTIONAL, "active"),
        Member("ErrorCount", "int", READ_ONLY, "error_count", filtered=True),
        Member("LastError", "str?", READ_ONLY, "last_error", filtered=True),
        Member("LastTrigger", "dt?", READ_ONLY, "last_at", filtered=True),
    ),
)
