"""Currencies and rates over the wire (opportunities §8, contacts-tasks-cases §10)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from dealwright.dialects.onlyoffice.failures import ACCESS_DENIED, BAD_ARGUMENT
from dealwright.storage.database import Database
from tests.dialects.onlyoffice.clerk import UNKNOWN, Clerk, hired

CURRENCY = "crm/settings/currency"
RATES = "crm/currency/rates"


@pytest.fixture
async def clerk(staffed: Database) -> AsyncIterator[Clerk]:
    async with hired(staffed) as found:
        yield found


async def rate(clerk: Clerk, source: str, target: str, value: str, by: str = "mia") -> Any:
    return await clerk.post(RATES, by, fromCurrency=source, toCurrency=target, rate=value)


async def test_the_currencies_are_listed_by_code(clerk: Clerk) -> None:
    found = {currency["abbreviation"]: currency for currency in await clerk.get(CURRENCY, by="mia")}
    assert list(found) == sorted(found)
    assert len(found) == 74
    assert found["EUR"] == {
        "title": "Euro",
        "symbol": "€",
        "abbreviation": "EUR",
        "cultureName": "EU",
        "isConvertable": True,
        "isBasic": True,
    }


async def test_an_administrator_sets_the_portals_currency(clerk: Clerk) -> None:
    assert (await clerk.put(CURRENCY, by="carl", currency="EUR"))["abbreviation"] == "EUR"
    assert clerk.db.rules.default_currency == "EUR"
    assert await clerk.no("PUT", CURRENCY, by="mia", currency="USD") == (403, ACCESS_DENIED)
    for code in ("", "XQZ", "eur"):
        assert await clerk.no("PUT", CURRENCY, currency=code) == (400, BAD_ARGUMENT)


async def test_an_amount_is_converted(clerk: Clerk) -> None:
    await rate(clerk, "EUR", "USD", "1.25")
    path = f"{CURRENCY}/convert"
    assert await clerk.get(path, amount="12.5", fromcurrency="EUR", tocurrency="USD") == 15.625
    assert await clerk.get(path, amount="12.5", fromcurrency="USD", tocurrency="EUR") == 10
    assert await clerk.get(path, amount="12.5", fromcurrency="EUR", tocurrency="EUR") == 12.5
    assert await clerk.get(path, amount="12.5") == 12.5
    assert (await clerk.no("GET", path, amount="1", fromcurrency="EUR", tocurrency="XPF"))[0] == 500


async def test_the_summary_holds_the_currency_itself(clerk: Clerk) -> None:
    (row,) = await clerk.get(f"{CURRENCY}/summarytable", by="mia", currency="EUR")
    assert (row["abbreviation"], row["rate"]) == ("EUR", 1.0)
    for code in ("", "XQZ"):
        assert await clerk.no("GET", f"{CURRENCY}/summarytable", currency=code) == (400, BAD_ARGUMENT)


async def test_a_member_makes_reads_changes_and_deletes_a_rate(clerk: Clerk) -> None:
    made = await rate(clerk, "XPF", "UZS", "1.5")
    assert made == {"fromCurrency": "XPF", "toCurrency": "UZS", "rate": 1.5, "id": made["id"]}
    one = f"{RATES}/{made['id']}"
    assert await clerk.get(one, by="mia") == made
    assert await clerk.get(f"{RATES}/XPF/UZS", by="mia") == made
    assert await clerk.get(RATES, by="mia") == [made]
    said = {"fromCurrency": "XPF", "toCurrency": "AED", "rate": "2.5"}
    changed = await clerk.put(one, by="mia", **said)
    assert changed == {**said, "rate": 2.5, "id": made["id"]}
    assert await clerk.delete(one, by="mia") == changed
    assert await clerk.get(RATES) == []


async def test_a_pair_has_one_rate_and_0_takes_it_away(clerk: Clerk) -> None:
    made = await rate(clerk, "XPF", "UZS", "1.5")
    assert await rate(clerk, "XPF", "UZS", "3") == {**made, "rate": 3.0}
    assert await rate(clerk, "XPF", "UZS", "0") == {**made, "rate": 0.0}
    assert await clerk.get(RATES) == []


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"rate": "-1"}, "Invalid currency rate: -1"),
        ({"rate": "100000000", "fromCurrency": "XQZ"}, "Invalid currency rate: 100000000"),
        ({"rate": "1E9"}, "Invalid currency rate: 1000000000"),
        ({"fromCurrency": "XQZ"}, "Unknown currency: XQZ"),
        ({"toCurrency": "uzs"}, "Unknown currency: uzs"),
        ({"fromCurrency": None}, "Unknown currency: "),
    ],
    ids=str,
)
async def test_a_wrong_rate_is_refused_in_the_contracts_words(clerk: Clerk, said: dict[str, Any], message: str) -> None:
    said = {"fromCurrency": "XPF", "toCurrency": "UZS", "rate": "1", **said}
    assert await clerk.no("POST", RATES, **said) == (400, message)
    assert await clerk.no("PUT", f"{RATES}/{UNKNOWN}", **said) == (400, message)
    assert await clerk.no("POST", "crm/currency/addrates", rates=[_given(said)]) == (400, message)


def _given(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}


async def test_a_missing_rate_is_refused_as_each_route_has_it(clerk: Clerk) -> None:
    said = {"fromCurrency": "XPF", "toCurrency": "UZS", "rate": "1"}
    assert (await clerk.no("GET", f"{RATES}/{UNKNOWN}"))[0] == 500
    assert (await clerk.no("GET", f"{RATES}/XPF/UZS"))[0] == 500
    assert await clerk.no("PUT", f"{RATES}/{UNKNOWN}", **said) == (400, BAD_ARGUMENT)
    assert await clerk.no("DELETE", f"{RATES}/{UNKNOWN}") == (400, BAD_ARGUMENT)


async def test_an_administrator_sets_currency_and_all_rates_at_once(clerk: Clerk) -> None:
    old = await rate(clerk, "XPF", "UZS", "1.5")
    rates = [{"fromCurrency": "EUR", "toCurrency": "USD", "rate": "1.1"}]
    (new,) = await clerk.post("crm/currency/setrates", currency="EUR", rates=rates)
    assert new == {"fromCurrency": "EUR", "toCurrency": "USD", "rate": 1.1, "id": new["id"]}
    assert clerk.db.rules.default_currency == "EUR"
    assert old not in await clerk.get(RATES)
    added = await clerk.post(
        "crm/currency/addrates", by="carl", rates=[{**rates[0], "toCurrency": "GBP", "rate": "0.9"}]
    )
    assert [found["rate"] for found in added] == [1.1, 0.9]
    assert await clerk.no("POST", "crm/currency/setrates", currency="XQZ", rates=rates) == (400, BAD_ARGUMENT)
    for path in ("setrates", "addrates"):
        no = await clerk.no("POST", f"crm/currency/{path}", by="mia", currency="EUR", rates=rates)
        assert no == (403, ACCESS_DENIED)
