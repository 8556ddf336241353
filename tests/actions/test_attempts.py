"""Failed sign-ins: told to administrators for a while, and forgotten in the end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from dealwright.actions import attempts, sign_in
from dealwright.actions.deed import now
from dealwright.domain.errors import Unauthenticated
from dealwright.domain.values import micros
from dealwright.storage.database import Database
from dealwright.storage.query import Query
from dealwright.storage.schema import sign_in_failure
from dealwright.storage.writes import Change
from tests.cast import Cast

KEYS = Query(select(sign_in_failure.c.key).order_by(sign_in_failure.c.key))


async def test_failures_that_nobody_followed_up_are_forgotten_after_months(db: Database, cast: Cast) -> None:
    for name in ("nobody@example.com", "mia@example.com"):
        with pytest.raises(Unauthenticated):
            await sign_in.by_password(db, name, "Wrong-Horse-7", "test", "192.0.2.7")
    names = {row[0] for row in await db.rows(KEYS)}
    assert {"of|nobody@example.com", "of|mia@example.com", "|192.0.2.7"} <= names
    assert await attempts.sweep(db) == 0
    old = {"last_at": micros(now() - attempts.KEPT - timedelta(seconds=1))}
    for key in names - {"of|mia@example.com"}:
        await db.apply([Change(sign_in_failure, old, {"key": key})])
    assert await attempts.sweep(db) == len(names) - 1
    assert [row[0] for row in await db.rows(KEYS)] == ["of|mia@example.com"]
