"""Stages over the wire (opportunities §5)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from dealwright.actions import pipelines, stages
from dealwright.dialects.onlyoffice.failures import ACCESS_DENIED, BAD_ARGUMENT, NOT_FOUND
from dealwright.domain.pipeline import PipelineChange, StageChange
from dealwright.storage.database import Database
from tests.dialects.onlyoffice.clerk import UNKNOWN, Clerk, hired, ids

STAGES = "crm/opportunity/stage"


@pytest.fixture
async def clerk(staffed: Database) -> AsyncIterator[Clerk]:
    async with hired(staffed) as found:
        yield found


async def made(clerk: Clerk, **said: Any) -> Any:
    own = {"title": "Offer", "color": "#123456", "successProbability": 42, "stageType": "Open"}
    return await clerk.post(STAGES, **{**own, **said})


async def elsewhere(clerk: Clerk) -> int:
    """The id of a stage in another pipeline than the portal's default."""
    pipeline = await pipelines.create(clerk.db, clerk.cast.olga, PipelineChange(name="Renewals"))
    change = StageChange(title="Asked", pipeline_id=pipeline.id)
    return (await stages.create(clerk.db, clerk.cast.olga, change)).id


async def test_the_stages_of_a_new_portal_are_listed_in_their_order(clerk: Clerk) -> None:
    found = await clerk.get(STAGES, by="mia")
    assert [stage["title"] for stage in found][:3] == [
        "Initial contact",
        "Application of initial fit criteria",
        "Suspect",
    ]
    assert found[7] == {
        "successProbability": 100,
        "stageType": 1,
        "title": "Closure/Transaction",
        "description": "Signed.",
        "color": "#6bbd72",
        "id": found[7]["id"],
    }


async def test_a_new_stage_stands_at_the_end_and_comes_back_as_given(clerk: Clerk) -> None:
    stage = await made(clerk, description="Words", stageType="closedandlost")
    assert stage == {
        "successProbability": 42,
        "stageType": 2,
        "title": "Offer",
        "description": "Words",
        "color": "#123456",
        "id": stage["id"],
    }
    assert (await clerk.get(STAGES))[-1] == stage
    assert await clerk.get(f"{STAGES}/{stage['id']}") == stage


@pytest.mark.parametrize(
    "wrong",
    [{"title": ""}, {"color": ""}, {"successProbability": 101}, {"successProbability": -1}, {"stageType": 7}],
    ids=str,
)
async def test_a_stage_with_a_wrong_value_is_refused(clerk: Clerk, wrong: dict[str, Any]) -> None:
    said = {"title": "Offer", "color": "#123456", "successProbability": 42, "stageType": 0, **wrong}
    assert await clerk.no("POST", STAGES, **said) == (400, BAD_ARGUMENT)
    assert await clerk.no("PUT", f"{STAGES}/{UNKNOWN}", **said) == (400, BAD_ARGUMENT)


async def test_a_crm_administrator_makes_stages_and_a_member_does_not(clerk: Clerk) -> None:
    stage = await made(clerk, by="carl")
    path = f"{STAGES}/{stage['id']}"
    assert await clerk.no("POST", STAGES, by="mia", title="") == (403, ACCESS_DENIED)
    assert await clerk.no("PUT", path, by="mia", title="") == (403, ACCESS_DENIED)
    assert await clerk.no("PUT", f"{path}/color", by="mia", color="#000") == (403, ACCESS_DENIED)
    assert await clerk.no("PUT", f"{STAGES}/reorder", by="mia", ids=[stage["id"]]) == (403, ACCESS_DENIED)
    assert await clerk.no("DELETE", path, by="mia") == (403, ACCESS_DENIED)


@pytest.mark.parametrize(("verb", "tail"), [("GET", ""), ("PUT", ""), ("PUT", "/color"), ("DELETE", "")])
async def test_the_id_0_is_a_bad_argument_and_an_unknown_one_not_found(clerk: Clerk, verb: str, tail: str) -> None:
    said = {} if verb in ("GET", "DELETE") else {"title": "Offer", "color": "#123456"}
    assert await clerk.no(verb, f"{STAGES}/0{tail}", **said) == (400, BAD_ARGUMENT)
    assert await clerk.no(verb, f"{STAGES}/{UNKNOWN}{tail}", **said) == (404, NOT_FOUND)


async def test_a_stage_counts_the_deals_that_the_caller_sees(clerk: Clerk) -> None:
    stage = await made(clerk)
    path = f"{STAGES}/{stage['id']}"
    assert "relativeItemsCount" not in await clerk.get(path)
    await clerk.deal(stage_id=stage["id"])
    await clerk.deal(by="mia", stage_id=stage["id"], shared_with=["mia"])
    assert (await clerk.get(path, by="mia"))["relativeItemsCount"] == 2
    assert (await clerk.get(path, by="noah"))["relativeItemsCount"] == 1
    assert (await clerk.get(STAGES, by="carl"))[-1]["relativeItemsCount"] == 2
    assert "relativeItemsCount" not in (await clerk.get(STAGES))[0]


async def test_an_unused_stage_is_replaced(clerk: Clerk) -> None:
    stage = await made(clerk, description="Words")
    said: dict[str, Any] = {"title": "Won", "color": "#000000", "successProbability": 77, "stageType": 1}
    changed = await clerk.put(f"{STAGES}/{stage['id']}", **said)
    assert changed == {**said, "description": "", "id": stage["id"]}
    assert await clerk.get(f"{STAGES}/{stage['id']}") == changed


async def test_a_stage_in_use_keeps_everything_but_its_color(clerk: Clerk) -> None:
    stage = await made(clerk)
    path = f"{STAGES}/{stage['id']}"
    await clerk.deal(stage_id=stage["id"])
    edited = "Can't be edited. There are some opportunities at this stage."
    deleted = "Can't be deleted. There are some opportunities at this stage."
    assert await clerk.no("PUT", path, title="Other", color="#000000") == (400, edited)
    assert await clerk.no("DELETE", path) == (400, deleted)
    changed = await clerk.put(f"{path}/color", color="#abcdef")
    assert changed == {**stage, "color": "#abcdef", "relativeItemsCount": 1}


async def test_a_deleted_stage_is_answered_and_gone(clerk: Clerk) -> None:
    stage = await made(clerk)
    assert await clerk.delete(f"{STAGES}/{stage['id']}") == stage
    assert await clerk.no("GET", f"{STAGES}/{stage['id']}") == (404, NOT_FOUND)


async def test_the_last_stage_may_be_deleted(clerk: Clerk) -> None:
    for ident in ids(await clerk.get(STAGES)):
        await clerk.delete(f"{STAGES}/{ident}")
    assert await clerk.get(STAGES) == []
    assert ids(await clerk.get(STAGES)) == []


async def test_stages_are_put_into_another_order(clerk: Clerk) -> None:
    order = ids(await clerk.get(STAGES))
    turned = order[::-1]
    assert ids(await clerk.put(f"{STAGES}/reorder", ids=turned)) == turned
    assert ids(await clerk.get(STAGES)) == turned
    assert ids(await clerk.put(f"{STAGES}/reorder", ids=order[:2])) == order[:2]
    assert ids(await clerk.get(STAGES))[:2] == order[:2]


async def test_an_order_with_an_unknown_stage_is_a_500_as_the_contract_has_it(clerk: Clerk) -> None:
    order = ids(await clerk.get(STAGES))
    assert (await clerk.no("PUT", f"{STAGES}/reorder", ids=[*order, UNKNOWN]))[0] == 500
    assert ids(await clerk.get(STAGES)) == order


async def test_a_stage_of_another_pipeline_is_read_and_changed_but_not_listed(clerk: Clerk) -> None:
    ident = await elsewhere(clerk)
    assert ident not in ids(await clerk.get(STAGES))
    assert (await clerk.get(f"{STAGES}/{ident}"))["title"] == "Asked"
    assert (await clerk.put(f"{STAGES}/{ident}", title="Paid", color="#000000"))["title"] == "Paid"
    assert (await clerk.no("PUT", f"{STAGES}/reorder", ids=[ident]))[0] == 500


async def test_somebody_whose_roles_only_read_deals_sees_no_stages(clerk: Clerk) -> None:
    assert await clerk.no("GET", STAGES, by="rita") == (403, ACCESS_DENIED)
    assert await clerk.no("GET", STAGES, by="gus") == (403, "Forbidden")
