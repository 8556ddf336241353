"""`python -m bench`: set everything up, measure, print the table and keep it."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Final

from bench import filters, imports, machine, measures, portal, server
from bench.measures import Bench
from bench.options import Options, read_options
from bench.postgres import Cluster
from bench.report import Report
from bench.tryton import Tryton


def main() -> int:
    """Measure what was chosen; return the exit code."""
    options = read_options()
    options.home.mkdir(parents=True, exist_ok=True)
    options.home.chmod(0o755)  # PostgreSQL runs under a name of its own and must find its folder
    cluster = Cluster(options.home)
    try:
        report = _measured(options, cluster)
    finally:
        cluster.stop()
    path = report.save()
    if options.docs:
        report.publish()
    print(f"\n{report.text()}\nkept as {path}", flush=True)
    return 0


def _measured(options: Options, cluster: Cluster) -> Report:
    report = Report(_facts(options, cluster))
    bench = Bench(options, cluster, _tell, report)
    try:
        _set_up(bench)
        _measure(bench)
    finally:
        bench.close()
    report.facts["load at the end"] = f"{machine.load_average():.1f}"
    return report


def _facts(options: Options, cluster: Cluster) -> dict[str, str]:
    return {
        **machine.facts(),
        "postgresql": cluster.version,
        "deals": f"{options.opportunities:,}",
        "rounds": f"{options.rounds} of {options.seconds:g} s for everybody in turn; medians",
        "load at the start": f"{machine.load_average():.1f}",
    }


def _set_up(bench: Bench) -> None:
    options = bench.options
    for name in options.databases:
        _tell(f"{options.opportunities:,} deals on {name} …")
        if name == "postgres":
            bench.open(portal.on_postgres(bench.cluster, options.home, options.opportunities, options.fresh))
        else:
            bench.open(portal.on_sqlite(options.home, options.opportunities, options.fresh))
    if options.tryton and {"update", "get"} & set(options.parts):
        _tell(f"{options.opportunities:,} deals in Tryton …")
        bench.tryton = Tryton(bench.cluster, options.home, options.opportunities)
        bench.tryton_scene = bench.tryton.scene()
        bench.report.facts["tryton"] = bench.tryton.version


_PAGES: Final = (
    *(("list", measures.lists), ("board", measures.boards), ("search", measures.searches)),
    ("filter", filters.filters),
    ("import", imports.imports),
)


def _measure(bench: Bench) -> None:
    parts = bench.options.parts
    if "seed" in parts:
        measures.seeded(bench)
    for connections in bench.options.connections:
        if "update" in parts:
            measures.updates(bench, connections)
        if "get" in parts:
            measures.gets(bench, connections)
    asked = [measure for part, measure in _PAGES if part in parts]
    if asked and "postgres" in bench.options.databases:
        bench.cluster.tidy(f"dealwright_{bench.options.opportunities}")
    for measure in asked:
        measure(bench)
    if "memory" in parts:
        measures.memory(bench, _empty(bench))
    if "ready" in parts:
        measures.ready(bench)


def _empty(bench: Bench) -> dict[str, str]:
    """Return the addresses of two portals in which nothing is."""
    path = bench.options.home / "empty.db"
    if not bench.cluster.has("dealwright_empty"):
        bench.cluster.create("dealwright_empty")
    found = {"sqlite": f"sqlite:///{path}", "postgres": bench.cluster.url("dealwright_empty")}
    for url in found.values():
        server.command(url, "migrate")
    return found


def _tell(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    sys.exit(main())
