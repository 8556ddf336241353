"""The very statements of our update as a script for pgbench: same text, the arguments as pgbench variables.

A recorded update gives the statements and one set of arguments. Each argument has a label (which table and column
it is for); labels in the tables below vary from one transaction to the next, all others stay as recorded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.recording import Heard, loading
from bench.requests import MEMBER_CHOICES, NOTES
from dealwright.storage import postgres_writes
from dealwright.storage.query import Query
from dealwright.storage.writes import Change, Index, IndexMany, Insert, InsertMany, Made, Sweep, Write

NOW = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
UID = "gen_random_uuid()::text"
WORDS = "'renewal ' || :serial"

SETTINGS = r"""
\set id random(:first_deal, :last_deal)
\set to_stage :first_stage + random(0, :stages - 1)
\set contact random(:first_contact, :last_contact)
\set choice random(0, 3)
\set amount random(1, 100000)
\set serial random(1, 1000000)
\set percent random(0, 100)
"""
# Two clients never ask for the same place: each has its own numbers.
PLACE = r"\set place (:last_place / 128 + 1) * 128 + :client_id"


@dataclass(frozen=True)
class Ranges:
    """From where to where ids reach: deals, stages (first and how many), contacts."""

    deals: tuple[int, int]
    stages: tuple[int, int]
    contacts: tuple[int, int]

    def variables(self) -> dict[str, str]:
        """Return them as pgbench variables, with a start value for what a load sets."""
        named = {
            "first_deal": self.deals[0],
            "last_deal": self.deals[1],
            "first_stage": self.stages[0],
            "stages": self.stages[1],
            "first_contact": self.contacts[0],
            "last_contact": self.contacts[1],
            "version": 0,
            "stage_id": self.stages[0],
            "last_place": 0,
        }
        return {name: str(value) for name, value in named.items()}

    def member(self, step: int) -> str:
        """Return the contact that `requests.members_of` gives for a choice and a step, in pgbench's words."""
        first, last = self.contacts
        return f"({first} + (:id * 31 + (:choice + {step}) % {MEMBER_CHOICES} * 7) % {last - first + 1})"


@dataclass(frozen=True)
class Script:
    """A pgbench script and the values of its constants."""

    text: str
    constants: Mapping[str, str]


def update_script(heard: Heard, ranges: Ranges) -> Script:
    """Return one update as two statements: the load, then the writes under their guards."""
    if len(heard.writes) != 1:
        raise ValueError(f"an update should write once, this one did {len(heard.writes)} times")
    constants = _Constants()
    query, given = loading(heard)
    load = _load(query, given, ranges, constants)
    write = _write(*heard.writes[0], ranges, constants)
    lines = [*SETTINGS.strip().splitlines(), f"{load} \\aset", PLACE, f"{write};"]
    return Script("\n".join(lines) + "\n", ranges.variables() | constants.values)


class _Constants:
    """Arguments that never vary. Texts travel as variables: a colon in a script would name one."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def expression(self, value: Any) -> str:
        """Return what stands for a value in the script."""
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            return str(value)
        name = f"constant_{len(self.values)}"
        self.values[name] = _array(value) if isinstance(value, list) else str(value)
        return f":{name}"


def _array(values: Sequence[Any]) -> str:
    """Return a list as PostgreSQL reads one."""
    return "{" + ",".join("NULL" if value is None else json.dumps(str(value)) for value in values) + "}"


def _one_line(sql: str) -> str:
    return " ".join(sql.split())


def _filled(sql: str, expressions: Sequence[str]) -> str:
    """Return a statement with expressions in the places of its arguments."""
    return re.sub(r"\$(\d+)", lambda found: f"({expressions[int(found[1]) - 1]})", _one_line(sql))


def _load(query: Query, given: Mapping[str, Any], ranges: Ranges, constants: _Constants) -> str:
    compiled = query.postgres
    varying = {"id": ":id", "to_stage": ":to_stage"}
    if given.get("refs") and len(json.loads(given["refs"])) == 3:
        members = f"{ranges.member(0)} || ',' || {ranges.member(1)}"
        varying["refs"] = f"('[' || :contact || ',' || {members} || ']')"
    elif given.get("refs"):
        varying["refs"] = "('[' || :contact || ']')"
    arguments = zip(compiled.names, compiled.arguments(given), strict=True)
    return _filled(compiled.text, [varying.get(name) or constants.expression(value) for name, value in arguments])


def _write(writes: list[Write], stamp: int | None, ranges: Ranges, constants: _Constants) -> str:
    statement = postgres_writes.statement(writes, stamp)
    guards = [write for write in writes if type(write) is Change and write.expect]
    ordered = [*guards, *(write for write in writes if not any(write is guard for guard in guards))]
    labels = [] if stamp is None else ["stamp"]
    labels += [label for write in ordered for label in labels_of(write)]
    if len(labels) != len(statement.arguments):
        raise ValueError(f"{len(labels)} labels for {len(statement.arguments)} arguments")
    varying = _varying(ranges)
    pairs = zip(labels, statement.arguments, strict=True)
    return _filled(statement.text, [_expression(label, value, varying, constants) for label, value in pairs])


def _expression(label: str, value: Any, varying: Mapping[str, str], constants: _Constants) -> str:
    if label not in varying:
        return constants.expression(value)
    if label == "opportunity_value.value":
        return f"ARRAY[{', '.join(f':serial + {place}' for place in range(len(value)))}]"
    if label == "opportunity_value.opportunity_id" or (isinstance(value, list) and varying[label] == ":id"):
        return f"ARRAY[{', '.join(':id' for _ in value)}]"
    return varying[label]


def labels_of(write: Write) -> Iterator[str]:
    """Name the arguments of one write in the order in which its statement takes them."""
    if isinstance(write, Index):
        yield from ["search.id"] * (type(write.id) is not Made) + ["search.words"] * bool(write.words)
        return
    if isinstance(write, Sweep | IndexMany):
        raise TypeError("what is done to many records has no place in an update")
    table = write.table.name
    if isinstance(write, Insert):
        yield from (f"{table}.{column}" for column, value in write.values.items() if type(value) is not Made)
    elif isinstance(write, InsertMany):
        columns = zip(write.columns, write.rows[0], strict=True)
        yield from (f"{table}.{column}" for column, value in columns if type(value) is not Made)
    elif isinstance(write, Change):
        yield from (f"{table}.{column}" for column, value in write.values.items() if type(value) is not Made)
        yield from (f"{table}.{column} added" for column in write.add)
        yield from _keys(table, write.where)
    else:
        yield from (f"{label} removed" for label in _keys(table, write.where))


def _keys(table: str, where: Mapping[str, Any]) -> Iterator[str]:
    return (f"{table}.{column} where" for column, value in where.items() if value is not None)


def _varying(ranges: Ranges) -> dict[str, str]:
    """Return what differs from one transaction to the next, by label."""
    gone = f"ARRAY[{ranges.member(2)}, {ranges.member(3)}]"
    come = f"ARRAY[{ranges.member(0)}, {ranges.member(1)}]"
    return {
        "opportunity.id where": ":id",
        "opportunity.version where": ":version",
        "opportunity.title": f"({WORDS})",
        "opportunity.title_fold": f"({WORDS})",
        "opportunity.description": f"('{NOTES.replace(':', ' ')}' || :serial)",
        "opportunity.stage_id": ":to_stage",
        "opportunity.position": ":place",
        "opportunity.contact_id": ":contact",
        "opportunity.amount_units": ":amount",
        "opportunity.probability": ":percent",
        "opportunity.moved_at": NOW,
        "opportunity.updated_at": NOW,
        "opportunity_member.opportunity_id where removed": ":id",
        "opportunity_member.contact_id where removed": gone,
        "opportunity_member.opportunity_id": "ARRAY[:id, :id]",
        "opportunity_member.contact_id": come,
        "opportunity_value.opportunity_id": ":id",
        "opportunity_value.value": ":serial",
        "stage_total_delta.stage_id": "ARRAY[:stage_id, :to_stage]",
        "stage_total_delta.units": "ARRAY[-1000, :amount]",
        "search.id": ":id",
        "search.words": f"string_to_array('{' '.join(_note_words())} ' || {WORDS}, ' ')",
        "stage_visit.uid": UID,
        "stage_visit.opportunity_id": ":id",
        "stage_visit.from_stage_id": ":stage_id",
        "stage_visit.to_stage_id": ":to_stage",
        "stage_visit.from_time": NOW,
        "stage_visit.to_time": NOW,
        "stage_visit.created_at": NOW,
        "stage_visit.updated_at": NOW,
        "event.deed_id": UID,
        "event.at": NOW,
        "event.subject_id": ":id",
    }


def _note_words() -> list[str]:
    return sorted(set(re.findall(r"[a-z]+", NOTES.lower())))
