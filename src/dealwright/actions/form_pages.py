"""Lead forms: what strangers submit becomes contacts and deals, once, and each submission is kept.

Nobody is signed in: a form acts for the portal's owner, as the portal's own form does.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from dealwright.actions import automation, contacts, web_forms
from dealwright.actions import plain_records as deeds
from dealwright.actions.automation import Circumstances, Expected, Trigger
from dealwright.actions.deed import happened, now, posted, recorded
from dealwright.actions.plain_entities import FORM_PAGE, FORM_REQUEST
from dealwright.actions.plain_records import Values
from dealwright.actions.rule_deeds import fresh
from dealwright.actions.web_forms import SPACE, Received, Submission, WebForm, as_owner, identity_of
from dealwright.domain.actor import Actor
from dealwright.domain.contact import Share
from dealwright.domain.contact_info import Info
from dealwright.domain.custom_field import CustomField
from dealwright.domain.errors import Conflict, Invalid, NotFound, Problem
from dealwright.domain.event import Event
from dealwright.domain.opportunity import Sharing
from dealwright.domain.text import fold
from dealwright.storage import form_pages as store
from dealwright.storage import lookups
from dealwright.storage import plain_records as records
from dealwright.storage.database import Database
from dealwright.storage.form_pages import Page
from dealwright.storage.plain_records import PlainRecord
from dealwright.storage.rules import Rules
from dealwright.storage.tokens import present_stamp
from dealwright.storage.writes import Clash, Lost, Write

SUBJECTS: Final = ("contact", "person", "company", "opportunity")
"""Whose custom fields a form may ask for."""
WEB: Final = 1
"""The lead source of what comes in by a form."""
_UID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadForm(WebForm):
    """A lead form as strangers meet it."""

    page_id: int
    location_id: int


async def create(db: Database, actor: Actor, values: Values) -> PlainRecord:
    """Make a lead form; see plain_records.create. `field_ids` are custom fields that it asks for."""
    return await deeds.create(db, actor, FORM_PAGE, _asking(db.rules, values))


async def change(db: Database, actor: Actor, ident: int, values: Values, version: int | None = None) -> PlainRecord:
    """Change a lead form; see plain_records.change."""
    return await deeds.change(db, actor, FORM_PAGE, ident, _asking(db.rules, values), version)


def _asking(rules: Rules, values: Values) -> dict[str, Any]:
    said = dict(values)
    ids = said.pop("field_ids", None)
    if ids is None:
        return said
    known = {one.id for one in rules.fields_of(*SUBJECTS)}
    if unknown := [one for one in ids if one not in known]:
        raise Invalid(*(Problem("field_ids", "unknown", "is no field that a form asks for", one) for one in unknown))
    return {**said, "questions": store.questions(list(dict.fromkeys(ids)))}


async def look_up(db: Database, uid: str) -> LeadForm:
    """Return the active form of an identity. Refuses with NotFound, also before anybody owns the portal."""
    page = await store.active(db, uid.lower()) if _UID.fullmatch(uid.lower()) else None
    if page is None:
        raise NotFound("form")
    if await present_stamp(db) != db.rules.stamp:
        await db.refresh()
    return _form(db.rules, page)


def _form(rules: Rules, page: Page) -> LeadForm:
    user = rules.users.get(page.responsible_id or 0)
    return LeadForm(
        key=page.uid,
        title=page.name,
        text=page.description,
        fields=_fields(rules, page.field_ids),
        stage_id=page.stage_id if page.stage_id in rules.stages else None,
        responsible=user.uid if user and user.active else None,
        page_id=page.id,
        location_id=page.location_id,
    )


def _fields(rules: Rules, ids: tuple[int, ...]) -> tuple[CustomField, ...]:
    return tuple(rules.fields[one] for one in ids if one in rules.fields)


async def submit(db: Database, form: LeadForm, sent: Submission, invitation: str = "") -> Received:
    """Keep what somebody submitted: the contact of its e-mail is found or made, with a deal where the form has a stage.

    What was submitted before is not made again. `invitation` is the identity of a request that somebody was asked by;
    then the contact is that one's. Refuses with Invalid and Conflict.
    """

    async def deed(actor: Actor) -> Received:
        return await _Submission(db, actor, form, sent, invitation.lower()).taken()

    return await as_owner(db, deed)


class _Submission:
    """One submission on its way: every step finds what an earlier try has made already."""

    def __init__(self, db: Database, actor: Actor, form: LeadForm, sent: Submission, invitation: str) -> None:
        self.db, self.actor, self.form, self.sent = db, actor, form, sent
        self.tokens = [identity_of(form, identity) for identity in sent.identities]
        self.invitation = invitation if _UID.fullmatch(invitation) else ""

    async def taken(self) -> Received:
        """Take it in."""
        if (known := await self._known()) is not None:
            return known
        invited = await store.invitation(self.db, self.form.page_id, self.invitation) if self.invitation else None
        asked = invited if invited and not invited.submitted else None
        contact_id = asked.contact_id if asked else await self._contact()
        deal_id = await self._deal(contact_id)
        known_as = Circumstances(location_id=self.form.location_id, responsible=self.form.responsible, utm=self._utm())
        expected = await automation.expected(self.db, self.actor, Trigger.FORM_SUBMITTED, contact_id, known_as)
        try:
            await self.db.apply(self._writes(contact_id, deal_id, asked.id if asked else None, expected))
        except (Clash, Lost) as trouble:  # the same was submitted at the same time
            known = await self._known()
            if known is None:
                raise Conflict("this was sent twice at the same time") from trouble
            return known
        await automation.settle(self.db, expected)
        return Received(contact_id, deal_id)

    async def _known(self) -> Received | None:
        request = await store.request_of(self.db, self.tokens)
        return None if request is None else Received(request.contact_id, request.opportunity_id, repeated=True)

    async def _contact(self) -> int:
        """Return the contact of the e-mail; one that is there stays as it is, whatever a stranger says of it."""
        email = next((one.data for one in self._infos().get(Info.EMAIL, ())), "")
        if (known := await self._with(email)) is not None:
            return known
        uid = str(uuid.uuid5(SPACE, f"lead {fold(email)}"))
        made = await web_forms.once(lambda: web_forms.make_contact(self.db, self.actor, self.sent, uid))
        if made is not None:
            return made.contact.id
        if (known := await self._with(email)) is not None:
            return known
        # whoever was made under this identity has another e-mail by now, or is in the trash
        return (await web_forms.make_contact(self.db, self.actor, self.sent, None)).contact.id

    def _infos(self) -> Mapping[Info, Any]:
        infos = self.sent.contact.infos
        return infos if isinstance(infos, Mapping) else {}

    async def _with(self, email: str) -> int | None:
        found = await lookups.contacts_with_email(self.db, self.actor, {fold(email)})
        return found.get(fold(email))

    async def _deal(self, contact_id: int) -> int | None:
        """Make the deal; of a contact that not everybody sees only its managers see it."""
        sent = self.sent
        if self.form.stage_id is None or sent.deal is None:
            return None
        full = await contacts.get(self.db, self.actor, contact_id)
        if full.contact.sharing is Share.NOBODY:
            people = full.managers or (self.form.responsible or self.actor.uid,)
            sent = replace(sent, deal=replace(sent.deal, sharing=Sharing(True, people)))
        return await web_forms.make_deal(self.db, self.actor, self.form, sent, contact_id, self.tokens)

    def _writes(self, contact_id: int, deal_id: int | None, asked: int | None, expected: list[Expected]) -> list[Write]:
        at = now()
        told = {"form_page_id": self.form.page_id, "contact_id": contact_id, "opportunity_id": deal_id}
        kinds = ["form_request.submitted"] if asked else ["form_request.created", "form_request.submitted"]
        event = happened(self.actor, at, FORM_REQUEST.subject, kinds, None, told)
        own = {"opportunity_id": deal_id, "token": self.tokens[0], "answers": dict(self.sent.told)}
        letters = [self._letter(uid, at) for uid in (self.form.responsible,) if uid]
        return [*self._request(told | own, asked, event, at), *letters, *(one.posted for one in expected)]

    def _request(self, values: dict[str, Any], asked: int | None, event: Event, at: datetime) -> list[Write]:
        kind = FORM_REQUEST.kind
        if asked is not None:
            return [store.accepted(asked, records.stored(kind, values), at, self.actor.id), recorded(event, asked)]
        new = {**values, "sent_at": at, "submitted": True, "extra": {}}
        return [records.inserted(kind, fresh(self.actor, at), new), recorded(event, records.made(kind))]

    def _letter(self, uid: str, at: datetime) -> Write:
        said, text = self.sent.contact, "\n".join(f"{label}: {value}" for label, value in self.sent.told)
        who = " ".join(name for name in (said.first_name, said.last_name) if isinstance(name, str) and name)
        return posted(web_forms.LETTER, {"title": who or self.form.title, "text": text, "to_uid": uid}, at)

    def _utm(self) -> dict[str, str]:
        deal = self.sent.deal
        said = {name: getattr(deal, name) for name in automation.UTM} if deal else {}
        return {name: value for name, value in said.items() if isinstance(value, str)}
