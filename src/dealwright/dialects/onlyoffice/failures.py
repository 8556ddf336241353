"""How this dialect says no: a status, a sentence and the exception number its clients know; not how it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from dealwright.domain.errors import Conflict, Forbidden, Invalid, NotFound, Outdated, Problem, Refusal
from dealwright.storage.outage import RETRY_SECONDS, Outage

ARGUMENT: Final = -2147024809
REFERENCE: Final = -2147467261
SECURITY: Final = -2146233078
OPERATION: Final = -2146233079
FORMAT: Final = -2146233033
OVERFLOW: Final = -2146233066
AUTHENTICATION: Final = -2146233087
PLAIN: Final = -2146233088
ABSENT: Final = -2147467259

BAD_ARGUMENT: Final = "Value does not fall within the expected range."
NOT_FOUND: Final = "Not found"
ACCESS_DENIED: Final = "Access Denied"

Words = Mapping[str, str]
"""The vendor's sentences of a route: by "field.code" for a wrong value, by the name of a missing record."""


Headers = Sequence[tuple[str, str]]


class Failure(Exception):
    """An answer with the error envelope (conventions §4): HTTP status, message, and hresult (signed 32 bits)."""

    def __init__(self, status: int, message: str, hresult: int, headers: Headers = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.hresult = hresult
        self.headers = headers


def bad_argument(message: str = BAD_ARGUMENT) -> Failure:
    """Return the 400 of an argument that is missing or makes no sense (conventions §4)."""
    return Failure(400, message, ARGUMENT)


def unreadable(message: str, hresult: int = FORMAT) -> Failure:
    """Return the 400 of a text that is not of the parameter's type (conventions §4)."""
    return Failure(400, message, hresult)


def malformed(message: str) -> Failure:
    """Return the 400 of a body or query that cannot be read at all (conventions §4)."""
    return Failure(400, message, PLAIN)


def missing(message: str = NOT_FOUND) -> Failure:
    """Return the 404 of a record that is not there, or not for this person (conventions §4)."""
    return Failure(404, message, ABSENT)


def denied(message: str = ACCESS_DENIED) -> Failure:
    """Return the 403 of a deed that is not this person's (conventions §4)."""
    return Failure(403, message, SECURITY)


def not_now(message: str) -> Failure:
    """Return the 403 of a deed that the record's state forbids (conventions §4, invalid operation)."""
    return Failure(403, message, OPERATION)


def wrong_credentials(message: str = "User authentication failed") -> Failure:
    """Return the 500 that the contract prescribes for a failed sign-in (conventions §5)."""
    return Failure(500, message, AUTHENTICATION)


def absent_reference(message: str) -> Failure:
    """Return the 500 the contract prescribes where its server trips over something absent (conventions §4)."""
    return Failure(500, message, REFERENCE)


def unavailable(outage: Outage) -> Failure:
    """Return the 503 of a disk that is full or a database that is away; the contract has none (conventions §4)."""
    return Failure(503, outage.told, OPERATION, (("Retry-After", str(RETRY_SECONDS)),))


def broken(message: str = "Server error") -> Failure:
    """Return the 500 of anything else (conventions §4)."""
    return Failure(500, message, PLAIN)


def refused(refusal: Refusal, words: Words) -> Failure:
    """Translate a refusal of ours; `words` replaces the default sentence (conventions §4).

    The contract has no lost race: a Conflict is 409 and an outdated version 412, both in the usual envelope,
    because a 500 would tell clients and monitors that the server is broken.
    """
    match refusal:
        case NotFound():
            return missing(words.get(refusal.what, NOT_FOUND))
        case Forbidden():
            return denied()
        case Invalid():
            return bad_argument(_said_of(refusal.problems, words))
        case Outdated():
            return Failure(412, str(refusal), OPERATION)
        case Conflict():
            return Failure(409, str(refusal), OPERATION)
    return broken()


def _said_of(problems: tuple[Problem, ...], words: Words) -> str:
    """Return the vendor's sentence for the first problem that has one, else the one for every bad argument."""
    keys = (f"{problem.field}.{problem.code}" for problem in problems)
    return next((words[key] for key in keys if key in words), BAD_ARGUMENT)
