"""The plain records as deeds know them: settings, reminders, messages, documents, forms, webhooks, import files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dealwright.actions.deed import now, posted
from dealwright.actions.plain_records import Entity, Values
from dealwright.domain import webhook
from dealwright.domain.actor import Actor
from dealwright.domain.automation import Trigger
from dealwright.domain.file import Purpose
from dealwright.storage import plain_kinds as kinds
from dealwright.storage import plain_records as store
from dealwright.storage.database import Database
from dealwright.storage.writes import Write

SIGNED: Final = "mail.document_signed"


def _received(before: Values | None, after: Values) -> Trigger | None:
    """A message that came in from its contact."""
    return Trigger.MESSAGE_RECEIVED if before is None and after["incoming"] else None


def _signed(before: Values | None, after: Values) -> Trigger | None:
    """A document that has a signed copy now and had none."""
    was = before["signed_file_id"] if before else None
    return Trigger.DOCUMENT_SIGNED if after["signed_file_id"] and not was else None


async def _told_of_signing(db: Database, actor: Actor, before: Values | None, after: Values) -> list[Write]:
    """Return the letter to the address that a document names, now that it is signed; one's own gets it too."""
    to = str(after["extra"].get("NotifyWhenSignedEmail") or "").strip()
    if not to or _signed(before, after) is None:
        return []
    card = await store.named_contact(db, actor, after["contact_id"])
    name = card.display_name if card else "somebody who is gone"
    facts = {"to": to, "title": after["name"], "contact": name, "by": actor.name or actor.email}
    return [posted(SIGNED, facts, now())]


BUSINESS_SETTING: Final = Entity(kind=kinds.BUSINESS_SETTING, stem="BusinessSetting")
REMINDER: Final = Entity(kind=kinds.REMINDER, stem="Reminder")
MESSAGE: Final = Entity(kind=kinds.MESSAGE, stem="CoworkerMessage", needs=("contact_id",), trigger=_received)
DOCUMENT: Final = Entity(
    kind=kinds.DOCUMENT,
    stem="CoworkerDataFile",
    needs=("location_id", "contact_id", "name"),
    purpose=Purpose.DOCUMENT,
    trigger=_signed,
    letters=_told_of_signing,
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
