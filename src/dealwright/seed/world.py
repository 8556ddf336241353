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
from dealwright.storage.names import new_rows, tag_ids, team_ids
from dealwright.storage.people import user_columns
from dealwright.storage.rules import Rules
from dealwright.storage.writes import Insert, Made, Write

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
    contact_tags: tuple[int, ...]
    teams: tuple[int, ...]
    kinds: tuple[int, ...]
    loss_reasons: tuple[int, ...]
    lead_sources: tuple[int, ...]
    statuses: tuple[int, ...]
    types: tuple[int, ...]
    task_categories: tuple[int, ...]
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
    maker.tags(await tag_ids(db, "opportunity"))
    maker.teams(await team_ids(db))
    for writes in maker.steps:
        await db.apply_rules(writes, None)
    return await _found(db, people, maker.since, until)


class _Maker:
    """Collects the writes of what is missing, in steps, so that ids come in the same order on both databases."""

    def __init__(self, rules: Rules, rng: Random, since: int) -> None:
        self.rules = rules
        self.rng = rng
        self.since = since
        self.steps: list[list[Write]] = []

    def stamped(self, **values: object) -> dict[str, Any]:
        at = self.since
        return {"uid": uid_at(self.rng, at), "created_at": at, "updated_at": at, **values}

    def step(self, *writes: Write) -> None:
        if writes:
            self.steps.append(list(writes))

    def pipelines(self, wanted: Sequence[str]) -> None:
        known = {pipeline.name for pipeline in self.rules.pipelines.values()}
        for name, stages in PIPELINES.items():
            if name in known or name not in wanted:
                continue
            row = self.stamped(name=name, location_id=self.rules.location.id)
            positions = renumbered(range(len(stages)))
            rows = [
                self.stamped(
                    pipeline_id=Made("pipeline"),
                    position=positions[order],
                    title=title,
                    probability=probability,
                    color=color,
                    outcome=int(outcome),
                )
                for order, (title, probability, color, outcome) in enumerate(stages)
            ]
            self.step(Insert(schema.pipeline, row, made="pipeline"), *new_rows(schema.stage, rows))

    def fields(self) -> None:
        known = {field.label for field in self.rules.fields_of("opportunity")}
        rows = [
            self.stamped(
                position=place,
                subject="opportunity",
                label=label,
                type=int(kind),
                mask=json.dumps(options) if options else "",
            )
            for place, (label, kind, options) in enumerate(FIELDS)
            if label not in known
        ]
        self.step(*new_rows(schema.custom_field, rows))

    def kinds(self) -> None:
        known = {kind.values["name"] for kind in self.rules.kinds.values()}
        location = self.rules.location.id
        self.step(
            *new_rows(
                schema.kind, [self.stamped(name=name, location_id=location) for name in KINDS if name not in known]
            )
        )

    def rates(self) -> None:
        for code, (units, nanos) in RATES.items():
            if (code, "USD") in self.rules.rates or code not in self.rules.currencies:
                continue
            rate = Insert(schema.rate, {"from_currency": code, "to_currency": "USD"}, made="rate")
            value = {"rate_id": Made("rate"), "since": self.since, "rate_units": units, "rate_nanos": nanos}
            self.step(rate, Insert(schema.rate_value, value))

    def tags(self, known: Mapping[str, int]) -> None:
        titles = [title for title in words.TAGS if fold(title) not in known]
        rows = [{"subject": "opportunity", "title": title, "title_fold": fold(title)} for title in titles]
        self.step(*new_rows(schema.tag, rows))

    def teams(self, known: Mapping[str, int]) -> None:
        location = self.rules.location.id
        new = [name for name in words.TEAMS if name not in known]
        self.step(
            *new_rows(
                schema.team, [self.stamped(name=name, name_fold=fold(name), location_id=location) for name in new]
            )
        )

    def people(self, wanted: int) -> None:
        known = {user.email for user in self.rules.users.values()}
        rows = [self._person(number) for number in range(wanted)]
        self.step(*new_rows(schema.user, [row for row in rows if row["email"] not in known]))

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


async def _found(db: Database, people: int, since: int, until: int) -> World:
    rules, tags, known = db.rules, await tag_ids(db, "opportunity"), await team_ids(db)
    emails = {email_of(number): number for number in range(people)}
    teams = [known[name] for name in words.TEAMS]
    chosen = sorted((emails[user.email], user) for user in rules.users.values() if user.email in emails)
    return World(
        people=tuple(
            # One in three has a team, each sells in one currency: so the sums fall into few rows.
            Person(user.id, user.uid, _team(teams, number), CURRENCIES[number % 7 % len(CURRENCIES)])
            for number, user in chosen
        ),
        lines=tuple(line for pipeline in sorted(rules.pipelines) if (line := _line(rules.stages_of(pipeline)))),
        fields={
            one.id: (one.type, one.options)
            for one in rules.fields_of("opportunity")
            if one.label in {label for label, _, _ in FIELDS}
        },
        tags=tuple(tags[fold(title)] for title in words.TAGS),
        contact_tags=tuple((await tag_ids(db, "contact")).values()),
        teams=tuple(teams),
        kinds=tuple(rules.kinds),
        loss_reasons=tuple(sorted(rules.numbers_of("loss_reason"))),
        lead_sources=tuple(sorted(rules.numbers_of("lead_source"))),
        statuses=_items(rules, "contact_status"),
        types=_items(rules, "contact_type"),
        task_categories=_items(rules, "task_category"),
        since=since,
        until=until,
    )


def _items(rules: Rules, name: str) -> tuple[int, ...]:
    return tuple(item.id for item in rules.items_of(name))


def _team(teams: Sequence[int], number: int) -> int:
    return teams[number // 3 % len(teams)] if number % 3 == 0 else 0


def _line(stages: Sequence[Stage]) -> Line | None:
    """Return a pipeline as deals go through it, None where it cannot be won or lost."""
    by = {outcome: [stage for stage in stages if stage.outcome is outcome] for outcome in Outcome}
    if not all(by.values()):
        return None
    return Line(tuple(by[OPEN]), by[WON][0], by[LOST][0])


def midnight() -> int:
    """Return the last midnight (UTC) as a stored instant: data made on one day is the same data."""
    return time.time_ns() // 1000 // DAY * DAY
