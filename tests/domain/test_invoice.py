"""What invoices come to, who may change them, and how they are numbered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwright.domain.actor import Actor, Standing
from dealwright.domain.invoice import (
    MOST_LINES,
    MOVES,
    OUT,
    Invoice,
    InvoiceChange,
    Line,
    Numbering,
    Status,
    Tax,
    changed,
    cost_of,
    cost_problems,
    differences,
    line_cost,
    lines_problems,
    numbering_problems,
    priced,
    problems_of,
    rounded,
    stock_moves,
    taking,
    tax_totals,
)
from dealwright.domain.values import split

AT = datetime(2031, 1, 2, tzinfo=UTC)
TAXES = {1: Tax("VAT", Decimal(19)), 2: Tax("Levy", Decimal("2.5")), 3: Tax("Withheld", Decimal(-15))}

amounts = st.decimals(min_value=0, max_value=10**6, places=9)
lines = st.builds(
    Line,
    quantity=amounts,
    price=amounts,
    discount=st.decimals(min_value=0, max_value=100, places=4),
    tax1_id=st.sampled_from([None, *TAXES]),
    tax2_id=st.sampled_from([None, *TAXES]),
)


def invoice(**values: object) -> Invoice:
    blank = Invoice(id=1, uid="u", version=1, created_at=AT, updated_at=AT, issued_at=AT, due_at=AT, created_by=7)
    for name, value in values.items():
        setattr(blank, name, value)
    return blank


def somebody(ident: int, standing: Standing = Standing.MEMBER) -> Actor:
    return Actor(id=ident, uid=str(ident), email="", name="", standing=standing, rights=frozenset(), stamp=1)


def line(quantity: str = "1", price: str = "1", discount: str = "0", *taxes: int) -> Line:
    first, second = [*taxes, None, None][:2]
    found = Line(tax1_id=first, tax2_id=second, quantity=Decimal(quantity))
    found.price, found.discount = Decimal(price), Decimal(discount)
    return found


# What it comes to -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (line("2", "10.50"), "21.00"),
        (line("0", "10.50"), "0"),
        (line("1", "0.125"), "0.12"),
        (line("1", "0.135"), "0.14"),
        (line("3", "0.335"), "1.00"),
        (line("1", "100", "33.333"), "66.67"),
        (line("1", "10.25", "50"), "5.13"),
        (line("1", "100", "100", 1), "0"),
        (line("1", "100", "0", 1), "119.00"),
        (line("1", "100", "10", 1, 2), "109.35"),
        (line("1", "0.50", "0", 1), "0.60"),
        (line("1", "100", "0", 3), "85.00"),
        (line("1", "1", "0", 99), "1.00"),
    ],
)
def test_a_line_comes_to_its_price_less_the_discount_with_its_taxes(said: Line, expected: str) -> None:
    assert cost_of([said], TAXES) == Decimal(expected)


def test_half_a_cent_goes_to_the_even_side() -> None:
    assert [rounded(Decimal(one)) for one in ("0.005", "0.015", "0.025", "-0.005")] == [
        Decimal(one) for one in ("0.00", "0.02", "0.02", "0.00")
    ]


@given(st.lists(lines, max_size=20))
def test_the_cost_is_exactly_the_sum_of_the_rounded_steps(found: list[Line]) -> None:
    total = Decimal(0)
    with localcontext(prec=200, rounding=ROUND_HALF_EVEN):
        for one in found:
            gross = round(one.price * one.quantity, 2)
            net = gross - round(gross * one.discount / 100, 2)
            total += net + sum(round(net * TAXES[tax].rate / 100, 2) for tax in one.tax_ids)
    assert cost_of(found, TAXES) == total


@given(st.lists(lines, max_size=20))
def test_amounts_and_taxes_add_up_to_the_cost(found: list[Line]) -> None:
    net = sum((line_cost(one, TAXES).amount for one in found), Decimal(0))
    assert net + sum(tax_totals(found, TAXES).values(), Decimal(0)) == cost_of(found, TAXES)


@given(st.lists(lines, max_size=20))
def test_every_amount_has_two_places_and_can_be_kept(found: list[Line]) -> None:
    for one in found:
        cost = line_cost(one, TAXES)
        for amount in (cost.amount, cost.discount, cost.total, *(tax for _, tax in cost.taxes)):
            assert amount == rounded(amount)
            split(amount)


@given(lines)
def test_a_line_without_negative_taxes_never_comes_to_less_than_nothing(one: Line) -> None:
    cost = line_cost(replace(one, tax1_id=1, tax2_id=2), TAXES)
    assert 0 <= cost.amount <= cost.total
    assert cost.discount >= 0


def test_what_is_priced_remembers_the_taxes_of_its_lines_alone() -> None:
    found = priced(invoice(lines=(line("1", "100", "0", 1),)), TAXES)
    assert (found.cost, found.taxes) == (Decimal(119), {1: TAXES[1]})


def test_what_cannot_be_kept_is_a_problem_of_the_lines() -> None:
    found = priced(invoice(lines=(line("99999999", "99999999"),)), {})
    assert [problem.field for problem in cost_problems(found)] == ["lines"]
    assert cost_problems(priced(invoice(lines=(line("1", "99999999"),)), {})) == []


# Moves and rights -------------------------------------------------------------------------------------------


def test_there_are_five_moves_and_no_others() -> None:
    names = {(before.name, after.name) for before, after in product(Status, Status) if (before, after) in MOVES}
    assert names == {
        ("DRAFT", "SENT"),
        ("SENT", "PAID"),
        ("SENT", "REJECTED"),
        ("REJECTED", "DRAFT"),
        ("PAID", "SENT"),
    }


@given(st.lists(st.sampled_from([to for _, to in MOVES]), max_size=30), st.sets(st.sampled_from([1, 2, 3])))
def test_the_stock_lacks_what_is_out_however_an_invoice_has_moved(wanted: list[Status], tracked: set[int]) -> None:
    own_lines = tuple(Line(item_id=one, quantity=Decimal(one) / 4) for one in (1, 2, 3, 3))
    own, stock = invoice(lines=own_lines), {one: Decimal(0) for one in (1, 2, 3)}
    for to in (one for one in wanted if (own.status, one) in MOVES):
        after = replace(own, status=to)
        after.taken = taking(after, tracked)
        for one, amount in stock_moves(own.taken, after.taken).items():
            stock[one] += amount
        own = after
    sold = {1: Decimal("0.25"), 2: Decimal("0.5"), 3: Decimal("1.5")}
    expected = {one: -amount if own.status in OUT and one in tracked else Decimal(0) for one, amount in sold.items()}
    assert stock == expected


@pytest.mark.parametrize("status", Status)
def test_only_a_draft_is_edited_and_only_by_its_maker_and_administrators(status: Status) -> None:
    found, is_draft = invoice(status=status), status is Status.DRAFT
    assert found.edited_by(somebody(7)) is is_draft
    assert found.edited_by(somebody(8, Standing.CRM_ADMIN)) is is_draft
    assert not found.edited_by(somebody(8))
    assert found.managed_by(somebody(7))
    assert not found.managed_by(somebody(8))


# Changes ----------------------------------------------------------------------------------------------------


def fields(change: InvoiceChange) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in problems_of(change)]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        (InvoiceChange(number="  "), "number", "required"),
        (InvoiceChange(number="x" * 256), "number", "too_long"),
        (InvoiceChange(terms="a\0b"), "terms", "format"),
        (InvoiceChange(rate=Decimal(0)), "rate", "out_of_range"),
        (InvoiceChange(template=2**15), "template", "out_of_range"),
        (InvoiceChange(billing_address={"street": "x" * 1001}), "billing_address", "too_long"),
        (InvoiceChange(lines=[]), "lines", "required"),
        (InvoiceChange(lines=[line("-1")]), "lines/0/quantity", "out_of_range"),
        (InvoiceChange(lines=[line(), line("1", "-0.01")]), "lines/1/price", "out_of_range"),
        (InvoiceChange(lines=[line("1", "1", "100.1")]), "lines/0/discount", "out_of_range"),
        (InvoiceChange(lines=[line("1", str(10**15))]), "lines/0/price", "out_of_range"),
    ],
)
def test_what_cannot_be_is_named(change: InvoiceChange, field: str, code: str) -> None:
    assert (field, code) in fields(change)


def test_an_invoice_has_a_thousand_lines_at_most() -> None:
    assert lines_problems([line()] * MOST_LINES) == []
    assert [problem.code for problem in lines_problems([line()] * (MOST_LINES + 1))] == ["too_long"]


def test_a_whole_discount_is_no_problem() -> None:
    assert fields(InvoiceChange(lines=[line("1", "1", "100")])) == []


def test_lines_are_kept_in_the_order_said_to_nine_places() -> None:
    after = changed(invoice(), InvoiceChange(lines=[line("0.12345678949"), line("2")]))
    assert [one.position for one in after.lines] == [0, 1]
    assert after.lines[0].quantity == Decimal("0.123456789")


def test_a_change_that_says_what_is_there_differs_in_nothing() -> None:
    before = invoice(number="INV-1", currency="EUR")
    assert differences(before, changed(before, InvoiceChange(number=" INV-1 ", currency="EUR"))) == []
    assert differences(before, changed(before, InvoiceChange(currency="USD"))) == ["currency"]


# Numbers ----------------------------------------------------------------------------------------------------


def test_numbers_begin_with_the_first_and_go_on_behind_the_highest() -> None:
    numbering = Numbering()
    assert numbering.following(None) == "INV-0000001"
    assert numbering.following("INV-0000041") == "INV-0000042"
    assert numbering.following("INV-9999999") == "INV-10000000"
    assert Numbering(first="100").following(None, 2) == "INV-101"


def test_only_numbers_of_ours_count() -> None:
    numbers = ["INV-7", "INV-12", "INV-12-a", "inv-99", "ACME-500", "INV-", f"INV-{'9' * 16}"]
    assert Numbering().highest(numbers) == "INV-12"
    assert Numbering().highest(["ACME-1"]) is None
    assert Numbering(prefix="").highest(["7", "INV-8"]) == "7"


@given(st.integers(min_value=0, max_value=10**14), st.integers(min_value=1, max_value=100), st.text(max_size=8))
def test_a_number_is_read_back_as_ours(last: int, distance: int, prefix: str) -> None:
    numbering = Numbering(prefix=prefix)
    following = numbering.following(f"{prefix}{last}", distance)
    assert numbering.highest([following]) == following
    assert int(following.removeprefix(prefix)) == last + distance


@pytest.mark.parametrize(
    ("numbering", "field"),
    [
        (Numbering(prefix=" "), "prefix"),
        (Numbering(prefix="x" * 51), "prefix"),
        (Numbering(first=""), "number"),
        (Numbering(first="12a"), "number"),
        (Numbering(first="١٢"), "number"),
        (Numbering(first="1" * 16), "number"),
    ],
)
def test_a_numbering_needs_a_prefix_and_digits(numbering: Numbering, field: str) -> None:
    assert field in [problem.field for problem in numbering_problems(numbering)]


def test_numbers_that_are_not_automatic_need_no_prefix() -> None:
    assert numbering_problems(Numbering(automatic=False, prefix="")) == []
