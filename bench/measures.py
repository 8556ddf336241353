"""The measurements, one function for each kind; every one adds its lines to the report."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from bench import load, pgbench, raw, server
from bench.numbers import Series, ratio, spread
from bench.options import Options
from bench.portal import Portal, standing
from bench.postgres import Cluster
from bench.recording import Heard, Listener, listener
from bench.report import Finding, Report
from bench.requests import described, requests_of
from bench.rounds import Clock, Contender, Tell, asked, interleaved
from bench.script import Ranges, Script, update_script
from bench.server import Server
from bench.tryton import Tryton

DIALECTS = ("onlyoffice", "nexudus")
MIXED = 60


@dataclass
class Stand:
    """One database under test: its portal, the server on it, and our application in this process that takes notes."""

    portal: Portal
    server: Server
    listener: Listener

    @property
    def name(self) -> str:
        """Which database."""
        return self.portal.name


class Bench:
    """Everything that is running, and the report that grows."""

    def __init__(self, options: Options, cluster: Cluster, tell: Tell, report: Report) -> None:
        self.options = options
        self.cluster = cluster
        self.report = report
        self.tell = tell
        self.loop = asyncio.new_event_loop()
        self.stands: list[Stand] = []
        self.tryton: Tryton | None = None
        self.tryton_scene: dict[str, Any] = {}

    def open(self, portal: Portal) -> None:
        """Start a server on a portal."""
        workers = self.options.workers if portal.name == "postgres" else 1
        running = Server(portal.url, self.options.home, workers)
        notes = self.loop.run_until_complete(listener(portal.url, portal.scene["authorization"]))
        self.stands.append(Stand(portal, running, notes))

    def close(self) -> None:
        """Stop what is running."""
        for stand in self.stands:
            self.loop.run_until_complete(stand.listener.close())
            stand.server.stop()
        if self.tryton is not None:
            self.tryton.stop()
        self.loop.close()

    def compete(self, what: str, contenders: Sequence[Contender], rounds: int | None = None) -> dict[str, Series]:
        """Let contenders take turns and keep what was observed."""
        self.tell(what)
        found = interleaved(contenders, rounds or self.options.rounds, self.options.seconds, self.tell)
        self.report.series[what] = {name: series.rounds for name, series in found.items()}
        return found

    def add(self, name: str, database: str, measured: float, **more: Any) -> None:
        """Add a line to the table."""
        finding = Finding(name, database, measured, **more)
        self.report.findings.append(finding)
        self.tell(f"  {name}, {database}: {measured:,.2f} {finding.unit} {finding.verdict}")

    def scene(self, stand: Stand) -> dict[str, Any]:
        """Return what requests must know of a portal, with the deals where they stand now."""
        deals = [deal for deal, _ in stand.portal.scene["deals"]]
        return stand.portal.scene | {"deals": self.loop.run_until_complete(standing(stand.listener.db, deals))}

    def http(self, stand: Stand, name: str, connections: int, kind: str, **more: Any) -> Contender:
        """Return our server as a contender."""

        def plan(seconds: float) -> load.Plan:
            requests = described(kind, self.scene(stand), **more)
            return load.Plan(stand.server.port, connections, seconds, requests)

        clocks: list[Clock] = [lambda: stand.server.cpu_seconds]
        clocks += [lambda: self.cluster.cpu_seconds] * (stand.name == "postgres")
        return asked(f"{name} on {stand.name}", plan, *clocks)

    def peer(self, name: str, connections: int, kind: str) -> list[Contender]:
        """Return Tryton as a contender, if it takes part."""
        if (tryton := self.tryton) is None:
            return []

        def plan(seconds: float) -> load.Plan:
            return load.Plan(tryton.port, connections, seconds, described(kind, self.tryton_scene))

        return [asked(name, plan, lambda: tryton.cpu_seconds, lambda: self.cluster.cpu_seconds)]


# Writing ------------------------------------------------------------------------------------------------------


def updates(bench: Bench, connections: int) -> None:
    """An update of one deal, both dialects, both databases, against pgbench, the raw writer and Tryton."""
    contenders: list[Contender] = []
    for stand in bench.stands:
        contenders += _yardsticks(bench, stand, connections)
        contenders += [bench.http(stand, dialect, connections, f"{dialect} put") for dialect in DIALECTS]
    contenders += bench.peer("tryton write", connections, "tryton write")
    found = bench.compete(f"update, {connections} connections", contenders)
    for stand in bench.stands:
        for dialect in DIALECTS:
            _update_findings(bench, stand.name, dialect, connections, found)


def _yardsticks(bench: Bench, stand: Stand, connections: int) -> list[Contender]:
    if stand.name == "postgres":
        return [_pgbench(bench, stand, dialect, connections) for dialect in DIALECTS]
    return [_raw_writer(bench, stand, dialect, connections) for dialect in DIALECTS]


def _pgbench(bench: Bench, stand: Stand, dialect: str, connections: int) -> Contender:
    scene, database = stand.portal.scene, stand.portal.url.rpartition("/")[2]
    heard = _heard(bench, stand, f"{dialect} put", 20)[1:]  # the first one signs in
    script = update_script(next(one for one in heard if len(one.writes) == 1), _ranges(scene))
    _keep(bench.options.home, f"pgbench-{dialect}.sql", script)
    if connections == bench.options.connections[0]:
        trips = median(one.round_trips for one in heard)
        bench.add(f"round trips of an update, {dialect}", stand.name, trips, must=2, most=True)
    return Contender(
        f"pgbench as {dialect}",
        lambda seconds: pgbench.run(bench.cluster, database, script, connections, seconds),
    )


def _keep(home: Path, name: str, script: Script) -> None:
    constants = "".join(f"-- {key} = {value}\n" for key, value in script.constants.items())
    (home / name).write_text(constants + script.text)


def _ranges(scene: dict[str, Any]) -> Ranges:
    first, last = scene["stages"][0], scene["stages"][-1]
    if scene["stages"] != list(range(first, last + 1)):
        raise ValueError(f"pgbench needs stages with ids in a row, these are {scene['stages']}")
    deals, contacts = scene["deal_range"], scene["contacts"]
    return Ranges((deals[0], deals[1]), (first, len(scene["stages"])), (contacts[0], contacts[1]))


def _heard(bench: Bench, stand: Stand, kind: str, count: int, **more: Any) -> list[Heard]:
    """Return what our application says to the database for some requests."""
    requests = list(islice(requests_of(described(kind, bench.scene(stand), **more)), count))
    return bench.loop.run_until_complete(raw.hear(stand.listener, requests))


def _raw_writer(bench: Bench, stand: Stand, dialect: str, connections: int) -> Contender:
    def run(seconds: float) -> dict[str, float]:
        requests = requests_of(described(f"{dialect} put", bench.scene(stand)))
        with closing(raw.RawWriter(stand.listener, stand.portal.url, requests)) as writer:
            return bench.loop.run_until_complete(writer.run(connections, seconds / 2))

    return Contender(f"raw sqlite as {dialect}, {connections} to a commit", run)


def _update_findings(bench: Bench, database: str, dialect: str, connections: int, found: dict[str, Series]) -> None:
    ours = found[f"{dialect} on {database}"]
    rate, detail = ours.of("per_second"), _told(ours)
    few = connections <= 8
    for name, series in found.items():
        if name == f"pgbench as {dialect}":
            must, moonshot = (0.6, 0.8) if few else (0.8, 1.2)
            told = f"{detail}; pgbench {series.middle('per_second'):,.0f}/s"
            told += f", database {series.middle('database_micros'):,.0f} µs"
        elif database == "sqlite" and name.startswith(f"raw sqlite as {dialect}"):
            must, moonshot = None, None
            told = f"{detail}; raw writer {series.middle('per_second'):,.0f}/s"
        elif name == "tryton write":
            must, moonshot = 15, 30
            told = f"{detail}; Tryton {series.middle('per_second'):,.1f}/s"
        else:
            continue
        title = f"update {dialect} ÷ {name.partition(' as ')[0]}, {connections} connections"
        quotient = ratio(rate, series.of("per_second"))
        bench.add(title, database, quotient, must=must, moonshot=moonshot, detail=told)


def _told(series: Series) -> str:
    return (
        f"{series.middle('per_second'):,.0f}/s ± {spread(series.of('per_second')):.0%}, "
        f"p99 {series.middle('p99'):.1f} ms, server {series.middle('cpu_micros'):,.0f} µs, "
        f"database {series.middle('database_micros'):,.0f} µs, generator {series.middle('generator_cpu'):.0%} of a core"
    )


# Reading ------------------------------------------------------------------------------------------------------


def gets(bench: Bench, connections: int) -> None:
    """One deal by id, both dialects, both databases, against Tryton."""
    contenders = [
        bench.http(stand, dialect, connections, f"{dialect} get") for stand in bench.stands for dialect in DIALECTS
    ]
    contenders += bench.peer("tryton read", connections, "tryton read")
    found = bench.compete(f"get, {connections} connections", contenders)
    theirs = found.pop("tryton read", Series())
    for name, series in found.items():
        dialect, _, database = name.partition(" on ")
        title = f"get one {dialect} ÷ Tryton read, {connections} connections"
        told = f"{_told(series)}; Tryton {theirs.middle('per_second'):,.1f}/s"
        quotient = ratio(series.of("per_second"), theirs.of("per_second"))
        bench.add(title, database, quotient, must=25 if theirs.rounds else None, moonshot=50, detail=told)


@dataclass(frozen=True)
class Filters:
    """How a face spells a list of fifty, its filters by stage and by person, and three of its orders."""

    base: str
    stage: str
    person: str
    people: str
    orders: tuple[str, str, str]

    def paths(self, scene: dict[str, Any]) -> list[str]:
        """Return lists by stage, by person and by both, in each of the orders."""
        stages, people, paths = scene["stages"], scene[self.people], []
        for place in range(MIXED):
            by_stage = self.stage.format(stages[place % len(stages)])
            by_person = self.person.format(people[place % len(people)])
            chosen = (by_stage, by_person, by_stage + by_person)[place // 3 % 3]
            paths.append(f"{self.base}{chosen}{self.orders[place % 3]}")
        return paths


FILTERS = {
    "onlyoffice": Filters(
        "/api/2.0/crm/opportunity/filter?count=50",
        "&opportunityStagesid={}",
        "&responsibleid={}",
        "users",
        ("&sortBy=Id", "&sortBy=Title", "&sortBy=BidValue"),
    ),
    "nexudus": Filters(
        "/api/crm/crmopportunities?size=50",
        "&CrmOpportunity_CrmBoardColumn={}",
        "&CrmOpportunity_Responsible={}",
        "user_ids",
        ("&orderBy=Id", "&orderBy=Name", "&orderBy=Value"),
    ),
    "native": Filters(
        "/api/v1/opportunities?limit=50",
        "&stage_id={}",
        "&responsible={}",
        "users",
        ("&sort=id", "&sort=title", "&sort=amount"),
    ),
}
DEFAULT_LISTS = {
    "default list with total, onlyoffice": "/api/2.0/crm/opportunity/filter",
    "default list of 50 with total, onlyoffice": "/api/2.0/crm/opportunity/filter?count=50",
    "default list with total, nexudus": "/api/crm/crmopportunities",
    "first page, native": "/api/v1/opportunities",
}


def lists(bench: Bench) -> None:
    """Fifty filtered deals against the same reads without us, and the lists that the faces give by default."""
    for stand in bench.stands:
        for face, filters in FILTERS.items():
            _filtered_list(bench, stand, face, filters.paths(stand.portal.scene))
    for name, path in DEFAULT_LISTS.items():
        timed(bench, name, partial(_only, path), None, None)


def _filtered_list(bench: Bench, stand: Stand, face: str, paths: list[str]) -> None:
    heard = _heard(bench, stand, "pages", len(paths), paths=paths)
    contenders = [_raw_reader(bench, stand, heard), bench.http(stand, "list", 1, "pages", paths=paths)]
    found = bench.compete(f"list of 50 filtered, {face} on {stand.name}, 1 connection", contenders)
    ours, theirs = found[f"list on {stand.name}"], found["raw query"]
    told = f"p50 {ours.middle('p50'):.2f}, p99 {ours.middle('p99'):.2f} ms"
    told += f"; raw {theirs.middle('p50'):.2f}, {theirs.middle('p99'):.2f} ms"
    quotient = ratio(ours.of("p99"), theirs.of("p99"))
    title = f"list of 50 filtered, {face}: p99 ÷ raw p99"
    bench.add(title, stand.name, quotient, must=2, moonshot=1.3, most=True, detail=told)


def _only(path: str, _: dict[str, Any]) -> list[str]:
    return [path]


def _raw_reader(bench: Bench, stand: Stand, heard: list[Heard]) -> Contender:
    reader = raw.RawReader(stand.portal.url, heard)
    return Contender("raw query", lambda seconds: bench.loop.run_until_complete(reader.run(seconds)))


def timed(
    bench: Bench,
    name: str,
    paths: Callable[[dict[str, Any]], list[str]],
    must: float | None,
    moonshot: float | None,
) -> None:
    """Ask for some pages over one connection; the 99th percentile is the finding."""
    served = [stand for stand in bench.stands if _is_served(stand, paths(stand.portal.scene)[0])]
    contenders = [bench.http(stand, name, 1, "pages", paths=paths(stand.portal.scene)) for stand in served]
    for name_on, series in bench.compete(f"{name}, 1 connection", contenders, rounds=3).items():
        told = f"p50 {series.middle('p50'):.2f} ms, server {series.middle('cpu_micros'):,.0f} µs"
        found = series.middle("p99")
        database = name_on.rpartition(" on ")[2]
        bench.add(f"{name}: p99", database, found, unit="ms", must=must, moonshot=moonshot, most=True, detail=told)


def _is_served(stand: Stand, path: str) -> bool:
    plan = load.Plan(stand.server.port, 1, 0.1, described("pages", stand.portal.scene, paths=[path]))
    return not load.run(plan).failures


def boards(bench: Bench) -> None:
    """The board: the columns of one pipeline with their totals, and with cards where the face gives them."""
    faces: dict[str, Callable[[dict[str, Any]], list[str]]] = {
        "board, nexudus columns with totals": lambda scene: [
            f"/api/crm/crmboardcolumns?CrmBoardColumn_CrmBoard={scene['pipeline']}"
        ],
        "board, native with cards": lambda scene: [f"/api/v1/pipelines/{scene['pipeline']}/board"],
    }
    for name, paths in faces.items():
        timed(bench, name, paths, 15, 8)


def searches(bench: Bench) -> None:
    """Search for words of titles."""

    def paths(scene: dict[str, Any]) -> list[str]:
        asked_for = [words.replace(" ", "%20") for words in scene["words"]]
        return [f"/api/2.0/crm/opportunity/filter?count=25&filterValue={words}" for words in asked_for]

    timed(bench, "search with total, onlyoffice", paths, 40, 20)
    native = "/api/v1/opportunities?limit=25&q="
    timed(bench, "search, native", lambda scene: [native + one.replace(" ", "%20") for one in scene["words"]], 40, 20)


# The process --------------------------------------------------------------------------------------------------


def memory(bench: Bench, empty: dict[str, str]) -> None:
    """Resident memory: of a server that rests on an empty portal, and of ours after everything it was asked."""
    for stand in bench.stands:
        idle = server.idle_memory(empty[stand.name], bench.options.home)
        bench.add("idle memory, one process", stand.name, idle, unit="MB", must=90, moonshot=64, most=True)
        used, bound = stand.server.memory, 256 if stand.name == "sqlite" else 1.5 * idle
        told = f"without the pages of files {stand.server.own_memory:.0f} MB"
        name = f"memory at {bench.options.opportunities:,} deals, after everything"
        bench.add(name, stand.name, used, unit="MB", must=bound, most=True, detail=told)


def ready(bench: Bench) -> None:
    """From the start of the process to its first good answer, on a database that is there."""
    for stand in bench.stands:
        times = server.ready_times(stand.portal.url, bench.options.home, bench.options.rounds)
        bench.report.series[f"ready on {stand.name}"] = {"seconds": times}
        found, told = median(one[0] for one in times), f"{median(one[1] for one in times):.2f} s of it computing"
        bench.add("ready after start", stand.name, found, unit="s", must=1, moonshot=0.5, most=True, detail=told)


def seeded(bench: Bench) -> None:
    """How long the seeding took, whenever that was."""
    size = bench.options.opportunities
    must, moonshot = (300, 90) if size == 1_000_000 else (None, None)
    for stand in bench.stands:
        took, megabytes = stand.portal.seed_seconds, stand.portal.facts.get("megabytes", 0)
        told = f"{size / took:,.0f} a second, {megabytes:,.0f} MB"
        name = f"seed of {size:,}"
        bench.add(name, stand.name, took, unit="s", must=must, moonshot=moonshot, most=True, detail=told)
