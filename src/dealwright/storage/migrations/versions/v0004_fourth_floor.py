"""What lists at a million deals look at, and what came after the third step."""

from __future__ import annotations

import json
from decimal import Decimal

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, columns and indexes as they were when this step was written."""
    _let_people_prove_who_they_are()
    _remember_what_invoices_took()


def _remember_what_invoices_took() -> None:
    op.add_column("invoice", sa.Column("taken", sa.Text(), server_default="{}", nullable=False))
    remember_what_invoices_took(op.get_bind())


def remember_what_invoices_took(connection: sa.Connection) -> None:
    """Let every invoice that was sent, or paid, remember what it has out of the stock."""
    lines = """SELECT l.invoice_id, l.item_id, l.quantity_units, l.quantity_nanos FROM invoice_line l
        JOIN invoice i ON i.id = l.invoice_id JOIN invoice_item t ON t.id = l.item_id
        WHERE i.status IN (2, 4) AND t.tracked"""
    taken: dict[int, dict[int, Decimal]] = {}
    for invoice, item, units, nanos in connection.execute(sa.text(lines)).fetchall():
        items = taken.setdefault(invoice, {})
        items[item] = items.get(item, Decimal(0)) + units + Decimal(nanos).scaleb(-9)
    written = sa.text("UPDATE invoice SET taken = :taken WHERE id = :id")
    for invoice, items in taken.items():
        said = json.dumps({str(item): format(amount, "f") for item, amount in items.items()})
        connection.execute(written.bindparams(taken=said, id=invoice))


def _let_people_prove_who_they_are() -> None:
    """Make room for second factors, invitations, when people were here last, and the banners of contacts."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    code = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    for name, columns in {
        "two_factor": (
            sa.Column("secret", sa.Text(), server_default="", nullable=False),
            sa.Column("created_at", sa.BigInteger(), nullable=False),
            sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
            sa.Column("last_step", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        ),
        "invitation": (
            sa.Column("hash", code, nullable=False),
            sa.Column("expires_at", sa.BigInteger(), nullable=False),
            sa.UniqueConstraint("hash", name=op.f("uq_invitation_hash")),
        ),
        "presence": (
            sa.Column("seen_at", sa.BigInteger(), nullable=True),
            sa.Column("tried_at", sa.BigInteger(), nullable=True),
            sa.Column("failures", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        ),
    }.items():
        op.create_table(
            name,
            sa.Column("user_id", number, nullable=False),
            *columns,
            sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f(f"fk_{name}_user_id")),
            sa.PrimaryKeyConstraint("user_id", name=op.f(f"pk_{name}")),
        )
    op.create_table(
        "recovery_code",
        sa.Column("user_id", number, nullable=False),
        sa.Column("hash", code, nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_recovery_code_user_id")),
        sa.PrimaryKeyConstraint("user_id", "hash", name=op.f("pk_recovery_code")),
    )
    op.add_column("contact", sa.Column("banner", sa.Text(), nullable=True))
