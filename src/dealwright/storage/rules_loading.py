"""How the snapshot of the rules is read: every small table whole, each row as what it is in the domain."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Table, select

from dealwright.domain.actor import Sight, Standing
from dealwright.domain.currency import Currency, Rate, Rates
from dealwright.domain.custom_field import CustomField, FieldType
from dealwright.domain.people import Role, User
from dealwright.domain.pipeline import Location, Outcome, Pipeline, Stage, Stamps
from dealwright.domain.values import instant, join
from dealwright.storage import schema
from dealwright.storage.query import Query, Reads
from dealwright.storage.rules import Item, Plain, Record, Rules


def stamps(record: Record) -> Stamps:
    """Return who made a stored record and who touched it last."""
    return Stamps(
        created_at=instant(record["created_at"]),
        updated_at=instant(record["updated_at"]),
        created_by=record["created_by"],
        updated_by=record["updated_by"],
    )


@cache
def _every_row(table: Table) -> Query:
    return Query(select(table).order_by(*table.primary_key.columns))


async def _all(db: Reads, table: Table) -> list[dict[str, Any]]:
    query = _every_row(table)
    return [dict(zip(query.keys, row, strict=True)) for row in await db.rows(query)]


_GUARDED = Query(select(schema.two_factor.c.user_id).where(schema.two_factor.c.confirmed_at.is_not(None)))


async def load_rules(db: Reads) -> Rules:
    """Read the whole snapshot. The stamp is read first, so a change in between makes it look old, never new."""
    stamp = (await _all(db, schema.rules))[0]["stamp"]
    users = await _all(db, schema.user)
    return Rules(
        stamp=stamp,
        settings={row["name"]: row["value"] for row in await _all(db, schema.setting)},
        users=await _users(db, users),
        passwords={row["id"]: row["password_hash"] for row in users},
        roles=await _roles(db),
        locations={row["id"]: _location(row) for row in await _all(db, schema.location)},
        pipelines={row["id"]: _pipeline(row) for row in await _all(db, schema.pipeline)},
        stages={row["id"]: _stage(row) for row in await _all(db, schema.stage)},
        fields={row["id"]: _field(row) for row in await _all(db, schema.custom_field)},
        currencies={row["code"]: _currency(row) for row in await _all(db, schema.currency)},
        rates=await _rates(db),
        items={
            row["id"]: Item(**{key: row[key] for key in Item.__slots__}) for row in await _all(db, schema.list_item)
        },
        kinds=await _plain(db, schema.kind),
        canned_responses=await _plain(db, schema.canned_response),
        task_lists=await _plain(db, schema.task_list),
        task_items=await _plain(db, schema.task_item),
    )


async def _grouped(db: Reads, table: Table, key: str, value: str) -> dict[int, tuple[Any, ...]]:
    found: dict[int, list[Any]] = {}
    for row in await _all(db, table):
        found.setdefault(row[key], []).append(row[value])
    return {owner: tuple(values) for owner, values in found.items()}


async def _users(db: Reads, rows: Iterable[Record]) -> dict[int, User]:
    roles = await _grouped(db, schema.user_role, "user_id", "role_id")
    teams = await _grouped(db, schema.team_user, "user_id", "team_id")
    guarded = {row[0] for row in await db.rows(_GUARDED)}
    return {
        row["id"]: User(
            id=row["id"],
            uid=row["uid"],
            email=row["email"],
            user_name=row["user_name"],
            first_name=row["first_name"],
            last_name=row["last_name"],
            standing=Standing(row["standing"]),
            stamps=stamps(row),
            title=row["title"],
            sight=Sight(row["sight"]),
            active=bool(row["active"]),
            api_access=bool(row["api_access"]),
            language=row["language"],
            location_id=row["location_id"],
            role_ids=roles.get(row["id"], ()),
            team_ids=teams.get(row["id"], ()),
            extra=json.loads(row["extra"]),
            system_id=row["system_id"],
            two_factor=row["id"] in guarded,
        )
        for row in rows
    }


async def _roles(db: Reads) -> dict[int, Role]:
    rights = await _grouped(db, schema.role_right, "role_id", "right_name")
    return {
        row["id"]: Role(
            id=row["id"],
            uid=row["uid"],
            name=row["name"],
            stamps=stamps(row),
            description=row["description"],
            rights=frozenset(rights.get(row["id"], ())),
            system_id=row["system_id"],
        )
        for row in await _all(db, schema.role)
    }


def _location(row: Record) -> Location:
    return Location(
        id=row["id"],
        uid=row["uid"],
        name=row["name"],
        currency=row["currency"],
        time_zone=row["time_zone"],
        time_zone_id=row["time_zone_id"],
        country_id=row["country_id"],
        stamps=stamps(row),
        extra=json.loads(row["extra"]),
        system_id=row["system_id"],
    )


def _pipeline(row: Record) -> Pipeline:
    return Pipeline(
        id=row["id"],
        uid=row["uid"],
        location_id=row["location_id"],
        name=row["name"],
        stamps=stamps(row),
        archived=bool(row["archived"]),
        system_id=row["system_id"],
    )


def _stage(row: Record) -> Stage:
    return Stage(
        id=row["id"],
        uid=row["uid"],
        pipeline_id=row["pipeline_id"],
        title=row["title"],
        position=row["position"],
        stamps=stamps(row),
        description=row["description"],
        color=row["color"],
        probability=row["probability"],
        outcome=Outcome(row["outcome"]),
        expected_days=row["expected_days"],
        required_fields=tuple(json.loads(row["required_fields"])),
        canned_response_id=row["canned_response_id"],
        task_list_id=row["task_list_id"],
        extra=json.loads(row["extra"]),
        system_id=row["system_id"],
    )


def _field(row: Record) -> CustomField:
    return CustomField(
        id=row["id"],
        uid=row["uid"],
        subject=row["subject"],
        label=row["label"],
        type=FieldType(row["type"]),
        stamps=stamps(row),
        mask=row["mask"],
        position=row["position"],
        location_id=row["location_id"],
        number=row["number"],
        extra=json.loads(row["extra"]),
        system_id=row["system_id"],
    )


def _currency(row: Record) -> Currency:
    return Currency(
        row["id"],
        row["code"],
        row["title"],
        row["symbol"],
        row["culture"],
        bool(row["convertible"]),
        bool(row["basic"]),
    )


async def _rates(db: Reads) -> Rates:
    history: dict[int, list[Any]] = {}
    for row in await _all(db, schema.rate_value):
        value = join(row["rate_units"], row["rate_nanos"])
        history.setdefault(row["rate_id"], []).append((instant(row["since"]), value))
    return {
        (row["from_currency"], row["to_currency"]): Rate(
            row["id"], row["from_currency"], row["to_currency"], tuple(reversed(history[row["id"]]))
        )
        for row in await _all(db, schema.rate)
        if row["id"] in history
    }


async def _plain(db: Reads, table: Table) -> dict[int, Plain]:
    return {
        row["id"]: Plain(id=row["id"], uid=row["uid"], system_id=row["system_id"], stamps=stamps(row), values=row)
        for row in await _all(db, table)
    }
