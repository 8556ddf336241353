"""The parts of the bench that only compute; the measurements themselves are no tests."""

from __future__ import annotations

import json

import pytest

from bench.numbers import Series, percentile, ratio, spread
from bench.options import read_options
from bench.report import Finding, Report
from bench.requests import described, maker_of, members_of, moves, requests_of
from bench.script import labels_of
from dealwright.storage.schema import opportunity, opportunity_member
from dealwright.storage.writes import Change, Index, Insert, InsertMany, Made, Remove, Write

SCENE = {
    "authorization": "Bearer secret",
    "deals": [(7, 10), (8, 12), (9, 55)],
    "stages": [10, 11, 12],
    "contacts": [100, 199],
    "users": ["9924256a-739c-462b-af15-e652a3b1b6eb"],
    "user_ids": [1],
    "currency": "EUR",
    "fields": [3],
    "places": 5000,
}


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert percentile([5.0, 1.0, 3.0], 0.5) == 3.0
    assert percentile(list(range(1, 101)), 0.99) == 100
    assert percentile([], 0.99) == 0


def test_a_ratio_compares_rounds_that_lay_next_to_each_other() -> None:
    calm_then_busy, twice_as_fast = [100.0, 50.0, 10.0], [200.0, 100.0, 20.0]
    assert ratio(twice_as_fast, calm_then_busy) == 2
    assert ratio([1.0], []) == 0
    assert spread([90.0, 100.0, 110.0]) == pytest.approx(0.2)


def test_a_series_gives_the_median_of_what_was_observed() -> None:
    series = Series()
    for rate in (10.0, 30.0, 20.0):
        series.add(per_second=rate)
    assert series.middle("per_second") == 20
    assert series.middle("p99") == 0
    assert series.summary() == {"per_second": 20}


def test_a_line_of_the_table_knows_whether_it_reaches_its_bound() -> None:
    assert Finding("update", "sqlite", 0.7, must=0.6, moonshot=0.8).verdict == "yes"
    assert Finding("update", "sqlite", 0.5, must=0.6, moonshot=0.8).verdict == "NO"
    assert Finding("board", "sqlite", 7, must=15, moonshot=8, most=True).verdict == "moonshot"
    assert Finding("board", "sqlite", 16, must=15, moonshot=8, most=True).verdict == "NO"
    assert Finding("list", "sqlite", 16).verdict == ""


def test_the_table_shows_measured_beside_must_reach() -> None:
    text = Report({"cores": "2"}, [Finding("idle memory", "sqlite", 71.25, unit="MB", must=90, most=True)]).text()
    assert "* cores: 2" in text
    assert "| idle memory | sqlite | 71.2 MB  | ≤ 90.0     |" in text


def test_an_update_always_moves_its_deal() -> None:
    asked = moves([(7, 10), (8, 12), (9, 55)], [10, 11, 12])
    assert [next(asked) for _ in range(4)] == [(7, 1), (8, 0), (9, 1), (7, 2)]


def test_nothing_is_asked_twice() -> None:
    one, other = (next(requests_of(described("onlyoffice put", SCENE)))[2] for _ in range(2))
    assert one != other


def test_a_request_goes_over_the_wire_as_http() -> None:
    head, _, body = maker_of(described("nexudus put", SCENE))().partition(b"\r\n\r\n")
    assert head.startswith(b"PUT /api/crm/crmopportunities HTTP/1.1\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert b"Authorization: Bearer secret" in head
    assert json.loads(body)["Id"] == 7


def test_neighbouring_choices_of_members_share_one() -> None:
    these, those = (set(members_of(7, choice, (100, 199))) for choice in (0, 1))
    assert len(these & those) == 1
    assert all(100 <= contact <= 199 for contact in these | those)


def test_the_arguments_of_writes_are_labelled_in_the_order_of_the_statement() -> None:
    writes: list[Write] = [
        Change(opportunity, {"title": "t"}, {"id": 1, "version": 2, "deleted_at": None}, add={"version": 1}),
        Remove(opportunity_member, {"opportunity_id": 1, "contact_id": [5]}),
        InsertMany(opportunity_member, ("opportunity_id", "contact_id"), [(1, 6)]),
        Insert(opportunity, {"title": "t", "contact_id": Made("contact")}),
        Index("opportunity", 1, ("t",)),
    ]
    assert [label for write in writes for label in labels_of(write)] == [
        *("opportunity.title", "opportunity.version added", "opportunity.id where", "opportunity.version where"),
        *("opportunity_member.opportunity_id where removed", "opportunity_member.contact_id where removed"),
        *("opportunity_member.opportunity_id", "opportunity_member.contact_id", "opportunity.title"),
        *("search.id", "search.words"),
    ]


def test_a_quick_run_is_small() -> None:
    assert read_options(["--quick"]).opportunities == 20_000
    assert read_options([]).opportunities == 1_000_000
