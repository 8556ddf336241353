"""What a password must be; how it is kept is not decided here."""

from __future__ import annotations

from typing import Final

from dealwright.domain.errors import Problem
from dealwright.domain.text import is_storable

SHORTEST: Final = 12
LONGEST: Final = 256


def password_problem(password: str) -> Problem | None:
    """Return what is wrong with a new password, None if nothing is. Any characters are allowed."""
    if len(password) < SHORTEST:
        return Problem("password", "too_short", f"needs at least {SHORTEST} characters")
    if len(password) > LONGEST:
        return Problem("password", "too_long", f"has at most {LONGEST} characters")
    if not is_storable(password):
        return Problem("password", "format", "holds characters that cannot be kept")
    return None
