"""Refusals: every way a deed can say no, in our own words; each face has its own voice for them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a value: our field name, a stable code, a sentence, what was sent."""

    field: str
    code: str
    message: str
    value: object = None


class Refusal(Exception):
    """A deed was refused; nothing was changed."""


class NotFound(Refusal):
    """The record is not there, or not for this person."""

    def __init__(self, what: str = "record") -> None:
        super().__init__(f"{what} not found")
        self.what = what


class Forbidden(Refusal):
    """The record is visible, but this deed is not this person's."""

    def __init__(self, message: str = "not allowed", right: str = "") -> None:
        super().__init__(message)
        self.right = right


class Unauthenticated(Refusal):
    """Nobody is signed in, or the credentials are wrong."""


class Conflict(Refusal):
    """The record changed under the deed more often than it was worth trying again."""


class Outdated(Conflict):
    """The caller named a version of the record that is no longer the present one."""


class Invalid(Refusal):
    """At least one value is wrong; all that were found are listed together."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.message}" for problem in problems))
        self.problems = problems


def invalid(field: str, code: str, message: str, value: object = None) -> Invalid:
    """Return the refusal of a single value."""
    return Invalid(Problem(field, code, message, value))


class RulesMoved(Exception):
    """The rules in hand are older than the database's: sign in again and repeat; never reaches a client."""
