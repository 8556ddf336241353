"""Seeded portals, made once for each size and database and kept, and what the requests must know of them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import select

from bench import server
from bench.postgres import Cluster
from dealwright.domain.actor import Standing
from dealwright.domain.custom_field import FieldType
from dealwright.domain.pipeline import Outcome
from dealwright.domain.text import search_words
from dealwright.storage.database import Database, connect, sqlite_path
from dealwright.storage.query import Query, any_number, listed
from dealwright.storage.schema import metadata, opportunity

SAMPLE = 50_000
TITLES = 300
FIELDS = 2
OWNER = ("owner@example.com", "Olga Owner")


@dataclass
class Portal:
    """One seeded database, ready to be asked. `scene` is what `bench.requests` needs; `facts` is kept beside it."""

    name: str
    url: str
    facts: dict[str, Any]
    scene: dict[str, Any]

    @property
    def seed_seconds(self) -> float:
        """How long the seeding took, whenever that was."""
        return float(self.facts["seed_seconds"])


def on_postgres(cluster: Cluster, home: Path, size: int, fresh: bool) -> Portal:
    """Return the portal of a size on PostgreSQL; seed it where it is not there."""
    name = f"dealwright_{size}"
    note = home / f"{name}.json"
    if fresh or not note.exists() or not cluster.has(name):
        cluster.create(name)
        _seed(cluster.url(name), size, note)
        cluster.tidy(name)
        taken = cluster.ask("SELECT pg_database_size($1::text::name) / 1e6", name)[0][0]
        note.write_text(json.dumps(json.loads(note.read_text()) | {"megabytes": float(taken)}))
    return _opened("postgres", cluster.url(name), note)


def on_sqlite(home: Path, size: int, fresh: bool) -> Portal:
    """Return the portal of a size in a SQLite file; seed it where it is not there."""
    path = home / f"dealwright_{size}.db"
    note = path.with_suffix(".db.json")
    url = f"sqlite:///{path}"
    if fresh or not note.exists() or not path.exists():
        for leftover in home.glob(f"{path.name}*"):
            leftover.unlink()
        _seed(url, size, note)
    return _opened("sqlite", url, note)


def _seed(url: str, size: int, note: Path) -> None:
    server.command(url, "migrate")
    server.command(url, "user", "add", OWNER[0], "--name", OWNER[1])
    began = time.perf_counter()
    server.command(url, "seed", "--opportunities", str(size), "--contacts", str(size))
    facts = {"size": size, "seed_seconds": time.perf_counter() - began}
    if url.startswith("sqlite:"):
        facts["megabytes"] = Path(sqlite_path(url)).stat().st_size / 1e6
    note.write_text(json.dumps(facts))


def _opened(name: str, url: str, note: Path) -> Portal:
    facts = json.loads(note.read_text())
    server.command(url, "migrate")
    scene = asyncio.run(_scene(url))
    secret = server.command(url, "token", "create", OWNER[0], "--name", "bench").split()[0]
    scene["authorization"] = f"Bearer {secret}"
    return Portal(name, url, facts, scene)


async def _scene(url: str) -> dict[str, Any]:
    db = await connect(url)
    try:
        if missing := await _missing(db):
            raise SystemExit(
                f"The database kept from an earlier run lacks {', '.join(missing)}: --fresh seeds it again"
            )
        return await _told(db)
    finally:
        await db.close()


_COLUMNS = {
    True: "SELECT table_name, column_name FROM information_schema.columns",
    False: "SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table'",
}


async def _missing(db: Database) -> list[str]:
    """Return the columns that a database of an unreleased schema lacks; migrations know nothing of those."""
    present = {f"{row[0]}.{row[1]}" for row in await db.text(_COLUMNS[db.is_postgres])}
    wanted = {f"{table.name}.{column.name}" for table in metadata.tables.values() for column in table.columns}
    return sorted(wanted - present)


async def _told(db: Database) -> dict[str, Any]:
    rules = db.rules
    people = [user for user in rules.users.values() if user.active and user.standing <= Standing.MEMBER]
    pipeline, stages = await _line(db)
    deals = await _deals(db)
    places = f"SELECT min(position), max(position) FROM opportunity WHERE stage_id = {stages[0]}"
    return {
        "deals": await standing(db, [deal for deal, _ in deals]),
        "deal_range": await _range(db, "SELECT min(id), max(id) FROM opportunity"),
        "pipeline": pipeline,
        "stages": stages,
        "places": (await _range(db, places))[1],
        "contacts": await _range(db, "SELECT min(id), max(id) FROM contact"),
        "users": [user.uid for user in people][:50],
        "user_ids": [user.id for user in people][:50],
        "currency": rules.default_currency,
        "fields": _fields(db),
        **await _marks(db),
        "words": _words([title for _, title in deals]),
    }


async def _line(db: Database) -> tuple[int, list[int]]:
    """Return the pipeline with the most deals and its open stages, those that hold any."""
    rows = await db.text("SELECT stage_id, sum(deals) FROM stage_total GROUP BY stage_id")
    counts = {int(row[0]): int(row[1]) for row in rows}
    rules = db.rules
    deals = {line: sum(counts.get(stage.id, 0) for stage in rules.stages_of(line)) for line in rules.pipelines}
    pipeline = max(deals, key=lambda line: deals[line])
    found = [stage.id for stage in rules.stages_of(pipeline) if stage.outcome is Outcome.OPEN and counts.get(stage.id)]
    return pipeline, sorted(found)


async def _range(db: Database, sql: str) -> list[int]:
    row = (await db.text(sql))[0]
    return [int(row[0]), int(row[1])]


_STANDING = Query(select(opportunity.c.id, opportunity.c.stage_id).where(any_number(opportunity.c.id, "ids")))


async def standing(db: Database, deals: Sequence[int]) -> list[tuple[int, int]]:
    """Return deals, each with the stage where it stands now."""
    found = {int(row[0]): int(row[1]) for row in await db.rows(_STANDING, ids=listed(deals))}
    return [(deal, found[deal]) for deal in deals]


_PUBLIC = Query(
    select(opportunity.c.id, opportunity.c.title).where(
        any_number(opportunity.c.id, "ids"), opportunity.c.deleted_at.is_(None), ~opportunity.c.private
    )
)


async def _deals(db: Database) -> list[tuple[int, str | None]]:
    """Return a random sample of public deals with their titles; what an update makes public must be so before."""
    first, last = await _range(db, "SELECT min(id), max(id) FROM opportunity")
    wanted = Random(1).sample(range(first, last + 1), min(SAMPLE, last - first + 1))
    rows = await db.rows(_PUBLIC, ids=listed(wanted))
    return [(int(row[0]), row[1]) for row in rows]


async def _marks(db: Database) -> dict[str, list[Any]]:
    """Return by what records are filtered: kinds, tags, and a sample of names and of what tasks hang on."""
    lists = ("contact_status", "contact_type", "task_category")
    return {
        **{name: [item.id for item in db.rules.items_of(name)] for name in lists},
        "tags": await _column(db, "SELECT title FROM tag WHERE subject = 'opportunity'"),
        "contact_tags": await _column(db, "SELECT title FROM tag WHERE subject = 'contact'"),
        "names": await _column(db, "SELECT display_name FROM contact ORDER BY id DESC LIMIT 100"),
        "some_contacts": await _column(db, "SELECT contact_id FROM opportunity ORDER BY id DESC LIMIT 100"),
        "some_deals": await _column(db, "SELECT opportunity_id FROM task ORDER BY id DESC LIMIT 100"),
    }


async def _column(db: Database, sql: str) -> list[Any]:
    return [row[0] for row in await db.text(sql) if row[0] is not None]


def _words(titles: Sequence[str | None]) -> list[str]:
    """Return what people may search for: one, two or three words of a title."""
    words = [search_words(title) for title in Random(2).sample(titles, min(TITLES, len(titles)))]
    return [" ".join(found[: 1 + place % 3]) for place, found in enumerate(words) if found]


def _fields(db: Database) -> list[int]:
    """Return two custom fields of deals that take a number, or as many as there are."""
    kinds = {FieldType.TEXT, FieldType.LONG_TEXT, FieldType.INTEGER}
    found = [field.id for field in db.rules.fields_of("opportunity") if field.type in kinds]
    return found[:FIELDS]
