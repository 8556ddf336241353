"""Deeds on currencies and their rates. All is read from `db.rules`; a changed rate keeps what it was before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from dealwright.actions.deed import happened, now, recorded
from dealwright.actions.rule_deeds import refuse
from dealwright.domain.actor import Actor
from dealwright.domain.currency import Currency, Quote, Rate, quote_problems
from dealwright.domain.errors import NotFound, Problem, invalid
from dealwright.domain.values import micros
from dealwright.storage import currencies as store
from dealwright.storage.database import Database
from dealwright.storage.rules import Rules
from dealwright.storage.writes import Made, Write

EDIT: Final = "Currency-Edit"
MOST: Final = 500
"""How many rates can be said at once."""


async def set_default(db: Database, actor: Actor, code: str) -> Currency:
    """Make a currency the portal's and return it. Refuses with Forbidden and Invalid ("currency", "unknown")."""
    actor.require(EDIT)
    if writes := _default(db.rules, actor, code):
        await db.apply_rules(writes, actor.stamp)
    return db.rules.currencies[code]


async def set_rate(db: Database, actor: Actor, quote: Quote, right: str = EDIT) -> Rate | None:
    """Say a rate and return it; a pair that has one gets a new value from now on, nothing takes the rate away.

    `right` is what the caller must hold (a contract may ask for less than a settings right). Refuses with
    Forbidden, and with Invalid ("rate" out of range; "from_currency", "to_currency" unknown).
    """
    actor.require(right)
    refuse(quote_problems(quote, db.rules.currencies))
    if writes := _said(db.rules, actor, quote, now(), "rate"):
        await db.apply_rules(writes, actor.stamp)
    return db.rules.rates.get((quote.source, quote.target))


async def change_rate(db: Database, actor: Actor, rate_id: int, quote: Quote, right: str = EDIT) -> Rate | None:
    """Say a rate by its id and return it; for two other currencies what it was is forgotten.

    Refuses as `set_rate`, with NotFound, and with Invalid ("to_currency", "duplicate") when the pair has another.
    """
    actor.require(right)
    refuse(quote_problems(quote, db.rules.currencies))
    before = _present(db.rules, rate_id)
    if (before.source, before.target) == (quote.source, quote.target) or not quote.kept:
        return await set_rate(db, actor, Quote(before.source, before.target, quote.value), right)
    if (quote.source, quote.target) in db.rules.rates:
        raise invalid("to_currency", "duplicate", "the two currencies have a rate", quote.target)
    at = now()
    writes = [*store.turned(rate_id, quote), store.dated(rate_id, micros(at), quote.kept)]
    writes.append(_told(actor, at, "rate.changed", rate_id, before, quote))
    await db.apply_rules(writes, actor.stamp)
    return db.rules.rates[quote.source, quote.target]


async def delete_rate(db: Database, actor: Actor, rate_id: int, right: str = EDIT) -> Rate:
    """Take a rate away and return it as it was. Refuses with Forbidden and NotFound."""
    actor.require(right)
    before = _present(db.rules, rate_id)
    await db.apply_rules(_gone(actor, before), actor.stamp)
    return before


async def set_rates(db: Database, actor: Actor, code: str, quotes: Sequence[Quote]) -> list[Rate]:
    """Make a currency the portal's and these rates all there are; return them. Refuses as `set_rate`.

    Of two that speak of the same pair the last counts.
    """
    actor.require(EDIT)
    said = _checked(db.rules, quotes)
    writes = _default(db.rules, actor, code)
    for pair, rate in db.rules.rates.items():
        if pair not in said:
            writes += _gone(actor, rate)
    return await _all_said(db, actor, said, writes)


async def add_rates(db: Database, actor: Actor, quotes: Sequence[Quote]) -> list[Rate]:
    """Say several rates, leave the others, and return all. Refuses as `set_rate`."""
    actor.require(EDIT)
    return await _all_said(db, actor, _checked(db.rules, quotes), [])


Said = dict[tuple[str, str], Quote]


async def _all_said(db: Database, actor: Actor, said: Said, writes: list[Write]) -> list[Rate]:
    at = now()
    for place, quote in enumerate(said.values()):
        writes += _said(db.rules, actor, quote, at, f"rate{place}")
    if writes:
        await db.apply_rules(writes, actor.stamp)
    return sorted(db.rules.rates.values(), key=lambda rate: rate.id)


def _checked(rules: Rules, quotes: Sequence[Quote]) -> Said:
    if len(quotes) > MOST:
        raise invalid("rates", "too_long", f"has at most {MOST} rates", len(quotes))
    refuse([problem for quote in quotes for problem in quote_problems(quote, rules.currencies)])
    return {(quote.source, quote.target): quote for quote in quotes}


def _default(rules: Rules, actor: Actor, code: str) -> list[Write]:
    """Return the writes that make a currency the portal's, none where it is."""
    if code not in rules.currencies:
        refuse([Problem("currency", "unknown", "is no currency", code)])
    before = rules.default_currency
    if code == before:
        return []
    facts = {"currency": before}, {"currency": code}
    event = happened(actor, now(), "currency", ["currency.default_set"], *facts)
    return [store.default_set(code), recorded(event, rules.currencies[code].id)]


def _said(rules: Rules, actor: Actor, quote: Quote, at: datetime, name: str) -> list[Write]:
    """Return the writes of one quote; none where it says what is known."""
    before = rules.rates.get((quote.source, quote.target))
    if before is None:
        if not quote.kept:
            return []
        ident = Made(name)
        event = _told(actor, at, "rate.created", ident, None, quote)
        return [store.made(quote, name), store.dated(ident, micros(at), quote.kept), event]
    if not quote.kept:
        return _gone(actor, before)
    if before.value == quote.kept:
        return []
    # A clock that went back must not hide the new value behind the one before.
    since = max(at, before.history[0][0] + timedelta(microseconds=1))
    return [
        store.dated(before.id, micros(since), quote.kept),
        _told(actor, at, "rate.changed", before.id, before, quote),
    ]


def _gone(actor: Actor, rate: Rate) -> list[Write]:
    event = happened(actor, now(), "rate", ["rate.deleted"], _facts(rate))
    return [*store.removed([rate.id]), recorded(event, rate.id)]


def _facts(rate: Rate | Quote) -> dict[str, object]:
    value = rate.value if isinstance(rate, Rate) else rate.kept
    return {"from_currency": rate.source, "to_currency": rate.target, "rate": value}


def _told(actor: Actor, at: datetime, kind: str, ident: int | Made, before: Rate | None, quote: Quote) -> Write:
    old = _facts(before) if before else None
    return recorded(happened(actor, at, "rate", [kind], old, _facts(quote)), ident)


def _present(rules: Rules, rate_id: int) -> Rate:
    found = next((rate for rate in rules.rates.values() if rate.id == rate_id), None)
    if found is None:
        raise NotFound("rate")
    return found
