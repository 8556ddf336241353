"""Yes and no in this vendor's voice: envelopes, status codes and headers (conventions §5 and §6)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from starlette.responses import Response, StreamingResponse

from dealwright.dialects.nexudus.entity import Entity, Record, Verb
from dealwright.dialects.nexudus.writing import encoded, printed_instant
from dealwright.dialects.wire import file_headers
from dealwright.domain.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    Refusal,
    Unauthenticated,
)
from dealwright.domain.file import File
from dealwright.storage.outage import RETRY_SECONDS, Outage

JSON: Final = "application/json; charset=utf-8"
_NO_HEADERS: Final[Mapping[str, str]] = {}
_WORDS: Final[Mapping[str, str]] = {"required": "is a required field"}
_ECHO_LENGTH: Final = 255
_LARGEST: Final = 2**63


def answer(value: object, status: int = 200, headers: Mapping[str, str] = _NO_HEADERS) -> Response:
    """Return anything as JSON: a bare record, a bare array, a list envelope."""
    return Response(encoded(value), status, dict(headers), media_type=JSON)


def file(kept: File, pieces: AsyncIterator[bytes]) -> Response:
    """Answer the bytes of a file, to be saved under its name."""
    return StreamingResponse(pieces, headers=file_headers(kept))


def created(entity: Entity, record: Record, at: datetime, by: str) -> Response:
    """Answer a POST: `Value` is the whole new record (conventions §3)."""
    return answer(_written(f"{entity.name} was successfully created.", record, at, by))


def updated(entity: Entity, record_id: int, at: datetime, by: str) -> Response:
    """Answer a PUT: `Value` is the id alone (conventions §3)."""
    return answer(_written(f"{entity.name} was successfully updated.", {"Id": record_id}, at, by))


def deleted(entity: Entity, record_id: int, at: datetime, by: str) -> Response:
    """Answer a DELETE (conventions §3)."""
    return answer(_written(f"{entity.name} was successfully deleted.", {"Id": record_id}, at, by))


def done(message: str, value: object, at: datetime, by: str) -> Response:
    """Answer a command, or the request for a link token: `Value` is whatever it gives (conventions §2.2, §7)."""
    return answer(_written(message, value, at, by))


def blocked(message: str) -> Response:
    """Answer a DELETE or command that a business rule forbids: HTTP 200 that says no (conventions §6)."""
    return answer(_envelope(500, message, None, False))


def refused(refusal: Refusal, entity: Entity | None = None, verb: Verb | None = None) -> Response:
    """Answer any refusal of the domain in the form this vendor has for it (conventions §6, decisions).

    What is wrong with values is 400 and names the members by `entity`'s table; DELETE and commands say no inside
    a 200. A missing record is 404. Nobody signed in and a missing right are both 401; only the first is asked to
    sign in. A lost race is 409 and may be tried again at once.
    """
    if isinstance(refusal, Unauthenticated | Forbidden):
        challenge = {"WWW-Authenticate": "Bearer"} if isinstance(refusal, Unauthenticated) else _NO_HEADERS
        return answer(_error(str(refusal)), 401, challenge)
    if verb is Verb.RUN or (verb is Verb.DELETE and not isinstance(refusal, NotFound)):
        return blocked(_said(refusal))
    if isinstance(refusal, NotFound):
        return not_found()
    if isinstance(refusal, Conflict):
        return answer(_error(str(refusal)), 409, {"Retry-After": "1"})
    problems = refusal.problems if isinstance(refusal, Invalid) else ()
    return answer(_invalid(problems, entity) if problems else _error(str(refusal)), 400)


def not_found() -> Response:
    """Answer an unknown id, path or enum: a JSON string (conventions §6)."""
    return answer("Not found", 404)


def not_offered(method: str, allowed: Sequence[str]) -> Response:
    """Answer a verb that the entity does not have (conventions §6)."""
    return answer(_error(f"{method} is not offered here."), 405, {"Allow": ", ".join(allowed)})


def too_wide() -> Response:
    """Answer a list that would have taken too long (nothing was changed)."""
    return answer(_error("The filters match too much to be looked through; narrow them."), 400)


def unavailable(outage: Outage) -> Response:
    """Answer that a disk is full or the database away; the vendor's API documents no such answer (conventions §6)."""
    return answer(_error(outage.told), 503, {"Retry-After": str(RETRY_SECONDS)})


def failed() -> Response:
    """Answer what nobody foresaw; clients know it by the first word (conventions §6)."""
    message = "Ooops! There was a problem while running this action. The server has noted it down."
    return answer(_envelope(500, message, None, False), 500)


def _written(message: str, value: object, at: datetime, by: str) -> Record:
    return _envelope(200, message, value, True, printed_instant(at.astimezone(UTC)), by)


def _envelope(
    status: int, message: str, value: object, well: bool, at: str | None = None, by: str | None = None
) -> Record:
    return {
        "Status": status,
        "Message": message,
        "Value": value,
        "OpenInDialog": False,
        "OpenInWindow": False,
        "RedirectURL": None,
        "JavaScript": None,
        "UpdatedOn": at,
        "UpdatedBy": by,
        "Errors": None,
        "WasSuccessful": well,
    }


def _error(message: str, errors: list[Record] | None = None) -> Record:
    return {"Message": message, "Value": None, "Errors": errors, "WasSuccessful": False}


def _invalid(problems: Sequence[Problem], entity: Entity | None) -> Record:
    # A problem without a field is about the body or query as a whole, so there is no property to name.
    errors = [_named(problem, entity) for problem in problems if problem.field]
    if not errors:
        return _error(_said(Invalid(*problems)))
    return _error(f"{errors[0]['PropertyName']}: {errors[0]['Message']}", errors)


def _named(problem: Problem, entity: Entity | None) -> Record:
    return {
        "AttemptedValue": _echoed(problem.value),
        "Message": _WORDS.get(problem.code, problem.message),
        "PropertyName": entity.property_of(problem.field) if entity else problem.field,
    }


def _echoed(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and -_LARGEST <= value < _LARGEST:
        return value
    if isinstance(value, datetime):
        return printed_instant(value.astimezone(UTC))
    if isinstance(value, list | dict | tuple):
        return None
    return str(value)[:_ECHO_LENGTH].encode("utf-8", "replace").decode()


def _said(refusal: Refusal) -> str:
    problems = refusal.problems if isinstance(refusal, Invalid) else ()
    return "; ".join(problem.message for problem in problems) or str(refusal)
