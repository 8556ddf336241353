"""Deeds on the history of stages as records, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from dealwright.actions import opportunities as deals
from dealwright.actions import stage_visits as deeds
from dealwright.actions import stages as stage_deeds
from dealwright.domain.errors import Forbidden, Invalid, NotFound
from dealwright.domain.opportunity import Sharing
from dealwright.domain.pipeline import StageVisit, VisitChange
from dealwright.storage.database import Database
from tests.actions.about_rules import events, make, problems, stages
from tests.cast import Cast

THEN = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


async def new(db: Database, cast: Cast, **values: Any) -> StageVisit:
    """Write a step into the second stage by Mia."""
    return await deeds.create(db, cast.mia, VisitChange(**{"to_stage_id": stages(db)[1], **values}))


async def test_a_move_is_there_as_a_record(db: Database, cast: Cast) -> None:
    deal, (first, second, *_) = await make(db, cast), stages(db)
    moved = await deals.move(db, cast.noah, deal.opportunity.id, second)
    placed, step = await deeds.of_deal(db, cast.mia, deal.opportunity.id)
    assert (placed.from_stage_id, placed.to_stage_id, placed.user_id) == (None, first, cast.mia.id)
    assert (step.from_stage_id, step.to_stage_id, step.user_id) == (first, second, cast.noah.id)
    assert (step.from_time, step.to_time) == (deal.opportunity.moved_at, moved.opportunity.moved_at)
    assert await deeds.get(db, cast.noah, step.id) == step
    assert await deeds.get_many(db, cast.noah, [step.id, 999, placed.id, step.id]) == [step, placed]


async def test_a_step_that_a_client_writes_is_kept_and_moves_nothing(db: Database, cast: Cast) -> None:
    deal, (first, second, *_) = await make(db, cast), stages(db)
    ident = deal.opportunity.id
    step = await new(db, cast, opportunity_id=ident, from_stage_id=first, to_time=THEN, user_id=cast.noah.id)
    assert (step.from_stage_id, step.to_stage_id, step.to_time, step.user_id) == (first, second, THEN, cast.noah.id)
    assert (step.from_time, step.stamps.created_by) == (None, cast.mia.id)
    assert (await deals.get(db, cast.mia, ident)).opportunity == deal.opportunity
    assert await events(db, "stage_visit", step.id) == ["stage_visit.created"]


async def test_a_step_is_changed_and_deleted(db: Database, cast: Cast) -> None:
    step = await new(db, cast, system_id="x")
    changed = await deeds.change(db, cast.mia, step.id, VisitChange(from_time=THEN, to_time=None, system_id="y"))
    assert (changed.from_time, changed.system_id, changed.to_stage_id) == (THEN, "y", step.to_stage_id)
    assert await deeds.change(db, cast.mia, step.id, VisitChange(from_time=THEN)) == changed
    assert await deeds.delete(db, cast.mia, step.id) == changed
    with pytest.raises(NotFound):
        await deeds.get(db, cast.mia, step.id)
    kinds = ["stage_visit.created", "stage_visit.changed", "stage_visit.deleted"]
    assert await events(db, "stage_visit", step.id) == kinds


async def test_a_step_points_at_what_is_there(db: Database, cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        await deeds.create(db, cast.mia, VisitChange())
    assert problems(refused) == {("to_stage_id", "required")}
    hidden = await make(db, cast, sharing=Sharing(True, (cast.mia.uid,)))
    for name, ident in (
        ("to_stage_id", 999),
        ("from_stage_id", 999),
        ("user_id", 999),
        ("opportunity_id", 999),
        ("opportunity_id", hidden.opportunity.id),
    ):
        said: dict[str, Any] = {"to_stage_id": stages(db)[0], name: ident}
        with pytest.raises(Invalid) as refused:
            await deeds.create(db, cast.noah, VisitChange(**said))
        assert problems(refused) == {(name, "unknown")}


async def test_history_outlives_its_stages_and_can_still_be_corrected(db: Database, cast: Cast) -> None:
    first, second = stages(db)[:2]
    step = await new(db, cast, from_stage_id=first, to_stage_id=second)
    await stage_deeds.delete(db, cast.carl, first)
    assert (await deeds.change(db, cast.mia, step.id, VisitChange(to_time=THEN))).from_stage_id == first
    with pytest.raises(Invalid):
        await deeds.change(db, cast.mia, step.id, VisitChange(to_stage_id=first))


async def test_a_step_is_there_for_whom_its_deal_is(db: Database, cast: Cast) -> None:
    hidden = await make(db, cast, sharing=Sharing(True, (cast.mia.uid,)))
    ident = hidden.opportunity.id
    (step,) = await deeds.of_deal(db, cast.mia, ident)
    assert await deeds.of_deal(db, cast.noah, ident) == []
    assert await deeds.get_many(db, cast.noah, [step.id]) == []
    for deed in (
        deeds.get(db, cast.noah, step.id),
        deeds.change(db, cast.noah, step.id, VisitChange(to_time=THEN)),
        deeds.delete(db, cast.noah, step.id),
    ):
        with pytest.raises(NotFound):
            await deed
    await deals.delete(db, cast.mia, ident)
    with pytest.raises(NotFound):
        await deeds.get(db, cast.carl, step.id)


async def test_a_step_of_no_deal_is_there_for_everybody_with_the_right(db: Database, cast: Cast) -> None:
    step = await new(db, cast)
    assert await deeds.get(db, cast.noah, step.id) == step
    for deed in (deeds.get(db, cast.rita, step.id), deeds.delete(db, cast.rita, step.id)):
        with pytest.raises(Forbidden):
            await deed
