"""What made-up deals stand in: people, pipelines, fields, tags and rates, made once and found again."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from dealwright.domain.actor import Standing
from dealwright.domain.custom_field import FieldType
from dealwright.domain.pipeline import Outcome, Stage, renumbered
from dealwright.domain.text import fold
from dealwright.seed import words
from dealwright.storage import schema
from dealwright.storage.database import Database
from dealwright.storage.people import user_columns
from dealwright.storage.query import Query
from dealwright.storage.rules import Rules
from dealwright.storage.writes import Insert, InsertMany, Made, Write

DAY: Final = 86_400_000_000
RATES: Final = {"EUR": (1, 90_000_000), "GBP": (1, 270_000_000), "PLN": (0, 250_000_000)}
CURRENCIES: Final = ("USD", *RATES)
OPEN, WON, LOST = Outcome.OPEN, Outcome.WON, Outcome.LOST
PIPELINES: Final = {
    "Memberships": (
        ("Enquiry", 10, "#8a98d8", OPEN),
        ("Tour booked", 30, "#b58fd6", OPEN),
        ("Tour done", 50, "#ffb45e", OPEN),
        ("Contract sent", 80, "#ffd267", OPEN),
        ("Member", 100, "#6bbd72", WON),
        ("Went elsewhere", 0, "#f2a9be", LOST),
    ),
    "Partners": (
        ("First talk", 20, "#8a98d8", OPEN),
        ("Terms", 60, "#ffd267", OPEN),
        ("Partner", 100, "#6bbd72", WON),
        ("No partner", 0, "#f2a9be", LOST),
    ),
}
KINDS: Final = ("New business", "Renewal", "Upgrade")
FIELDS: Final = (
    ("Region", FieldType.CHOICE, ("North", "South", "East", "West")),
    ("Seats", FieldType.INTEGER, ()),
    ("Reference", FieldType.TEXT, ()),
    ("Trial agreed", FieldType.YES_NO, ()),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is responsible for deals; `team_id` is 0 for nobody's team."""

    id: int
    uid: str
    team_id: int
    currency: str


@dataclass(frozen=True, slots=True)
class Line:
    """One pipeline as deals go through it."""

    open: tuple[Stage, ...]
    won: Stage
    lost: Stage


@dataclass(frozen=True, slots=True)
class World:
    """Everything that made-up deals point at, by id, and the span of time they lie in (stored instants)."""

    people: tuple[Person, ...]
    lines: tuple[Line, ...]
    fields: Mapping[int, tuple[FieldType, Sequence[str]]]
    tags: tuple[int, ...]
    teams: tuple[int, ...]
    kinds: tuple[int, ...]
    loss_reasons: tuple[int, ...]
    lead_sources: tuple[int, ...]
    statuses: tuple[int, ...]
    since: int
    until: int


def uid_at(rng: Random, at: int) -> str:
    """Return an identity that sorts by its instant (as UUID version 7 does), so that indexes grow at their end."""
    number = (at // 1000) << 80 | 0x7 << 76 | rng.getrandbits(12) << 64 | 0b10 << 62 | rng.getrandbits(62)
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


async def prepare(
    db: Database, rng: Random, people: int, until: int, days: int = 3 * 365, pipelines: Sequence[str] = tuple(PIPELINES)
) -> World:
    """Make what is not there yet and return the world; `until` is the last instant of its history, `days` its span."""
    maker = _Maker(db.rules, rng, until - days * DAY)
    maker.pipelines(pipelines)
    maker.fields()
    maker.kinds()
    maker.rates()
    maker.people(people)
    writes = [*maker.writes, *_tags(await _titles(db)), *_teams(db.rules, maker, await _team_ids(db))]
    if writes:
        await db.apply_rules(writes, None)
    return await _found(db, people, maker.since, until)


class _Maker:
    """Collects the writes of what is missing."""

    def __init__(self, rules: Rules, rng: Random, since: int) -> None:
        self.rules = rules
        self.rng = rng
        self.since = since
        self.writes: list[Write] = []

    def stamped(self, **values: object) -> dict[str, Any]:
        at = self.since
        return {"uid": uid_at(self.rng, at), "created_at": at, "updated_at": at, **values}

    def pipelines(self, wanted: Sequence[str]) -> None:
        known = {pipeline.name for pipeline in self.rules.pipelines.values()}
        location = self.rules.location.id
        for place, (name, stages) in enumerate(PIPELINES.items()):
            if name in known or name not in wanted:
                continue
            made = f"pipeline{place}"
            row = self.stamped(name=name, location_id=location)
            self.writes.append(Insert(schema.pipeline, row, made=made))
            positions = renumbered(range(len(stages)))
            for order, (title, probability, color, outcome) in enumerate(stages):
                values = {"title": title, "probability": probability, "color": color, "outcome": int(outcome)}
                row = self.stamped(pipeline_id=Made(made), position=positions[order], **values)
                self.writes.append(Insert(schema.stage, row))

    def fields(self) -> None:
        known = {field.label for field in self.rules.fields_of("opportunity")}
        for place, (label, kind, options) in enumerate(FIELDS):
            if label not in known:
                mask = json.dumps(options) if options else ""
                values = {"subject": "opportunity", "label": label, "type": int(kind), "mask": mask}
                self.writes.append(Insert(schema.custom_field, self.stamped(position=place, **values)))

    def kinds(self) -> None:
        known = {kind.values["name"] for kind in self.rules.kinds.values()}
        for name in KINDS:
            if name not in known:
                row = self.stamped(name=name, location_id=self.rules.location.id)
                self.writes.append(Insert(schema.kind, row))

    def rates(self) -> None:
        for place, (code, (units, nanos)) in enumerate(RATES.items()):
            if (code, "USD") in self.rules.rates or code not in self.rules.currencies:
                continue
            made = f"rate{place}"
            self.writes.append(Insert(schema.rate, {"from_currency": code, "to_currency": "USD"}, made=made))
            value = {"rate_id": Made(made), "since": self.since, "rate_units": units, "rate_nanos": nanos}
            self.writes.append(Insert(schema.rate_value, value))

    def people(self, wanted: int) -> None:
        known = {user.email for user in self.rules.users.values()}
        rows = [self._person(number) for number in range(wanted)]
        new = [row for row in rows if row["email"] not in known]
        if new:
            columns = tuple(new[0])
            self.writes.append(InsertMany(schema.user, columns, [[row[one] for one in columns] for row in new]))

    def _person(self, number: int) -> dict[str, Any]:
        first, last = named(number)
        values = {"email": email_of(number), "user_name": email_of(number).partition("@")[0], "first_name": first}
        return user_columns(self.stamped(**values, last_name=last, standing=Standing.MEMBER, extra={}))


def named(number: int) -> tuple[str, str]:
    """Return first and last name of the person with this number; no two of the first thousands are alike."""
    count = len(words.FIRST_NAMES)
    return words.FIRST_NAMES[number % count], words.LAST_NAMES[(number * 7 + number // count) % len(words.LAST_NAMES)]


def email_of(number: int) -> str:
    """Return the e-mail of the person with this number."""
    first, last = (fold(name).replace("'", "") for name in named(number))
    return f"{first}.{last}.{number}@example.com"


_TAGS = Query(schema.tag.select().where(schema.tag.c.subject == "opportunity"))
_TEAMS = Query(schema.team.select().order_by(schema.team.c.id))


async def _titles(db: Database) -> dict[str, int]:
    place = _TAGS.keys.index
    return {row[place("title_fold")]: row[place("id")] for row in await db.rows(_TAGS)}


async def _team_ids(db: Database) -> dict[str, int]:
    place = _TEAMS.keys.index
    return {row[place("name")]: row[place("id")] for row in await db.rows(_TEAMS)}


def _tags(known: Mapping[str, int]) -> list[Write]:
    rows = [("opportunity", title, fold(title)) for title in words.TAGS if fold(title) not in known]
    return [InsertMany(schema.tag, ("subject", "title", "title_fold"), rows)] if rows else []


def _teams(rules: Rules, maker: _Maker, known: Mapping[str, int]) -> list[Write]:
    new = [name for name in words.TEAMS if name not in known]
    location = rules.location.id
    rows = [maker.stamped(name=name, name_fold=fold(name), location_id=location) for name in new]
    return [Insert(schema.team, row) for row in rows]


async def _found(db: Database, people: int, since: int, until: int) -> World:
    rules, tags, teams = db.rules, await _titles(db), await _team_ids(db)
    emails = {email_of(number): number for number in range(people)}
    team_ids = [teams[name] for name in words.TEAMS]
    chosen = sorted((emails[user.email], user) for user in rules.users.values() if user.email in emails)
    return World(
        people=tuple(
            # One in three has a team, each sells in one currency: so the sums fall into few rows.
            Person(user.id, user.uid, _team(team_ids, number), CURRENCIES[number % 7 % len(CURRENCIES)])
            for number, user in chosen
        ),
        lines=tuple(line for pipeline in sorted(rules.pipelines) if (line := _line(rules.stages_of(pipeline)))),
        fields={
            one.id: (one.type, one.options)
            for one in rules.fields_of("opportunity")
            if one.label in {label for label, _, _ in FIELDS}
        },
        tags=tuple(tags[fold(title)] for title in words.TAGS),
        teams=tuple(team_ids),
        kinds=tuple(rules.kinds),
        loss_reasons=tuple(sorted(rules.numbers_of("loss_reason"))),
        lead_sources=tuple(sorted(rules.numbers_of("lead_source"))),
        statuses=tuple(item.id for item in rules.items_of("contact_status")),
        since=since,
        until=until,
    )


def _team(team_ids: Sequence[int], number: int) -> int:
    return team_ids[number // 3 % len(team_ids)] if number % 3 == 0 else 0


def _line(stages: Sequence[Stage]) -> Line | None:
    """Return a pipeline as deals go through it, None where it cannot be won or lost."""
    by = {outcome: [stage for stage in stages if stage.outcome is outcome] for outcome in Outcome}
    if not all(by.values()):
        return None
    return Line(tuple(by[OPEN]), by[WON][0], by[LOST][0])


def midnight() -> int:
    """Return the last midnight (UTC) as a stored instant: data made on one day is the same data."""
    return time.time_ns() // 1000 // DAY * DAY
