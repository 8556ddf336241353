"""Lines as people say them: what an item brings along need not be said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from dealwright.actions.rule_deeds import refuse
from dealwright.domain.errors import Problem
from dealwright.domain.invoice import NOTHING, Line
from dealwright.domain.values import UNSET, Unset
from dealwright.storage import invoice_items as items
from dealwright.storage.database import Database
from dealwright.storage.invoice_items import FullItem

ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidLine:
    """A line as somebody says it; price and taxes are the item's where nothing is said. Id 0: new."""

    id: int = 0
    item_id: int | None = None
    description: str | None = None
    quantity: Decimal = ONE
    price: Decimal | Unset = UNSET
    discount: Decimal = NOTHING
    tax_ids: Sequence[int] | Unset = UNSET


async def filled(db: Database, said: Sequence[SaidLine]) -> list[Line]:
    """Return lines with what their items bring along. Refuses with Invalid a line without any price.

    Whether its item is there is looked at when the invoice is written.
    """
    wanted = sorted({line.item_id for line in said if line.item_id is not None})
    known = {full.item.id: full for full in await items.read_many(db, None, wanted)}
    refuse(list(_problems(said)))
    return [_line(line, known.get(line.item_id or 0)) for line in said]


def _problems(said: Sequence[SaidLine]) -> Iterator[Problem]:
    for place, line in enumerate(said):
        if line.item_id is None and line.price is UNSET:
            yield Problem(f"lines/{place}/price", "required", "is required without an item")
        if line.item_id is None and not (line.description or "").strip():
            yield Problem(f"lines/{place}/description", "required", "is required without an item")
        if line.tax_ids is not UNSET and len(line.tax_ids) > 2:
            yield Problem(f"lines/{place}/tax_ids", "too_long", "has at most 2 taxes", len(line.tax_ids))


def _line(said: SaidLine, item: FullItem | None) -> Line:
    own = item.item if item is not None else None
    taxes = [own.tax1_id, own.tax2_id] if own is not None else []
    if said.tax_ids is not UNSET:
        taxes = list(said.tax_ids)
    first, second = [*taxes, None, None][:2]
    usual = own.price if own is not None else NOTHING
    return Line(
        id=said.id,
        item_id=said.item_id,
        tax1_id=first,
        tax2_id=second,
        description=said.description,
        quantity=said.quantity,
        price=usual if said.price is UNSET else said.price,
        discount=said.discount,
    )
