"""The list of the vendor's routes: whole, every one served, and no deviation of a route that there is not."""

from __future__ import annotations

from tests.support.nexudus_contract import DEVIATIONS, contract, entries


def test_the_contract_has_all_its_routes_once() -> None:
    found = list(contract())
    assert len(found) == len(set(found)) == 198


def test_every_route_of_the_contract_is_served() -> None:
    assert [f"{entry.method} {entry.path}" for entry in entries() if entry.right is None] == []


def test_every_deviation_is_of_a_route_of_the_contract() -> None:
    assert set(DEVIATIONS) <= {f"{method} {path}" for method, path in contract()}
