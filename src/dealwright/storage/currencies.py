"""Rates of currencies and the portal's currency, as written; they are read from the rules."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dealwright.domain.currency import Quote
from dealwright.domain.values import split
from dealwright.storage.schema import rate, rate_value, setting
from dealwright.storage.writes import Change, Insert, Made, Remove, Write


def default_set(code: str) -> Change:
    """Return the write that makes a currency the portal's."""
    return Change(setting, {"value": code}, {"name": "currency"})


def made(quote: Quote, name: str) -> Insert:
    """Return the write of a pair that has no rate yet; its id will be known by the name."""
    return Insert(rate, {"from_currency": quote.source, "to_currency": quote.target}, made=name)


def turned(rate_id: int, quote: Quote) -> list[Write]:
    """Return the writes that make a rate one between two other currencies; what it was is forgotten."""
    pair = {"from_currency": quote.source, "to_currency": quote.target}
    return [Change(rate, pair, {"id": rate_id}), Remove(rate_value, {"rate_id": rate_id})]


def dated(rate_id: int | Made, since: int, value: Decimal) -> Insert:
    """Return the write of what a rate is since an instant (stored)."""
    units, nanos = split(value)
    return Insert(rate_value, {"rate_id": rate_id, "since": since, "rate_units": units, "rate_nanos": nanos})


def removed(rate_ids: Sequence[int]) -> list[Write]:
    """Return the writes that take rates away with all they ever were."""
    ids = list(rate_ids)
    return [Remove(rate_value, {"rate_id": ids}), Remove(rate, {"id": ids})] if ids else []
