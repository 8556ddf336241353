"""Deeds on stages, on both databases: their order, their deals, what keeps them from going."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from dealwright.actions import opportunities as deals
from dealwright.actions import pipelines, small_records
from dealwright.actions import stages as deeds
from dealwright.actions.deed import now
from dealwright.domain.errors import Forbidden, Invalid, NotFound, Refusal, RulesMoved
from dealwright.domain.opportunity import Change, Sharing
from dealwright.domain.pipeline import Outcome, PipelineChange, Stage, StageChange
from dealwright.storage import schema
from dealwright.storage.database import Database
from dealwright.storage.query import Query
from dealwright.storage.totals import SUMMARY, by_stage
from tests.actions.about_rules import events, make, problems, stages
from tests.cast import Cast

_V, _E = schema.stage_visit.c, schema.event.c
_VISITS = Query(select(_V.opportunity_id, _V.from_stage_id, _V.to_stage_id, _V.user_id, _V.uid).order_by(_V.id))
_EVENTS = Query(
    select(_E.subject_id, _E.deed_id, _E.kinds, _E.before, _E.after)
    .where(_E.subject == "opportunity")
    .order_by(_E.subject_id, _E.id)
)


async def new(db: Database, cast: Cast, **values: Any) -> Stage:
    """Make a stage by Carl."""
    return await deeds.create(db, cast.carl, StageChange(**{"title": "Trial", **values}))


async def order(db: Database, pipeline_id: int) -> list[tuple[str, int]]:
    """Titles and positions of a pipeline's stages."""
    return [(stage.title, stage.position) for stage in db.rules.stages_of(pipeline_id)]


async def board(db: Database, cast: Cast, *titles: str) -> int:
    """A pipeline with stages of these titles."""
    made = await pipelines.create(db, cast.carl, PipelineChange(name="Renewals"))
    for title in titles:
        await new(db, cast, title=title, pipeline_id=made.id)
    return made.id


async def test_a_new_stage_is_what_was_said_and_stands_at_the_end(db: Database, cast: Cast) -> None:
    said = {"description": "Words", "color": "#123456", "probability": 42, "outcome": Outcome.LOST, "expected_days": 7}
    flags = {"Bookings": True, "Products": [3, 4]}
    made = await new(db, cast, required_fields=["amount"], extra=flags, system_id="s", **said)
    assert {name: getattr(made, name) for name in said} == said
    assert (made.required_fields, made.extra, made.system_id) == (("amount",), flags, "s")
    assert stages(db)[-1] == made.id
    assert await events(db, "stage", made.id) == ["stage.created"]


async def test_positions_counted_up_come_back_as_1_100_200(db: Database, cast: Cast) -> None:
    ident = await board(db, cast)
    made = [await new(db, cast, pipeline_id=ident, position=number) for number in range(1, 6)]
    assert [stage.position for stage in made] == [1, 100, 200, 300, 400]


async def test_a_stage_moves_among_the_others_and_they_are_renumbered(db: Database, cast: Cast) -> None:
    ident = await board(db, cast, "A", "B", "C")
    first = db.rules.stages_of(ident)[0]
    moved = await deeds.change(db, cast.carl, first.id, StageChange(position=10**9))
    assert await order(db, ident) == [("B", 1), ("C", 100), ("A", 200)]
    assert moved.position == 200
    others = [stage for stage in db.rules.stages_of(ident) if stage.id != first.id]
    assert [await events(db, "stage", stage.id) for stage in others] == [["stage.created"]] * 2


async def test_a_stage_goes_to_another_pipeline_with_its_deals(db: Database, cast: Cast) -> None:
    ident, leaving = await board(db, cast, "A", "B"), stages(db)[0]
    deal = await make(db, cast)
    await deeds.change(db, cast.carl, leaving, StageChange(pipeline_id=ident, position=50))
    assert [title for title, _ in await order(db, ident)] == ["A", "Initial contact", "B"]
    assert [place for _, place in await order(db, db.rules.default_pipeline.id)] == [1, *range(100, 800, 100)]
    assert (await deals.get(db, cast.mia, deal.opportunity.id)).opportunity.stage_id == leaving


async def test_stages_are_put_into_an_order_and_the_rest_follows(db: Database, cast: Cast) -> None:
    ident = await board(db, cast, "A", "B", "C", "D")
    present = [stage.id for stage in db.rules.stages_of(ident)]
    after = await deeds.reorder(db, cast.carl, ident, [present[2], present[0], present[2]])
    assert [stage.title for stage in after] == ["C", "A", "B", "D"]
    assert [stage.position for stage in after] == [1, 100, 200, 300]
    assert (await events(db, "pipeline", ident))[-1] == "stage.ordered"
    with pytest.raises(Invalid) as refused:
        await deeds.reorder(db, cast.carl, ident, [present[0], stages(db)[0]])
    assert problems(refused) == {("ids", "unknown")}
    with pytest.raises(NotFound):
        await deeds.reorder(db, cast.carl, 999, [])


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"title": ""}, ("title", "required")),
        ({"probability": 101}, ("probability", "out_of_range")),
        ({"required_fields": ["shoe_size"]}, ("required_fields", "unknown")),
        ({"pipeline_id": 999}, ("pipeline_id", "unknown")),
        ({"canned_response_id": 999}, ("canned_response_id", "unknown")),
        ({"task_list_id": 999}, ("task_list_id", "unknown")),
    ],
)
async def test_what_makes_no_stage_is_refused(
    db: Database, cast: Cast, said: dict[str, Any], problem: tuple[str, str]
) -> None:
    for deed in (
        new(db, cast, **said),
        deeds.change(db, cast.carl, stages(db)[0], StageChange(**said)),
        deeds.change(db, cast.carl, 999, StageChange(**said)),
    ):
        with pytest.raises(Invalid) as refused:
            await deed
        assert problems(refused) == {problem}


async def test_a_contract_may_want_more_than_a_title(db: Database, cast: Cast) -> None:
    for deed in (
        deeds.create(db, cast.carl, StageChange(title="Trial"), ["color"]),
        deeds.change(db, cast.carl, stages(db)[0], StageChange(color=""), ["color"]),
    ):
        with pytest.raises(Invalid) as refused:
            await deed
        assert problems(refused) == {("color", "required")}


async def test_a_stage_with_deals_changes_unless_the_contract_forbids(db: Database, cast: Cast) -> None:
    deal, ident = await make(db, cast), stages(db)[0]
    with pytest.raises(Invalid) as refused:
        await deeds.change(db, cast.carl, ident, StageChange(title="New"), only_unused=True)
    assert problems(refused) == {("opportunities", "in_use")}
    assert (await deeds.set_color(db, cast.carl, ident, "#abcdef")).color == "#abcdef"
    assert (await deeds.change(db, cast.carl, ident, StageChange(title="New"))).title == "New"
    await deals.delete(db, cast.mia, deal.opportunity.id)
    assert (await deeds.change(db, cast.carl, ident, StageChange(title="Free"), only_unused=True)).title == "Free"


async def test_an_empty_stage_goes_and_the_others_close_up(db: Database, cast: Cast) -> None:
    gone = await deeds.delete(db, cast.carl, stages(db)[1])
    assert gone.id not in db.rules.stages
    assert [stage.position for stage in db.rules.stages_of(gone.pipeline_id)] == [1, *range(100, 800, 100)]
    assert await events(db, "stage", gone.id) == ["stage.deleted"]


async def test_a_stage_with_deals_stays_even_if_nobody_here_sees_them(db: Database, cast: Cast) -> None:
    await make(db, cast, sharing=Sharing(True, (cast.mia.uid,)))
    with pytest.raises(Invalid) as refused:
        await deeds.delete(db, cast.carl, stages(db)[0])
    assert problems(refused) == {("opportunities", "in_use")}
    assert [problem.value for problem in refused.value.problems] == [1]


async def test_a_deal_in_the_trash_forgets_its_stage_and_asks_for_one_when_it_returns(db: Database, cast: Cast) -> None:
    deal, (first, second, *_) = await make(db, cast), stages(db)
    await deals.delete(db, cast.mia, deal.opportunity.id)
    await deeds.delete(db, cast.carl, first)
    with pytest.raises(Invalid):
        await deals.restore(db, cast.mia, deal.opportunity.id)
    assert (await deals.restore(db, cast.mia, deal.opportunity.id, second)).opportunity.stage_id == second


async def test_deals_move_as_if_each_had_been_moved_by_hand(db: Database, cast: Cast) -> None:
    first, second, won = stages(db)[0], stages(db)[1], stages(db)[7]
    there = await make(db, cast, stage_id=won, title="There already")
    made = [await make(db, cast, amount=Decimal(n), probability=3) for n in range(3)]
    by_hand = await make(db, cast, stage_id=second, amount=Decimal(9), probability=3)
    await deals.change(db, cast.mia, made[1].opportunity.id, Change(won_at=made[0].opportunity.created_at))
    await deeds.delete(db, cast.carl, first, move_to=won)
    hand = (await deals.move(db, cast.carl, by_hand.opportunity.id, won)).opportunity
    after = [(await deals.get(db, cast.mia, deal.opportunity.id)).opportunity for deal in made]
    for found in after:
        assert (found.stage_id, found.outcome, found.completed, found.probability) == (won, Outcome.WON, True, 100)
        assert (found.updated_by, found.closed_at) == (hand.updated_by, found.won_at)
    assert [found.version for found in after] == [2, 3, 2]
    assert after[0].moved_at == after[0].won_at == after[2].won_at
    assert after[1].won_at == made[0].opportunity.created_at
    positions = [there.opportunity.position, *(found.position for found in after), hand.position]
    assert positions == [1, 100, 200, 300, 400]


@pytest.mark.parametrize(("place", "outcome"), [(1, Outcome.OPEN), (7, Outcome.WON), (8, Outcome.LOST)])
async def test_every_moved_deal_has_its_visit_and_its_event(
    db: Database, cast: Cast, place: int, outcome: Outcome
) -> None:
    first, target = stages(db)[0], stages(db)[place]
    made = [(await make(db, cast)).opportunity for _ in range(2)]
    carl = cast.carl.id
    await deeds.delete(db, cast.carl, first, move_to=target)
    visits = [tuple(row) for row in await db.rows(_VISITS)]
    assert [visit[:4] for visit in visits[-2:]] == [(deal.id, first, target, carl) for deal in made]
    assert len({visit[4] for visit in visits}) == len(visits)
    told = [row for row in await db.rows(_EVENTS) if row[2] != "opportunity.created"]
    closing = {Outcome.OPEN: "", Outcome.WON: ",opportunity.won", Outcome.LOST: ",opportunity.lost"}[outcome]
    assert [row[2] for row in told] == ["opportunity.changed,opportunity.moved" + closing] * 2
    assert len({row[1] for row in told}) == 1
    for deal, row in zip(made, told, strict=True):
        before, after = json.loads(row[3]), json.loads(row[4])
        stored = (await deals.get(db, cast.mia, deal.id)).opportunity
        assert (before["stage_id"], before["position"], before["completed"]) == (first, deal.position, False)
        assert (after["stage_id"], after["outcome"], after["completed"]) == (target, outcome, stored.completed)
        closed = stored.closed_at.isoformat() if stored.closed_at else None
        assert after["closed_at"] == (closed and closed.replace("+00:00", "Z"))


async def test_the_totals_move_along(db: Database, cast: Cast) -> None:
    first, second = stages(db)[:2]
    await make(db, cast, amount=Decimal("1.5"), currency="EUR")
    await make(db, cast, amount=Decimal("-0.25"), currency="EUR")
    await make(db, cast)
    await make(db, cast, amount=Decimal(7), currency="EUR", sharing=Sharing(True, (cast.mia.uid,)))
    await SUMMARY.fold(db)
    await deeds.delete(db, cast.carl, first, move_to=second)
    for _ in range(2):
        mia = (await by_stage(db, cast.mia, None, now()))[second]
        noah = (await by_stage(db, cast.noah, None, now()))[second]
        assert (mia.deals, mia.priced, mia.amounts) == (4, 3, {"EUR": Decimal("8.25")})
        assert (noah.deals, noah.priced, noah.amounts) == (3, 2, {"EUR": Decimal("1.25")})
        await SUMMARY.fold(db)


async def test_a_stage_gives_its_deals_to_another_stage_only(db: Database, cast: Cast) -> None:
    ident = stages(db)[0]
    for wrong in (ident, 999):
        with pytest.raises(Invalid) as refused:
            await deeds.delete(db, cast.carl, ident, move_to=wrong)
        assert problems(refused) == {("move_to", "unknown")}


async def test_no_deal_is_lost_when_its_stage_goes_while_deals_come(db: Database, cast: Cast) -> None:
    first, second = stages(db)[:2]

    async def come(number: int) -> bool:
        try:
            await make(db, cast, stage_id=first, title=f"Deal {number}", amount=Decimal(1), currency="EUR")
        except (Refusal, RulesMoved):
            return False
        return True

    carl = cast.carl
    results = await asyncio.gather(
        *(come(number) for number in range(8)),
        deeds.delete(db, carl, first, move_to=second),
        *(come(number) for number in range(8, 16)),
    )
    came = sum(result is True for result in results)
    totals = await by_stage(db, cast.mia, None, now())
    assert (totals[second].deals, totals[second].priced) == (came, came)
    assert first not in totals


async def test_members_shape_no_stages(db: Database, cast: Cast) -> None:
    ident, pipeline = stages(db)[0], db.rules.default_pipeline.id
    for deed in (
        deeds.create(db, cast.mia, StageChange(title="Mine")),
        deeds.change(db, cast.mia, ident, StageChange(title="Mine")),
        deeds.set_color(db, cast.mia, ident, "#000000"),
        deeds.reorder(db, cast.mia, pipeline, [ident]),
        deeds.delete(db, cast.mia, ident),
    ):
        with pytest.raises(Forbidden):
            await deed


async def test_who_may_not_list_deals_learns_nothing_of_their_totals(db: Database, cast: Cast) -> None:
    await make(db, cast, amount=Decimal(5), currency="EUR")
    first = stages(db)[0]
    assert (await deeds.totals(db, cast.rita, [first]))[first].deals == 1
    assert (await deeds.totals(db, cast.gus))[first].deals == 0


async def test_a_stage_hands_out_the_tasks_of_its_list(db: Database, cast: Cast) -> None:
    tasks = await small_records.create(db, cast.carl, small_records.TASK_LIST, {"name": "Welcome", "active": True})
    made = await new(db, cast, task_list_id=tasks.id)
    assert made.task_list_id == tasks.id
    with pytest.raises(Invalid) as refused:
        await small_records.delete(db, cast.carl, small_records.TASK_LIST, tasks.id)
    assert problems(refused) == {("stages", "in_use")}
