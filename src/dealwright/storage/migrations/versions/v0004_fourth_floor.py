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
    _tally_deals()
    _tally_contacts()
    _total_by_outcome()
    _let_people_prove_who_they_are()
    _remember_what_invoices_took()
    _sign_with_the_old_secret_too()
    op.add_column("file", sa.Column("used_at", sa.BigInteger(), nullable=True))


def _sign_with_the_old_secret_too() -> None:
    op.add_column("webhook", sa.Column("old_secret", sa.Text(), server_default="", nullable=False))
    op.add_column("webhook", sa.Column("old_secret_until", sa.BigInteger(), nullable=True))
    taken_in = sa.text("error IS NULL AND event_seq IS NOT NULL")
    columns = ["webhook_id", "event_seq"]
    op.create_index(
        "ix_webhook_call_taken_in", "webhook_call", columns, sqlite_where=taken_in, postgresql_where=taken_in
    )


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


def _tally_contacts() -> None:
    """Make room for the tally of contacts, tally those that are there, and index who is hidden anew."""
    op.create_table(
        "contact_tally",
        sa.Column("is_company", sa.Boolean(), nullable=False),
        sa.Column("contacts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("is_company", name=op.f("pk_contact_tally")),
    )
    op.create_table(
        "contact_tally_delta",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("is_company", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("contacts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_tally_delta")),
        sqlite_autoincrement=True,
    )
    # It holds all that counting those who are hidden needs to know.
    op.drop_index("ix_contact_hidden", "contact")
    columns, kept = ["id", "is_company", "sharing", "deleted_at"], sa.text("deleted_at IS NOT NULL OR sharing = 0")
    op.create_index("ix_contact_hidden", "contact", columns, sqlite_where=kept, postgresql_where=kept)
    said = "SELECT is_company, count(*) FROM contact GROUP BY is_company"
    op.execute(f"INSERT INTO contact_tally (is_company, contacts) {said}")


def _tally_deals() -> None:
    """Make room for the tallies of deals, tally those that are there, and index what lists are narrowed by."""
    op.create_table(
        "opportunity_tally",
        sa.Column("facet", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("detail", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("bucket", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("deals", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lowest_id", sa.BigInteger(), nullable=False),
        sa.Column("highest_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("facet", "detail", "bucket", "private", name=op.f("pk_opportunity_tally")),
    )
    op.create_table(
        "opportunity_tally_delta",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("facet", sa.SmallInteger(), nullable=False),
        sa.Column("detail", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("bucket", sa.BigInteger(), nullable=False),
        sa.Column("private", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("deals", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lowest_id", sa.BigInteger(), nullable=False),
        sa.Column("highest_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity_tally_delta")),
    )
    for facet, (column, detail, bucket) in _FACETS.items():
        op.execute(
            "INSERT INTO opportunity_tally (facet, detail, bucket, private, deals, lowest_id, highest_id)"
            f" SELECT {facet}, {detail}, {bucket}, private, count(*), min(id), max(id) FROM opportunity"
            f" WHERE {column} IS NOT NULL AND deleted_at IS NULL GROUP BY 2, 3, 4"
        )
    op.drop_index("ix_opportunity_follow_up", "opportunity")
    op.create_index("ix_opportunity_outcome", "opportunity", ["outcome", "id"])
    for name, columns, where in _PARTIAL:
        kept = sa.text(where)
        op.create_index(f"ix_opportunity_{name}", "opportunity", columns, sqlite_where=kept, postgresql_where=kept)


def _day(column: str) -> tuple[str, str, str]:
    return column, "''", f"({column} + 62135596800000000) / 86400000000"


def _value(column: str) -> tuple[str, str, str]:
    return column, "''", f"CAST({column} AS bigint)"


_DIGITS = "CAST(abs(amount_units) AS text)"
_SIZE = f"(length({_DIGITS}) * 1000 + CAST(substr({_DIGITS}, 1, 3) AS bigint))"
_SIGN = "CASE WHEN amount_units < 0 THEN -1 ELSE 1 END"
_FACETS = {
    **{1: _day("created_at"), 2: _day("follow_up_at"), 3: _day("won_at"), 4: _day("lost_at")},
    5: ("amount_units", "coalesce(currency, '')", f"{_SIZE} * {_SIGN}"),
    **{6: _value("outcome"), 7: ("completed", "''", "CASE WHEN completed THEN 1 ELSE 0 END")},
    **{8: _value("lead_source"), 9: _value("kind_id"), 10: _value("loss_reason")},
}
"""What deals are tallied by: the column that must have a value, and how SQL says detail and bucket."""
_PARTIAL = [
    ("uncompleted", ["id"], "NOT completed"),
    *(
        (name, [column, "id"], f"{column} IS NOT NULL")
        for name, column in {"follow_up": "follow_up_at", "won": "won_at", "lost": "lost_at"}.items()
    ),
]
"""Indexes of only those deals that have a value: name, columns, of which it is true."""


def _total_by_outcome() -> None:
    """Sum up the deals of stages by outcome and completion too; the sums are taken anew."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    code = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.drop_table("stage_total")
    op.drop_table("stage_total_delta")
    op.create_table(
        "stage_total",
        sa.Column("stage_id", number, autoincrement=False, nullable=False),
        sa.Column("currency", code, nullable=False),
        sa.Column("responsible", code, nullable=False),
        sa.Column("team_id", number, autoincrement=False, nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("completed", sa.Boolean(), nullable=False),
        sa.Column("deals", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("priced", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("units", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("nanos", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint(*_KEY, name=op.f("pk_stage_total")),
    )
    op.create_table(
        "stage_total_delta",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("stage_id", number, nullable=False),
        sa.Column("currency", code, nullable=False),
        sa.Column("responsible", code, nullable=False),
        sa.Column("team_id", number, nullable=False),
        sa.Column("private", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("outcome", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("completed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("deals", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("priced", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("units", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("nanos", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_total_delta")),
    )
    deals = (
        "(SELECT stage_id, coalesce(currency, '') AS currency, coalesce(responsible, '') AS responsible,"
        " coalesce(team_id, 0) AS team_id, private, outcome, completed, 1 AS deals,"
        " CASE WHEN amount_units IS NULL THEN 0 ELSE 1 END AS priced, coalesce(amount_units, 0) AS units,"
        " coalesce(amount_nanos, 0) AS nanos FROM opportunity WHERE deleted_at IS NULL) AS deals"
    )
    key, sums = ", ".join(_KEY), "sum(deals), sum(priced), sum(units), sum(nanos)"
    columns = f"{key}, deals, priced, units, nanos"
    # Sums that would leave their column stay apart, a row for each deal: folding knows how to go about it.
    fits = "sum(abs(units / 1000000)) < 9000000000000"
    op.execute(f"INSERT INTO stage_total ({columns}) SELECT {key}, {sums} FROM {deals} GROUP BY {key} HAVING {fits}")
    large = f"SELECT {key} FROM {deals} GROUP BY {key} HAVING NOT {fits}"
    op.execute(f"INSERT INTO stage_total_delta ({columns}) SELECT {columns} FROM {deals} WHERE ({key}) IN ({large})")


_KEY = ("stage_id", "currency", "responsible", "team_id", "private", "outcome", "completed")
