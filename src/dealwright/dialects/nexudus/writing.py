"""From values in our words to a record as this vendor prints it: order, dates, decimals, names of enums."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache, partial
from operator import itemgetter
from typing import Final

import msgspec

from dealwright.dialects.nexudus.entity import DELTA, EXPANDED, ByType, Entity, Member, Record
from dealwright.dialects.nexudus.enums import name_of
from dealwright.domain.values import Absence, plain
from dealwright.storage.records_kept import fixed

Printer = Callable[..., object]

_ENCODER: Final = msgspec.json.Encoder()
_BLANKS: Final[Mapping[str, object]] = {"bool": False, "int": 0, "dec": Decimal(0)}


def encoded(value: object) -> bytes:
    """Return records and envelopes as UTF-8 JSON; whole decimals must have passed `printed_decimal`."""
    return _ENCODER.encode(value)


def printed_instant(moment: datetime | str) -> str:
    """Return an aware UTC instant as .NET prints it: no zeros at the end of the fraction, and a Z.

    A text is an instant of the same zone that we only keep.
    """
    text = moment[:-1] if isinstance(moment, str) else moment.isoformat()[:-6]
    whole, point, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}{point}{fraction}Z" if fraction else f"{whole}Z"


def printed_decimal(amount: Decimal | int | str) -> msgspec.Raw:
    """Return an amount as a JSON number that is exact and keeps a decimal point: 1200.0."""
    text = format(plain(Decimal(amount)), "f")
    return msgspec.Raw((text if "." in text else f"{text}.0").encode())


def kept(extras: Mapping[str, object]) -> dict[str, object]:
    """Return a body's extras as plain JSON values, to be stored as they are and to be written from.

    Instants become texts of one width, which sort as the instants do; decimals become texts, because a JSON number
    would come back as a float.
    """
    return {name: _plain_json(value) for name, value in extras.items()}


def _plain_json(value: object) -> object:
    if isinstance(value, datetime):
        return fixed(value)
    if isinstance(value, tuple):
        return list(value)
    return format(value, "f") if isinstance(value, Decimal) else value


class Writer:
    """Prints the records of one entity; made once per entity by `writer`."""

    def __init__(self, entity: Entity) -> None:
        self._entity = entity
        self.blanks: Mapping[str, object] = {member.key: _blank(member) for member in entity.members}
        self._names = [member.name for member in entity.members]
        self._take = itemgetter(*(member.key for member in entity.members))
        printers = [(member.name, _printer(member)) for member in entity.members]
        self._printers = [(name, printer) for name, printer in printers if printer]

    def record(self, values: Mapping[str, object], extras: Mapping[str, object] | None = None) -> Record:
        """Return a record with every documented member in documented order, `ToStringText` included.

        `values` by our names (dotted for expanded members), `extras` by the members' own names; what is in
        neither is printed as null, false, 0, [] or the member's default. Instants are aware UTC, amounts
        Decimal, enums numbers; CustomFields is a list of its items. List rows leave the collections out.
        Raises KeyError for a name the entity does not have: that is a mistake of ours, not of a client.
        """
        given = {**self.blanks, **(extras or {}), **values}
        if len(given) != len(self.blanks):
            raise KeyError(f"{self._entity.name} has no {sorted(given.keys() - self.blanks.keys())}")
        record = dict(zip(self._names, self._take(given), strict=True))
        for name, printer in self._printers:
            value = record[name]
            if value is not None:
                record[name] = printer(value)
        record["ToStringText"] = self._entity.label(record)
        return record


@cache
def writer(entity: Entity) -> Writer:
    """Return the writer of an entity."""
    return Writer(entity)


def _blank(member: Member) -> object:
    if member.base == "int[]":
        return None if member.kind is DELTA else []
    if member.default is not ByType.START and not isinstance(member.default, Absence):
        return member.default
    return None if member.nullable or member.kind is EXPANDED else _BLANKS.get(member.base)


def _printed_fields(items: list[object]) -> dict[str, object] | None:
    return {"Data": items} if items else None


_PRINTERS: Final[Mapping[str, Printer]] = {
    "dt": printed_instant,
    "dec": printed_decimal,
    "fields": _printed_fields,
}


def _printer(member: Member) -> Printer | None:
    if member.enum and member.kind is EXPANDED:
        return partial(name_of, member.enum)
    return _PRINTERS.get(member.base)
