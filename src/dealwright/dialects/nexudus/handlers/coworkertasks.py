"""Tasks on customers (crm §8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from dealwright.actions import tasks
from dealwright.dialects.nexudus.entities.coworkertasks import COWORKER_TASK
from dealwright.dialects.nexudus.entity import Verb
from dealwright.dialects.nexudus.handling import Call, Done, Handler
from dealwright.dialects.nexudus.reading import Body
from dealwright.dialects.nexudus.shown import Values, responsible_values, standard, user_uid
from dealwright.dialects.nexudus.sources import Tables
from dealwright.domain.errors import Invalid, NotFound, Problem
from dealwright.domain.pipeline import Location
from dealwright.domain.task import TaskChange
from dealwright.domain.values import UNSET
from dealwright.storage import records_cards
from dealwright.storage import tasks as store
from dealwright.storage.rules import Rules
from dealwright.storage.tasks import FullTask

_PLAIN: Final = (
    *("contact_id", "title", "description", "task_list_name", "task_item_uid", "form_request_uid", "closed"),
    *("deadline", "reminded", "notify", "display_to_everyone"),
)


class _Row(NamedTuple):
    """A task, and the names of the teams of its contact."""

    full: FullTask
    team_names: str | None


async def _many(call: Call, ids: Sequence[int]) -> list[_Row]:
    found = await store.read_many(call.db, call.actor, ids)
    teams = await records_cards.teams_of(call.db, [full.contact.id for full in found if full.contact])
    return [_Row(full, teams.get(full.contact.id) if full.contact else None) for full in found]


async def _one(call: Call, record_id: int) -> _Row:
    return await _row(call, await store.read(call.db, call.actor, record_id))


async def _gone(call: Call, record_id: int) -> _Row:
    return await _row(call, (await store.read_trashed(call.db, call.actor, record_id))[0])


async def _row(call: Call, full: FullTask) -> _Row:
    teams = await records_cards.teams_of(call.db, [full.contact.id]) if full.contact else {}
    return _Row(full, next(iter(teams.values()), None))


def shown(rules: Rules, row: _Row) -> Values:
    """Return a task in our words; one without a location is told as the portal's first one's."""
    task, card = row.full.task, row.full.contact
    place = rules.locations.get(task.location_id or 0, rules.location)
    company = (card.company_name or (card.display_name if card.is_company else None)) if card else None
    return {
        **standard(rules, task.id, task.uid, task.system_id, (task.created_at, task.updated_at, task.updated_by)),
        **{name: getattr(task, name) for name in _PLAIN},
        **responsible_values(rules, task.responsible),
        "location_id": place.id,
        "location.name": place.name,
        "contact.display_name": card.display_name if card else None,
        "contact.company_name": company,
        "contact.team_names": row.team_names,
        "deadline_local": _on_the_wall(task.deadline, place),
    }


def _on_the_wall(moment: datetime | None, place: Location) -> datetime | None:
    """Return what the clock of a location shows, as if that were UTC (conventions §8)."""
    return moment.astimezone(ZoneInfo(place.time_zone)).replace(tzinfo=UTC) if moment else None


def _change(rules: Rules, body: Body) -> TaskChange:
    said: dict[str, Any] = {name: value for name, value in body.values.items() if name != "custom"}
    said["responsible"] = user_uid(rules, said["responsible"])
    local = said.pop("deadline_local")
    if said["deadline"] is None and local is not None:
        place = rules.locations.get(said["location_id"], rules.location)
        said["deadline"] = local.replace(tzinfo=ZoneInfo(place.time_zone)).astimezone(UTC)
    return TaskChange(**said)


async def create(call: Call, body: Body) -> Done:
    """Make a task; see actions.tasks.create. The local due date counts where no other is given."""
    task = (await tasks.create(call.db, call.actor, _change(call.db.rules, body))).task
    return Done(task.id, task.updated_at)


async def change(call: Call, body: Body) -> Done:
    """Replace a task; see actions.tasks.change. Customer and responsible may be absent where the task has none."""
    said = _change(call.db.rules, body)
    if body.owed:
        await _forgive(call, body)
        for name in body.owed:
            setattr(said, name, UNSET)
    task = (await tasks.change(call.db, call.actor, body.id, said)).task
    return Done(task.id, task.updated_at)


async def _forgive(call: Call, body: Body) -> None:
    """Refuse with Invalid unless the stored task lacks what the body lacks."""
    try:
        row: _Row | None = await _one(call, body.id)
    except NotFound:
        row = None
    values = shown(call.db.rules, row) if row else {}
    owed = [name for name in body.owed if row is None or values[name] is not None]
    if owed:
        raise Invalid(*(Problem(name, "required", "is a required field") for name in owed))


async def remove(call: Call, record_id: int) -> Done:
    """Move a task to the trash; see actions.tasks.delete."""
    task = (await tasks.delete(call.db, call.actor, record_id)).task
    return Done(task.id, task.updated_at)


TASKS: Final = Handler(
    entity=COWORKER_TASK,
    source=Tables(COWORKER_TASK, "task", _one, _many, shown, gone=_gone),
    create=create,
    change=change,
    remove=remove,
    checked=frozenset({Verb.CREATE, Verb.UPDATE, Verb.DELETE}),
)
