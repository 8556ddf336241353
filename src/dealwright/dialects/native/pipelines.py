"""Pipelines and stages in our own API; stages with opportunities are deleted only with a stage to move these to."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import UNSET, Meta, UnsetType

from dealwright.actions import pipelines as pipeline_deeds
from dealwright.actions import stages as stage_deeds
from dealwright.dialects.native import members, pages, written
from dealwright.dialects.native.reading import Query
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.shapes import (
    Id,
    Listing,
    Pipeline,
    PipelineDraft,
    PipelinePatch,
    Stage,
    StageDraft,
    StagePatch,
)
from dealwright.domain.errors import NotFound, invalid
from dealwright.domain.pipeline import REQUIRABLE, PipelineChange, StageChange
from dealwright.domain.pipeline import Pipeline as OurPipeline
from dealwright.domain.pipeline import Stage as OurStage

_REQUIRED: Final = {written.member_of(name): name for name in REQUIRABLE}
_PIPELINES: Final = "/pipelines"
_PIPELINE: Final = "/pipelines/{id}"
_STAGES: Final = "/stages"
_STAGE: Final = "/stages/{id}"


class StageQuery(Query):
    """What the list of stages may be asked with."""

    pipeline_id: Id | UnsetType = UNSET


class RemovalQuery(Query):
    """What is to become of the opportunities of a stage that goes."""

    move_to: Annotated[Id, Meta(description="The stage that its opportunities enter first.")] | UnsetType = UNSET


def _shown(call: Call, pipeline: OurPipeline) -> Reply[Pipeline]:
    return Reply(written.pipeline(call.db.rules, pipeline), location=f"{_PIPELINES}/{pipeline.id}")


def _shown_stage(stage: OurStage) -> Reply[Stage]:
    return Reply(written.stage(stage), location=f"{_STAGES}/{stage.id}")


def pipeline_of(call: Call) -> OurPipeline:
    """Return the pipeline that the path names; refuses with NotFound."""
    found = call.db.rules.pipelines.get(call.id)
    if found is None:
        raise NotFound("pipeline")
    return found


async def list_pipelines(call: Call) -> Reply[Listing[Pipeline]]:
    """List the pipelines, the default one first."""
    call.actor.require("CrmBoard-List")
    rules = call.db.rules
    ordered = sorted(rules.pipelines.values(), key=lambda one: (one.id != rules.default_pipeline.id, one.id))
    return pages.whole([written.pipeline(rules, one) for one in ordered])


async def get_pipeline(call: Call) -> Reply[Pipeline]:
    """Get a pipeline."""
    call.actor.require("CrmBoard-Read")
    return Reply(written.pipeline(call.db.rules, pipeline_of(call)))


async def create_pipeline(call: Call, body: PipelineDraft) -> Reply[Pipeline]:
    """Create a pipeline without stages; without a location it belongs to the first one."""
    return _shown(call, await pipeline_deeds.create(call.db, call.actor, _change_of(body)))


async def change_pipeline(call: Call, body: PipelinePatch) -> Reply[Pipeline]:
    """Rename, archive or relocate a pipeline, or (by itself) make it the default."""
    change = _change_of(body)
    if body.is_default is UNSET:
        pipeline = await pipeline_deeds.change(call.db, call.actor, call.id, change)
    elif change != PipelineChange():
        raise invalid("is_default", "not_allowed", "comes by itself")
    else:
        pipeline = await pipeline_deeds.set_default(call.db, call.actor, call.id)
    return Reply(written.pipeline(call.db.rules, pipeline))


async def delete_pipeline(call: Call) -> Reply[None]:
    """Delete a pipeline that has no stages and is not the default."""
    await pipeline_deeds.delete(call.db, call.actor, call.id)
    return Reply(None)


async def list_pipeline_stages(call: Call) -> Reply[Listing[Stage]]:
    """List the stages of a pipeline in their order."""
    call.actor.require("CrmBoardColumn-List")
    stages = call.db.rules.stages_of(pipeline_of(call).id)
    return pages.whole([written.stage(one) for one in stages])


async def list_stages(call: Call, query: StageQuery) -> Reply[Listing[Stage]]:
    """List the stages of all pipelines, or of one, in their order."""
    call.actor.require("CrmBoardColumn-List")
    rules = call.db.rules
    chosen = sorted(rules.pipelines) if query.pipeline_id is UNSET else [query.pipeline_id]
    stages = [stage for one in chosen for stage in rules.stages_of(one)]
    return pages.whole([written.stage(one) for one in stages])


async def get_stage(call: Call) -> Reply[Stage]:
    """Get a stage."""
    call.actor.require("CrmBoardColumn-Read")
    found = call.db.rules.stages.get(call.id)
    if found is None:
        raise NotFound("stage")
    return Reply(written.stage(found))


async def create_stage(call: Call, body: StageDraft) -> Reply[Stage]:
    """Create a stage."""
    return _shown_stage(await stage_deeds.create(call.db, call.actor, _stage_change_of(body)))


async def change_stage(call: Call, body: StagePatch) -> Reply[Stage]:
    """Change a stage; into another pipeline it takes its opportunities along."""
    return Reply(written.stage(await stage_deeds.change(call.db, call.actor, call.id, _stage_change_of(body))))


async def delete_stage(call: Call, query: RemovalQuery) -> Reply[None]:
    """Delete a stage; with opportunities in it only together with `move_to`."""
    move_to = None if query.move_to is UNSET else query.move_to
    await stage_deeds.delete(call.db, call.actor, call.id, move_to)
    return Reply(None)


def _change_of(said: PipelinePatch | PipelineDraft) -> PipelineChange:
    change = PipelineChange()
    members.say(change, said, ("name", "location_id", "archived", "system_id"))
    return change


def _stage_change_of(said: StagePatch) -> StageChange:
    change = StageChange()
    members.say(change, said, StagePatch.__struct_fields__)
    if said.outcome is not UNSET:
        change.outcome = written.OUTCOMES_BY_NAME[said.outcome]
    if said.required_fields is not UNSET:
        change.required_fields = tuple(_REQUIRED.get(name, name) for name in dict.fromkeys(said.required_fields))
    return change


ROUTES: Final = (
    Route("GET", _PIPELINES, list_pipelines, right="CrmBoard-List"),
    Route("POST", _PIPELINES, create_pipeline, 201, right="CrmBoard-Create"),
    Route("GET", _PIPELINE, get_pipeline, right="CrmBoard-Read"),
    Route("PATCH", _PIPELINE, change_pipeline, right="CrmBoard-Edit", names={"default": "is_default"}),
    Route("DELETE", _PIPELINE, delete_pipeline, 204, right="CrmBoard-Delete"),
    Route("GET", f"{_PIPELINE}/stages", list_pipeline_stages, right="CrmBoardColumn-List"),
    Route("GET", _STAGES, list_stages, right="CrmBoardColumn-List"),
    Route("POST", _STAGES, create_stage, 201, right="CrmBoardColumn-Create"),
    Route("GET", _STAGE, get_stage, right="CrmBoardColumn-Read"),
    Route("PATCH", _STAGE, change_stage, right="CrmBoardColumn-Edit"),
    Route("DELETE", _STAGE, delete_stage, 204, right="CrmBoardColumn-Delete", names={"move_to": "?move_to"}),
)
