"""What the words of one row mean under the present rules: dates, amounts, names of people, stages and lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Final, TypeVar

from dealwright.domain.custom_field import FieldType
from dealwright.domain.errors import Invalid, Problem
from dealwright.domain.importing import Order
from dealwright.domain.naming import name_problem
from dealwright.domain.pipeline import Stage
from dealwright.domain.table import Row
from dealwright.domain.tag import title_of
from dealwright.domain.text import fold
from dealwright.domain.values import UNSET, Unset
from dealwright.storage.rules import Rules

T = TypeVar("T")
LONGEST_NUMBER: Final = 40
LARGEST: Final = 2**31
BILLINGS: Final = {"fixed": 0, "hour": 1, "day": 2, "week": 3, "month": 4, "year": 5}
"""How a deal is billed, by the last word of what a cell says: "per hour", "hour", "fixed bid"."""

FORMULA_ERRORS: Final = frozenset(("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"))
"""What a cell shows instead of a value."""

_YES: Final = frozenset(("true", "yes", "y", "1", "on", "x"))
_NO: Final = frozenset(("false", "no", "n", "0", "off"))
_PARTED: Final = re.compile(
    r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})"
    r"(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AaPp])\.?[Mm]\.?)?)?"
)


class Said:
    """What one row says, field by field. What makes no sense is noted in `problems` and counts as not said."""

    def __init__(self, rules: Rules, order: Order, row: Row) -> None:
        self.rules = rules
        self.order = order
        self.row = row
        self.problems: list[Problem] = []
        self.values = self._sound(order.said(row.cells))

    def _sound(self, values: dict[str, list[str]]) -> dict[str, list[str]]:
        """Return what is said without what only says that a spreadsheet could not compute it."""
        for name in [name for name, cells in values.items() if not FORMULA_ERRORS.isdisjoint(cells)]:
            self.note(name, "format", "is the error of a formula", next(iter(FORMULA_ERRORS & set(values.pop(name)))))
        return values

    def text(self, name: str) -> str | Unset:
        """Return the words of a field; those of several columns with commas between."""
        return ",".join(self.values[name]) if name in self.values else UNSET

    def words(self, name: str) -> str:
        """Return the words of a field, "" where it says nothing."""
        return ",".join(self.values.get(name, ()))

    def each(self, name: str) -> list[str]:
        """Return the parts of a field in which several names stand with commas between."""
        return [part.strip() for cell in self.values.get(name, ()) for part in cell.split(",") if part.strip()]

    @cached_property
    def tags(self) -> list[str]:
        """The titles of the row's tags and of those that every record gets."""
        found: list[str] = []
        for title in [*self.each("tag"), *self.order.tags]:
            try:
                found.append(title_of(title))
            except Invalid as refusal:
                self.problems += refusal.problems
        return found

    def moment(self, name: str) -> datetime | Unset:
        """Return a date or an instant; without a time zone it is meant where the portal is."""
        return self._read(name, "format", "is no date", lambda text: _moment(text, self.order.day_first, self.rules))

    def amount(self, name: str) -> Decimal | Unset:
        """Return an amount, written with a point or a comma, with or without thousands."""
        return self._read(name, "format", "is no amount", _amount)

    def number(self, name: str) -> int | Unset:
        """Return a whole number."""
        return self._read(name, "format", "is no whole number", _whole)

    def flag(self, name: str) -> bool | Unset:
        """Return a yes or no."""
        return self._read(name, "format", "is neither yes nor no", _flag)

    def billing(self) -> int | Unset:
        """Return how a deal is billed."""
        return self._read("billing", "format", "is no way of billing", _billing)

    def currency(self) -> str | Unset:
        """Return the code of a currency that there is."""
        known = self.rules.currencies
        return self._read("currency", "unknown", "is no currency", lambda text: known[text.upper()].code)

    def user(self, name: str) -> str | Unset:
        """Return the uid of the person whom an e-mail, a name as it is shown, or a uid means."""
        return self._read(name, "unknown", "is nobody here", lambda text: _people(self.rules)[fold(text)])

    def item(self, name: str, listing: str) -> int | Unset:
        """Return the id of an entry of a managed list, by its title."""
        if self.order.is_trial and name in self.order.makes and self._would_be_made(name, listing):
            return UNSET
        return self._read(name, "unknown", "is not in the list", lambda text: self._items(listing)[fold(text)])

    def missing(self, name: str, listing: str) -> str | None:
        """Return the title that a field says and its list has not."""
        title = self.words(name).strip()
        return title if title and fold(title) not in self._items(listing) else None

    def _would_be_made(self, name: str, listing: str) -> bool:
        title = self.missing(name, listing)
        return title is not None and name_problem("title", title) is None

    def _items(self, listing: str) -> dict[str, int]:
        return {fold(item.title): item.id for item in self.rules.items_of(listing)}

    def stage(self) -> int:
        """Return the stage of the portal's pipeline that bears a title; the first one where none is said."""
        stages = self.rules.stages_of(self.rules.default_pipeline.id)
        found = self._read("stage", "unknown", "is no stage", lambda text: _titled(stages, text))
        return stages[0].id if found is UNSET else found

    def custom(self) -> dict[int, str | None]:
        """Return the values of custom fields by their ids."""
        found: dict[int, str | None] = {}
        for name in self.values:
            if name.startswith("custom."):
                ident = int(name.removeprefix("custom."))
                found[ident] = self._custom(ident, self.words(name))
        return found

    def _custom(self, ident: int, value: str) -> str:
        definition = self.rules.fields.get(ident)
        if definition is not None and definition.type is FieldType.YES_NO:
            said = fold(value)
            return "true" if said in _YES else "false" if said in _NO else value
        return value

    def note(self, field: str, code: str, message: str, value: str) -> None:
        """Note that something makes no sense."""
        self.problems.append(Problem(field, code, message, value))

    def _read(self, name: str, code: str, message: str, read: Callable[[str], T]) -> T | Unset:
        text = self.words(name).strip()
        if not text:
            return UNSET
        try:
            return read(text)
        except (ValueError, KeyError, StopIteration, InvalidOperation, OverflowError):
            self.note(name, code, message, text)
            return UNSET


def _titled(stages: Sequence[Stage], text: str) -> int:
    return next(stage.id for stage in stages if fold(stage.title) == fold(text))


def _people(rules: Rules) -> dict[str, str]:
    known: dict[str, str] | None = rules._memo.get("people by every name")
    if known is None:
        known = {}
        for user in sorted(rules.users.values(), key=lambda user: (user.active, -user.id)):
            names = (user.uid, user.user_name, user.email, f"{user.first_name} {user.last_name}")
            turned = f"{user.last_name} {user.first_name}"
            known.update({fold(name): user.uid for name in (turned, *reversed(names)) if fold(name)})
        rules._memo["people by every name"] = known
    return known


def _moment(text: str, day_first: bool, rules: Rules) -> datetime:
    found = _iso(text) or _parted(text, day_first)
    if found.tzinfo is None:
        found = found.replace(tzinfo=rules.zone)
    return found.astimezone(UTC)


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _parted(text: str, day_first: bool) -> datetime:
    found = _PARTED.fullmatch(text)
    if found is None:
        raise ValueError(text)
    first, second, third = (int(part) for part in found.groups()[:3])
    hour, minute, seconds = (int(part or 0) for part in found.groups()[3:6])
    if found[7]:
        hour = hour % 12 + (12 if found[7] in "pP" else 0)
    if first > 31:
        return datetime(first, second, third, hour, minute, seconds)  # noqa: DTZ001 - the zone comes later
    by_day = day_first or "." in text or first > 12
    day, month = (first, second) if by_day else (second, first)
    year = third + 2000 if third < 100 else third
    return datetime(year, month, day, hour, minute, seconds)  # noqa: DTZ001


def _amount(text: str) -> Decimal:
    bare = re.sub(r"[\s\u00a0\u202f'_]", "", text)
    if len(bare) > LONGEST_NUMBER:
        raise ValueError(text)
    comma, point = bare.rfind(","), bare.rfind(".")
    if comma >= 0 and point >= 0:
        bare = bare.replace("." if comma > point else ",", "").replace(",", ".")
    elif comma >= 0:
        thousands = re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+", bare)
        bare = bare.replace(",", "" if thousands else ".")
    elif bare.count(".") > 1:
        bare = bare.replace(".", "")
    amount = Decimal(bare)
    if not amount.is_finite():
        raise ValueError(text)
    return amount


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER // 2:
        raise ValueError(text)
    found = int(_amount(text.rstrip("%")))
    if abs(found) >= LARGEST:
        raise ValueError(text)
    return found


def _flag(text: str) -> bool:
    said = fold(text)
    if said in _YES | _NO:
        return said in _YES
    raise ValueError(text)


def _billing(text: str) -> int:
    parts = re.findall(r"[a-z]+", text.lower())
    known = [BILLINGS[part] for part in parts if part in BILLINGS]
    if text.isdecimal() and int(text) in BILLINGS.values():
        return int(text)
    if not known:
        raise ValueError(text)
    return known[0]
