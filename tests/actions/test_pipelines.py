"""Deeds on pipelines, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from dealwright.actions import pipelines, stages
from dealwright.domain.errors import Forbidden, Invalid, NotFound, RulesMoved
from dealwright.domain.pipeline import Pipeline, PipelineChange, StageChange
from dealwright.storage.database import Database
from tests.actions.about_rules import events, problems
from tests.cast import Cast


async def make(db: Database, cast: Cast, **values: Any) -> Pipeline:
    """Make a pipeline by Carl."""
    return await pipelines.create(db, cast.carl, PipelineChange(**{"name": "Renewals", **values}))


async def test_a_new_pipeline_is_in_the_rules_at_the_first_location(db: Database, cast: Cast) -> None:
    made = await make(db, cast)
    assert db.rules.pipelines[made.id] == made
    assert (made.name, made.location_id, made.archived) == ("Renewals", db.rules.location.id, False)
    assert (made.stamps.created_by, made.stamps.updated_by) == (cast.carl.id, cast.carl.id)
    assert await events(db, "pipeline", made.id) == ["pipeline.created"]


async def test_a_pipeline_is_renamed_and_archived(db: Database, cast: Cast) -> None:
    made = await make(db, cast)
    changed = await pipelines.change(db, cast.carl, made.id, PipelineChange(name="Old", archived=True, system_id="x"))
    assert (changed.name, changed.archived, changed.system_id) == ("Old", True, "x")
    assert changed.stamps.updated_at > made.stamps.updated_at
    assert await events(db, "pipeline", made.id) == ["pipeline.created", "pipeline.changed"]


async def test_a_change_that_changes_nothing_leaves_the_rules_alone(db: Database, cast: Cast) -> None:
    made = await make(db, cast)
    stamp = db.rules.stamp
    assert await pipelines.change(db, cast.carl, made.id, PipelineChange(name="Renewals")) == made
    assert db.rules.stamp == stamp


async def test_the_default_pipeline_cannot_be_archived(db: Database, cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        await pipelines.change(db, cast.olga, db.rules.default_pipeline.id, PipelineChange(archived=True))
    assert problems(refused) == {("archived", "not_allowed")}


async def test_another_pipeline_becomes_the_default_and_the_old_one_may_go(db: Database, cast: Cast) -> None:
    old, made = db.rules.default_pipeline, await make(db, cast)
    await pipelines.set_default(db, cast.carl, made.id)
    assert db.rules.default_pipeline.id == made.id
    assert (await pipelines.change(db, cast.carl, old.id, PipelineChange(archived=True))).archived
    with pytest.raises(Invalid):
        await pipelines.set_default(db, cast.carl, old.id)
    assert await events(db, "pipeline", made.id) == ["pipeline.created", "pipeline.default_set"]


async def test_a_pipeline_with_stages_stays_and_they_are_named(db: Database, cast: Cast) -> None:
    made = await make(db, cast)
    stage = await stages.create(db, cast.carl, StageChange(pipeline_id=made.id, title="Lead"))
    with pytest.raises(Invalid) as refused:
        await pipelines.delete(db, cast.carl, made.id)
    assert problems(refused) == {("stages", "in_use")}
    assert "Lead" in str(refused.value)
    await stages.delete(db, cast.carl, stage.id)
    assert (await pipelines.delete(db, cast.carl, made.id)).name == "Renewals"
    assert made.id not in db.rules.pipelines


async def test_the_default_pipeline_stays_even_without_stages(db: Database, cast: Cast) -> None:
    made = await make(db, cast)
    await pipelines.set_default(db, cast.carl, made.id)
    with pytest.raises(Invalid) as refused:
        await pipelines.delete(db, cast.carl, made.id)
    assert problems(refused) == {("default", "in_use")}


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"name": " "}, ("name", "required")),
        ({"name": "x" * 256}, ("name", "too_long")),
        ({"location_id": 999}, ("location_id", "unknown")),
        ({"system_id": "\0"}, ("system_id", "format")),
    ],
)
async def test_what_makes_no_pipeline_is_refused(
    db: Database, cast: Cast, said: dict[str, Any], problem: tuple[str, str]
) -> None:
    ident = db.rules.default_pipeline.id
    for deed in (
        make(db, cast, **said),
        pipelines.change(db, cast.carl, ident, PipelineChange(**said)),
    ):
        with pytest.raises(Invalid) as refused:
            await deed
        assert problems(refused) == {problem}


async def test_values_are_looked_at_before_the_record(db: Database, cast: Cast) -> None:
    with pytest.raises(Invalid):
        await pipelines.change(db, cast.carl, 999, PipelineChange(name=""))
    for deed in (
        pipelines.change(db, cast.carl, 999, PipelineChange(archived=True)),
        pipelines.set_default(db, cast.carl, 999),
        pipelines.delete(db, cast.carl, 999),
    ):
        with pytest.raises(NotFound):
            await deed


async def test_members_shape_no_pipelines(db: Database, cast: Cast) -> None:
    ident = db.rules.default_pipeline.id
    for deed in (
        pipelines.create(db, cast.mia, PipelineChange(name="Mine")),
        pipelines.change(db, cast.mia, ident, PipelineChange(name="Mine")),
        pipelines.set_default(db, cast.mia, ident),
        pipelines.delete(db, cast.mia, ident),
    ):
        with pytest.raises(Forbidden):
            await deed


async def test_whoever_signed_in_under_older_rules_has_to_look_again(db: Database, cast: Cast) -> None:
    before = cast.carl
    await make(db, cast)
    with pytest.raises(RulesMoved):
        await pipelines.create(db, before, PipelineChange(name="Second"))
    assert [found.name for found in db.rules.pipelines.values()] == ["Sales", "Renewals"]
