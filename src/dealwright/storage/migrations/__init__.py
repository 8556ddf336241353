"""Alembic migrations, for both databases, up from empty."""
