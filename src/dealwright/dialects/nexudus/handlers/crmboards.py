"""Boards and their columns (crm §2 and §3)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from dealwright.actions import pipelines, stages
from dealwright.actions.deed import now
from dealwright.dialects.nexudus.entities.crmboards import CRM_BOARD, CRM_BOARD_COLUMN
from dealwright.dialects.nexudus.handling import Call, Done, Handler
from dealwright.dialects.nexudus.keeping import kept_after, known
from dealwright.dialects.nexudus.reading import Body
from dealwright.dialects.nexudus.shown import Values, board_values, stamped
from dealwright.dialects.nexudus.sources import InRules
from dealwright.domain.currency import converted
from dealwright.domain.pipeline import Outcome, Pipeline, PipelineChange, Stage, StageChange, outcome_of
from dealwright.storage.rules import Rules
from dealwright.storage.totals import StageTotal


def board_shown(rules: Rules, board: Pipeline) -> Values:
    """Return a board in our words."""
    own = {"location_id": board.location_id, "name": board.name, "archived": board.archived}
    return {**stamped(rules, board), **own}


async def create_board(call: Call, body: Body) -> Done:
    """Make a board; see actions.pipelines.create."""
    board = await pipelines.create(call.db, call.actor, PipelineChange(**_values(body)))
    return Done(board.id, board.stamps.updated_at)


async def change_board(call: Call, body: Body) -> Done:
    """Rename, archive or move a board; see actions.pipelines.change."""
    board = await pipelines.change(call.db, call.actor, body.id, PipelineChange(**_values(body)))
    return Done(board.id, board.stamps.updated_at)


async def remove_board(call: Call, record_id: int) -> Done:
    """Take a board without columns away; see actions.pipelines.delete."""
    return Done((await pipelines.delete(call.db, call.actor, record_id)).id, now())


def _values(body: Body) -> dict[str, Any]:
    said = dict(body.values)
    said.pop("custom", None)
    return said


BOARDS: Final = Handler(
    entity=CRM_BOARD,
    source=InRules(CRM_BOARD, lambda rules: rules.pipelines.values(), board_shown),
    create=create_board,
    change=change_board,
    remove=remove_board,
)


def column_shown(rules: Rules, stage: Stage) -> Values:
    """Return a column in our words; what stands in it is added by `with_totals`."""
    return {
        **known(CRM_BOARD_COLUMN, stage.extra),
        **stamped(rules, stage),
        **board_values(rules, stage.pipeline_id),
        "pipeline_id": stage.pipeline_id,
        "title": stage.title,
        "position": stage.position,
        "wins": stage.outcome is Outcome.WON,
        "loses": stage.outcome is Outcome.LOST,
        "canned_response_id": stage.canned_response_id,
        "task_list_id": stage.task_list_id,
    }


async def with_totals(call: Call, rows: Sequence[Values]) -> list[Values]:
    """Return columns with how many deals stand in them, what these are worth together, and how many are due."""
    totals = await stages.totals(call.db, call.actor, [row["id"] for row in rows]) if rows else {}
    return [{**row, **_summed(call.db.rules, row, totals[row["id"]])} for row in rows]


def _summed(rules: Rules, row: Values, total: StageTotal) -> Values:
    """Deals whose value cannot be shown, because there is no rate, are counted and not summed."""
    local = row["pipeline.location.currency.code"]
    worth = (converted(amount, rules.rates, currency or local, local) for currency, amount in total.amounts.items())
    return {"deals": total.deals, "due": total.due, "amount": sum((one for one in worth if one), Decimal(0))}


def _column_change(body: Body, stage: Stage | None) -> StageChange:
    said = _values(body)
    outcome = outcome_of(said.pop("wins"), said.pop("loses"))
    extra = kept_after(CRM_BOARD_COLUMN, body, stage.extra if stage else {})
    return StageChange(**said, outcome=outcome, extra=extra)


async def create_column(call: Call, body: Body) -> Done:
    """Make a column; see actions.stages.create."""
    stage = await stages.create(call.db, call.actor, _column_change(body, None))
    return Done(stage.id, stage.stamps.updated_at)


async def change_column(call: Call, body: Body) -> Done:
    """Change a column; see actions.stages.change."""
    rules = call.db.rules
    stage = await stages.change(call.db, call.actor, body.id, _column_change(body, rules.stages.get(body.id)))
    return Done(stage.id, stage.stamps.updated_at)


async def remove_column(call: Call, record_id: int) -> Done:
    """Take a column without opportunities away; see actions.stages.delete."""
    return Done((await stages.delete(call.db, call.actor, record_id)).id, now())


COLUMNS: Final = Handler(
    entity=CRM_BOARD_COLUMN,
    source=InRules(
        CRM_BOARD_COLUMN,
        lambda rules: rules.stages.values(),
        column_shown,
        with_totals,
        frozenset({"deals", "amount", "due"}),
    ),
    create=create_column,
    change=change_column,
    remove=remove_column,
)
