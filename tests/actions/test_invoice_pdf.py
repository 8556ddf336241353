"""The PDF of an invoice and the logo on it: made once, kept, made anew when anything on them has changed."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest
from PIL import Image

from dealwright.actions import contacts, files, invoice_items, invoice_pdf, invoice_settings, invoices, logos
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.errors import Forbidden, Invalid, NotFound
from dealwright.domain.file import Purpose
from dealwright.domain.invoice import InvoiceChange, Status
from dealwright.domain.invoice_item import ItemChange
from dealwright.storage.database import Database
from tests.actions.about_contacts import firm, problems
from tests.actions.about_invoices import draft, item, line
from tests.cast import Cast


def picture(form: str = "PNG", size: tuple[int, int] = (40, 20), **options: Any) -> bytes:
    """A picture as people send it."""
    out = io.BytesIO()
    Image.new("RGB", size, (10, 20, 30)).save(out, form, **options)
    return out.getvalue()


async def paper(db: Database, cast: Cast, invoice_id: int) -> int:
    """The file of an invoice's PDF, which must be one."""
    full, file = await invoice_pdf.paper_of(db, cast.mia, invoice_id)
    _, data = await files.read(db, cast.mia, file.id)
    assert data.startswith(b"%PDF")
    assert (file.purpose, file.size, full.invoice.file_id) == (Purpose.INVOICE, len(data), file.id)
    return file.id


async def test_a_pdf_is_made_once_and_kept(db: Database, cast: Cast) -> None:
    made = await draft(db, cast.mia, number="A/1")
    first = await paper(db, cast, made.invoice.id)
    assert await paper(db, cast, made.invoice.id) == first
    assert (await files.get(db, cast.mia, first)).title == "1.pdf"
    assert (await invoices.get(db, cast.mia, made.invoice.id)).invoice.version == 1


async def test_whatever_changes_on_it_makes_it_anew_and_the_old_one_goes(db: Database, cast: Cast) -> None:
    sold, company = await item(db, cast), await firm(db, cast.mia)
    made = await draft(db, cast.mia, company.contact.id, lines=[line(sold)])
    ident = made.invoice.id
    seen = [await paper(db, cast, ident)]

    async def after(deed: Any) -> None:
        await deed
        seen.append(await paper(db, cast, ident))

    await after(invoices.change(db, cast.mia, ident, InvoiceChange(terms="Now")))
    await after(contacts.change(db, cast.mia, company.contact.id, ContactChange(name="Acme & Sons")))
    await after(invoice_items.change(db, cast.carl, sold.item.id, ItemChange(title="Oak desk")))
    await after(invoice_settings.set_name(db, cast.carl, "Desk Ltd"))
    await after(invoice_settings.set_address(db, cast.carl, {"city": "Riga"}))
    await after(logos.keep(db, cast.carl, picture()))
    await after(invoices.move(db, cast.mia, ident, Status.SENT))
    assert len(set(seen)) == len(seen)
    for gone in seen[:-1]:
        with pytest.raises(NotFound):
            await files.get(db, cast.carl, gone)


async def test_what_does_not_show_on_it_leaves_it_as_it_is(db: Database, cast: Cast) -> None:
    made = await draft(db, cast.mia)
    first = await paper(db, cast, made.invoice.id)
    await invoices.change(db, cast.mia, made.invoice.id, InvoiceChange(system_id="x"))
    assert await paper(db, cast, made.invoice.id) == first


async def test_several_who_ask_at_once_get_the_same_file(db: Database, cast: Cast) -> None:
    made = await draft(db, cast.mia)
    found = await asyncio.gather(*(paper(db, cast, made.invoice.id) for _ in range(5)))
    assert (await invoices.get(db, cast.mia, made.invoice.id)).invoice.file_id in found
    assert len({await paper(db, cast, made.invoice.id) for _ in range(2)}) == 1


async def test_who_sees_an_invoice_has_its_pdf_and_nobody_else(db: Database, cast: Cast) -> None:
    hidden = await firm(db, cast.mia, sharing=Share.NOBODY)
    made = await draft(db, cast.mia, hidden.contact.id)
    _, file = await invoice_pdf.paper_of(db, cast.mia, made.invoice.id)
    for actor in (cast.mia, cast.carl):
        assert (await files.get(db, actor, file.id)).id == file.id
    with pytest.raises(NotFound):
        await invoice_pdf.paper_of(db, cast.noah, made.invoice.id)
    with pytest.raises(NotFound):
        await files.get(db, cast.noah, file.id)
    await contacts.change(db, cast.mia, hidden.contact.id, ContactChange(sharing=Share.READ))
    assert (await files.get(db, cast.noah, file.id)).id == file.id


# The logo ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
async def test_a_logo_of_any_kind_is_kept_as_a_modest_png(db: Database, cast: Cast, form: str) -> None:
    ident = await logos.keep(db, cast.carl, picture(form, (3000, 1000)))
    kept = await logos.picture(db)
    assert kept is not None
    found = Image.open(io.BytesIO(kept))
    assert (found.format, found.size) == ("PNG", (1200, 400))
    assert invoice_settings.organisation(db.rules).logo_id == ident


async def test_another_logo_replaces_the_first_and_reset_takes_it_away(db: Database, cast: Cast) -> None:
    first = await logos.keep(db, cast.carl, picture())
    second = await logos.keep(db, cast.olga, picture())
    with pytest.raises(NotFound):
        await logos.picture(db, first)
    assert await logos.picture(db, second) is not None
    assert await logos.reset(db, cast.carl) == 0
    assert await logos.picture(db) is None
    for gone in (first, second):
        with pytest.raises(NotFound):
            await files.get(db, cast.carl, gone)


async def test_what_is_no_picture_is_refused(db: Database, cast: Cast) -> None:
    for data in (b"", b"<svg/>", picture()[:40], b"%PDF-1.7"):
        with pytest.raises(Invalid) as caught:
            await logos.keep(db, cast.carl, data)
        assert problems(caught) == {("logo", "format")}
    with pytest.raises(Invalid) as caught:
        await logos.keep(db, cast.carl, b"x" * (logos.LARGEST + 1))
    assert problems(caught) == {("logo", "too_long")}


async def test_only_administrators_say_who_sends_the_invoices(db: Database, cast: Cast) -> None:
    for actor in (cast.mia, cast.rita, cast.gus):
        for deed in (
            logos.keep(db, actor, picture()),
            logos.reset(db, actor),
            invoice_settings.set_name(db, actor, "x"),
            invoice_settings.set_address(db, actor, {}),
            invoice_settings.set_terms(db, actor, "x"),
            invoice_settings.set_numbering(db, actor, invoice_settings.numbering(db.rules)),
        ):
            with pytest.raises(Forbidden):
                await deed


async def test_the_settings_are_kept_as_said(db: Database, cast: Cast) -> None:
    await invoice_settings.set_name(db, cast.carl, "Desk Ltd")
    await invoice_settings.set_address(db, cast.carl, {"city": "Riga", "planet": "Earth"})
    await invoice_settings.set_terms(db, cast.carl, "At once")
    own = invoice_settings.organisation(db.rules)
    assert (own.name, own.address, own.logo_id) == ("Desk Ltd", {"city": "Riga"}, 0)
    assert invoice_settings.terms(db.rules) == "At once"
    await invoice_settings.set_address(db, cast.carl, {})
    assert invoice_settings.organisation(db.rules).address == {}
    for deed, field in (
        (invoice_settings.set_name(db, cast.carl, "x" * 256), "company_name"),
        (invoice_settings.set_address(db, cast.carl, {"city": "x" * 1001}), "address"),
        (invoice_settings.set_terms(db, cast.carl, "x" * 20_001), "terms"),
    ):
        with pytest.raises(Invalid) as caught:
            await deed
        assert problems(caught) == {(field, "too_long")}
