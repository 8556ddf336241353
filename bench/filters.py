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


def paths_of(template: str, values: list[object]) -> list[str]:
    """Return the requests of one filter: a dozen of its values, each with both sizes of page."""
    asked = [template.format(quote(str(value))) for value in values[:SAMPLES]]
    return [f"/api/2.0/crm/{one}&count={size}" for one in asked for size in SIZES]


def filters(bench: Bench) -> None:
    """Ask for each filter over one connection; the 95th percentile is the finding."""
    for name, (template, values) in FILTERS.items():
        contenders = [
            bench.http(stand, name, 1, "pages", paths=paths_of(template, values(stand.portal.scene)))
            for stand in bench.stands
        ]
        for on, series in bench.compete(f"{name}, 1 connection", contenders, ROUNDS).items():
            told = f"p50 {series.middle('p50'):.2f} ms, server {series.middle('cpu_micros'):,.0f} µs"
            database = on.rpartition(" on ")[2]
            bench.add(f"{name}: p95", database, series.middle("p95"), unit="ms", must=MUST_MS, most=True, detail=told)
