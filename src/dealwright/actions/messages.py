"""Messages to contacts: what is sent to one is kept as a record of it and leaves by the outbox."""

from __future__ import annotations

from datetime import datetime
from html import escape

from dealwright.actions.deed import happened, posted, recorded
from dealwright.actions.mailings import LETTER
from dealwright.actions.rule_deeds import fresh
from dealwright.domain.actor import Actor
from dealwright.domain.contact import Brief
from dealwright.storage import plain_records as store
from dealwright.storage.plain_kinds import MESSAGE
from dealwright.storage.writes import Write


def to_contact(
    actor: Actor, card: Brief, subject: str, body: str, at: datetime, reminder_uid: str | None = None
) -> list[Write]:
    """Return the writes of a message to a contact; it leaves by mail where the contact has an address.

    `reminder_uid` is the identity of the reminder that sent it. Answers go to who sent it.
    """
    values = {"contact_id": card.id, "subject": subject, "body": body, "reminder_uid": reminder_uid}
    event = happened(actor, at, "message", ["message.created"], None, {"contact_id": card.id, "subject": subject})
    facts: dict[str, object] = {
        "to": card.email,
        "name": card.display_name,
        "by": actor.name,
        "reply_to": actor.email,
        "subject": subject,
        "html": "<br>\n".join(escape(body).splitlines()),
        "text": body,
        "files": [],
    }
    letter: list[Write] = [posted(LETTER, facts, at)] if card.email else []
    return [
        store.inserted(MESSAGE, fresh(actor, at), values),
        recorded(event, store.made(MESSAGE)),
        *letter,
    ]
