"""The description of what is stored can be had from one place, whatever chapter a table stands in."""

from __future__ import annotations

from sqlalchemy import Table

from dealwright.storage import schema


def test_every_table_is_offered_by_the_package_itself() -> None:
    offered = {each.name for name in schema.__all__ if isinstance(each := getattr(schema, name), Table)}
    assert offered == set(schema.metadata.tables)
