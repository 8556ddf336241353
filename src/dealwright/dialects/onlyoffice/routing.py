"""Which handler a verb and a path belong to (conventions §1); one walk down a tree, no scan of patterns."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypedDict, Unpack
from urllib.parse import unquote_to_bytes

from starlette.responses import Response

from dealwright.dialects.onlyoffice.envelope import Answer
from dealwright.dialects.onlyoffice.failures import Words

if TYPE_CHECKING:
    from dealwright.dialects.onlyoffice.call import Call

PREFIX: Final = "/api/2.0/"
SUFFIXES: Final = (".json", ".xml", ".tml")

Handler = Callable[["Call"], Awaitable[Answer | Response]]
Decorator = Callable[[Handler], Handler]
Place = tuple[int, str, bool]
"""Where in a path a value stands, its name, and whether it is one of a choice of words."""

_PLACE = re.compile(r"\{(\w+)(?::(.+))?\}")
_CONSTRAINTS: Final = {rule: re.compile(rule) for rule in ("[0-9]+", r"\w+", r"[\w\d-]+", ".+")}
"""What a place may be bound to, the most particular first; a place that says nothing takes everything."""


@dataclass(frozen=True, slots=True)
class Route:
    """One verb and path of the contract, and what is needed to walk it."""

    method: str
    template: str
    """Path behind the prefix, with places such as `{id:[0-9]+}`, as the contract writes it."""
    handler: Handler
    right: str = ""
    anonymous: bool = False
    checked: bool = False
    words: Words = field(default_factory=dict)


class Needs(TypedDict, total=False):
    """What a route says beside its path.

    `right` is asked of everybody who calls, `anonymous` asks nobody to sign in, `checked` says that the
    handler's own load looks at the rules stamp, `words` are the vendor's sentences for refusals.
    """

    right: str
    anonymous: bool
    checked: bool
    words: Words


@dataclass(frozen=True, slots=True)
class Found:
    """The route of a path, the values in it, and the suffix it ended with."""

    route: Route
    values: Mapping[str, str]
    suffix: str


@dataclass(slots=True)
class _Node:
    """One place in the tree of paths; its ways on are tried in this order."""

    literals: dict[str, _Node] = field(default_factory=dict)
    choices: dict[str, _Node] = field(default_factory=dict)
    places: dict[str, _Node] = field(default_factory=dict)
    leaf: tuple[Route, Sequence[Place]] | None = None

    def ways(self, part: str) -> Iterator[_Node]:
        """Run through the nodes that a part of a path leads to, the most particular first."""
        folded = part.lower()
        if folded in self.literals:
            yield self.literals[folded]
        if folded in self.choices:
            yield self.choices[folded]
        for rule, pattern in _CONSTRAINTS.items() if self.places else ():
            if rule in self.places and pattern.fullmatch(part):
                yield self.places[rule]

    def steps(self, part: str) -> list[_Node]:
        """Return the nodes that a part of a template leads to, making those that are not there yet."""
        place = _PLACE.fullmatch(part)
        if place is None:
            return [self.literals.setdefault(part.lower(), _Node())]
        rule = place[2] or ".+"
        if rule.startswith("("):
            return [self.choices.setdefault(word, _Node()) for word in rule[1:-1].split("|")]
        if rule not in _CONSTRAINTS:
            raise ValueError(f"no such constraint: {rule}")
        return [self.places.setdefault(rule, _Node())]


class Routes:
    """The routes of the dialect; handlers add themselves with `@routes.get("crm/…", right=…)`."""

    def __init__(self) -> None:
        self._trees: dict[str, _Node] = {}
        self._all: list[Route] = []

    def __iter__(self) -> Iterator[Route]:
        """Run through all routes in the order they were added."""
        return iter(self._all)

    def get(self, template: str, **needs: Unpack[Needs]) -> Decorator:
        """Return the decorator that serves GET; see `route`."""
        return self.route("GET", template, **needs)

    def post(self, template: str, **needs: Unpack[Needs]) -> Decorator:
        """Return the decorator that serves POST, answered with 201; see `route`."""
        return self.route("POST", template, **needs)

    def put(self, template: str, **needs: Unpack[Needs]) -> Decorator:
        """Return the decorator that serves PUT; see `route`."""
        return self.route("PUT", template, **needs)

    def delete(self, template: str, **needs: Unpack[Needs]) -> Decorator:
        """Return the decorator that serves DELETE; see `route`."""
        return self.route("DELETE", template, **needs)

    def route(self, method: str, template: str, **needs: Unpack[Needs]) -> Decorator:
        """Return the decorator that serves a verb and a path template, such as `crm/task/{taskid:[0-9]+}`.

        Raises ValueError if the route is there already, or a place is bound to something unknown.
        """

        def add(handler: Handler) -> Handler:
            self._add(Route(method, template, handler, **needs))
            return handler

        return add

    def _add(self, route: Route) -> None:
        parts = route.template.split("/")
        nodes = [self._trees.setdefault(route.method, _Node())]
        for part in parts:
            nodes = [step for node in nodes for step in node.steps(part)]
        for node in nodes:
            if node.leaf is not None:
                raise ValueError(f"{route.method} {route.template} is there already")
            node.leaf = (route, _places(parts))
        self._all.append(route)

    def find(self, method: str, path: str) -> Found | None:
        """Return the route of a verb and a path behind the prefix; None if there is none.

        The path is as it was sent: with its escapes and its suffix, bytes beyond ASCII read as latin-1.
        Ignores case and one trailing slash; the values keep their case, choices of words excepted.
        """
        tree = self._trees.get(method)
        parts = _parts(path)
        if tree is None or parts is None:
            return None
        parts[-1], suffix = _without_suffix(parts[-1])
        leaf = _walk(tree, parts, 0)
        if leaf is None:
            return None
        route, places = leaf
        return Found(route, {name: parts[at].lower() if word else parts[at] for at, name, word in places}, suffix)


def _places(parts: Sequence[str]) -> list[Place]:
    """Return where the parts of a template hold values."""
    found = ((at, _PLACE.fullmatch(part)) for at, part in enumerate(parts))
    return [(at, place[1], (place[2] or "").startswith("(")) for at, place in found if place]


def _walk(node: _Node, parts: Sequence[str], at: int) -> tuple[Route, Sequence[Place]] | None:
    """Return the first leaf under the node that the rest of the parts leads to."""
    if at == len(parts):
        return node.leaf
    for way in node.ways(parts[at]):
        if (leaf := _walk(way, parts, at + 1)) is not None:
            return leaf
    return None


def _parts(path: str) -> list[str] | None:
    """Return the parts of a path without escapes; None if they are no UTF-8 or contain NUL."""
    try:
        plain = path if path.isascii() and "%" not in path else unquote_to_bytes(path.encode("latin-1")).decode()
    except UnicodeError:
        return None
    return None if "\x00" in plain else plain.removesuffix("/").split("/")


def _without_suffix(part: str) -> tuple[str, str]:
    """Return the last part of a path and its suffix, "" if it has none."""
    folded = part.lower()
    for suffix in SUFFIXES:
        if folded.endswith(suffix):
            return part[: -len(suffix)], suffix
    return part, ""
