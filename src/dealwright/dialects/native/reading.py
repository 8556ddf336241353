"""Reading what a client sent: query parameters and JSON bodies, strictly, naming everything that is wrong."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache
from typing import Any, ClassVar, Final, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import NODEFAULT, Struct
from msgspec.structs import FieldInfo, fields

from dealwright.dialects.native.problems import ProblemDetail, Wrong, bad_query, escaped, invalid

S = TypeVar("S", bound=Struct)

JSON: Final = "application/json"
MERGE_PATCH: Final = "application/merge-patch+json"
PARAMETERS: Final = 100

_PLACE: Final = re.compile(r" - at `(?:key` in `)?\$?(.*)`$", re.DOTALL)
_STEP: Final = re.compile(r"\.([^.\[]+)|\[(\d+)\]")
_QUOTED: Final = re.compile(r"`([^`]*)`")


class Query(Struct, forbid_unknown_fields=True, kw_only=True):
    """What a list or a record may be asked with; members in `lists` are separated by commas."""

    lists: ClassVar[frozenset[str]] = frozenset()


class Nothing(Query):
    """A request without parameters."""


class Body(Struct, forbid_unknown_fields=True, kw_only=True):
    """What a client may send; a member that is absent is UNSET, which is not null."""


class Upload:
    """A body that is taken as it is, piece by piece: it can be read once."""

    def __init__(self, pieces: Callable[[], AsyncIterator[bytes]]) -> None:
        self.pieces = pieces


def code_of(message: str) -> str:
    """Return the stable code of what msgspec says is wrong."""
    for words, code in _CODES:
        if words in message:
            return code
    return "type"


_CODES: Final = (
    ("unknown field", "unknown_member"),
    ("missing required", "required"),
    ("Invalid enum value", "not_allowed"),
    ("of length <=", "too_long"),
    ("of length >=", "too_short"),
    ("matching regex", "format"),
    ("RFC3339", "format"),
    ("timezone", "format"),
    ("<=", "out_of_range"),
    (">=", "out_of_range"),
    ("out of range", "out_of_range"),
)


def _complaint(message: str) -> tuple[list[str], str]:
    """Return the steps to the wrong value and the message without them."""
    found = _PLACE.search(message)
    if found is None:
        return [], message
    steps = [name or index for name, index in _STEP.findall(found.group(1))]
    return steps, message[: found.start()]


def _pointer(steps: list[str]) -> str:
    return "#" + "".join(f"/{escaped(step)}" for step in steps)


@cache
def _shape_of(shape: type[Struct]) -> dict[str, FieldInfo]:
    return {field.encode_name: field for field in fields(shape)}


# The query --------------------------------------------------------------------------------------------------


def read_query(raw: bytes, shape: type[S]) -> S:
    """Return the parameters of a query string; refuses with 400 what is unknown, repeated or no such value."""
    values: dict[str, Any] = {}
    known = _shape_of(shape)
    for name, value in _pairs(raw):
        if name not in known:
            raise bad_query(name, "unknown_parameter", "there is no such parameter here")
        if "\0" in value:
            raise bad_query(name, "format", "holds characters that cannot be kept")
        if _repeats(known[name]) and name not in _commas(shape):
            values.setdefault(name, []).append(value)
        elif name in values:
            raise bad_query(name, "repeated", "is given more than once")
        else:
            values[name] = value.split(",") if name in _commas(shape) else value
    try:
        return msgspec.convert(values, shape, strict=False)
    except msgspec.ValidationError as error:
        steps, message = _complaint(str(error))
        name = steps[0] if steps else next(iter(_QUOTED.findall(message)), "")
        raise bad_query(name, code_of(message), message) from None


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            raw.decode(), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=PARAMETERS
        )
    except UnicodeDecodeError:
        raise Wrong(400, "bad_query", "The query is not UTF-8.") from None
    except ValueError:
        raise Wrong(
            400, "bad_query", f"A query has at most {PARAMETERS} parameters.", extras={"limit": PARAMETERS}
        ) from None


def _commas(shape: type[Struct]) -> frozenset[str]:
    found: frozenset[str] = getattr(shape, "lists", frozenset())
    return found


def _repeats(field: FieldInfo) -> bool:
    return repeats(field.type)


@cache
def repeats(kind: Any) -> bool:  # noqa: ANN401
    """Tell whether a member's type is a list, or a list that may be absent."""
    found = _bare(msgspec.inspect.type_info(kind))
    options = found.types if isinstance(found, msgspec.inspect.UnionType) else (found,)
    return any(isinstance(_bare(option), msgspec.inspect.ListType) for option in options)


def _bare(found: msgspec.inspect.Type) -> msgspec.inspect.Type:
    return found.type if isinstance(found, msgspec.inspect.Metadata) else found


# The body ---------------------------------------------------------------------------------------------------


def check_media(content_type: str, encoding: str, patch: bool) -> None:
    """Refuse with 415 a body that is not plain UTF-8 JSON (or, for a patch, a merge patch)."""
    accepted = {JSON, MERGE_PATCH} if patch else {JSON}
    media, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charset = next((part[8:].strip('"') for part in parameters if part.startswith("charset=")), "utf-8")
    if media not in accepted or charset not in {"utf-8", "utf8"} or encoding.lower() not in {"", "identity"}:
        said = " or ".join(sorted(accepted))
        headers = {"Accept-Patch": ", ".join(sorted(accepted))} if patch else {"Accept": JSON}
        raise Wrong(415, "unsupported_media_type", f"Send {said} in UTF-8, not compressed.", headers=headers)


def read_body(content: bytes, shape: type[S]) -> S:
    """Return the members of a JSON body; refuses with 400 what is no JSON, with 422 and pointers what does not fit."""
    try:
        said = msgspec.json.decode(content, type=shape)
        if b"\\u0000" in content:
            _refuse_nul(msgspec.json.decode(content))
    except msgspec.ValidationError as error:
        raise _misfit(content, shape, error) from None
    except UnicodeDecodeError:
        raise Wrong(400, "bad_json", "The body is not UTF-8.") from None
    except msgspec.DecodeError as error:
        raise Wrong(400, "bad_json", f"The body is not JSON: {error}.") from None
    except RecursionError:
        raise Wrong(400, "bad_json", "The body is nested too deeply.") from None
    return said


def _misfit(content: bytes, shape: type[Struct], first: msgspec.ValidationError) -> Wrong:
    """Look at every member by itself, so that one answer names everything that is wrong."""
    try:
        sent = msgspec.json.decode(content)
        errors = list(_errors(sent, shape)) if isinstance(sent, dict) else []
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Wrong(400, "bad_json", "The body is not JSON.")
    except RecursionError:
        return Wrong(400, "bad_json", "The body is nested too deeply.")
    steps, message = _complaint(str(first))
    return invalid(errors or [ProblemDetail(pointer=_pointer(steps), code=code_of(message), detail=message)])


def _errors(sent: dict[str, Any], shape: type[Struct]) -> Iterator[ProblemDetail]:
    known = _shape_of(shape)
    for name in sent:
        if name not in known:
            detail = "there is no such member here"
            yield ProblemDetail(pointer=_pointer([name]), code="unknown_member", detail=detail)
    for name, field in known.items():
        if name in sent:
            yield from _member_errors(name, sent[name], field)
        elif field.default is NODEFAULT and field.default_factory is NODEFAULT:
            yield ProblemDetail(pointer=_pointer([name]), code="required", detail="is a required member")


def _member_errors(name: str, value: object, field: FieldInfo) -> Iterator[ProblemDetail]:
    try:
        msgspec.convert(value, field.type)
    except msgspec.ValidationError as error:
        steps, message = _complaint(str(error))
        if code_of(message) in {"unknown_member", "required"}:
            steps += _QUOTED.findall(message)
        yield ProblemDetail(pointer=_pointer([name, *steps]), code=code_of(message), detail=message)


def _refuse_nul(value: object) -> None:
    """Refuse with 422 a text that neither database can keep."""
    if found := list(_with_nul(value, [])):
        detail = "holds characters that cannot be kept"
        raise invalid(ProblemDetail(pointer=_pointer(steps), code="format", detail=detail) for steps in found[:10])


def _with_nul(value: object, steps: list[str]) -> Iterator[list[str]]:
    if isinstance(value, str) and "\0" in value:
        yield steps
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _with_nul(inner, [*steps, name])
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _with_nul(inner, [*steps, str(place)])
