"""Records with few rules of their own: how each is shown, and what a body says about one (crm §6, §12; related)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from dealwright.actions import fetched_files
from dealwright.actions import plain_entities as plain
from dealwright.actions import plain_records as deeds
from dealwright.actions.deed import now
from dealwright.dialects.nexudus.entities.businesssettings import BUSINESS_SETTING
from dealwright.dialects.nexudus.entities.calendarevents import CALENDAR_EVENT
from dealwright.dialects.nexudus.entities.coworkermessages import COWORKER_MESSAGE
from dealwright.dialects.nexudus.entities.formpages import FORM_PAGE, FORM_PAGE_REQUEST
from dealwright.dialects.nexudus.entities.reminders import REMINDER
from dealwright.dialects.nexudus.entity import Entity, Verb
from dealwright.dialects.nexudus.handling import Call, Done, Handler, Listed, Opened, Remove, Write
from dealwright.dialects.nexudus.keeping import kept_changes, known
from dealwright.dialects.nexudus.reading import Body
from dealwright.dialects.nexudus.shown import Values, standard
from dealwright.dialects.nexudus.sources import Tables, Walk
from dealwright.dialects.nexudus.writing import writer
from dealwright.domain.contact import Brief
from dealwright.storage import plain_records as store
from dealwright.storage.plain_records import PlainRecord
from dealwright.storage.rules import Rules

Derived = Callable[[PlainRecord], Values]

_COMPANY: Final = 2
_WALKS: Final[Mapping[str, Walk]] = {"contact.kind": ("contact.is_company", lambda kind: kind == _COMPANY)}


def _nothing(_: PlainRecord) -> Values:
    return {}


def _expanded(rules: Rules, record: PlainRecord) -> Values:
    """Return the members of what a record points at, those without a value left out."""
    values = record.values
    place = rules.locations.get(values.get("location_id") or values.get("form_page.location_id") or 0)
    user = rules.users.get(values.get("responsible_id") or 0)
    reply = rules.canned_responses.get(values.get("canned_response_id") or 0)
    stage = rules.stages.get(values.get("stage_id") or 0)
    return {
        **({"location.name": place.name, "form_page.location.name": place.name} if place else {}),
        **({"location.currency.code": place.currency} if place else {}),
        **({"responsible.name": user.name} if user else {}),
        **({"canned_response.name": reply.values["name"]} if reply else {}),
        **({"stage.title": stage.title, "stage.pipeline_id": stage.pipeline_id} if stage else {}),
        **({"stage.pipeline.name": rules.pipelines[stage.pipeline_id].name} if stage else {}),
        **(_card(record.contact) if record.contact else {}),
    }


def _card(card: Brief) -> Values:
    return {
        "contact.display_name": card.display_name,
        "contact.kind": _COMPANY if card.is_company else 1,
        "contact.company_name": card.company_name or (card.display_name if card.is_company else None),
        "contact.email": card.email,
    }


def _shown(entity: Entity, derived: Derived) -> Callable[[Rules, PlainRecord], Values]:
    """Return what makes values of a record: its fields, what they point at, what is only kept, what follows."""
    keys = writer(entity).blanks.keys()

    def shown(rules: Rules, record: PlainRecord) -> Values:
        stamps = (record.created_at, record.updated_at, record.updated_by)
        found = {**record.values, **_expanded(rules, record)}
        return {
            **known(entity, record.values.get("extra") or {}),
            **{key: value for key, value in found.items() if key in keys},
            **derived(record),
            **standard(rules, record.id, record.uid, record.system_id, stamps),
        }

    return shown


def values_of(entity: Entity, deed: deeds.Entity, body: Body) -> Values:
    """Return what a body says of the fields of a record, with what is only kept of it."""
    said: Values = {key: value for key, value in body.values.items() if key in deed.kind.fields}
    if "extra" in deed.kind.mappings:
        said["extra"] = kept_changes(entity, body, {})
    return said


def handler(
    entity: Entity,
    deed: deeds.Entity,
    *,
    derived: Derived = _nothing,
    create: Write | None = None,
    change: Write | None = None,
    remove: Remove | None = None,
    commands: Mapping[str, Listed] | None = None,
) -> Handler:
    """Return how an entity of plain records is served; without deeds of its own by those of every plain record."""
    created, changed, removed = _writing(entity, deed)
    return Handler(
        entity=entity,
        source=_reading(entity, deed, derived),
        create=(create or created) if Verb.CREATE in entity.verbs else None,
        change=(change or changed) if Verb.UPDATE in entity.verbs else None,
        remove=(remove or removed) if Verb.DELETE in entity.verbs else None,
        commands=commands or {},
        download=partial(_opened, entity, deed) if entity.downloads else None,
        checked=frozenset({Verb.UPDATE, Verb.DELETE}),
    )


def _reading(entity: Entity, deed: deeds.Entity, derived: Derived) -> Tables[PlainRecord]:
    """Return where the records of an entity come from."""
    kind = deed.kind

    async def one(call: Call, record_id: int) -> PlainRecord:
        return await store.read(call.db, call.actor, kind, record_id)

    async def many(call: Call, ids: Sequence[int]) -> list[PlainRecord]:
        return await store.read_many(call.db, call.actor, kind, ids)

    async def gone(call: Call, record_id: int) -> PlainRecord:
        return await store.read(call.db, call.actor, kind, record_id, trashed=True)

    shown = _shown(entity, derived)
    return Tables(entity, deed.subject, one, many, shown, _WALKS, gone if kind.has_trash else None)


def _writing(entity: Entity, deed: deeds.Entity) -> tuple[Write, Write, Remove]:
    """Return how a plain record is made, changed and removed."""

    async def created(call: Call, body: Body) -> Done:
        return done(await deeds.create(call.db, call.actor, deed, values_of(entity, deed, body)))

    async def changed(call: Call, body: Body) -> Done:
        return done(await deeds.change(call.db, call.actor, deed, body.id, values_of(entity, deed, body)))

    async def removed(call: Call, record_id: int) -> Done:
        return Done((await deeds.delete(call.db, call.actor, deed, record_id)).id, now())

    return created, changed, removed


async def _opened(entity: Entity, deed: deeds.Entity, call: Call, record_id: int, part: str) -> Opened:
    return await fetched_files.opened(call.db, call.actor, deed, record_id, entity.downloads[part])


def done(record: PlainRecord) -> Done:
    """Return what was written of a record."""
    return Done(record.id, record.updated_at)


BUSINESS_SETTINGS: Final = handler(BUSINESS_SETTING, plain.BUSINESS_SETTING)
REMINDERS: Final = handler(REMINDER, plain.REMINDER)
MESSAGES: Final = handler(COWORKER_MESSAGE, plain.MESSAGE)
FORM_PAGES: Final = handler(FORM_PAGE, plain.FORM_PAGE)
FORM_PAGE_REQUESTS: Final = handler(FORM_PAGE_REQUEST, plain.FORM_REQUEST)
CALENDAR_EVENTS: Final = handler(CALENDAR_EVENT, plain.CALENDAR_EVENT)
