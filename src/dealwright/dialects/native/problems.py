"""Every way of saying no: problem documents (RFC 9457) with a stable code and a pointer to what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from msgspec import UNSET, Struct, UnsetType

from dealwright.actions.attempts import WINDOW, TooManyAttempts
from dealwright.actions.second_factor import SecondFactorNeeded, WrongCode
from dealwright.domain.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Outdated,
    Problem,
    Refusal,
    Unauthenticated,
)

MEDIA: Final = "application/problem+json"
_NO_HEADERS: Final[Mapping[str, str]] = {}
_NO_EXTRAS: Final[Mapping[str, object]] = {}
_NO_NAMES: Final[Mapping[str, str]] = {}


class ProblemDetail(Struct, kw_only=True, omit_defaults=True):
    """One thing that is wrong: in the body (`pointer`, RFC 6901 as a fragment) or in the query (`parameter`)."""

    pointer: str | UnsetType = UNSET
    parameter: str | UnsetType = UNSET
    code: str
    detail: str


class ProblemDocument(Struct, kw_only=True, omit_defaults=True):
    """A problem document (RFC 9457) with a stable `code`.

    `current` and `differing` come with 412, `candidates` with 409, `limit` with 400 and 413, `right` with 403.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    errors: list[ProblemDetail] | UnsetType = UNSET
    current: Any = UNSET
    candidates: list[Any] | UnsetType = UNSET
    differing: list[str] | UnsetType = UNSET
    limit: int | UnsetType = UNSET
    right: str | UnsetType = UNSET


class Wrong(Exception):
    """A request that this face itself refuses; `extras` are further members of the document."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: Sequence[ProblemDetail] = (),
        headers: Mapping[str, str] = _NO_HEADERS,
        extras: Mapping[str, object] = _NO_EXTRAS,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers
        self.extras = extras

    def document(self, request_id: str) -> ProblemDocument:
        """Return the problem document."""
        made = ProblemDocument(
            type="about:blank",
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            code=self.code,
            detail=self.detail,
            request_id=request_id,
            errors=list(self.errors) if self.errors else UNSET,
        )
        for name, value in self.extras.items():
            setattr(made, name, value)
        return made


def bad_query(parameter: str, code: str, detail: str) -> Wrong:
    """Return the refusal of one query parameter."""
    return Wrong(
        400, "bad_query", f"{parameter}: {detail}", [ProblemDetail(parameter=parameter, code=code, detail=detail)]
    )


def invalid(errors: Iterable[ProblemDetail]) -> Wrong:
    """Return the refusal of members of a body."""
    listed = list(errors)
    said = "; ".join(f"{each.parameter or each.pointer}: {each.detail}" for each in listed[:10])
    return Wrong(422, "invalid", said, listed)


def refused(refusal: Refusal, names: Mapping[str, str] = _NO_NAMES) -> Wrong:
    """Return what a refusal of the domain is to our clients; `names` maps our fields to pointers, or `?parameter`."""
    if isinstance(refusal, Invalid):
        wrong = invalid(_detail(problem, names) for problem in refusal.problems)
        in_use = {problem.code for problem in refusal.problems} == {"in_use"}
        return Wrong(409, "in_use", wrong.detail, wrong.errors) if in_use else wrong
    if isinstance(refusal, NotFound):
        return Wrong(404, "not_found", f"There is no such {refusal.what}.")
    if isinstance(refusal, Forbidden):
        return Wrong(403, "forbidden", str(refusal), extras={"right": refusal.right or UNSET})
    status, code, headers = next(said for kind, said in _PLAIN.items() if isinstance(refusal, kind))
    return Wrong(status, code, str(refusal), headers=headers)


_PLAIN: Final[Mapping[type[Refusal], tuple[int, str, Mapping[str, str]]]] = {
    TooManyAttempts: (429, "too_many_attempts", {"Retry-After": str(int(WINDOW.total_seconds()))}),
    SecondFactorNeeded: (401, "second_factor_needed", _NO_HEADERS),
    WrongCode: (401, "wrong_code", _NO_HEADERS),
    Unauthenticated: (401, "unauthenticated", _NO_HEADERS),
    Outdated: (412, "outdated", _NO_HEADERS),
    Conflict: (409, "conflict", {"Retry-After": "1"}),
    Refusal: (400, "refused", _NO_HEADERS),
}


def _detail(problem: Problem, names: Mapping[str, str]) -> ProblemDetail:
    name = names.get(problem.field, "")
    if name.startswith("?"):
        return ProblemDetail(parameter=name[1:], code=problem.code, detail=problem.message)
    return ProblemDetail(pointer=pointer_of(problem.field, names), code=problem.code, detail=problem.message)


def pointer_of(field: str, names: Mapping[str, str] = _NO_NAMES) -> str:
    """Return the pointer to a field of ours: `custom.7` is member 7 of `custom`, `tasks.0.title` that of the first."""
    name, *steps = field.split(".")
    path = "/".join([names.get(name, name), *(escaped(names.get(step, step)) for step in steps)])
    return f"#/{path}" if path else "#"


def escaped(member: str) -> str:
    """Return a member's name as a step of a JSON pointer."""
    return member.replace("~", "~0").replace("/", "~1")
