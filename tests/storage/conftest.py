"""The company at work on a fresh portal."""

from __future__ import annotations

import pytest

from dealwright.storage.database import Database
from tests.cast import Cast, company


@pytest.fixture
async def cast(staffed: Database) -> Cast:
    """Everybody of the company, hired."""
    return await company(staffed)
