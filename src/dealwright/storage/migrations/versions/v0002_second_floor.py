"""Cases, notes, files, invoices, task templates, calls and long work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


ORDERED = (
    ("opportunity", "person", ("responsible", "stage_id", "contact_id", "closed_at DESC", "expected_close"), ""),
    ("task", "open", ("closed", "deadline", "id"), "deleted_at IS NULL"),
    ("task", "responsible", ("responsible", "closed", "deadline", "id"), "deleted_at IS NULL"),
    ("task", "category", ("category_id", "closed", "deadline", "id"), "deleted_at IS NULL"),
)
"""Indexes in whose order what is missing stands first ascending; PostgreSQL has to be told."""


def upgrade() -> None:
    """Make the tables and the better indexes."""
    tables()
    private = sa.text("private")
    op.create_index("ix_opportunity_private", "opportunity", ["id"], sqlite_where=private, postgresql_where=private)
    op.drop_index("ix_task_responsible", "task")
    for table, name, columns, where in ORDERED:
        _ordered(table, name, columns, where)


def _ordered(table: str, name: str, columns: tuple[str, ...], where: str) -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    words = []
    for column in columns:
        missing = (" NULLS LAST" if column.endswith("DESC") else " NULLS FIRST") if postgres else ""
        words.append(column + missing)
    kept = f" WHERE {where}" if where else ""
    op.execute(f"CREATE INDEX ix_{table}_{name} ON {table} ({', '.join(words)}){kept}")


def tables() -> None:
    """Make the tables as they were when this step was written."""
    op.create_table(
        "cases",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("uid", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("system_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "title_fold",
            sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
            server_default="",
            nullable=False,
        ),
        sa.Column("closed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("private", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("uid", name=op.f("uq_cases_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_cases_created", "cases", ["created_at", "id"], unique=False)
    op.create_index("ix_cases_title", "cases", ["title_fold", "id"], unique=False)
    op.create_index("ix_cases_open_title", "cases", ["closed", "title_fold", "id"], unique=False)
    op.create_table(
        "file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("uid", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("system_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("purpose", sa.Text(), server_default="attachment", nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("media_type", sa.Text(), server_default="application/octet-stream", nullable=False),
        sa.Column("size", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("key", sa.Text(), server_default="", nullable=False),
        sa.Column("extra", sa.Text(), server_default="{}", nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
        sa.UniqueConstraint("uid", name=op.f("uq_file_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_file_purpose", "file", ["purpose", "created_by", "id"], unique=False)
    op.create_index("ix_file_key", "file", ["key"], unique=False)
    op.create_index(
        "ix_file_deleted",
        "file",
        ["deleted_at"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
        sqlite_where=sa.text("deleted_at IS NOT NULL"),
    )
    op.create_table(
        "invoice_tax",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("uid", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("system_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("name_fold", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("rate_units", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rate_nanos", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_tax")),
        sa.UniqueConstraint("name_fold", name=op.f("uq_invoice_tax_name_fold")),
        sa.UniqueConstraint("uid", name=op.f("uq_invoice_tax_uid")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "task_template_container",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("uid", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("system_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("subject", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_template_container")),
        sa.UniqueConstraint("uid", name=op.f("uq_task_template_container_uid")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "work",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("uid", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("system_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("kind", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("claim", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("via", sa.Text(), server_default="", nullable=False),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column(
            "state",
            sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
            server_default="waiting",
            nullable=False,
        ),
        sa.Column("input", sa.Text(), server_default="{}", nullable=False),
        sa.Column("cursor", sa.Text(), server_default="{}", nullable=False),
        sa.Column("total", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("done", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("failed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), server_default="{}", nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("cancelled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work")),
        sa.UniqueConstraint("claim", name=op.f("uq_work_claim")),
        sa.UniqueConstraint("uid", name=op.f("uq_work_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_work_kind", "work", ["kind", "created_by", "id"], unique=False)
    op.create_index(
        "ix_work_open",
        "work",
        ["id"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NULL"),
        sqlite_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "call",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("uid", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("system_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("external_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("from_number", sa.Text(), server_default="", nullable=False),
        sa.Column("to_number", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("answered_by", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("dialed_at", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("price_units", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("price_nanos", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("record_url", sa.Text(), nullable=True),
        sa.Column("record_seconds", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_call_contact_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["call.id"], name=op.f("fk_call_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sa.UniqueConstraint("external_id", name=op.f("uq_call_external_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_call_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_call_contact_id"), "call", ["contact_id"], unique=False)
    op.create_index("ix_call_dialed", "call", ["dialed_at", "id"], unique=False)
    op.create_index(op.f("ix_call_parent_id"), "call", ["parent_id"], unique=False)
    op.create_table(
        "case_member",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_member_case_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_case_member_contact_id")),
        sa.PrimaryKeyConstraint("case_id", "contact_id", name=op.f("pk_case_member")),
    )
    op.create_index(op.f("ix_case_member_contact_id"), "case_member", ["contact_id"], unique=False)
    op.create_table(
        "case_share",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_uid", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_share_case_id")),
        sa.PrimaryKeyConstraint("case_id", "user_uid", name=op.f("pk_case_share")),
    )
    op.create_index("ix_case_share_user", "case_share", ["user_uid", "case_id"], unique=False)
    op.create_table(
        "case_tag",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tag_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_tag_case_id")),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_case_tag_tag_id")),
        sa.PrimaryKeyConstraint("case_id", "tag_id", name=op.f("pk_case_tag")),
    )
    op.create_index(op.f("ix_case_tag_tag_id"), "case_tag", ["tag_id"], unique=False)
    op.create_table(
        "invoice_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("uid", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("system_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "title_fold",
            sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
            server_default="",
            nullable=False,
        ),
        sa.Column("sku", sa.Text(), nullable=True),
        sa.Column(
            "sku_fold", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), server_default="", nullable=False
        ),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("price_units", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("price_nanos", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("currency", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("stock_units", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("stock_nanos", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("tracked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("tax1_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("tax2_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["tax1_id"], ["invoice_tax.id"], name=op.f("fk_invoice_item_tax1_id")),
        sa.ForeignKeyConstraint(["tax2_id"], ["invoice_tax.id"], name=op.f("fk_invoice_item_tax2_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_item")),
        sa.UniqueConstraint("uid", name=op.f("uq_invoice_item_uid")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "task_template",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("uid", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("system_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("container_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("responsible", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("notify", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("offset_ticks", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("deadline_fixed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["container_id"], ["task_template_container.id"], name=op.f("fk_task_template_container_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_template")),
        sa.UniqueConstraint("uid", name=op.f("uq_task_template_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_task_template_container_id"), "task_template", ["container_id"], unique=False)
    op.create_table(
        "work_problem",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("work_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("row", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("field", sa.Text(), server_default="", nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["work_id"], ["work.id"], name=op.f("fk_work_problem_work_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_problem")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_work_problem_work_id"), "work_problem", ["work_id"], unique=False)
    op.create_table(
        "case_value",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("field_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_value_case_id")),
        sa.ForeignKeyConstraint(["field_id"], ["custom_field.id"], name=op.f("fk_case_value_field_id")),
        sa.PrimaryKeyConstraint("case_id", "field_id", name=op.f("pk_case_value")),
    )
    op.create_index(op.f("ix_case_value_field_id"), "case_value", ["field_id"], unique=False)
    op.create_table(
        "invoice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("uid", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("system_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("status", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("number", sa.Text(), server_default="", nullable=False),
        sa.Column("number_fold", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("template", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("consignee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("opportunity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("billing_address", sa.Text(), nullable=True),
        sa.Column("delivery_address", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("rate_units", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rate_nanos", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("purchase_order", sa.Text(), nullable=True),
        sa.Column("terms", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("cost_units", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("cost_nanos", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("taxes", sa.Text(), server_default="{}", nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["consignee_id"], ["contact.id"], name=op.f("fk_invoice_consignee_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_invoice_contact_id")),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_invoice_file_id")),
        sa.ForeignKeyConstraint(["opportunity_id"], ["opportunity.id"], name=op.f("fk_invoice_opportunity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("uid", name=op.f("uq_invoice_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_invoice_consignee_id"), "invoice", ["consignee_id"], unique=False)
    op.create_index(op.f("ix_invoice_contact_id"), "invoice", ["contact_id"], unique=False)
    op.create_index(op.f("ix_invoice_file_id"), "invoice", ["file_id"], unique=False)
    op.create_index("ix_invoice_due", "invoice", ["due_at", "id"], unique=False)
    op.create_index("ix_invoice_issued", "invoice", ["issued_at", "id"], unique=False)
    op.create_index(op.f("ix_invoice_opportunity_id"), "invoice", ["opportunity_id"], unique=False)
    op.create_index(
        "uq_invoice_number",
        "invoice",
        ["number_fold"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
        sqlite_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("uid", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("system_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("opportunity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("content", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "content_fold",
            sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
            server_default="",
            nullable=False,
        ),
        sa.Column("extra", sa.Text(), server_default="{}", nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_note_case_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_note_contact_id")),
        sa.ForeignKeyConstraint(["opportunity_id"], ["opportunity.id"], name=op.f("fk_note_opportunity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
        sa.UniqueConstraint("uid", name=op.f("uq_note_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_note_case", "note", ["case_id", "created_at", "id"], unique=False)
    op.create_index("ix_note_contact", "note", ["contact_id", "created_at", "id"], unique=False)
    op.create_index("ix_note_created", "note", ["created_at", "id"], unique=False)
    op.create_index("ix_note_opportunity", "note", ["opportunity_id", "created_at", "id"], unique=False)
    op.create_table(
        "invoice_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("tax1_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("tax2_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("position", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("quantity_units", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("quantity_nanos", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("price_units", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("price_nanos", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("discount_units", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("discount_nanos", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_line_invoice_id")),
        sa.ForeignKeyConstraint(["item_id"], ["invoice_item.id"], name=op.f("fk_invoice_line_item_id")),
        sa.ForeignKeyConstraint(["tax1_id"], ["invoice_tax.id"], name=op.f("fk_invoice_line_tax1_id")),
        sa.ForeignKeyConstraint(["tax2_id"], ["invoice_tax.id"], name=op.f("fk_invoice_line_tax2_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_line")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_invoice_line_invoice_id"), "invoice_line", ["invoice_id"], unique=False)
    op.create_index(op.f("ix_invoice_line_item_id"), "invoice_line", ["item_id"], unique=False)
    op.create_index(op.f("ix_invoice_line_tax1_id"), "invoice_line", ["tax1_id"], unique=False)
    op.create_index(op.f("ix_invoice_line_tax2_id"), "invoice_line", ["tax2_id"], unique=False)
    op.create_table(
        "note_file",
        sa.Column("note_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_note_file_file_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_note_file_note_id")),
        sa.PrimaryKeyConstraint("note_id", "file_id", name=op.f("pk_note_file")),
    )
    op.create_index(op.f("ix_note_file_file_id"), "note_file", ["file_id"], unique=False)
    op.add_column("contact", sa.Column("photo", sa.Text(), nullable=True))
    op.drop_index("ix_contact_created", "contact")
    held = ["created_at", "id", "sharing", "deleted_at"]
    op.create_index("ix_contact_created", "contact", ["created_at", "id", "is_company", "sharing", "deleted_at"])
    op.create_index("ix_contact_kind", "contact", ["is_company", *held])
    op.create_index("ix_contact_status", "contact", ["status_id", *held])
    op.create_index("ix_contact_type", "contact", ["type_id", *held])
    hidden = sa.text("deleted_at IS NOT NULL OR sharing = 0")
    op.create_index("ix_contact_hidden", "contact", ["id"], sqlite_where=hidden, postgresql_where=hidden)
    op.create_index("ix_contact_manager_user", "contact_manager", ["user_uid", "contact_id"])
    op.create_table(
        "contact_left",
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("relation", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column(
            "record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("role", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_contact_left_contact_id")),
        sa.PrimaryKeyConstraint("contact_id", "relation", "record_id", name=op.f("pk_contact_left")),
    )
    for name in ("referrer", "agent"):
        op.create_index(
            f"ix_opportunity_{name}",
            "opportunity",
            [f"{name}_id"],
            unique=False,
            postgresql_where=sa.text(f"{name}_id IS NOT NULL"),
            sqlite_where=sa.text(f"{name}_id IS NOT NULL"),
        )
    _search_of_cases()
    # Written out because SQLite can add a column with its reference, but no reference afterwards.
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(f"ALTER TABLE task ADD COLUMN case_id {kind} CONSTRAINT fk_task_case_id REFERENCES cases (id)")
    op.create_index("ix_task_case_id", "task", ["case_id"])
    op.add_column("outbox", sa.Column("about", sa.Text().with_variant(sa.Text(collation="C"), "postgresql")))
    op.create_index(
        "ix_outbox_about",
        "outbox",
        ["about"],
        postgresql_where=sa.text("about IS NOT NULL"),
        sqlite_where=sa.text("about IS NOT NULL"),
    )


def _search_of_cases() -> None:
    """Make the table of the words under which cases are found, as those of the first step."""
    if op.get_bind().dialect.name == "sqlite":
        options = "words, tokenize='ascii', prefix='3', detail='none', columnsize=0"
        op.execute(f"CREATE VIRTUAL TABLE case_search USING fts5({options})")
        return
    op.execute("CREATE TABLE case_search (case_id bigint PRIMARY KEY REFERENCES cases(id), words tsvector NOT NULL)")
    op.execute("CREATE INDEX ix_case_search_words ON case_search USING gin (words)")
