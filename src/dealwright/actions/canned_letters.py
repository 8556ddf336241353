"""Letters that rules write to contacts: filled in for each, kept as a message, sent where there is an address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from dealwright.actions.deed import posted, recorded
from dealwright.actions.mailings import LETTER
from dealwright.actions.rule_deeds import fresh
from dealwright.domain.actor import Actor
from dealwright.domain.canned import filled, page_of, placeholders
from dealwright.domain.event import Event
from dealwright.domain.mailing import text_of
from dealwright.domain.pipeline import Location
from dealwright.storage import plain_records as store
from dealwright.storage.contacts import FullContact
from dealwright.storage.plain_kinds import MESSAGE
from dealwright.storage.rules import Rules
from dealwright.storage.writes import Write


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What a rule writes, and from which location; subject and message may hold placeholders."""

    subject: str
    message: str
    place: Location
    reminder_uid: str | None = None


def canned(rules: Rules, ident: int | None, place: Location) -> Template | None:
    """Return a canned response as a template; None where there is none."""
    found = rules.canned_responses.get(ident or 0)
    if found is None:
        return None
    return Template(subject=found.values["subject"] or "", message=found.values["message"] or "", place=place)


def letter(rules: Rules, rule: Actor, person: FullContact, template: Template, deed: Event) -> Iterator[Write]:
    """Yield the writes of a letter to a contact, as part of the deed; none where it would say nothing.

    `rule` is who acts; answers go to that e-mail.
    """
    subject, page = _filled(rules, person, template, deed)
    own = person.contact
    if not subject and not page:
        return
    values = {"contact_id": own.id, "subject": subject, "body": page, "reminder_uid": template.reminder_uid}
    yield store.inserted(MESSAGE, fresh(rule, deed.at), values)
    facts = {"contact_id": own.id, "subject": subject}
    told = replace(deed, subject="message", kinds=["message.created"], before={}, after=facts)
    yield recorded(told, store.made(MESSAGE))
    if own.email:
        said: Mapping[str, object] = {"to": own.email, "name": own.display_name, "subject": subject, "html": page}
        sender = {"by": template.place.name, "reply_to": rule.email}
        yield posted(LETTER, {**said, **sender, "text": text_of(page), "files": []}, deed.at)


def _filled(rules: Rules, person: FullContact, template: Template, deed: Event) -> tuple[str, str]:
    custom = {rules.fields[key].label: value for key, value in person.custom.items() if key in rules.fields}
    today = deed.at.astimezone(rules.zone).date()
    words = placeholders(person.contact, person.infos, custom, person.teams.values(), template.place.name, today)
    subject = filled(template.subject, words, as_page=False)
    return subject, filled(page_of(template.message), words, as_page=True)
