"""What a name and a free text must be, whatever they name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from dealwright.domain.errors import Problem
from dealwright.domain.text import fold, is_storable

NAME_LENGTH: Final = 255


def name_problem(field: str, value: str) -> Problem | None:
    """Return what is wrong with a name: it is needed, has at most 255 characters, and both databases can keep it."""
    if not fold(value):
        return Problem(field, "required", "is a required field", value)
    if len(value) > NAME_LENGTH:
        return Problem(field, "too_long", f"has at most {NAME_LENGTH} characters", value[:80])
    return text_problem(field, value)


def text_problem(field: str, value: str | None) -> Problem | None:
    """Return what is wrong with a text that may be empty: both databases must be able to keep it."""
    if value is None or is_storable(value):
        return None
    return Problem(field, "format", "holds characters that cannot be kept", value)


def found(*problems: Problem | None) -> list[Problem]:
    """Return the problems among the answers of several checks."""
    return [problem for problem in problems if problem is not None]


def text_problems(texts: Iterable[tuple[str, str | None]]) -> list[Problem]:
    """Return what is wrong with several free texts, given as (field, value)."""
    return found(*(text_problem(field, value) for field, value in texts))
