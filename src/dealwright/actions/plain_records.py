"""Deeds on plain records: one set of them for settings, reminders, documents, proposals, forms and webhooks.

A deed's `values` are by our names, and what is not among them stays.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from dealwright.actions import automation
from dealwright.actions.automation import Circumstances, Expected, Trigger
from dealwright.actions.deed import attempted, happened, now, recorded, written
from dealwright.actions.rule_deeds import fresh, refuse, touched
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Conflict, Invalid, NotFound, Outdated, Problem, RulesMoved
from dealwright.domain.file import Purpose
from dealwright.domain.naming import found, name_problem, text_problems
from dealwright.storage import plain_records as store
from dealwright.storage.database import Database
from dealwright.storage.notes import files_trashed
from dealwright.storage.plain_records import PlainKind, PlainRecord
from dealwright.storage.rules import Rules
from dealwright.storage.writes import Clash, Write

Values = Mapping[str, Any]
WHOLE_LIMIT: Final = 2**31
_TRIES: Final = 5


def _nothing_wrong(_: Values | None, __: Values) -> list[Problem]:
    return []


def _changed(_: Values, __: Values) -> str:
    return "changed"


def _no_trigger(_: Values | None, __: Values) -> Trigger | None:
    return None


async def _no_letters(_: Database, __: Actor, ___: Values | None, ____: Values) -> list[Write]:
    return []


@dataclass(frozen=True, eq=False, kw_only=True)
class Entity:
    """One kind of record as deeds know it: the stem of its rights, what it needs, its own rules.

    `starts` are the values that a new record begins with; `check` tells what is wrong with it from what it was and
    what it is to be; `happening` names the event of a change; `secret` fields are told in no event; `trigger` tells
    what a deed means to the stages that wait for something to happen for a contact; `letters` are the writes of what
    somebody is told of it.
    """

    kind: PlainKind
    stem: str
    needs: tuple[str, ...] = ("name", "location_id")
    starts: Mapping[str, Any] = field(default_factory=dict)
    check: Callable[[Values | None, Values], list[Problem]] = _nothing_wrong
    happening: Callable[[Values, Values], str] = _changed
    secret: frozenset[str] = frozenset()
    trigger: Callable[[Values | None, Values], Trigger | None] = _no_trigger
    letters: Callable[[Database, Actor, Values | None, Values], Awaitable[list[Write]]] = _no_letters
    purpose: Purpose = Purpose.DOCUMENT

    @property
    def subject(self) -> str:
        """What events call it."""
        return self.kind.subject


async def get(db: Database, actor: Actor, entity: Entity, ident: int) -> PlainRecord:
    """Return a record this person may see. Refuses with Forbidden (no right) and NotFound."""
    actor.require(f"{entity.stem}-Read")
    return await store.read(db, actor, entity.kind, ident)


async def create(db: Database, actor: Actor, entity: Entity, values: Values) -> PlainRecord:
    """Make a record and return it; one that belongs to a location gets the first one where none is named.

    Refuses with Forbidden, and with Invalid listing everything that is wrong.
    """
    actor.require(f"{entity.stem}-Create")
    coming: list[Expected] = []

    async def deed(_: int) -> int:
        given = await _begun(db, actor, entity, values)
        at, made = now(), store.made(entity.kind)
        told = {name: value for name, value in _told(entity, given).items() if value not in (None, "", [], {})}
        event = happened(actor, at, entity.subject, [f"{entity.subject}.created"], None, told)
        coming[:] = await _expected(db, actor, entity, None, given)
        follows = [*(one.posted for one in coming), *await entity.letters(db, actor, None, given)]
        writes = [store.inserted(entity.kind, fresh(actor, at), given), recorded(event, made), *follows]
        return (await _written(db, actor, writes))[made.name]

    ident = await attempted(deed)
    await automation.settle(db, coming)
    return await present(db, actor, entity, ident)


async def change(
    db: Database, actor: Actor, entity: Entity, ident: int, values: Values, version: int | None = None
) -> PlainRecord:
    """Change a record and return it; what differs in nothing writes nothing. A file that is replaced goes.

    `version` is what the caller believes to be present (None: any). Refuses as `create`, with NotFound and Outdated.
    """
    actor.require(f"{entity.stem}-Edit")
    coming: list[Expected] = []

    async def deed(_: int) -> PlainRecord:
        before, after = await _meant(db, actor, entity, ident, values)
        expect(before, version)
        old = fields_of(entity.kind, before)
        coming[:] = await _expected(db, actor, entity, old, after)
        follows = [*(one.posted for one in coming), *await entity.letters(db, actor, old, after)]
        return await altered(db, actor, entity, before, after, also=follows)

    async with db.turns.of(entity.subject, ident):
        record = await attempted(deed)
    await automation.settle(db, coming)
    return record


async def _expected(db: Database, actor: Actor, entity: Entity, before: Values | None, after: Values) -> list[Expected]:
    """Return the stages that the contact of a record comes into by this deed."""
    trigger, contact_id = entity.trigger(before, after), after.get("contact_id")
    if trigger is None or contact_id is None:
        return []
    known = Circumstances(location_id=after.get("location_id"))
    return await automation.expected(db, actor, trigger, contact_id, known)


async def altered(
    db: Database,
    actor: Actor,
    entity: Entity,
    before: PlainRecord,
    after: Values,
    kinds: Sequence[str] = (),
    also: Sequence[Write] = (),
    at: datetime | None = None,
) -> PlainRecord:
    """Write what differs between a record and its fields as they are to be, with one event, and return the record.

    For deeds that have checked what they do. `kinds` are the kinds of the event where they are not those of a plain
    change; `also` are further writes of the deed, `at` is when it is done (None: now).
    """
    kind, old = entity.kind, fields_of(entity.kind, before)
    new = {name: value for name, value in after.items() if old[name] != value}
    if not new and not also:
        return before
    at = at or now()
    names = kinds or [f"{entity.subject}.{entity.happening(old, after)}"]
    was = {name: old[name] for name in new}
    event = happened(actor, at, entity.subject, names, _told(entity, was), _told(entity, new))
    left = [old[name] for name in kind.files if name in new and old[name]]
    writes: list[Write] = [store.updated(kind, before, touched(actor, at), new), recorded(event, before.id)]
    await _written(db, actor, [*writes, *files_trashed(left, actor.id, at), *also])
    return await present(db, actor, entity, before.id)


async def delete(
    db: Database,
    actor: Actor,
    entity: Entity,
    ident: int,
    version: int | None = None,
    first: Sequence[Write] = (),
) -> PlainRecord:
    """Move a record to the trash, or take it away for good where its kind has none, and return it as it was.

    `first` takes away what would hold it. Refuses with Forbidden, NotFound and Outdated.
    """
    actor.require(f"{entity.stem}-Delete")

    async def deed(_: int) -> PlainRecord:
        before = await store.read(db, actor, entity.kind, ident)
        expect(before, version)
        at = now()
        told = _told(entity, {name: before.values[name] for name in entity.needs if name in before.values})
        event = happened(actor, at, entity.subject, [f"{entity.subject}.deleted"], told)
        gone = store.gone(entity.kind, before, touched(actor, at), at)
        await _written(db, actor, [*first, gone, recorded(event, ident)])
        return before

    async with db.turns.of(entity.subject, ident):
        return await attempted(deed)


async def restore(db: Database, actor: Actor, entity: Entity, ident: int) -> PlainRecord:
    """Take a record back from the trash and return it. Refuses with Forbidden and NotFound."""
    actor.require(f"{entity.stem}-Delete")
    if not entity.kind.has_trash:
        raise NotFound(entity.subject)

    async def deed(_: int) -> PlainRecord:
        before = await store.read(db, actor, entity.kind, ident, trashed=True)
        at = now()
        event = happened(actor, at, entity.subject, [f"{entity.subject}.restored"])
        writes: list[Write] = [store.returned(entity.kind, before, touched(actor, at)), recorded(event, ident)]
        await _written(db, actor, writes)
        return await present(db, actor, entity, ident)

    async with db.turns.of(entity.subject, ident):
        return await attempted(deed)


async def present(db: Database, actor: Actor, entity: Entity, ident: int) -> PlainRecord:
    """Return a record that was just written. The rules may have moved with it; that must not write it twice."""
    for _ in range(_TRIES):
        try:
            return await store.read(db, replace(actor, stamp=db.rules.stamp), entity.kind, ident)
        except RulesMoved:
            await db.refresh()
    raise Conflict("the record was written, but the portal's rules are changing right now")


async def checked(db: Database, actor: Actor, entity: Entity, ident: int | None, values: Values) -> None:
    """Refuse what `create` (without an id) or `change` would refuse, and write nothing."""
    actor.require(f"{entity.stem}-{'Create' if ident is None else 'Edit'}")
    await (_begun(db, actor, entity, values) if ident is None else _meant(db, actor, entity, ident, values))


async def _begun(db: Database, actor: Actor, entity: Entity, values: Values) -> dict[str, Any]:
    """Return every field of a new record."""
    begun = {**_blank(entity.kind), **entity.starts}
    given = {**begun, **_fields(entity.kind, values, begun)}
    if "location_id" in entity.kind.links and given["location_id"] is None:
        given["location_id"] = db.rules.location.id
    await _check(db, actor, entity, None, given)
    return given


async def _meant(
    db: Database, actor: Actor, entity: Entity, ident: int, values: Values
) -> tuple[PlainRecord, dict[str, Any]]:
    """Return a record and its fields as they are to be."""
    before = await store.read(db, actor, entity.kind, ident)
    fields = fields_of(entity.kind, before)
    after = {**fields, **_fields(entity.kind, values, fields)}
    await _check(db, actor, entity, before, after)
    return before, after


def expect(before: PlainRecord, version: int | None) -> None:
    """Refuse with Outdated unless the record is at this version (None: any)."""
    if version is not None and before.version != version:
        raise Outdated(f"the record is at version {before.version}, not {version}")


def fields_of(kind: PlainKind, record: PlainRecord) -> dict[str, Any]:
    """Return the fields of a record by name, without what is only read beside them."""
    return {**{name: record.values[name] for name in kind.fields if name != "system_id"}, "system_id": record.system_id}


def _blank(kind: PlainKind) -> dict[str, Any]:
    blank: dict[str, Any] = dict.fromkeys(kind.fields)
    return {**blank, **dict.fromkeys(kind.flags, False), **{name: {} for name in kind.mappings}}


def _fields(kind: PlainKind, values: Values, present: Values) -> dict[str, Any]:
    """Return the fields that are said; of what is only kept the members that are said, None takes one away."""
    said = {name: values[name] for name in kind.fields if name in values}
    if "extra" in said:
        kept = {**present["extra"], **said["extra"]}
        said["extra"] = {name: value for name, value in kept.items() if value is not None}
    return said


def _told(entity: Entity, values: Values) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in entity.secret}


async def _written(db: Database, actor: Actor, writes: Sequence[Write]) -> Mapping[str, int]:
    try:
        return await written(db, writes, actor)
    except Clash as clash:
        raise Invalid(Problem("name", "duplicate", "is taken already")) from clash


# What may be wrong ---------------------------------------------------------------------------------------------


async def _check(db: Database, actor: Actor, entity: Entity, before: PlainRecord | None, after: Values) -> None:
    """Refuse with Invalid everything that is wrong with a record; what it points at may stay as it was."""
    kind = entity.kind
    old = fields_of(kind, before) if before else {}
    changed = {name for name in kind.fields if before is None or after[name] != old[name]}
    problems = [
        *_missing(after, entity.needs),
        *_text_problems(kind, after),
        *_unknown(db.rules, kind, after, changed),
        *await _lost(db, actor, kind, after, changed),
    ]
    refuse(problems or entity.check(old or None, after))


def _missing(after: Values, needs: Iterable[str]) -> list[Problem]:
    return [Problem(name, "required", "is a required field") for name in needs if after.get(name) in (None, "")]


def _text_problems(kind: PlainKind, after: Values) -> list[Problem]:
    texts = [(name, after[name]) for name in ("system_id", *kind.texts)]
    named = [name_problem("name", after["name"])] if after.get("name") else []
    numbers = [name for name in kind.numbers if not -WHOLE_LIMIT <= (after[name] or 0) < WHOLE_LIMIT]
    wide = [Problem(name, "out_of_range", "is out of range", after[name]) for name in numbers]
    return [*found(*named), *text_problems((name, text) for name, text in texts if name != "name"), *wide]


def _unknown(rules: Rules, kind: PlainKind, after: Values, changed: set[str]) -> list[Problem]:
    return [
        Problem(name, "unknown", "is not there", after[name])
        for name, held_in in kind.links.items()
        if name in changed and after[name] is not None and after[name] not in getattr(rules, held_in)
    ]


async def _lost(db: Database, actor: Actor, kind: PlainKind, after: Values, changed: set[str]) -> list[Problem]:
    """Return the problems of pointing at a contact or parent that is not there for this person."""
    problems = []
    wanted = after["contact_id"] if "contact_id" in changed else None
    if wanted is not None and await store.named_contact(db, actor, wanted) is None:
        problems.append(Problem("contact_id", "unknown", "is no contact", wanted))
    for name, table in kind.parents.items():
        if name in changed and after[name] is not None and not await store.is_alive(db, table, after[name]):
            problems.append(Problem(name, "unknown", "is not there", after[name]))
    return problems
