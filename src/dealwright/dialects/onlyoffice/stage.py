"""Stages of opportunities (opportunities §5): the contract knows the portal's default pipeline alone, but any id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dealwright.actions import stages
from dealwright.dialects.onlyoffice.binding import Bag
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, everything, listed, one
from dealwright.dialects.onlyoffice.failures import absent_reference, bad_argument, missing
from dealwright.dialects.onlyoffice.opportunity import ident
from dealwright.dialects.onlyoffice.opportunity_lists import STAGE_TYPES
from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.dialects.onlyoffice.writing import stage_base
from dealwright.domain.pipeline import Outcome, Stage, StageChange

LIST: Final = "CrmBoardColumn-List"
READ: Final = "CrmBoardColumn-Read"
CREATE: Final = "CrmBoardColumn-Create"
EDIT: Final = "CrmBoardColumn-Edit"
DELETE: Final = "CrmBoardColumn-Delete"

STAGES: Final = "crm/opportunity/stage"
ONE: Final = f"{STAGES}/{{id:[0-9]+}}"
NEEDS: Final = ("color",)
"""What the contract wants filled beside the title."""
EDIT_WORDS: Final = {"opportunities.in_use": "Can't be edited. There are some opportunities at this stage."}
DELETE_WORDS: Final = {"opportunities.in_use": "Can't be deleted. There are some opportunities at this stage."}


@routes.get(STAGES, right=LIST)
async def get_all(call: Call) -> Answer:
    """Answer the stages in their order, each with the number of deals that the caller sees in it."""
    found = call.db.rules.stages_of(call.db.rules.default_pipeline.id)
    return listed(await _counted(call, found), call.page)


@routes.get(f"{STAGES}/{{stageid:[0-9]+}}", right=READ)
async def get(call: Call) -> Answer:
    """Answer one stage: 400 for the id 0, 404 where there is none."""
    found = call.db.rules.stages.get(ident(call, "stageid"))
    if found is None:
        raise missing()
    return one((await _counted(call, [found]))[0])


@routes.post(STAGES, right=CREATE)
async def post(call: Call) -> Answer:
    """Make a stage at the end. Refuses with 403, and with 400 (no title, no color, probability beyond 0 to 100)."""
    return one(stage_base(await stages.create(call.db, call.actor, _said(call.bag), NEEDS)))


@routes.put(ONE, right=EDIT, words=EDIT_WORDS)
async def put(call: Call) -> Answer:
    """Replace a stage in which no deal stands. Refuses with 403, 400 (its values), 404, and 400 (it has deals)."""
    change = _said(call.bag)
    changed = await stages.change(call.db, call.actor, ident(call, "id"), change, NEEDS, only_unused=True)
    return one(stage_base(changed))


@routes.put(f"{ONE}/color", right=EDIT)
async def put_color(call: Call) -> Answer:
    """Set the color of a stage, in use or not. Refuses with 403 and 404."""
    number = ident(call, "id")
    # Counted first: after the deed the rules are others than those the caller signed in under.
    before = await stages.totals(call.db, call.actor, [number])
    changed = await stages.set_color(call.db, call.actor, number, call.bag.text("color") or "")
    return one(_shown(changed, before[number].deals))


@routes.put(f"{STAGES}/reorder", right=EDIT)
async def reorder(call: Call) -> Answer:
    """Put the stages in this order and answer those that were named; 500 for an unknown one, as the contract has it.

    Stages that are not named follow as they stood.
    """
    pipeline, ids = call.db.rules.default_pipeline.id, call.bag.integers("ids")
    known = {stage.id for stage in call.db.rules.stages_of(pipeline)}
    if not known.issuperset(ids):
        raise absent_reference("Object reference not set to an instance of an object.")
    before = await stages.totals(call.db, call.actor, ids)
    changed = {stage.id: stage for stage in await stages.reorder(call.db, call.actor, pipeline, ids)}
    return everything([_shown(changed[one_id], before[one_id].deals) for one_id in ids])


@routes.delete(ONE, right=DELETE, words=DELETE_WORDS)
async def delete(call: Call) -> Answer:
    """Delete a stage in which no deal stands and answer it. Refuses with 403, 404 and 400 (it has deals)."""
    return one(stage_base(await stages.delete(call.db, call.actor, ident(call, "id"))))


def _said(bag: Bag) -> StageChange:
    """Return what a stage shall be; what is absent is reset (conventions §6.5)."""
    kind = bag.enum("stageType", STAGE_TYPES)
    if kind not in STAGE_TYPES.numbers.values():
        raise bad_argument()
    return StageChange(
        title=bag.text("title") or "",
        description=bag.text("description") or "",
        color=bag.text("color") or "",
        probability=bag.integer("successProbability"),
        outcome=Outcome(kind),
    )


async def _counted(call: Call, found: Sequence[Stage]) -> list[Shown]:
    totals = await stages.totals(call.db, call.actor, [stage.id for stage in found])
    return [_shown(stage, totals[stage.id].deals) for stage in found]


def _shown(stage: Stage, deals: int) -> Shown:
    """Return a stage of the stage routes: with the number of its deals, left out where there are none (§1.2)."""
    return stage_base(stage) | ({"relativeItemsCount": deals} if deals else {})
