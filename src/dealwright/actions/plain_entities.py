"""The plain records as deeds know them: settings, reminders, messages, documents, forms, webhooks, import files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dealwright.actions.plain_records import Entity
from dealwright.domain import webhook
from dealwright.domain.file import Purpose
from dealwright.storage import plain_kinds as kinds

BUSINESS_SETTING: Final = Entity(kind=kinds.BUSINESS_SETTING, stem="BusinessSetting")
REMINDER: Final = Entity(kind=kinds.REMINDER, stem="Reminder")
MESSAGE: Final = Entity(kind=kinds.MESSAGE, stem="CoworkerMessage", needs=("contact_id",))
DOCUMENT: Final = Entity(
    kind=kinds.DOCUMENT,
    stem="CoworkerDataFile",
    needs=("location_id", "contact_id", "name"),
    purpose=Purpose.DOCUMENT,
)
IMPORT_FILE: Final = Entity(kind=kinds.IMPORT_FILE, stem="CrmOpportunityImportFile", purpose=Purpose.IMPORT)
_ASKED: Final[Mapping[str, Any]] = {"questions": []}
FORM_PAGE: Final = Entity(kind=kinds.FORM_PAGE, stem="FormPage", starts={**_ASKED, "description": ""})
FORM_REQUEST: Final = Entity(kind=kinds.FORM_REQUEST, stem="FormPageRequest", needs=("contact_id", "form_page_id"))
WEBHOOK: Final = Entity(
    kind=kinds.WEBHOOK,
    stem="WebHook",
    starts={"secret": "", "old_secret": "", "error_count": 0, "action": 1},
    check=webhook.problems_of,
    secret=frozenset({"secret", "old_secret", "old_secret_until", "since", "due_at"}),
)
CALENDAR_EVENT: Final = Entity(kind=kinds.CALENDAR_EVENT, stem="CalendarEvent")
