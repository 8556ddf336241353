"""The table of the vendor's routes tells the truth: nothing is missing, and nothing is excused that is not there."""

from __future__ import annotations

from dealwright.dialects.onlyoffice import face  # noqa: F401  (the chapters register their routes)
from dealwright.dialects.onlyoffice.batch import run
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.dialects.onlyoffice.routing import Route
from tests.support.onlyoffice_contract import DEVIATIONS, beside, contract, entries, paths


def test_the_contract_has_289_routes() -> None:
    assert len(contract()) == len(set(contract())) == 289


def test_every_route_of_the_contract_is_served() -> None:
    missing = [f"{entry.method} {entry.template}" for entry in entries(routes, contract(), {}) if entry.right is None]
    assert missing == []


def test_every_deviation_is_one_of_a_route_of_the_contract_and_has_a_reason() -> None:
    assert set(DEVIATIONS) <= {f"{verb} {template}" for verb, template in contract()}
    assert all(DEVIATIONS.values())


def test_a_route_that_is_served_in_part_is_missing() -> None:
    served = [Route("GET", "crm/{kind:(contact|case)}/tag", run, right="Tag-List")]
    lines = [("GET", "crm/{entityType:(contact|case)}/tag"), ("GET", "crm/{entityType:(contact|task)}/tag")]
    whole, part = entries(served, lines, {"GET crm/{entityType:(contact|task)}/tag": "why"})
    assert (whole.right, whole.note) == ("Tag-List", "")
    assert (part.right, part.note) == (None, "why")


def test_places_are_alike_whatever_they_are_called_and_choices_are_not() -> None:
    assert list(paths(r"CRM/{a:[0-9]+}/{b:\w+}")) == ["crm/{}/{}"]
    assert list(paths("crm/{a:(x|y)}/{b}")) == ["crm/x/{}", "crm/y/{}"]


def test_what_is_served_beside_the_contract_is_known() -> None:
    served = [Route("GET", "crm/own", run), Route("GET", "people", run)]
    assert [route.template for route in beside(served, [("GET", "people")])] == ["crm/own"]
