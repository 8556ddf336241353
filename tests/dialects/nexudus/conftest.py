"""The counter, once on each database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from dealwright.storage.database import Database
from tests.dialects.nexudus.counter import Counter, opened


@pytest.fixture
async def counter(staffed: Database) -> AsyncIterator[Counter]:
    """A new portal with the whole company at work."""
    async with opened(staffed) as found:
        yield found
