"""Invoices on paper: made when somebody asks, kept as a file, made anew when anything on them has changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

from dealwright.actions import files, invoice_settings, invoices, logos
from dealwright.actions.deed import happened, now, recorded, written
from dealwright.domain.actor import Actor
from dealwright.domain.contact import Brief
from dealwright.domain.errors import NotFound
from dealwright.domain.file import File, Purpose
from dealwright.invoices.document import Paper, Party, data_of
from dealwright.storage import files as file_store
from dealwright.storage import invoice_rows
from dealwright.storage.database import Database
from dealwright.storage.invoices import FullInvoice
from dealwright.storage.rules import Rules
from dealwright.storage.writes import Lost

PDF: Final = "application/pdf"
FINGERPRINT: Final = "fingerprint"


def document(rules: Rules, full: FullInvoice) -> dict[str, Any]:
    """Return what stands on an invoice on paper, as texts in its language."""
    own, seller = full.invoice, invoice_settings.organisation(rules)
    consignee = None
    if full.consignee is not None and full.consignee.id != own.contact_id:
        consignee = Party(full.consignee.display_name, own.delivery_address or {})
    elif own.delivery_address:
        consignee = Party(_name(full.contact), own.delivery_address)
    return data_of(
        Paper(
            invoice=own,
            seller=Party(seller.name, seller.address),
            customer=Party(_name(full.contact), own.billing_address or {}),
            consignee=consignee,
            titles={one: (item.title, item.sku) for one, item in full.items.items()},
            currency=rules.currencies.get(own.currency),
            home_currency=rules.default_currency,
            zone=rules.zone,
        )
    )


def _name(brief: Brief | None) -> str:
    return brief.display_name if brief else ""


async def paper_of(db: Database, actor: Actor, invoice_id: int) -> tuple[FullInvoice, File]:
    """Return an invoice and the file of its PDF, which is made where there is none or where it is no longer true.

    Refuses with Forbidden (no right) and NotFound.
    """
    full = await invoices.get(db, actor, invoice_id)
    for _ in range(2):
        present = await file_store.read_known(db, full.invoice.file_id) if full.invoice.file_id else None
        data, logo_id = document(db.rules, full), invoice_settings.organisation(db.rules).logo_id
        mark = await asyncio.to_thread(_fingerprint, data, logo_id)
        if present is not None and present.key and present.extra.get(FINGERPRINT) == mark:
            return full, present
        try:
            return full, await _made(db, actor, full, data, mark, present)
        except Lost:
            # Somebody else kept a PDF meanwhile: most likely it is the one that was wanted.
            full = await invoices.get(db, actor, invoice_id)
    raise NotFound("file")


def _fingerprint(data: dict[str, Any], logo_id: int) -> str:
    from dealwright.invoices import render  # noqa: PLC0415 - seldom needed

    return render.fingerprint(data, logo_id)


async def _made(
    db: Database, actor: Actor, full: FullInvoice, data: dict[str, Any], mark: str, before: File | None
) -> File:
    from dealwright.invoices import render  # noqa: PLC0415 - seldom needed

    own, logo = full.invoice, await logos.picture(db)
    made = await asyncio.to_thread(render.pdf, data, logo, own.updated_at)
    file = await files.keep(db, actor, Purpose.INVOICE, f"{own.number}.pdf", PDF, made, {FINGERPRINT: mark})
    try:
        await written(db, [invoice_rows.illustrated(own, file.id)], actor)
    except Lost:
        await _forget(db, actor, file)
        raise
    if before is not None:
        await _forget(db, actor, before)
    own.file_id = file.id
    return file


async def _forget(db: Database, actor: Actor, file: File) -> None:
    """Move a PDF that is no longer the invoice's to the trash, whoever made it."""
    at = now()
    event = happened(actor, at, "file", ["file.deleted"])
    try:
        await written(db, [file_store.trashed(file, actor.id, at), recorded(event, file.id)], actor)
    except Lost:  # somebody else did
        return


async def opened(db: Database, actor: Actor, invoice_id: int) -> tuple[File, AsyncIterator[bytes]]:
    """Return the PDF of an invoice and its bytes in pieces. Refuses as `paper_of`."""
    _, file = await paper_of(db, actor, invoice_id)
    return file, await files.contents(db, file)
