"""Stages as rows: who stands in them, how they go, and how all their deals move to another one at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select

from dealwright.domain.event import closing_kind
from dealwright.domain.pipeline import GAP, Outcome, Stage
from dealwright.domain.values import micros
from dealwright.storage import deal_sums
from dealwright.storage.database import Database
from dealwright.storage.deal_sums import Side
from dealwright.storage.query import Query, number
from dealwright.storage.schema import form_page, opportunity, setting, stage
from dealwright.storage.small_records import removed
from dealwright.storage.sweeping import named
from dealwright.storage.writes import Change, Sweep, Write

_LIVING = opportunity.c.deleted_at.is_(None)
_STANDING = Query(
    select(func.count()).select_from(opportunity).where(opportunity.c.stage_id == number("stage"), _LIVING), heavy=True
)
_LAST = Query(select(func.max(opportunity.c.position)).where(opportunity.c.stage_id == number("stage")))


async def deals_in(db: Database, stage_id: int) -> int:
    """Return how many living deals stand in a stage, whoever may see them."""
    row = await db.first(_STANDING, stage=stage_id)
    assert row is not None
    return int(row[0])


async def last_place(db: Database, stage_id: int) -> int | None:
    """Return the position of the last card of a stage, None where it is empty."""
    row = await db.first(_LAST, stage=stage_id)
    assert row is not None
    return None if row[0] is None else int(row[0])


def stage_removed(stage_id: int) -> list[Write]:
    """Return the writes that take a stage away; deals in the trash (they have no place) and forms forget it."""
    freed = Change(opportunity, {"stage_id": None}, {"stage_id": stage_id, "position": None})
    return [freed, Change(form_page, {"stage_id": None}, {"stage_id": stage_id}), removed(stage, stage_id)]


def default_pipeline_set(pipeline_id: int) -> Change:
    """Return the write that makes a pipeline the portal's default."""
    return Change(setting, {"value": str(pipeline_id)}, {"name": "default_pipeline"})


@dataclass(frozen=True, slots=True)
class Exodus:
    """All living deals of a stage move to another: who does it, when, and where the cards there end now."""

    source: Stage
    target: Stage
    last: int | None
    at: datetime
    deed_id: str
    actor_id: int
    via: str

    @property
    def given(self) -> dict[str, Any]:
        """The values of the statements; an empty stage begins at 1, others go on with the next hundred."""
        return {
            "source": self.source.id,
            "target": self.target.id,
            "vacant": int(self.last is None),
            "base": -GAP if self.last is None else self.last // GAP * GAP,
            "gap": GAP,
            "probability": self.target.probability,
            "outcome": int(self.target.outcome),
            "at": micros(self.at),
            "deed": self.deed_id,
            "actor": self.actor_id,
            "via": self.via,
        }


_LIVING_THERE: Final = "FROM opportunity WHERE stage_id = CAST(:source AS bigint) AND deleted_at IS NULL"
_PLACED: Final = "row_number() OVER (ORDER BY position, id) AS place"
_AT: Final = "CAST(:at AS bigint)"
_ACTOR: Final = "CAST(:actor AS bigint)"
_LITE_UID: Final = (
    "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-'"
    " || substr('89ab', 1 + abs(random() % 4), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))"
)
_TOLD: Final = ("stage_id", "position", "probability", "outcome", "completed", "won_at", "lost_at", "closed_at")
_BEFORE: Final = {name: f"m.{name}" for name in _TOLD}


def _after(outcome: Outcome) -> dict[str, str]:
    """Return what entering a stage of this outcome makes of a deal `m`: the closing rules, as expressions."""
    closing = {Outcome.WON: "won_at", Outcome.LOST: "lost_at"}.get(outcome)
    place = "CAST(:base AS bigint) + m.place * CAST(:gap AS bigint)"
    after = {
        "stage_id": "CAST(:target AS bigint)",
        "position": f"CASE WHEN m.place = 1 AND CAST(:vacant AS bigint) = 1 THEN 1 ELSE {place} END",
        "probability": "CAST(:probability AS bigint)",
        "outcome": "CAST(:outcome AS bigint)",
        "completed": "false" if closing is None else "true",
        "won_at": "m.won_at",
        "lost_at": "m.lost_at",
        "closed_at": "NULL",
    }
    if closing is not None:
        after[closing] = after["closed_at"] = f"coalesce(m.{closing}, {_AT})"
    return after


def _lite_told(name: str, value: str) -> str:
    if name == "completed":
        return f"json(CASE WHEN {value} THEN 'true' ELSE 'false' END)"
    if not name.endswith("_at"):
        return value
    rest = f"((({value}) % 1000000 + 1000000) % 1000000)"
    seconds = f"(({value}) - {rest}) / 1000000"
    return f"strftime('%Y-%m-%dT%H:%M:%S', {seconds}, 'unixepoch') || printf('.%06dZ', {rest})"


def _post_told(name: str, value: str) -> str:
    if not name.endswith("_at"):
        return value
    seconds, rest = f"CAST({value} AS bigint) / 1000000", f"CAST({value} AS bigint) % 1000000"
    moment = f"timestamp 'epoch' + {seconds} * interval '1 second' + {rest} * interval '1 microsecond'"
    return f"""to_char({moment}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


def _lite_json(values: Mapping[str, str]) -> str:
    pairs = (f"'{name}', {_lite_told(name, value)}" for name, value in values.items())
    return f"json_object({', '.join(pairs)})"


def _post_json(values: Mapping[str, str]) -> str:
    pairs = (f"'{name}', {_post_told(name, value)}" for name, value in values.items())
    return f"CAST(json_build_object({', '.join(pairs)}) AS text)"


def _visits(moving: str, uid: str) -> str:
    columns = "uid, opportunity_id, from_stage_id, from_time, to_stage_id, to_time, user_id"
    values = f"{uid}, m.id, m.stage_id, m.moved_at, CAST(:target AS bigint), {_AT}, {_ACTOR}"
    stamps = "created_at, updated_at, created_by, updated_by"
    return (
        f"INSERT INTO stage_visit ({columns}, {stamps})"
        f" SELECT {values}, {_AT}, {_AT}, {_ACTOR}, {_ACTOR} FROM {moving} AS m"
    )


def _sums(moving: str, outcome: Outcome) -> Mapping[str, str]:
    """Deals leave the sums as they were and come into them as they will be."""
    sides = []
    for values in ({}, _after(outcome)):
        columns = ", ".join(f"{values.get(name, f'm.{name}')} AS {name}" for name in ("id", *deal_sums.COLUMNS))
        sides.append(f"(SELECT {columns} FROM {moving} AS m) AS side")
    return deal_sums.carried("left", Side(sides[0], "-"), Side(sides[1]))


def _events(moving: str, outcome: Outcome, json: Callable[[Mapping[str, str]], str]) -> str:
    kinds = "opportunity.changed,opportunity.moved"
    closing = closing_kind(next(other for other in Outcome if other is not outcome), outcome)
    said = f"CASE WHEN m.outcome = {int(outcome)} THEN '{kinds}' ELSE '{kinds},{closing}' END"
    return (
        "INSERT INTO event (deed_id, at, actor_id, via, kinds, subject, subject_id, before, after)"
        f" SELECT CAST(:deed AS text), {_AT}, {_ACTOR}, CAST(:via AS text), {said}, 'opportunity', m.id,"
        f" {json(_BEFORE)}, {json(_after(outcome))} FROM {moving} AS m"
    )


def _moves(moving: str, outcome: Outcome) -> str:
    values = ", ".join(f"{name} = {value}" for name, value in _after(outcome).items())
    stamps = f"version = opportunity.version + 1, moved_at = {_AT}, updated_at = {_AT}, updated_by = {_ACTOR}"
    return f"UPDATE opportunity SET {values}, {stamps} FROM {moving} AS m WHERE opportunity.id = m.id"


def all_moved(exodus: Exodus) -> Sweep:
    """Return the writes of the move: visits, totals, one event for each deal, and the deals themselves.

    PostgreSQL locks the deals first and takes what it then finds, so nothing that was changed a moment ago is
    moved with old values.
    """
    outcome, lite = exodus.target.outcome, f"(SELECT *, {_PLACED} {_LIVING_THERE})"
    uid = "CAST(gen_random_uuid() AS text)"
    return Sweep(
        sqlite=(
            *(_visits(lite, _LITE_UID), *_sums(lite, outcome).values()),
            *(_events(lite, outcome, _lite_json), _moves(lite, outcome)),
        ),
        postgres=(
            f"leaving AS MATERIALIZED (SELECT * {_LIVING_THERE} AND {{guard}} FOR UPDATE)",
            f"moving AS MATERIALIZED (SELECT *, {_PLACED} FROM leaving)",
            f"left_visits AS ({_visits('moving', uid)})",
            *named(_sums("moving", outcome)),
            f"left_events AS ({_events('moving', outcome, _post_json)})",
            f"moved AS ({_moves('moving', outcome)})",
        ),
        given=exodus.given,
    )
