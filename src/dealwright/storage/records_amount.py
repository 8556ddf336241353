"""Amounts as a vendor with one currency per location sees them: narrowed exactly, ordered as they are shown.

A deal in the currency of its stage's location is shown as it is, and so is one without a currency. A deal in another
currency is shown converted by the present rate, or not at all where there is none. Filters are exact: a bound is
turned into the equivalent bound in every other currency before it is compared. The order is exact while all deals
are in their location's currency; beside deals in other currencies it is that of double-precision numbers, the exact
amount deciding between equal ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Float, and_, bindparam, case, cast, not_, or_, select

from dealwright.domain.currency import PLACES, converted, rate_between
from dealwright.domain.values import NANOS
from dealwright.storage.database import Database
from dealwright.storage.query import Query, any_number, listed, number, words
from dealwright.storage.records_terms import Condition, Field, Op, Sorting, Term
from dealwright.storage.rules import Rules
from dealwright.storage.schema import opportunity as o
from dealwright.storage.schema import stage_total, stage_total_delta
from dealwright.storage.tallied import Span, Stretch
from dealwright.storage.tallies import Facet

Pair = tuple[int, int]

_EXACT: Final = Context(prec=60)
_HALF: Final = PLACES / 2
_LARGEST: Final = 10**18
_ENDS: Final[Mapping[Op, Sequence[str]]] = {Op.GE: ("least",), Op.LE: ("most",), Op.EQ: ("least", "most")}
"""Which ends of a comparison there are."""


@dataclass(frozen=True, slots=True)
class _Branch:
    """The deals in one currency in the stages whose locations show another, or the same, currency."""

    source: str
    local: str
    factor: Decimal
    stages: tuple[int, ...] | None

    @property
    def is_local(self) -> bool:
        return self.source == self.local


def _stages_by_currency(rules: Rules) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {place.currency: [] for place in rules.locations.values()}
    for stage in rules.stages.values():
        found[rules.location_of_stage(stage.id).currency].append(stage.id)
    return found


def _branches(rules: Rules) -> list[_Branch]:
    by_currency = _stages_by_currency(rules)
    known = sorted({code for pair in rules.rates for code in pair})
    found = []
    for local, ids in by_currency.items():
        stages = tuple(ids) if len(by_currency) > 1 else None
        found.append(_Branch(local, local, Decimal(1), stages))
        for source in known:
            factor = rate_between(rules.rates, source, local) if source != local else None
            if factor is not None:
                found.append(_Branch(source, local, factor, stages))
    return found


class Amount(Field):
    """The amount of a deal as it is shown."""

    column = o.c.amount_units

    def term(self, at: str, condition: Condition, db: Database) -> Term:
        """Compare with the equivalent amount in every currency; see Field."""
        rules, given = db.rules, dict[str, Any]()
        shapes, stretches = [], []
        for index, branch in enumerate(branches := _branches(rules)):
            bounds = _bounds(rules, branch, condition.op, condition.value)
            stretches.append(Stretch(*bounds, (branch.source, "") if branch.is_local else (branch.source,)))
            shapes.append((branch.is_local, branch.stages is not None, *(bound is not None for bound in bounds)))
            given |= _given(f"{at}_{index}", branch, bounds)
        shape = tuple(shapes)
        given |= _widest(at, condition.op, stretches)

        def clause() -> ColumnElement[bool]:
            each = or_(*(_clause(f"{at}_{index}", *one) for index, one in enumerate(shape)))
            return and_(*_around(at, condition.op), each)

        # Tallies know the currency of an amount, not where it is shown.
        tallied = all(branch.stages is None for branch in branches)
        span = Span(Facet.AMOUNT, tuple(stretches)) if tallied else None
        return Term(shape, given, clause, is_range=True, span=span)

    def sorting(self, rules: Rules) -> Sorting:
        """Order by the stored amount, which an index serves: for portals with local deals only; see Field."""
        return Sorting("stored", lambda: [o.c.amount_units, o.c.amount_nanos])


def _widest(at: str, op: Op, stretches: Sequence[Stretch]) -> dict[str, int]:
    """Return the parameters of `_around`."""
    lows = [stretch.low[0] for stretch in stretches if stretch.low is not None]
    highs = [stretch.high[0] for stretch in stretches if stretch.high is not None]
    ends = {"least": min(lows, default=0), "most": max(highs, default=0)}
    return {f"{at}_{name}": ends[name] for name in _ENDS[op]}


def _around(at: str, op: Op) -> list[ColumnElement[bool]]:
    """What the amounts of all currencies lie between: by it the index of amounts is used."""
    bounds = {"least": o.c.amount_units >= number(f"{at}_least"), "most": o.c.amount_units <= number(f"{at}_most")}
    return [bounds[name] for name in _ENDS[op]]


def _given(at: str, branch: _Branch, bounds: Sequence[Pair | None]) -> dict[str, Any]:
    given: dict[str, Any] = {f"{at}_in": branch.source}
    if branch.stages is not None:
        given[f"{at}_at"] = listed(branch.stages)
    for name, bound in zip(("low", "high"), bounds, strict=True):
        if bound is not None:
            given[f"{at}_{name}"], given[f"{at}_{name}_nanos"] = bound
    return given


def _clause(at: str, is_local: bool, has_stages: bool, has_low: bool, has_high: bool) -> ColumnElement[bool]:
    parts = [_here(at, is_local, has_stages)]
    if has_low:
        units, nanos = number(f"{at}_low"), number(f"{at}_low_nanos")
        parts += [o.c.amount_units >= units, or_(o.c.amount_units > units, o.c.amount_nanos >= nanos)]
    if has_high:
        units, nanos = number(f"{at}_high"), number(f"{at}_high_nanos")
        parts += [o.c.amount_units <= units, or_(o.c.amount_units < units, o.c.amount_nanos <= nanos)]
    return and_(*parts)


def _here(at: str, is_local: bool, has_stages: bool) -> ColumnElement[bool]:
    currency = o.c.currency == words(f"{at}_in")
    here = or_(currency, o.c.currency.is_(None)) if is_local else currency
    return and_(here, any_number(o.c.stage_id, f"{at}_at")) if has_stages else here


def _bounds(rules: Rules, branch: _Branch, op: Op, value: Decimal) -> tuple[Pair | None, Pair | None]:
    low = None if op is Op.LE else _pair(_least(rules, branch, value))
    high = None if op is Op.GE else _pair(_greatest(rules, branch, value))
    return low, high


def _shown(rules: Rules, branch: _Branch, amount: Decimal) -> Decimal:
    shown = converted(amount, rules.rates, branch.source, branch.local)
    assert shown is not None
    return shown


def _least(rules: Rules, branch: _Branch, value: Decimal) -> Decimal:
    """Return the least amount that is shown as at least this value."""
    if branch.is_local:
        return value
    start = _EXACT.divide(value - _HALF, branch.factor).quantize(PLACES, ROUND_CEILING, _EXACT)
    return start if _shown(rules, branch, start) >= value else start + PLACES


def _greatest(rules: Rules, branch: _Branch, value: Decimal) -> Decimal:
    """Return the greatest amount that is shown as at most this value."""
    if branch.is_local:
        return value
    start = _EXACT.divide(value + _HALF, branch.factor).quantize(PLACES, ROUND_FLOOR, _EXACT)
    return start if _shown(rules, branch, start) <= value else start - PLACES


def _pair(amount: Decimal) -> Pair:
    units = int(amount.to_integral_value(ROUND_FLOOR))
    nanos = int((amount - units) * NANOS)
    return max(-_LARGEST, min(units, _LARGEST)), nanos


async def sorting(db: Database) -> Sorting:
    """Return the order by shown amounts: the stored order unless some deal is in another currency than shown."""
    rules = db.rules
    if not await _any_foreign(db, rules):
        return Amount().sorting(rules)
    branches = _branches(rules)
    given: dict[str, Any] = {}
    for index, branch in enumerate(branches):
        given |= _given(f"worth_{index}", branch, (None, None)) | {f"worth_{index}_rate": float(branch.factor)}
    shape = tuple((branch.is_local, branch.stages is not None) for branch in branches)
    return Sorting(shape, lambda: [_worth(shape), o.c.amount_units, o.c.amount_nanos], given)


def _worth(shape: Sequence[tuple[bool, bool]]) -> ColumnElement[Any]:
    stored = cast(o.c.amount_units, Float(53)) + cast(o.c.amount_nanos, Float(53)) / float(NANOS)
    whens = []
    for index, (is_local, has_stages) in enumerate(shape):
        rate = bindparam(f"worth_{index}_rate", type_=Float(53))
        whens.append((_here(f"worth_{index}", is_local, has_stages), stored * rate))
    return case(*whens)


async def _any_foreign(db: Database, rules: Rules) -> bool:
    """Tell whether any deal is in another currency than its location's, from the totals and the private deals."""
    by_currency = _stages_by_currency(rules)
    given: dict[str, Any] = {}
    for index, (currency, stages) in enumerate(by_currency.items()):
        given |= {f"local_{index}": currency, f"local_{index}_at": listed(stages)}
    row = await db.first(_foreign_query(len(by_currency)), **given)
    return row is not None and any(found is not None for found in row)


@cache
def _foreign_query(count: int) -> Query:
    places = []
    for table in (stage_total, stage_total_delta):
        found = select(table.c.stage_id).where(table.c.currency != "", _is_foreign(table.c, count))
        places.append(found.limit(1).scalar_subquery().label(table.name))
    return Query(select(*places))


def _is_foreign(columns: Any, count: int) -> ColumnElement[bool]:
    local = [
        and_(columns.currency == words(f"local_{index}"), any_number(columns.stage_id, f"local_{index}_at"))
        for index in range(count)
    ]
    return not_(or_(*local))
