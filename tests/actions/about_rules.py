"""What tests of deeds on settings share: deals to stand in stages, events to look at, refusals to read."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from dealwright.actions import opportunities as deals
from dealwright.domain.errors import Invalid
from dealwright.domain.opportunity import Change
from dealwright.storage import schema
from dealwright.storage.database import Database
from dealwright.storage.opportunities import Deal
from dealwright.storage.query import Query
from tests.cast import Cast

_EVENTS = Query(
    select(schema.event.c.subject, schema.event.c.subject_id, schema.event.c.kinds).order_by(schema.event.c.id)
)
_DEALS = Query(select(schema.opportunity.c.id, schema.opportunity.c.version).order_by(schema.opportunity.c.id))


def stages(db: Database) -> list[int]:
    """The ids of the default pipeline's stages in their order; the last but one wins, the last loses."""
    return [stage.id for stage in db.rules.stages_of(db.rules.default_pipeline.id)]


async def make(db: Database, cast: Cast, **values: Any) -> Deal:
    """Make a deal by Mia, in the first stage unless told."""
    return await deals.create(db, cast.mia, Change(**{"stage_id": stages(db)[0], "title": "Ten desks", **values}))


async def events(db: Database, subject: str, ident: int) -> list[str]:
    """The kinds of the events about a record, oldest first."""
    return [row[2] for row in await db.rows(_EVENTS) if (row[0], row[1]) == (subject, ident)]


async def version(db: Database, deal: Deal) -> int:
    """The stored version of a deal."""
    found = next(row[1] for row in await db.rows(_DEALS) if row[0] == deal.opportunity.id)
    return int(found)


def problems(refused: pytest.ExceptionInfo[Invalid]) -> set[tuple[str, str]]:
    """Field and code of everything that was refused."""
    return {(problem.field, problem.code) for problem in refused.value.problems}
