"""Public forms: what a stranger fills in becomes a contact and perhaps a deal, once however often it is sent.

Nobody is signed in: the form acts for the portal's owner, with no right but to make these records.
"""

from __future__ import annotations

import hmac
import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from dealwright.actions import automation, contacts, opportunities, portal_settings
from dealwright.actions.deed import now, posted
from dealwright.domain.actor import Actor, Standing
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.custom_field import CustomField
from dealwright.domain.errors import Conflict, Invalid, NotFound, Problem, RulesMoved
from dealwright.domain.opportunity import Change, Sharing
from dealwright.domain.pipeline import Outcome
from dealwright.domain.values import UNSET
from dealwright.storage import web_forms as store
from dealwright.storage.contacts import FullContact
from dealwright.storage.database import Database
from dealwright.storage.opportunities import confirm
from dealwright.storage.rules import Rules
from dealwright.storage.tokens import present_stamp
from dealwright.storage.writes import Clash

_log = logging.getLogger(__name__)

T = TypeVar("T")
VIA: Final = "form"
LETTER: Final = "mail.form"
TRIES: Final = 5
MOST_TOLD: Final = 20
"""People who get a letter about what was sent in."""
RIGHTS: Final = frozenset({"Coworker-Create", "Coworker-Read", "Coworker-Edit", "CrmOpportunity-Create"})
TITLE, TEXT, THANKS = "web_form_title", "web_form_text", "web_form_thanks"
USUAL_TITLE: Final = "Contact us"
USUAL_THANKS: Final = "We have your message and will be in touch."
FIELDS, STAGE = "web_form_fields", "web_form_stage"
SPACE: Final = uuid.UUID("6f4e5c1e-3f0b-4a7c-9f43-9f1f1f0f7a11")
"""The namespace of the identities that submissions get."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebForm:
    """A form as strangers meet it. With a stage everything sent in becomes a deal there too."""

    key: str
    title: str = USUAL_TITLE
    text: str = ""
    thanks: str = USUAL_THANKS
    fields: tuple[CustomField, ...] = ()
    stage_id: int | None = None
    responsible: str | None = None


@dataclass(slots=True, kw_only=True)
class Submission:
    """What somebody sent in, in our words.

    `contact` is the person or company it makes; `other` a person's company (linked if it is there already) or a
    company's person. `deal` lacks contact and stage unless the form knows one. `identities` name the submission: the
    first is the one it is kept under, by any of them it is recognised. `told` is what a letter to `notify` (uids)
    says.
    """

    contact: ContactChange
    other: ContactChange | None = None
    deal: Change | None = None
    notify: tuple[str, ...] = ()
    told: tuple[tuple[str, str], ...] = ()
    identities: tuple[str, ...] = field(default_factory=lambda: (str(uuid.uuid4()),))


@dataclass(frozen=True, slots=True)
class Received:
    """What a submission made, and whether it had been made before."""

    contact_id: int
    opportunity_id: int | None = None
    repeated: bool = False


async def look_up(db: Database, key: str) -> WebForm:
    """Return the form of a key as the database has it now, whatever other processes changed. Refuses as `find`."""
    if await present_stamp(db) != db.rules.stamp:
        await db.refresh()
    return find(db.rules, key)


def find(rules: Rules, key: str) -> WebForm:
    """Return the form of a key. Refuses with NotFound where there is none, and before anybody owns the portal."""
    known = portal_settings.form_key(rules)
    if not known or not hmac.compare_digest(key.lower().encode(), known.lower().encode()) or _owner(rules) is None:
        raise NotFound("form")
    said = rules.settings
    return WebForm(
        key=known,
        title=said.get(TITLE) or USUAL_TITLE,
        text=said.get(TEXT, ""),
        thanks=said.get(THANKS) or USUAL_THANKS,
        fields=_fields(rules),
        stage_id=_stage(rules, said.get(STAGE, "")),
    )


def _fields(rules: Rules) -> tuple[CustomField, ...]:
    ids = [int(part) for part in rules.settings.get(FIELDS, "").split(",") if part.isdigit()]
    return tuple(rules.fields[one] for one in ids if one in rules.fields)


def _stage(rules: Rules, said: str) -> int | None:
    return int(said) if said.isdigit() and int(said) in rules.stages else None


def _owner(rules: Rules) -> Actor | None:
    owners = sorted(user.id for user in rules.users.values() if user.standing is Standing.OWNER and user.active)
    found = rules.actor(owners[0], VIA) if owners else None
    return found.narrowed(RIGHTS, VIA) if found else None


def open_stage(rules: Rules, wanted: int | None) -> int:
    """Return the stage a deal comes into: the wanted one if it is there and open, else the first of the pipeline."""
    stage = rules.stages.get(wanted or 0)
    if stage is not None and stage.outcome is Outcome.OPEN:
        return stage.id
    stages = rules.stages_of(rules.default_pipeline.id)
    found = next((one for one in stages if one.outcome is Outcome.OPEN), None) or next(iter(stages), None)
    if found is None:
        raise Conflict("the portal has no stages")
    return found.id


async def submit(db: Database, form: WebForm, sent: Submission) -> Received:
    """Make what somebody sent in and tell those who want to know; what was sent before is not made again.

    Refuses with Invalid and Conflict.
    """

    async def deed(actor: Actor) -> Received:
        uids = [identity_of(form, identity) for identity in sent.identities]
        known = await store.contact_of(db, uids)
        made = None if known is not None else await once(lambda: make_contact(db, actor, sent, uids[0]))
        contact_id = made.contact.id if made else known or await store.contact_of(db, uids)
        if contact_id is None:  # somebody took the identity and lost it again
            raise Conflict("this was sent twice at the same time")
        deal_id = await make_deal(db, actor, form, sent, contact_id, uids)
        if made is not None:
            await _tell(db, sent, made)
            await _come(db, actor, sent, contact_id)
        return Received(contact_id, deal_id, made is None)

    return await as_owner(db, deed)


def identity_of(form: WebForm, identity: str) -> str:
    """Return the uid under which a form keeps a submission."""
    return str(uuid.uuid5(SPACE, f"{form.key} {identity}"))


async def as_owner(db: Database, deed: Callable[[Actor], Awaitable[T]]) -> T:
    """Do a deed in the name of the portal's owner, again where the rules moved. Refuses with NotFound and Conflict."""
    for _ in range(TRIES):
        actor = _owner(db.rules)
        if actor is None:
            raise NotFound("form")
        try:
            await confirm(db, actor)
            return await deed(actor)
        except RulesMoved:
            await db.refresh()
    raise Conflict("the portal's rules are changing right now; try again")


async def once(make: Callable[[], Awaitable[T]]) -> T | None:
    """Return what is made, None where its identity is taken: somebody sends the same thing at the same time."""
    try:
        return await make()
    except Clash as clash:
        if "uid" in clash.key:
            return None
        raise


async def make_contact(db: Database, actor: Actor, sent: Submission, uid: str | None) -> FullContact:
    """Make who sent something in, with the company or person beside; Clash where the identity is taken."""
    made = await contacts.create(db, actor, sent.contact, uid)
    other = sent.other
    if other is None:
        return made
    if made.contact.is_company:
        await contacts.create(db, actor, replace(other, company_id=made.contact.id))
    elif made.contact.company_id is None:
        company = await contacts.create(db, actor, other)
        made = await contacts.change(db, actor, made.contact.id, ContactChange(company_id=company.contact.id))
    return made


async def make_deal(
    db: Database, actor: Actor, form: WebForm, sent: Submission, contact_id: int, uids: Sequence[str]
) -> int | None:
    """Return the deal of what was sent in, made under the first of these identities; None where none is to be."""
    if sent.deal is None and form.stage_id is None:
        return None
    if (known := await store.deal_of(db, uids)) is not None:
        return known
    said = sent.deal or Change()
    wanted = said.stage_id if isinstance(said.stage_id, int) else form.stage_id
    sharing = _sharing(actor, sent) if said.sharing is UNSET else said.sharing
    change = replace(said, contact_id=contact_id, stage_id=open_stage(db.rules, wanted), sharing=sharing)
    if change.responsible is UNSET:
        change.responsible = form.responsible or actor.uid
    try:
        deal = await once(lambda: opportunities.create(db, actor, change, uids[0]))
    except Invalid as refusal:  # a stage may ask for what no stranger knows; who wrote is kept all the same
        _log.warning("What was sent in by the form made no deal: %s", refusal)
        return None
    return deal.opportunity.id if deal else await store.deal_of(db, uids)


def _sharing(actor: Actor, sent: Submission) -> Sharing:
    """A deal is as private as its contact: to the managers, else to who the form acts for."""
    if sent.contact.sharing is not Share.NOBODY:
        return Sharing()
    managers = () if sent.contact.managers is UNSET else tuple(sent.contact.managers)
    return Sharing(True, managers or (actor.uid,))


async def _tell(db: Database, sent: Submission, made: FullContact) -> None:
    known = [uid for uid in dict.fromkeys(sent.notify) if uid in db.rules.users_by_uid]
    text = "\n".join(f"{label}: {value}" for label, value in sent.told)
    facts = {"title": made.contact.display_name, "text": text}
    letters = [posted(LETTER, {**facts, "to_uid": uid}, now()) for uid in known[:MOST_TOLD]]
    if letters:
        await db.apply(letters)


async def _come(db: Database, actor: Actor, sent: Submission, contact_id: int) -> None:
    """Bring who sent something in into the stages that wait for that, beside the deal of the form itself."""
    said = {name: getattr(sent.deal, name) for name in automation.UTM} if sent.deal else {}
    told = {name: value for name, value in said.items() if isinstance(value, str)}
    known = automation.Circumstances(utm=told)
    await automation.happened(db, actor, automation.Trigger.FORM_SUBMITTED, contact_id, known)


async def design(
    db: Database,
    actor: Actor,
    *,
    title: str | None = None,
    text: str | None = None,
    thanks: str | None = None,
    field_ids: Sequence[int] | None = None,
    stage_id: int | None = None,
    no_stage: bool = False,
) -> WebForm | None:
    """Say what the portal's form asks for and looks like; None leaves something as it is. Return it if it has a key.

    Refuses with Forbidden unless a CRM administrator asks, and with Invalid fields of contacts and stages there are
    none of.
    """
    rules, said = db.rules, {TITLE: title, TEXT: text, THANKS: thanks}
    known = {one.id for one in rules.fields_of("contact", "person", "company")}
    problems = [
        Problem("field_ids", "unknown", "is no field of contacts", one) for one in field_ids or () if one not in known
    ]
    if stage_id is not None and stage_id not in rules.stages:
        problems.append(Problem("stage_id", "unknown", "is no stage", stage_id))
    if problems:
        raise Invalid(*problems)
    if field_ids is not None:
        said[FIELDS] = ",".join(str(one) for one in field_ids)
    if stage_id is not None or no_stage:
        said[STAGE] = "" if no_stage else str(stage_id)
    await portal_settings.keep(db, actor, {name: value for name, value in said.items() if value is not None})
    return present(db.rules)


def present(rules: Rules) -> WebForm | None:
    """Return the portal's form, None before it has a key."""
    key = portal_settings.form_key(rules)
    return find(rules, key) if key else None
