"""The table of every operation of our own API."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.native import board, contacts, me, opportunities, pipelines
from dealwright.dialects.native.routing import Route

ROUTES: Final[tuple[Route, ...]] = (
    *opportunities.ROUTES,
    *contacts.ROUTES,
    *pipelines.ROUTES,
    *board.ROUTES,
    *me.ROUTES,
)
