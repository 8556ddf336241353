"""What stands in each stage: how many deals, how many priced, their sum in each currency, how many are due.

Deals are summed ahead: a row of the summary for each stage, currency, responsible and team, by outcome and whether
they are completed, private deals apart, kept by deltas that deeds only insert (see `folding`). The private deals that
somebody is listed on, and everything for people whose sight is narrowed, are summed when asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Table, and_, func, literal_column, not_, select, union_all

from dealwright.domain.actor import Actor, Sight
from dealwright.domain.currency import summed
from dealwright.domain.values import EPOCH, micros
from dealwright.storage.database import Database
from dealwright.storage.folding import HALF, Summary
from dealwright.storage.opportunities import check_stamp
from dealwright.storage.query import Query, any_number, any_text, flag, listed, number
from dealwright.storage.schema import opportunity, rules, stage_total, stage_total_delta
from dealwright.storage.sight import EVERYTHING, WIDE, listed_on, seeing, sight_of, visible_to

FOLD_LOCK: Final = 7232
_SUMS, _DUE, _STAMP = 0, 1, 2
_SUMMED: Final = ("deals", "priced", "high", "low", "nanos")


@dataclass(slots=True)
class StageTotal:
    """What stands in a stage: deals, those with an amount, the exact sum of these by currency, those due by now."""

    deals: int = 0
    priced: int = 0
    due: int = 0
    amounts: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Some:
    """Only some deals of a stage: of some responsibles (uids), of some outcomes, completed or not; None: any."""

    responsibles: frozenset[str] | None = None
    outcomes: frozenset[int] | None = None
    completed: bool | None = None

    @property
    def shape(self) -> tuple[bool, ...]:
        """What decides the text of a query."""
        return self.responsibles is not None, self.outcomes is not None, self.completed is not None

    @property
    def given(self) -> dict[str, Any]:
        """The parameters of a query."""
        people, outcomes = listed(sorted(self.responsibles or ())), listed(sorted(self.outcomes or ()))
        return {"responsibles": people, "outcomes": outcomes, "completed": self.completed}


EVERY: Final = Some()


async def by_stage(
    db: Database, actor: Actor, stage_ids: Iterable[int] | None, at: datetime, some: Some = EVERY
) -> dict[int, StageTotal]:
    """Return the totals of stages (None: of all) as this person may see them at an instant; all in one moment.

    Of `some` deals only, none is told to be due.

    A deal is due when its follow-up is not after `at` and it is not completed. A deal without an amount counts,
    and its currency is not told. Every stage asked for is in the answer.
    """
    chosen = None if stage_ids is None else list(stage_ids)
    query = _query(sight_of(actor), chosen is not None, some.shape)
    given = {"now": micros(at), "stages": listed(chosen or []), **some.given, **seeing(actor)}
    totals = {one: StageTotal() for one in (db.rules.stages if chosen is None else chosen)}
    sums: dict[tuple[int, str], Counter[str]] = {}
    for what, stage_id, currency, *numbers in await db.rows(query, **given):
        if what == _STAMP:
            check_stamp(actor, int(numbers[0]))
        elif what == _DUE and stage_id in totals:
            totals[stage_id].due = int(numbers[0])
        elif stage_id in totals:
            found = sums.setdefault((stage_id, currency), Counter())
            found.update({name: int(value) for name, value in zip(_SUMMED, numbers, strict=True)})
    for (stage_id, currency), found in sums.items():
        _add(totals[stage_id], currency, found)
    return totals


async def deals_in(db: Database, actor: Actor, stage_ids: Iterable[int], some: Some) -> int:
    """Return how many of some deals stand in these stages."""
    # Nothing was due at the beginning of time, so nothing is counted for it.
    return sum(total.deals for total in (await by_stage(db, actor, stage_ids, EPOCH, some)).values())


def _add(total: StageTotal, currency: str, found: Counter[str]) -> None:
    total.deals += found["deals"]
    total.priced += found["priced"]
    if found["priced"]:
        total.amounts[currency] = summed(found["high"] * HALF + found["low"], found["nanos"])


@cache
def _query(sight: str, chosen: bool, some: tuple[bool, ...]) -> Query:
    """One statement, so that a deal which moves or turns private meanwhile counts exactly once."""
    if sight not in WIDE:
        parts = [_deals(visible_to(sight), some)]
    else:
        parts = [_ahead(table, sight, some) for table in (stage_total, stage_total_delta)]
    if sight == Sight.ALL.name:
        parts.append(_deals(shared_privately(), some))
    if not any(some):
        parts.append(_due(sight))
    if chosen:
        parts = [part.where(any_number(part.selected_columns["stage_id"], "stages")) for part in parts]
    return Query(union_all(*parts, _stamp()), heavy=True)


def _row(what: int, stage_id: ColumnElement[Any], currency: ColumnElement[Any], *numbers: Any) -> Select[Any]:
    wide = [*numbers, *(literal_column("0") for _ in range(len(_SUMMED) - len(numbers)))]
    labelled = [value.label(name) for name, value in zip(_SUMMED, wide, strict=True)]
    return select(literal_column(str(what)).label("what"), stage_id, currency.label("currency"), *labelled)


def _some(part: Select[Any], table: Table, some: tuple[bool, ...]) -> Select[Any]:
    c = table.c
    owned, ended = any_text(c.responsible, "responsibles"), any_number(c.outcome, "outcomes")
    conditions = zip((owned, ended, c.completed == flag("completed")), some, strict=True)
    return part.where(*(condition for condition, wanted in conditions if wanted))


def _ahead(table: Table, sight: str, some: tuple[bool, ...]) -> Select[Any]:
    c = table.c
    halves = func.sum(c.units // HALF), func.sum(c.units % HALF)
    row = _row(_SUMS, c.stage_id, c.currency, func.sum(c.deals), func.sum(c.priced), *halves, func.sum(c.nanos))
    seen = row if sight == EVERYTHING else row.where(not_(c.private))
    return _some(seen, table, some).group_by(c.stage_id, c.currency)


def _deals(where: ColumnElement[bool], some: tuple[bool, ...]) -> Select[Any]:
    c = opportunity.c
    units, nanos = func.coalesce(c.amount_units, 0), func.coalesce(c.amount_nanos, 0)
    numbers = func.count(), func.count(c.amount_units), func.sum(units // HALF), func.sum(units % HALF), func.sum(nanos)
    row = _row(_SUMS, c.stage_id, func.coalesce(c.currency, ""), *numbers).where(where)
    return _some(row, opportunity, some).group_by(c.stage_id, c.currency)


def shared_privately() -> ColumnElement[bool]:
    """Return the condition that a deal is private and this person, who sees all others, is listed on it."""
    return and_(opportunity.c.private, visible_to(Sight.ALL.name), opportunity.c.id.in_(listed_on()))


def _due(sight: str) -> Select[Any]:
    c = opportunity.c
    waiting = and_(c.follow_up_at <= number("now"), not_(c.completed), visible_to(sight))
    return _row(_DUE, c.stage_id, literal_column("''"), func.count()).where(waiting).group_by(c.stage_id)


def _stamp() -> Select[Any]:
    return _row(_STAMP, literal_column("0"), literal_column("''"), rules.c.stamp)


_KEY: Final = ("stage_id", "currency", "responsible", "team_id", "private", "outcome", "completed")
_LARGEST: Final = 9_000_000_000_000


def _fitting() -> str:
    """Keys whose sums would leave the column (nobody sells that much, but somebody may write it) keep their deltas."""
    key = ", ".join(_KEY)
    held = f"SELECT {key}, units FROM stage_total_delta UNION ALL SELECT {key}, units FROM stage_total"
    return f"SELECT {key} FROM ({held}) AS held GROUP BY {key} HAVING sum(abs(units / {HALF})) < {_LARGEST}"


COLUMNS: Final = (*_KEY, "amount_units", "amount_nanos")
"""What of a deal decides what it adds to the totals."""


def said(rows: str, sign: str = "", private: str = "private") -> str:
    """Return a SELECT of rows of the summary, in the order of its columns, that deals come to: one for each deal.

    Sums of many could be too large for a column. `rows` names what holds the deals, with the columns of `COLUMNS`;
    `private` says whether they are.
    """
    return f"""SELECT stage_id, coalesce(currency, '') AS currency, coalesce(responsible, '') AS responsible,
        coalesce(team_id, 0) AS team_id, {private} AS private, outcome, completed, {sign}1 AS deals,
        {sign}(CASE WHEN amount_units IS NULL THEN 0 ELSE 1 END) AS priced, {sign}coalesce(amount_units, 0) AS units,
        {sign}coalesce(amount_nanos, 0) AS nanos FROM {rows}"""


SUMMARY: Final = Summary(
    stage_total,
    stage_total_delta,
    _KEY,
    sums=("deals", "priced", "units", "nanos"),
    lock=FOLD_LOCK,
    fitting=_fitting(),
    counted=said("(SELECT * FROM opportunity WHERE deleted_at IS NULL) AS there"),
)
