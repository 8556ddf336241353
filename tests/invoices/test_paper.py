"""Invoices on paper: their words, their data, and that what people write is never taken for markup."""

from __future__ import annotations

import io
import json
import re
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dealwright.domain.currencies import CURRENCIES
from dealwright.domain.invoice import Invoice, Line, Status, Tax, priced
from dealwright.invoices.document import Paper, Party, address_lines, data_of
from dealwright.invoices.render import fingerprint, pdf, pictures
from dealwright.invoices.words import MANNERS, manner_of

AT = datetime(2031, 1, 2, 23, 30, tzinfo=UTC)
KNOWN = {currency.code: currency for currency in CURRENCIES}
TAXES = {1: Tax("VAT", Decimal(19)), 2: Tax("Levy", Decimal("2.5"))}
LINES = (
    Line(id=1, item_id=1, quantity=Decimal(10), price=Decimal("249.90"), tax1_id=1, description="Oak\nMounted"),
    Line(id=2, quantity=Decimal("7.5"), price=Decimal(64), tax1_id=1, tax2_id=2, discount=Decimal(10)),
)


def paper(lines: tuple[Line, ...] = LINES, **values: Any) -> Paper:
    """An invoice as it goes to paper; its fields as told."""
    blank = Invoice(id=1, uid="u", version=1, created_at=AT, updated_at=AT, issued_at=AT, due_at=AT + timedelta(30))
    for name, value in {
        "number": "INV-1",
        "status": Status.SENT,
        "currency": "EUR",
        "language": "en-GB",
        **values,
    }.items():
        setattr(blank, name, value)
    blank.lines = lines
    seller = Party("Desk Ltd", {"street": "High Street 1\nSecond floor", "city": "London", "zip": "SW1Y 4JH"})
    customer = Party("Lovelace & Co", {"city": "Berlin", "zip": "10115", "country": "Germany"})
    titles = {1: ("Standing desk", "D-1")}
    zone = ZoneInfo("Europe/Berlin")
    return Paper(priced(blank, TAXES), seller, customer, None, titles, KNOWN.get(blank.currency), "EUR", zone)


# Words ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "money", "day"),
    [
        ("en-GB", "€1,234,567.50", "3 Feb 2031"),
        ("en-US", "€1,234,567.50", "Feb 3, 2031"),
        ("de-AT", "1.234.567,50\u00a0€", "03.02.2031"),
        ("fr", "1\u202f234\u202f567,50\u00a0€", "03/02/2031"),
        ("ru-RU", "1\u00a0234\u00a0567,50\u00a0€", "03.02.2031"),
        ("el", "1.234.567,50\u00a0€", "03/02/2031"),
        ("tlh", "€1,234,567.50", "3 Feb 2031"),
        (None, "€1,234,567.50", "3 Feb 2031"),
    ],
)
def test_a_language_writes_money_and_days_its_way(language: str | None, money: str, day: str) -> None:
    manner = manner_of(language)
    assert (manner.money(Decimal("1234567.5"), KNOWN["EUR"]), manner.day(date(2031, 2, 3))) == (money, day)


@pytest.mark.parametrize(
    ("code", "text"),
    [("USD", "−$0.50"), ("HUF", "−Ft\u00a00.50"), ("SAR", "−SAR\u00a00.50"), ("XXX", "−0.50")],
)
def test_a_sign_stands_where_it_belongs(code: str, text: str) -> None:
    assert manner_of("en").money(Decimal("-0.5"), KNOWN.get(code)) == text


@pytest.mark.parametrize(
    ("value", "text"), [("1000", "1,000"), ("0.015", "0.015"), ("-1234.5", "−1,234.5"), ("0", "0")]
)
def test_a_number_has_the_places_it_has(value: str, text: str) -> None:
    assert manner_of("en").number(Decimal(value)) == text


def test_every_language_has_every_label() -> None:
    names = set(MANNERS["en"].labels)
    for manner in MANNERS.values():
        assert set(manner.labels) == names
        assert all(manner.labels.values())
        assert {"{n}", "{of}"} <= set(re.findall(r"\{\w+\}", manner.labels["page"]))


# Data -------------------------------------------------------------------------------------------------------


def test_the_paper_says_what_the_invoice_comes_to() -> None:
    data = data_of(paper())
    assert [(line["title"], line["details"], line["amount"]) for line in data["lines"]] == [
        ("Standing desk", "Oak\nMounted", "2,499.00"),
        ("–", "", "432.00"),
    ]
    assert [(total["label"], total["amount"]) for total in data["totals"]] == [
        ("Subtotal", "€2,979.00"),
        ("Discount", "−€48.00"),
        ("VAT (19 %)", "€556.89"),
        ("Levy (2.5 %)", "€10.80"),
    ]
    assert (data["total"], data["lines"][1]["tax"]) == ("€3,498.69", "19 % + 2.5 %")


def test_days_are_days_in_the_portals_zone() -> None:
    assert [fact["value"] for fact in data_of(paper())["facts"]] == ["3 Jan 2031", "2 Feb 2031"]


def test_columns_that_say_nothing_are_left_out() -> None:
    plain = (Line(id=1, quantity=Decimal(1), price=Decimal(1), description="Advice"),)
    data = data_of(paper(plain))
    assert data["columns"] == {"discount": False, "tax": False}
    assert data["lines"][0]["title"] == "Advice"


def test_a_draft_and_a_paid_one_say_so() -> None:
    seen = {status: data_of(paper(status=status)) for status in (Status.DRAFT, Status.SENT, Status.PAID)}
    assert [(data["mark"], data["stamp"]) for data in seen.values()] == [("Draft", ""), ("", ""), ("", "Paid")]


def test_another_currency_tells_its_rate() -> None:
    assert data_of(paper())["exchange"] == ""
    said = data_of(paper(currency="USD", rate=Decimal("0.92"), language="de"))["exchange"]
    assert said == "Wechselkurs: 1 USD = 0,92 EUR"


def test_an_address_is_written_as_where_the_language_is_spoken() -> None:
    parts = {"street": "A 1\nB", "city": "Town", "state": "TX", "zip": "1", "country": "Land"}
    assert address_lines(parts, "de-DE") == ["A 1", "B", "1 Town", "TX", "Land"]
    assert address_lines(parts, "en-US") == ["A 1", "B", "Town, TX 1", "Land"]
    assert address_lines({}) == []


def test_the_fingerprint_is_of_everything_that_shows() -> None:
    data = data_of(paper())
    marks = {fingerprint(data, 0), fingerprint(data, 1), fingerprint(data_of(paper(terms="x")), 0)}
    assert len(marks) == 3
    assert fingerprint(data_of(paper(updated_at=AT + timedelta(1))), 0) == fingerprint(data, 0)


# The page ---------------------------------------------------------------------------------------------------


def logo(size: tuple[int, int] = (60, 20)) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", size, (200, 0, 0, 255)).save(out, "PNG")
    return out.getvalue()


def pages(content: bytes) -> int:
    """How many pages a PDF has, also where its objects are packed."""
    packed = [zlib.decompress(part) for part in re.findall(rb"stream\n(x.*?)\nendstream", content, re.DOTALL)]
    return sum(len(re.findall(rb"/Type */Page\b", part)) for part in (content, *packed))


def test_a_pdf_is_made_and_the_same_data_make_the_same_bytes() -> None:
    made = pdf(data_of(paper()), logo(), AT)
    assert made.startswith(b"%PDF-1.7")
    assert pages(made) == 1
    assert pdf(data_of(paper()), logo(), AT) == made


def test_a_long_invoice_goes_over_several_pages() -> None:
    many = tuple(replace(LINES[0], id=one) for one in range(1, 121))
    made = pictures(data_of(paper(many)), None, AT)
    assert len(made) >= 4
    assert pages(pdf(data_of(paper(many)), None, AT)) == len(made)


@pytest.mark.parametrize("size", [(1200, 10), (10, 600), (1200, 600)])
def test_a_logo_of_any_shape_fits(size: tuple[int, int]) -> None:
    assert len(pictures(data_of(paper()), logo(size), AT)) == 1


def test_the_logo_is_on_the_page() -> None:
    def red(picture: bytes) -> int:
        colors = Image.open(io.BytesIO(picture)).convert("RGB").getcolors(1 << 24) or []
        return sum(count for count, color in colors if color == (200, 0, 0))

    [plain], [shown] = pictures(data_of(paper()), None, AT), pictures(data_of(paper()), logo(), AT)
    assert red(plain) == 0 < red(shown)


@pytest.mark.parametrize("language", sorted(MANNERS))
def test_every_language_makes_a_page(language: str) -> None:
    assert len(pictures(data_of(paper(language=language)), None, AT)) == 1


MARKUP = '#panic() *b* _i_ $x$ `r` <a> @b = h\n- l // c /* */ \\ ] } " \' ~ #{ #[ #import "x": *'


def test_what_looks_like_markup_is_only_text() -> None:
    """A program in a name would stop the compiler, or make another page than the same letters do."""
    said = paper(terms=MARKUP, description=MARKUP, number=MARKUP, purchase_order=MARKUP)
    said = replace(said, customer=Party(MARKUP, {"street": MARKUP}), seller=Party(MARKUP, {"city": MARKUP}))
    data = data_of(replace(said, titles={1: (MARKUP, MARKUP)}))
    assert len(pictures(data, None, AT)) == 1
    assert json.loads(json.dumps(data)) == data


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_makes_a_page(text: str) -> None:
    said = paper((replace(LINES[0], description=text), LINES[1]), terms=text)
    data = data_of(replace(said, customer=Party(text, {"street": text}), titles={1: (text, text)}))
    assert pdf(data, None, AT).startswith(b"%PDF")


def test_a_word_without_an_end_stays_in_its_column() -> None:
    said = replace(paper(), titles={1: ("x" * 255, "y" * 255)})
    assert len(pictures(data_of(said), None, AT)) == 1
