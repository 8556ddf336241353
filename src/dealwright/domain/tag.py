"""Tags: labels that a portal's people make up, kept apart for each kind of record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dealwright.domain.errors import Invalid, NotFound
from dealwright.domain.naming import name_problem

SUBJECTS: Final = ("opportunity", "contact", "case")


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag, and how many records bear it, as far as somebody may see them."""

    id: int
    title: str
    uses: int = 0


def title_of(text: str) -> str:
    """Return the title that a tag gets: without blanks around it; refuses with Invalid ("tag") what is no name."""
    title = text.strip()
    if problem := name_problem("tag", title):
        raise Invalid(problem)
    return title


def subject_of(name: str) -> str:
    """Return a kind of record that bears tags; refuses others with NotFound."""
    if name not in SUBJECTS:
        raise NotFound("kind of record")
    return name
