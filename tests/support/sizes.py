"""Print how long the functions and files are: `python -m tests.support.sizes [folder …]`."""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.support.sources import PACKAGE, ROOT, Function, length, read_sources


def spread(sizes: Sequence[int]) -> tuple[int, int, int]:
    """Return median, 90th percentile and maximum; three zeros for nothing."""
    ordered = sorted(sizes) or [0]
    last = len(ordered) - 1
    return ordered[last // 2], ordered[last * 9 // 10], ordered[last]


def without_docstring(function: Function) -> int:
    """How many lines a function has besides its docstring."""
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is None:
        return length(function)
    return length(function) - ((first.end_lineno or first.lineno) - first.lineno + 1)


def report(root: Path) -> str:
    """Return the figures of every Python file below a folder, the three longest of each kind by name."""
    sources = read_sources(root)
    found = [(source, function) for source in sources for function in source.functions()]
    functions = [(length(function), f"{source.path}:{function.name}") for source, function in found]
    bare = [(without_docstring(function), f"{source.path}:{function.name}") for source, function in found]
    files = [(source.lines, source.path) for source in sources]
    return "\n".join(
        [
            f"{root}",
            _table("functions", functions),
            _table("… without docstrings", bare),
            _table("files", files),
        ]
    )


def _table(title: str, named: Sequence[tuple[int, str]]) -> str:
    median, ninth, longest = spread([size for size, _ in named])
    worst = "".join(f"\n  {size:5}  {name}" for size, name in sorted(named, reverse=True)[:3])
    return f"{title}: {len(named)}, median {median}, p90 {ninth}, max {longest}{worst}"


if __name__ == "__main__":
    for folder in sys.argv[1:] or [str(ROOT / "src" / PACKAGE)]:
        print(report(Path(folder)))
