"""How a column, a table and an index are spelled, and the one catalogue that all tables stand in."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID: Final = BigInteger().with_variant(Integer, "sqlite")
FOLD: Final = Text().with_variant(Text(collation="C"), "postgresql")


def key() -> Column[Any]:
    """Return the record's own number; one is never given twice."""
    return Column("id", ID, primary_key=True, autoincrement=True)


def ref(name: str, target: str, nullable: bool = True, index: bool = False) -> Column[Any]:
    """Return a column that points at a record of the table `target`."""
    return Column(name, ID, ForeignKey(f"{target}.id"), nullable=nullable, index=index)


def link(name: str, target: str, index: bool = False) -> Column[Any]:
    """Return a column that points at a record of the table `target` and is part of its row's key."""
    return Column(name, ID, ForeignKey(f"{target}.id"), primary_key=True, index=index)


def words(name: str, default: str | None = None) -> Column[Any]:
    """Return text as people wrote it: without a default it may be missing, with one it never is."""
    if default is None:
        return Column(name, Text)
    return Column(name, Text, nullable=False, server_default=default)


def fold(name: str, **options: Any) -> Column[Any]:
    """Return text that is compared, sorted or unique: in byte order on both databases."""
    return Column(name, FOLD, **options)


def flag(name: str, default: bool = False) -> Column[Any]:
    """Return a yes or no that is never missing."""
    value = text("true") if default else text("false")
    return Column(name, Boolean, nullable=False, server_default=value)


def number(name: str, default: int = 0) -> Column[Any]:
    """Return a whole number of up to 64 bits that is never missing."""
    return Column(name, BigInteger, nullable=False, server_default=text(str(default)))


def instant(name: str, nullable: bool = True) -> Column[Any]:
    """Return a moment: microseconds since 1970, UTC."""
    return Column(name, BigInteger, nullable=nullable)


def record() -> list[Column[Any]]:
    """Return the columns that every record a vendor can address has."""
    return [
        Column("uid", FOLD, nullable=False, unique=True),
        Column("system_id", Text),
        instant("created_at", nullable=False),
        Column("created_by", ID),
        instant("updated_at", nullable=False),
        Column("updated_by", ID),
    ]


def table(name: str, *parts: Any, **options: Any) -> Table:
    """Return a table of records whose numbers are never used again."""
    return Table(name, metadata, *parts, sqlite_autoincrement=True, **options)


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Return an index of only those rows of which `where` (SQL) is true."""
    return Index(name, *columns, unique=unique, postgresql_where=text(where), sqlite_where=text(where))


def ordered(table: Table, name: str, *columns: str, where: str | None = None) -> None:
    """Add an index whose order puts missing values first ascending and last descending, on both databases.

    `where` leaves out the rows of which it is not true.
    """
    words = [column.split() for column in columns]
    plain = [table.c[word[0]].desc() if len(word) > 1 else table.c[word[0]] for word in words]
    explicit = [
        table.c[word[0]].desc().nulls_last() if len(word) > 1 else table.c[word[0]].nulls_first() for word in words
    ]
    index, kept = f"ix_{table.name}_{name}", None if where is None else text(where)
    Index(index, *plain, sqlite_where=kept).ddl_if(dialect="sqlite")
    Index(index, *explicit, postgresql_where=kept).ddl_if(dialect="postgresql")
