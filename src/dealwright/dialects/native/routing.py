"""Which handler answers which method and path, and what the handlers' signatures say about their requests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar, get_args, get_type_hints

from msgspec import Struct

from dealwright.dialects.native.problems import Wrong
from dealwright.dialects.native.reading import Body, Nothing, Upload
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Unauthenticated
from dealwright.storage.database import Database

T = TypeVar("T")
PREFIX: Final = "/api/v1"
LARGEST_ID: Final = 2**31 - 1
WORD: Final = "{list}"
"""The place of one of a route's words, always the second step of its path."""


@dataclass(slots=True)
class Call:
    """One request as its handler sees it: `id` and `word` are those that the path names, `base` that of `/api/v1`."""

    db: Database
    somebody: Actor | None
    id: int
    base: str
    if_match: str | None
    word: str = ""

    @property
    def actor(self) -> Actor:
        """The caller; refuses with Unauthenticated if it is nobody."""
        if self.somebody is None:
            raise Unauthenticated("sign in first")
        return self.somebody


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """What a handler answers; `tag` is the entity tag of a default body, `location` the path of what was made."""

    value: T
    tag: str | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Download:
    """An answer that is a file: its headers, and its bytes piece by piece."""

    headers: Mapping[str, str]
    pieces: AsyncIterator[bytes]


Handler = Callable[..., Awaitable[Reply[Any]]]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. Query, body and answer are those that the handler's annotations name.

    `right` is the right that the operation needs; `checked` says that its load looks at the rules stamp by itself;
    `names` maps our field names to pointers, or to `?parameter`; `guarded` says that it takes If-Match; `open` that
    nobody need sign in; `bodiless` that it may come without a body; `words` are those that may stand for `{list}`.
    """

    method: str
    path: str
    handler: Handler
    status: int = 200
    right: str = ""
    checked: bool = False
    guarded: bool = False
    open: bool = False
    bodiless: bool = False
    words: Sequence[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    query: type[Struct] = field(init=False)
    takes_query: bool = field(init=False)
    body: type[Body] | None = field(init=False)
    takes_upload: bool = field(init=False)
    answer: Any = field(init=False)

    def __post_init__(self) -> None:
        hints = get_type_hints(self.handler)
        object.__setattr__(self, "query", hints.get("query", Nothing))
        object.__setattr__(self, "takes_query", "query" in hints)
        takes_upload = hints.get("body") is Upload
        object.__setattr__(self, "takes_upload", takes_upload)
        object.__setattr__(self, "body", None if takes_upload else hints.get("body"))
        object.__setattr__(self, "answer", get_args(hints["return"])[0])

    @property
    def name(self) -> str:
        """The operation's name."""
        return self.handler.__name__

    @property
    def templates(self) -> Sequence[str]:
        """The paths behind the prefix, one for each word, with `{}` where an id stands."""
        path = self.path.replace("{id}", "{}")
        return [path.replace(WORD, word) for word in self.words] if WORD in path else [path]


@dataclass(frozen=True, slots=True)
class Found:
    """The route of a path, and what the path names: an id (0 where there is none) and a word."""

    route: Route
    id: int
    word: str


class Routes:
    """Every route, found by one look-up of the path and one of the method."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.all = tuple(routes)
        self._by_path: dict[str, dict[str, Route]] = {}
        for route in self.all:
            for template in route.templates:
                self._by_path.setdefault(template, {})[route.method] = route

    def find(self, method: str, path: str) -> Found:
        """Return the route of a path behind the prefix, and what the path names.

        Refuses with 404 what is no path of ours and with 405 a method that the path does not have.
        """
        methods, ident = self._methods(path)
        route = methods.get("GET" if method == "HEAD" else method)
        if route is None:
            allow = self.allowed(path)
            raise Wrong(405, "method_not_allowed", f"Here you can {allow}.", headers={"Allow": allow})
        return Found(route, ident, path.split("/", 3)[2] if route.words else "")

    def allowed(self, path: str) -> str:
        """Return the methods that a path has, as `Allow` lists them; refuses as `find` does."""
        methods, _ = self._methods(path)
        names = [*methods, "OPTIONS"]
        return ", ".join([*names, "HEAD"] if "GET" in methods else names)

    def _methods(self, path: str) -> tuple[Mapping[str, Route], int]:
        found = self._by_path.get(path)
        if found is not None:
            return found, 0
        steps = path.split("/", 4)
        for place in range(2, len(steps)):
            ident = _id_of(steps[place])
            found = self._by_path.get("/".join([*steps[:place], "{}", *steps[place + 1 :]])) if ident else None
            if found is not None:
                return found, ident
        raise Wrong(404, "not_found", "There is nothing at this path.")


def _id_of(step: str) -> int:
    """Return the id that a step of a path is, 0 where it is none."""
    if step.isascii() and step.isdigit() and step[0] != "0" and len(step) <= 10:
        return int(step) if int(step) <= LARGEST_ID else 0
    return 0
