"""What the person at the keyboard chooses."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PARTS = ("seed", "ready", "memory", "update", "get", "list", "board", "search", "filter", "import")
DATABASES = ("postgres", "sqlite")


@dataclass(frozen=True)
class Options:
    """How large, how long, which parts, and where the databases are kept."""

    opportunities: int
    rounds: int
    seconds: float
    connections: tuple[int, ...]
    parts: tuple[str, ...]
    databases: tuple[str, ...]
    tryton: bool
    fresh: bool
    workers: int
    docs: bool
    home: Path


def read_options(arguments: Sequence[str] | None = None) -> Options:
    """Return the options of a command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--opportunities", type=int, default=1_000_000, metavar="N", help="how many deals (1000000)")
    parser.add_argument("--quick", action="store_true", help="20,000 deals, 2 rounds of 3 s: does it work at all?")
    parser.add_argument("--rounds", type=int, default=5, help="how often everybody has a turn (5)")
    parser.add_argument("--seconds", type=float, default=6.0, help="how long a turn is (6)")
    parser.add_argument("--connections", type=int, nargs="+", default=[8, 64], metavar="N", help="8 64")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="some parts of it")
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=list(DATABASES))
    parser.add_argument("--no-tryton", dest="tryton", action="store_false", help="without the comparison with Tryton")
    parser.add_argument("--fresh", action="store_true", help="seed again what was kept from an earlier run")
    parser.add_argument("--workers", type=int, default=1, help="processes of `dealwright serve` on PostgreSQL (1)")
    parser.add_argument("--docs", action="store_true", help="put the table into docs/performance.md")
    parser.add_argument("--home", type=Path, default=_home(), help="where the databases are kept (%(default)s)")
    given = parser.parse_args(arguments)
    return Options(
        opportunities=20_000 if given.quick else given.opportunities,
        rounds=2 if given.quick else given.rounds,
        seconds=3.0 if given.quick else given.seconds,
        connections=tuple(given.connections),
        parts=tuple(given.only),
        databases=tuple(given.databases),
        tryton=given.tryton,
        fresh=given.fresh,
        workers=given.workers,
        docs=given.docs,
        home=given.home.resolve(),
    )


def _home() -> Path:
    named = os.environ.get("DEALWRIGHT_BENCH_HOME")
    return Path(named) if named else Path(tempfile.gettempdir()) / "dealwright-bench"
