"""The package's own source files, parsed: what the checks of the house's rules look at."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PACKAGE = "dealwright"
ROOT = Path(__file__).parents[2]

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file: its path inside the package ("storage/rules.py") and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed file."""
        return ast.parse(self.text, self.path)

    @property
    def module(self) -> str:
        """The dotted name of the module, "dealwright.storage.rules"."""
        parts = self.path.removesuffix(".py").split("/")
        return ".".join([PACKAGE, *(part for part in parts if part != "__init__")])

    @property
    def package(self) -> str:
        """The dotted name that a relative import starts from."""
        return self.module if self.path.endswith("__init__.py") else self.module.rpartition(".")[0]

    @property
    def docstring(self) -> str:
        """What the module says of itself; "" if nothing."""
        return ast.get_docstring(self.tree) or ""

    @property
    def lines(self) -> int:
        """How many lines the file has."""
        return len(self.text.splitlines())

    def functions(self) -> Iterator[Function]:
        """Every function and method, inner ones too."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and dotted name of everything imported, wherever in the file, relative names made absolute."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                start = self._start(node)
                yield from ((node.lineno, f"{start}.{alias.name}") for alias in node.names)

    def texts(self) -> Iterator[tuple[int, str]]:
        """Line and text of every string that is not a docstring; the holes of an f-string are "?"."""
        skip = {id(part) for part in self._docstrings()}
        for node in ast.walk(self.tree):
            if id(node) in skip:
                continue
            if isinstance(node, ast.JoinedStr):
                skip.update(map(id, node.values))
                yield node.lineno, "".join(_piece(part) for part in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.lineno, node.value

    def calls(self, name: str) -> Iterator[ast.Call]:
        """Every call of a function by its bare name."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield node

    def names(self) -> set[str]:
        """Every identifier that the file uses or makes, keyword arguments included."""
        found = set()
        for node in ast.walk(self.tree):
            for field in ("id", "attr", "arg", "name"):
                name = getattr(node, field, None)
                if isinstance(name, str):
                    found.add(name)
        return found

    def _start(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        start = self.package.rsplit(".", node.level - 1)[0] if node.level > 1 else self.package
        return f"{start}.{node.module}" if node.module else start

    def _docstrings(self) -> Iterator[ast.Constant]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                yield node.value


def _piece(part: ast.expr) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else "?"


def length(function: Function) -> int:
    """How many lines a function has, docstring included, decorators not."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def read_sources(root: Path = ROOT / "src" / PACKAGE) -> list[Source]:
    """Return every Python file below a folder, in order of its path."""
    paths: Iterable[Path] = sorted(root.rglob("*.py"))
    return [Source(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")) for path in paths]
