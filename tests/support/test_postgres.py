"""The tests' own PostgreSQL does what the other tests take for granted."""

from __future__ import annotations

from urllib.parse import urlsplit

import asyncpg
import pytest

from tests.support.postgres import Databases, PostgresServer


async def run(url: str, *statements: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        rows: list[asyncpg.Record] = await connection.fetch(statements[-1])
        return rows
    finally:
        await connection.close()


async def test_a_copied_database_has_the_rows_of_its_template_and_keeps_its_own_to_itself(
    postgres_url_base: str, postgres_databases: Databases
) -> None:
    template = postgres_databases.create()
    await run(template, "CREATE TABLE deal (title text)", "INSERT INTO deal VALUES ('Loft')")
    first, second = postgres_databases.create(template), postgres_databases.create(template)
    await run(first, "INSERT INTO deal VALUES ('Barn')")
    assert len(await run(first, "SELECT title FROM deal")) == 2
    assert len(await run(second, "SELECT title FROM deal")) == 1
    assert urlsplit(first).netloc == urlsplit(postgres_url_base).netloc
    for url in (first, second, template):
        postgres_databases.drop(url)
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await run(first, "SELECT 1")


async def test_a_killed_durable_server_still_has_every_committed_row(
    durable_postgres: PostgresServer,
) -> None:
    url = durable_postgres.base_url
    await run(url, "CREATE TABLE deal (title text)", "INSERT INTO deal VALUES ('Loft')")
    durable_postgres.kill()
    with pytest.raises(OSError, match=r"Connect call failed|Connection refused"):
        await run(url, "SELECT 1")
    durable_postgres.start()
    assert durable_postgres.base_url == url
    assert len(await run(url, "SELECT title FROM deal")) == 1
    assert (await run(url, "SHOW fsync"))[0][0] == "on"


async def test_nobody_gets_in_without_the_password(durable_postgres: PostgresServer) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await run(durable_postgres.base_url.replace(durable_postgres.password, "guess"), "SELECT 1")
