"""Deeds on deals, on both databases: what they change, what they write beside, whom they refuse."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import not_, select

from dealwright.actions import deed, people
from dealwright.actions import opportunities as deals
from dealwright.domain.errors import Forbidden, Invalid, NotFound, Outdated, RulesMoved
from dealwright.domain.opportunity import Change, Sharing
from dealwright.domain.people import UserChange
from dealwright.domain.pipeline import Outcome
from dealwright.storage import schema
from dealwright.storage.database import Database
from dealwright.storage.opportunities import Deal
from dealwright.storage.query import Query
from dealwright.storage.writes import Change as Write
from tests.cast import Cast, role
from tests.support.turns import without_turns


def stages(db: Database) -> list[int]:
    """The ids of the default pipeline's stages in their order; the last but one wins, the last loses."""
    return [stage.id for stage in db.rules.stages_of(db.rules.default_pipeline.id)]


async def make(db: Database, cast: Cast, **values: Any) -> Deal:
    """Make a deal by Mia."""
    return await deals.create(db, cast.mia, Change(**{"stage_id": stages(db)[0], "title": "Ten desks", **values}))


EVENTS = Query(select(schema.event.c.kinds, schema.event.c.subject_id).order_by(schema.event.c.id))
VISITS = Query(
    select(schema.stage_visit.c.from_stage_id, schema.stage_visit.c.to_stage_id).order_by(schema.stage_visit.c.id)
)
TOTALS = Query(
    select(
        schema.stage_total_delta.c.stage_id,
        schema.stage_total_delta.c.deals,
        schema.stage_total_delta.c.units,
    ).where(not_(schema.stage_total_delta.c.private))
)


async def kinds_of(db: Database, deal: Deal) -> list[str]:
    """The kinds of the events about a deal, oldest first."""
    return [row[0] for row in await db.rows(EVENTS) if row[1] == deal.opportunity.id and row[0].startswith("opp")]


async def totals(db: Database) -> dict[int, tuple[int, int]]:
    """Count and sum of the public deals of each stage, from the deltas."""
    found: dict[int, tuple[int, int]] = {}
    for stage, count, units in await db.rows(TOTALS):
        before = found.get(stage, (0, 0))
        found[stage] = (before[0] + count, before[1] + units)
    return {stage: total for stage, total in found.items() if total != (0, 0)}


async def test_a_new_deal_reads_back_as_it_was_returned(db: Database, cast: Cast) -> None:
    deal = await make(db, cast, amount=Decimal("1500.5"), currency="EUR", description="By the window")
    assert await deals.get(db, cast.mia, deal.opportunity.id) == deal
    assert (deal.opportunity.position, deal.opportunity.version, deal.opportunity.probability) == (1, 1, 1)
    assert await kinds_of(db, deal) == ["opportunity.created"]
    assert [tuple(row) for row in await db.rows(VISITS)] == [(None, deal.opportunity.stage_id)]


async def test_a_change_is_returned_as_it_is_stored_and_leaves_one_event(db: Database, cast: Cast) -> None:
    deal = await make(db, cast)
    changed = await deals.change(db, cast.noah, deal.opportunity.id, Change(title="Twenty desks", amount=Decimal(9)))
    assert await deals.get(db, cast.mia, deal.opportunity.id) == changed
    assert (changed.opportunity.version, changed.opportunity.updated_by) == (2, cast.noah.id)
    assert await kinds_of(db, deal) == ["opportunity.created", "opportunity.changed"]


async def test_a_change_that_changes_nothing_writes_nothing(db: Database, cast: Cast) -> None:
    deal = await make(db, cast)
    same = await deals.change(db, cast.mia, deal.opportunity.id, Change(title="Ten desks", stage_id=stages(db)[0]))
    assert same.opportunity.version == 1
    assert await kinds_of(db, deal) == ["opportunity.created"]


async def test_winning_moves_the_deal_closes_it_and_leaves_a_visit(db: Database, cast: Cast) -> None:
    deal = await make(db, cast)
    won = (await deals.win(db, cast.mia, deal.opportunity.id)).opportunity
    assert (won.stage_id, won.outcome, won.completed, won.probability) == (stages(db)[7], Outcome.WON, True, 100)
    assert won.won_at == won.closed_at == won.moved_at
    assert [tuple(row) for row in await db.rows(VISITS)][-1] == (stages(db)[0], stages(db)[7])
    assert (await kinds_of(db, deal))[-1] == "opportunity.changed,opportunity.moved,opportunity.won"


async def test_losing_keeps_the_reason(db: Database, cast: Cast) -> None:
    deal = await make(db, cast)
    lost = (await deals.lose(db, cast.mia, deal.opportunity.id, reason=4)).opportunity
    assert (lost.outcome, lost.loss_reason, lost.stage_id) == (Outcome.LOST, 4, stages(db)[8])
    with pytest.raises(Invalid):
        await deals.lose(db, cast.mia, deal.opportunity.id, reason=21)


async def test_the_totals_follow_every_deed(db: Database, cast: Cast) -> None:
    first, second = stages(db)[:2]
    deal = await make(db, cast, amount=Decimal(100))
    hidden = await make(db, cast, amount=Decimal(7), sharing=Sharing(True, (cast.mia.uid,)))
    assert await totals(db) == {first: (1, 100)}
    await deals.change(db, cast.mia, deal.opportunity.id, Change(stage_id=second, amount=Decimal(30)))
    assert await totals(db) == {second: (1, 30)}
    await deals.share(db, cast.mia, hidden.opportunity.id, Sharing())
    assert await totals(db) == {first: (1, 7), second: (1, 30)}
    await deals.delete(db, cast.mia, deal.opportunity.id)
    assert await totals(db) == {first: (1, 7)}
    await deals.restore(db, cast.mia, deal.opportunity.id)
    assert await totals(db) == {first: (1, 7), second: (1, 30)}


async def test_a_trashed_deal_is_gone_for_everybody_and_comes_back_whole(db: Database, cast: Cast) -> None:
    deal = await make(db, cast, description="Keep me")
    await deals.delete(db, cast.noah, deal.opportunity.id)
    for actor in (cast.olga, cast.mia):
        with pytest.raises(NotFound):
            await deals.get(db, actor, deal.opportunity.id)
    back = await deals.restore(db, cast.mia, deal.opportunity.id)
    assert (back.opportunity.title, back.opportunity.description) == ("Ten desks", "Keep me")
    assert await kinds_of(db, deal) == ["opportunity.created", "opportunity.deleted", "opportunity.restored"]


async def test_a_private_deal_is_there_for_the_listed_only(db: Database, cast: Cast) -> None:
    deal = await make(db, cast, sharing=Sharing(True, (cast.noah.uid,)))
    assert deal.shared_with == tuple(sorted((cast.mia.uid, cast.noah.uid)))
    for actor in (cast.mia, cast.noah, cast.carl, cast.olga):
        assert (await deals.get(db, actor, deal.opportunity.id)).opportunity.title == "Ten desks"
    for act in (deals.get, deals.win, deals.delete):
        with pytest.raises(NotFound):
            await act(db, cast.rita if act is deals.get else await _stranger(db, cast), deal.opportunity.id)


async def _stranger(db: Database, cast: Cast) -> Any:
    if "otto" not in cast.ids:
        from tests.cast import hire

        cast.ids["otto"] = await hire(db, "otto")
    return cast.actor("otto")


async def test_only_the_creator_and_administrators_share(db: Database, cast: Cast) -> None:
    deal = await make(db, cast)
    with pytest.raises(Forbidden):
        await deals.share(db, cast.noah, deal.opportunity.id, Sharing(True, (cast.noah.uid,)))
    ignored = await deals.change(db, cast.noah, deal.opportunity.id, Change(title="x", sharing=Sharing(True, ("a",))))
    assert (ignored.opportunity.private, ignored.opportunity.title) == (False, "x")


async def test_rights_are_needed_for_every_deed(db: Database, cast: Cast) -> None:
    deal = await make(db, cast)
    ident = deal.opportunity.id
    assert (await deals.get(db, cast.rita, ident)).opportunity.id == ident
    for refused in (
        deals.change(db, cast.rita, ident, Change(title="x")),
        deals.move(db, cast.rita, ident, stages(db)[1]),
        deals.win(db, cast.rita, ident),
        deals.delete(db, cast.rita, ident),
        deals.create(db, cast.rita, Change(stage_id=stages(db)[0])),
        deals.get(db, cast.gus, ident),
    ):
        with pytest.raises(Forbidden):
            await refused


async def test_what_points_nowhere_is_refused_and_changes_nothing(db: Database, cast: Cast) -> None:
    deal = await make(db, cast)
    wrong = Change(title="x", contact_id=99, team_id=98, kind_id=97, lead_source=3, currency="XQZ")
    with pytest.raises(Invalid) as refusal:
        await deals.change(db, cast.mia, deal.opportunity.id, wrong)
    found = {problem.field for problem in refusal.value.problems}
    assert found == {"contact_id", "team_id", "kind_id", "lead_source", "currency"}
    with pytest.raises(Invalid):
        await deals.move(db, cast.mia, deal.opportunity.id, 99)
    assert await deals.get(db, cast.mia, deal.opportunity.id) == deal


async def test_a_version_that_is_not_present_is_outdated(db: Database, cast: Cast) -> None:
    deal = await make(db, cast)
    await deals.change(db, cast.mia, deal.opportunity.id, Change(title="x"), version=1)
    with pytest.raises(Outdated):
        await deals.change(db, cast.mia, deal.opportunity.id, Change(title="y"), version=1)


async def test_cards_go_where_they_ask_and_never_share_a_place(db: Database, cast: Cast) -> None:
    cards = [(await make(db, cast)).opportunity for _ in range(4)]
    assert [card.position for card in cards] == [1, 100, 200, 300]
    for _ in range(12):
        moved = await deals.change(db, cast.mia, cards[3].id, Change(position=100))
        assert moved.opportunity.position is not None
        cards[3], cards[2] = cards[2], moved.opportunity
    places = Query(select(schema.opportunity.c.position))
    found = [row[0] for row in await db.rows(places)]
    assert len(set(found)) == len(found) == 4


async def test_a_card_squeezed_between_two_moves_its_neighbours_only(db: Database, cast: Cast) -> None:
    first, second, third, other = [(await make(db, cast)).opportunity for _ in range(4)]
    await db.apply([Write(schema.opportunity, {"position": 2}, {"id": second.id})])
    await db.apply([Write(schema.opportunity, {"position": 3}, {"id": third.id})])
    placed = (await deals.change(db, cast.mia, other.id, Change(position=2))).opportunity
    order = Query(select(schema.opportunity.c.id, schema.opportunity.c.version).order_by(schema.opportunity.c.position))
    rows = [tuple(row) for row in await db.rows(order)]
    assert [row[0] for row in rows] == [first.id, other.id, second.id, third.id]
    assert [row[1] for row in rows] == [1, placed.version, 1, 1]


async def test_two_hundred_changes_at_once_lose_nothing_and_double_nothing(db: Database, cast: Cast) -> None:
    deal = await make(db, cast)
    mia = cast.mia
    ident = deal.opportunity.id
    await asyncio.gather(*(deals.change(db, mia, ident, Change(title=f"Name {n}")) for n in range(200)))
    assert (await deals.get(db, mia, ident)).opportunity.version == 201
    assert len(await kinds_of(db, deal)) == 201


async def test_whoever_meets_others_at_one_deal_gets_through(db: Database, cast: Cast) -> None:
    without_turns(db)
    deal, mia = await make(db, cast), cast.mia
    ident = deal.opportunity.id
    await asyncio.gather(*(deals.change(db, mia, ident, Change(title=f"Name {n}")) for n in range(deed.ATTEMPTS)))
    assert (await deals.get(db, mia, ident)).opportunity.version == 1 + deed.ATTEMPTS


async def test_two_hundred_deals_change_at_once(db: Database, cast: Cast) -> None:
    mia, target = cast.mia, stages(db)[1]
    made = await asyncio.gather(*(make(db, cast, title=f"Deal {n}") for n in range(200)))
    moved = await asyncio.gather(*(deals.move(db, mia, deal.opportunity.id, target) for deal in made))
    assert {deal.opportunity.stage_id for deal in moved} == {target}
    assert len({deal.opportunity.position for deal in moved}) == 200
    assert len(await db.rows(EVENTS)) - len(cast.ids) == 400


async def test_a_right_taken_between_load_and_write_stops_the_write(
    db: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles = [role(db, "CrmOpportunity-Edit"), role(db, "CrmOpportunity-Read")]
    await people.change_user(db, None, cast.ids["rita"], UserChange(role_ids=roles))
    deal = await make(db, cast)
    rita = cast.rita
    original = deed.written

    async def written(*args: Any) -> Any:
        monkeypatch.setattr(deals, "written", original)
        await people.change_user(db, None, rita.id, UserChange(role_ids=roles[1:]))
        return await original(*args)

    monkeypatch.setattr(deals, "written", written)
    with pytest.raises(RulesMoved):
        await deals.change(db, rita, deal.opportunity.id, Change(title="Too late"))
    with pytest.raises(Forbidden):
        await deals.change(db, cast.rita, deal.opportunity.id, Change(title="Too late"))
    assert (await deals.get(db, cast.mia, deal.opportunity.id)).opportunity.title == "Ten desks"


async def test_a_stage_changed_between_load_and_write_is_seen_before_anything_is_written(
    db: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    deal = await make(db, cast)
    target, mia, original = stages(db)[1], cast.mia, deed.written

    async def written(*args: Any) -> Any:
        monkeypatch.setattr(deals, "written", original)
        await db.apply_rules([Write(schema.stage, {"outcome": 1, "probability": 88}, {"id": target})], None)
        return await original(*args)

    monkeypatch.setattr(deals, "written", written)
    with pytest.raises(RulesMoved):
        await deals.move(db, mia, deal.opportunity.id, target)
    moved = await deals.move(db, cast.mia, deal.opportunity.id, target)
    assert (moved.opportunity.outcome, moved.opportunity.probability) == (Outcome.WON, 88)
