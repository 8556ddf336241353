"""Filtered pages with totals, as people ask for them: each filter that an index serves, pages of 25 and 50."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from bench.measures import Bench

MUST_MS: Final = 50.0
SAMPLES: Final = 12
SIZES: Final = (25, 50)
ROUNDS: Final = 2

Scene = dict[str, Any]
Values = Callable[[Scene], list[object]]


def _of(name: str) -> Values:
    def values(scene: Scene) -> list[object]:
        found: list[object] = scene[name]
        return found

    return values


def _months(_: Scene) -> list[object]:
    return [f"2026-{month:02}-01" for month in range(1, 11)]


FILTERS: Final[dict[str, tuple[str, Values]]] = {
    "opportunities by stage": ("opportunity/filter?opportunityStagesid={}", _of("stages")),
    "opportunities by responsible": ("opportunity/filter?responsibleid={}", _of("users")),
    "opportunities of a contact": ("opportunity/filter?contactid={}", _of("some_contacts")),
    "opportunities by words": ("opportunity/filter?filterValue={}", _of("words")),
    "opportunities by tag": ("opportunity/filter?tags={}", _of("tags")),
    "contacts, newest first": ("contact/filter?sortBy=Created", lambda _: [""]),
    "contacts by status": ("contact/filter?contactStage={}", _of("contact_status")),
    "contacts by type": ("contact/filter?contactType={}", _of("contact_type")),
    "contacts by words": ("contact/filter?filterValue={}", _of("names")),
    "contacts by tag": ("contact/filter?tags={}", _of("contact_tags")),
    "contacts of a manager": ("contact/filter?responsibleid={}", _of("users")),
    "contacts since a date": ("contact/filter?fromDate={}", _months),
    "tasks by responsible": ("task/filter?responsibleid={}", _of("users")),
    "tasks by category": ("task/filter?categoryid={}", _of("task_category")),
    "tasks of an opportunity": ("task/filter?entityType=opportunity&entityid={}", _of("some_deals")),
    "tasks since a date": ("task/filter?fromDate={}", _months),
}


NEXUDUS: Final[dict[str, tuple[str, Values]]] = {
    "a stage": ("CrmOpportunity_CrmBoardColumn={}", _of("stages")),
    "a board": ("CrmOpportunity_CrmBoardColumn_CrmBoard_Id={}", lambda scene: [scene["pipeline"]]),
    "a responsible": ("CrmOpportunity_Responsible={}", _of("user_ids")),
    "a coworker": ("CrmOpportunity_Coworker={}", _of("some_contacts")),
    "a status": ("CrmOpportunity_Status={}", lambda _: [1, 2, 3]),
    "completed": ("CrmOpportunity_Completed={}", lambda _: ["true", "false"]),
    "a lead source": ("CrmOpportunity_LeadSource={}", lambda _: [1, 2, 4]),
    "created since": ("from_CrmOpportunity_CreatedOn={}", _months),
    "due since": ("from_CrmOpportunity_DueDate={}", _months),
    "a value from": ("from_CrmOpportunity_Value={}", lambda _: [1_000, 20_000, 100_000]),
    "won since": ("from_CrmOpportunity_WonOn={}", _months),
    "updated since": ("from_CrmOpportunity_UpdatedOn={}", _months),
    "a type": ("CrmOpportunity_OpportunityType={}", lambda _: [1, 2, 3]),
    "a loss reason": ("CrmOpportunity_LossReason={}", lambda _: [1, 2, 3]),
    "a board and a status": (
        "CrmOpportunity_CrmBoardColumn_CrmBoard_Id={}&CrmOpportunity_Status=1",
        lambda scene: [scene["pipeline"]],
    ),
    "a far page": ("page={}", lambda _: [1_000, 5_000, 10_000, 19_000]),
    "a name": ("CrmOpportunity_Name={}", _of("words")),
}


def paths_of(base: str, size_is: str, template: str, values: list[object]) -> list[str]:
    """Return the requests of one filter: a dozen of its values, each with both sizes of page."""
    asked = [template.format(quote(str(value))) for value in values[:SAMPLES]]
    return [f"{base}{one}&{size_is}={size}" for one in asked for size in SIZES]


def filters(bench: Bench) -> None:
    """Ask for each filter over one connection; the 95th percentile is the finding."""
    for name, one in FILTERS.items():
        _measured(bench, name, "/api/2.0/crm/", "count", *one)
    for name, one in NEXUDUS.items():
        _measured(bench, f"nexudus opportunities by {name}", "/api/crm/crmopportunities?", "size", *one)


def _measured(bench: Bench, name: str, base: str, size_is: str, template: str, values: Values) -> None:
    contenders = [
        bench.http(stand, name, 1, "pages", paths=paths_of(base, size_is, template, values(stand.portal.scene)))
        for stand in bench.stands
    ]
    for on, series in bench.compete(f"{name}, 1 connection", contenders, ROUNDS).items():
        told = f"p50 {series.middle('p50'):.2f} ms, server {series.middle('cpu_micros'):,.0f} µs"
        database = on.rpartition(" on ")[2]
        bench.add(f"{name}: p95", database, series.middle("p95"), unit="ms", must=MUST_MS, most=True, detail=told)
