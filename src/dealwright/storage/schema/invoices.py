"""What is sold and what was billed."""

from __future__ import annotations

from sqlalchemy import Column, Index, SmallInteger, text

from dealwright.storage.schema.columns import (
    FOLD,
    flag,
    fold,
    instant,
    key,
    number,
    partial,
    record,
    ref,
    table,
    words,
)

invoice_tax = table(
    "invoice_tax",
    key(),
    *record(),
    number("version", 1),
    words("name", ""),
    fold("name_fold", nullable=False, unique=True),
    words("description"),
    number("rate_units"),
    number("rate_nanos"),
)
invoice_item = table(
    "invoice_item",
    key(),
    *record(),
    number("version", 1),
    words("title", ""),
    fold("title_fold", nullable=False, server_default=""),
    words("sku"),
    fold("sku_fold", nullable=False, server_default=""),
    words("description"),
    number("price_units"),
    number("price_nanos"),
    Column("currency", FOLD),
    number("stock_units"),
    number("stock_nanos"),
    flag("tracked"),
    ref("tax1_id", "invoice_tax"),
    ref("tax2_id", "invoice_tax"),
    instant("deleted_at"),
)
# Addresses are kept as they were when the invoice was made: JSON of street, city, state, zip, country. `taxes` are
# those of its lines as they were when it was last written or sent: JSON of name and rate by id. `taken` is what it has
# out of the stock: JSON of the amount by item.
invoice = table(
    "invoice",
    key(),
    *record(),
    number("version", 1),
    Column("status", SmallInteger, nullable=False, server_default=text("1")),
    words("number", ""),
    fold("number_fold", nullable=False),
    instant("issued_at", nullable=False),
    instant("due_at", nullable=False),
    Column("template", SmallInteger, nullable=False, server_default=text("0")),
    ref("contact_id", "contact", nullable=False, index=True),
    ref("consignee_id", "contact", index=True),
    ref("opportunity_id", "opportunity", index=True),
    words("billing_address"),
    words("delivery_address"),
    words("language"),
    Column("currency", FOLD, nullable=False),
    number("rate_units"),
    number("rate_nanos"),
    words("purchase_order"),
    words("terms"),
    words("description"),
    number("cost_units"),
    number("cost_nanos"),
    words("taxes", "{}"),
    words("taken", "{}"),
    ref("file_id", "file", index=True),
    instant("deleted_at"),
    partial("uq_invoice_number", "number_fold", where="deleted_at IS NULL", unique=True),
    Index("ix_invoice_issued", "issued_at", "id"),
    Index("ix_invoice_due", "due_at", "id"),
)
invoice_line = table(
    "invoice_line",
    key(),
    ref("invoice_id", "invoice", nullable=False, index=True),
    ref("item_id", "invoice_item", index=True),
    ref("tax1_id", "invoice_tax", index=True),
    ref("tax2_id", "invoice_tax", index=True),
    number("position"),
    words("description"),
    number("quantity_units"),
    number("quantity_nanos"),
    number("price_units"),
    number("price_nanos"),
    number("discount_units"),
    number("discount_nanos"),
)
