"""The desk, once on each database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from dealwright.storage.database import Database
from tests.dialects.onlyoffice.desk import Desk, opened


@pytest.fixture
async def desk(staffed: Database) -> AsyncIterator[Desk]:
    """A new portal with the whole company at work."""
    async with opened(staffed) as found:
        yield found
