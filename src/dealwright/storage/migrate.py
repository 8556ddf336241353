"""Bringing a database up to date: an empty one is made and filled, an older one is upgraded step by step."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.ext.asyncio import create_async_engine

from dealwright.storage.database import sqlite_path

FOLDER = Path(__file__).parent / "migrations"


def upgrade(url: str) -> None:
    """Bring the database at `url` to the newest schema. Must not be called from a running event loop."""
    on_connection(url, _upgrade)


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def on_connection(url: str, work: Any) -> None:
    """Run a function on a synchronous connection to the database, in one transaction. No event loop may run here."""
    if url.startswith("sqlite:"):
        _on_sqlite(url, work)
    else:
        asyncio.run(_on_postgres(url, work))


def _on_sqlite(url: str, work: Any) -> None:
    engine = create_engine(f"sqlite:///{sqlite_path(url)}")
    # pysqlite would commit before DDL by itself; with explicit BEGIN a failed step leaves nothing half done.
    event.listen(engine, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        work(connection)
    engine.dispose()


async def _on_postgres(url: str, work: Any) -> None:
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    async with engine.begin() as connection:
        await connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7231)")
        await connection.run_sync(work)
    await engine.dispose()
