"""Deeds on currencies and rates, on both databases."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from dealwright.actions import currencies as deeds
from dealwright.domain.currency import Quote, Rate
from dealwright.domain.errors import Forbidden, Invalid, NotFound
from dealwright.storage.database import Database
from tests.actions.about_rules import events, problems
from tests.cast import Cast


def quote(value: str, source: str = "EUR", target: str = "USD") -> Quote:
    """What somebody says a rate is."""
    return Quote(source, target, Decimal(value))


async def said(db: Database, cast: Cast, value: str, source: str = "EUR", target: str = "USD") -> Rate | None:
    """Carl says a rate."""
    return await deeds.set_rate(db, cast.carl, quote(value, source, target))


async def rate(db: Database, cast: Cast, value: str, source: str = "EUR", target: str = "USD") -> Rate:
    """Carl says a rate that is one."""
    found = await said(db, cast, value, source, target)
    assert found is not None
    return found


def rates(db: Database) -> dict[tuple[str, str], Decimal]:
    """The present rates."""
    return {pair: found.value for pair, found in db.rules.rates.items()}


async def test_the_portal_gets_another_currency(db: Database, cast: Cast) -> None:
    assert (await deeds.set_default(db, cast.carl, "EUR")).title == "Euro"
    assert db.rules.default_currency == "EUR"
    assert await events(db, "currency", 978) == ["currency.default_set"]
    stamp = db.rules.stamp
    await deeds.set_default(db, cast.carl, "EUR")
    assert db.rules.stamp == stamp
    with pytest.raises(Invalid) as refused:
        await deeds.set_default(db, cast.carl, "eur")
    assert problems(refused) == {("currency", "unknown")}


async def test_a_new_value_keeps_what_the_rate_was_before(db: Database, cast: Cast) -> None:
    first = await rate(db, cast, "1.25")
    second = await rate(db, cast, "1.5")
    assert (second.id, second.value, [value for _, value in second.history]) == (
        first.id,
        Decimal("1.5"),
        [Decimal("1.5"), Decimal("1.25")],
    )
    (now, _), (then, _) = second.history
    assert second.at(then) == Decimal("1.25")
    assert second.at(now + timedelta(hours=1)) == Decimal("1.5")
    assert await events(db, "rate", first.id) == ["rate.created", "rate.changed"]


async def test_the_same_value_again_is_no_news(db: Database, cast: Cast) -> None:
    first, stamp = await rate(db, cast, "1.25"), db.rules.stamp
    assert await said(db, cast, "1.250000000000") == first
    assert db.rules.stamp == stamp


async def test_a_rate_of_nothing_takes_it_away(db: Database, cast: Cast) -> None:
    first = await rate(db, cast, "1.25")
    assert await said(db, cast, "0") is None
    assert rates(db) == {}
    assert await said(db, cast, "0") is None
    assert await events(db, "rate", first.id) == ["rate.created", "rate.deleted"]
    assert (await rate(db, cast, "2")).id != first.id


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (quote("-0.01"), ("rate", "out_of_range")),
        (quote("100000000"), ("rate", "out_of_range")),
        (quote("NaN"), ("rate", "out_of_range")),
        (quote("1", source="XQZ"), ("from_currency", "unknown")),
        (quote("1", target="usd"), ("to_currency", "unknown")),
    ],
)
async def test_a_wrong_rate_is_refused_however_it_is_said(
    db: Database, cast: Cast, wrong: Quote, problem: tuple[str, str]
) -> None:
    first = await rate(db, cast, "1.25")
    for deed in (
        deeds.set_rate(db, cast.carl, wrong),
        deeds.change_rate(db, cast.carl, first.id, wrong),
        deeds.set_rates(db, cast.carl, "EUR", [quote("3"), wrong]),
        deeds.add_rates(db, cast.carl, [wrong]),
    ):
        with pytest.raises(Invalid) as refused:
            await deed
        assert problem in problems(refused)
    assert rates(db) == {("EUR", "USD"): Decimal("1.25")}


async def test_the_largest_rate_and_the_finest_are_kept(db: Database, cast: Cast) -> None:
    assert (await rate(db, cast, "99999999.99")).value == Decimal("99999999.99")
    assert (await rate(db, cast, "0.0000000014")).value == Decimal("0.000000001")


async def test_a_rate_is_said_by_its_id(db: Database, cast: Cast) -> None:
    first = await rate(db, cast, "1.25")
    again = await deeds.change_rate(db, cast.carl, first.id, quote("1.5"))
    assert again is not None
    assert (again.id, len(again.history)) == (first.id, 2)
    turned = await deeds.change_rate(db, cast.carl, first.id, quote("0.8", "USD", "GBP"))
    assert turned is not None
    assert (turned.id, turned.source, turned.target, len(turned.history)) == (first.id, "USD", "GBP", 1)
    assert rates(db) == {("USD", "GBP"): Decimal("0.8")}
    await rate(db, cast, "2")
    with pytest.raises(Invalid) as refused:
        await deeds.change_rate(db, cast.carl, first.id, quote("1"))
    assert problems(refused) == {("to_currency", "duplicate")}
    assert await deeds.change_rate(db, cast.carl, first.id, quote("0", "USD", "GBP")) is None
    assert rates(db) == {("EUR", "USD"): Decimal(2)}


async def test_a_rate_is_deleted_by_its_id(db: Database, cast: Cast) -> None:
    first = await rate(db, cast, "1.25")
    assert await deeds.delete_rate(db, cast.carl, first.id) == first
    for deed in (
        deeds.delete_rate(db, cast.carl, first.id),
        deeds.change_rate(db, cast.carl, first.id, quote("1")),
    ):
        with pytest.raises(NotFound):
            await deed


async def test_all_rates_are_set_at_once_and_no_other_is_left(db: Database, cast: Cast) -> None:
    kept, _ = await rate(db, cast, "1.25"), await rate(db, cast, "9", "GBP", "JPY")
    told = [quote("1.5"), quote("2", "EUR", "GBP"), quote("3", "EUR", "GBP"), quote("0", "EUR", "CHF")]
    after = await deeds.set_rates(db, cast.carl, "GBP", told)
    assert rates(db) == {("EUR", "USD"): Decimal("1.5"), ("EUR", "GBP"): Decimal(3)}
    assert after == sorted(db.rules.rates.values(), key=lambda found: found.id)
    assert len(db.rules.rates["EUR", "USD"].history) == 2
    assert db.rules.rates["EUR", "USD"].id == kept.id
    assert db.rules.default_currency == "GBP"
    with pytest.raises(Invalid):
        await deeds.set_rates(db, cast.carl, "nonsense", [])
    assert await deeds.set_rates(db, cast.carl, "GBP", []) == []


async def test_rates_are_added_to_the_others(db: Database, cast: Cast) -> None:
    await rate(db, cast, "1.25")
    after = await deeds.add_rates(db, cast.carl, [quote("2", "EUR", "GBP"), quote("1.5")])
    assert [(found.target, found.value) for found in after] == [("USD", Decimal("1.5")), ("GBP", Decimal(2))]
    with pytest.raises(Invalid) as refused:
        await deeds.add_rates(db, cast.carl, [quote("1")] * (deeds.MOST + 1))
    assert problems(refused) == {("rates", "too_long")}


async def test_rates_are_for_settings_people_unless_the_contract_asks_for_less(db: Database, cast: Cast) -> None:
    for deed in (
        deeds.set_default(db, cast.mia, "EUR"),
        deeds.set_rate(db, cast.mia, quote("1")),
        deeds.set_rates(db, cast.mia, "EUR", []),
        deeds.add_rates(db, cast.mia, []),
        deeds.delete_rate(db, cast.mia, 1),
    ):
        with pytest.raises(Forbidden):
            await deed
    found = await deeds.set_rate(db, cast.mia, quote("1.25"), right="Currency-List")
    assert found is not None
    await deeds.change_rate(db, cast.mia, found.id, quote("1.5"), right="Currency-List")
    await deeds.delete_rate(db, cast.mia, found.id, right="Currency-List")
    with pytest.raises(Forbidden):
        await deeds.set_rate(db, cast.gus, quote("1.25"), right="Currency-List")
