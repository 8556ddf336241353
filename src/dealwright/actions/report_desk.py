"""What every report needs while it is being made: facts, names of people, one currency, columns of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from dealwright.actions.deed import now
from dealwright.domain.actor import Actor
from dealwright.domain.currency import converted
from dealwright.domain.people import User
from dealwright.domain.report import Bucket, Cell, Column, ReportAsk, Sheet, Span, buckets, span_of, totalled
from dealwright.storage.database import Database
from dealwright.storage.reports.invoices import INVOICES, corrected
from dealwright.storage.reports.tally import Fact, Family, Scope, Tally, bounds, tallied

NOBODY: Final = "Nobody"
GONE: Final = "Somebody who is gone"
CENT: Final = Decimal("0.01")
FUTURE: Final = timedelta(days=3660)
"""How far ahead time is cut into columns; dates like 31.12.9999 mean "some day"."""


class Desk:
    """One report being made for somebody at an instant."""

    def __init__(self, db: Database, actor: Actor, ask: ReportAsk, at: datetime | None = None) -> None:
        self.db = db
        self.actor = actor
        self.ask = ask
        self.at = at or now()
        self.rules = db.rules
        self.zone = db.rules.zone
        self.currency = db.rules.default_currency
        self.missing: set[str] = set()
        self.has_data = False
        self._names = Counter(user.name for user in db.rules.users.values())
        uids = [uid.lower() for uid in ask.managers]
        ids = [user.id for uid in uids if (user := db.rules.users_by_uid.get(uid))]
        self.scope = Scope(
            at=self.at,
            span=span_of(ask.period, self.at, self.zone),
            managers=tuple(uids) if uids else None,
            manager_ids=tuple(ids),
        )

    async def facts(
        self,
        family: Family,
        by: Sequence[str] = (),
        only: Sequence[str] = (),
        time: str | None = None,
        columns: Sequence[Bucket] = (),
    ) -> list[Fact]:
        """Return the groups of a question; with a `time` of the family it is about the report's period."""
        tally = Tally(by=tuple(by), only=tuple(only), time=time)
        found = await tallied(self.db, self.actor, family, tally, self.scope, columns)
        counted = [fact for fact in found if fact.count]
        self.has_data = self.has_data or bool(counted)
        return counted

    async def invoices(self, by: Sequence[str], only: Sequence[str] = (), time: str | None = None) -> list[Fact]:
        """Return the groups of a question about invoices; drafts come to what they do by the taxes of now."""
        facts = await self.facts(INVOICES, by, only, time)
        tally = Tally(by=tuple(by), only=tuple(only), time=time)
        return await corrected(self.db, self.actor, tally, self.scope, facts)

    async def columns(self, family: Family, time: str, only: Sequence[str] = ()) -> list[Bucket]:
        """Return the columns of time of the report's period, of all time those in which anything happened."""
        span = self.scope.span
        if span is None:
            found = await bounds(self.db, self.actor, family, Tally(only=tuple(only), time=time), self.scope)
            if found is None:
                return []
            first, last = found[0], min(found[1], self.at + FUTURE)
            span = Span(min(first, last), last + timedelta(microseconds=1))
        return buckets(span, self.zone)

    def money(self, fact: Fact) -> Decimal:
        """Return the money of a group in the report's currency; without a rate it is nothing and the lack is noted."""
        if not fact.priced:
            return Decimal(0)
        found = converted(fact.amount, self.rules.rates, fact.currency, self.currency)
        if found is None:
            self.missing.add(fact.currency)
            return Decimal(0)
        return found

    def person(self, uid: str | None) -> str:
        """Return what somebody is called by uid."""
        user = self.rules.users_by_uid.get(uid or "")
        return self._name(user) if user else GONE if uid else NOBODY

    def maker(self, ident: int | None) -> str:
        """Return what somebody is called by id."""
        user = self.rules.users.get(ident or 0)
        return self._name(user) if user else GONE if ident else NOBODY

    def _name(self, user: User) -> str:
        """A name that nobody else has, because it names a row."""
        return user.name if self._names[user.name] == 1 else f"{user.name} ({user.email})"

    def item(self, ident: int | None) -> str:
        """Return an entry of a managed list by its title."""
        item = self.rules.items.get(ident or 0)
        return item.title if item else "None"


class Sums:
    """A table of rows by name and columns by name that is added to; what was never added to is nothing."""

    def __init__(self) -> None:
        self._cells: dict[str, dict[str, Decimal]] = {}

    def add(self, row: str, column: str, value: Decimal | int) -> None:
        """Add to a cell."""
        cells = self._cells.setdefault(row, {})
        cells[column] = cells.get(column, Decimal(0)) + value

    def count(self, row: str, column: str) -> int:
        """Return a cell as a count."""
        return int(self._cells.get(row, {}).get(column, 0))

    def money(self, row: str, column: str) -> Decimal:
        """Return a cell as money, to the cent."""
        return cents(self._cells.get(row, {}).get(column, Decimal(0)))

    def rows(self, by: str = "") -> list[str]:
        """Return the names of the rows: the largest of a column first, else and among equals by name."""
        return sorted(self._cells, key=lambda row: (-self._cells[row].get(by, Decimal(0)), row))


def cents(amount: Decimal) -> Decimal:
    """Return money to the cent, half to even."""
    return amount.quantize(CENT)


def named(facts: Iterable[Fact], name: Callable[[Any], str], sums: Sums, column: str) -> None:
    """Add the counts of groups with one key under its name."""
    for fact in facts:
        sums.add(name(fact.keys[0]), column, fact.count)


def sheet(title: str, columns: Sequence[Column], rows: list[tuple[Cell, ...]], with_totals: bool = True) -> Sheet:
    """Return a table, its totals under the rows where there are several."""
    totals = totalled(columns, rows) if with_totals and len(rows) > 1 else None
    return Sheet(title, tuple(columns), rows, totals)
