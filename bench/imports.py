"""How long it takes to import a hundred thousand contacts into an empty portal, over the API and back."""

from __future__ import annotations

import csv
import http.client
import io
import json
import time
from random import Random
from typing import Any, Final

from bench import server
from bench.measures import Bench
from bench.portal import OWNER
from bench.server import Server
from dealwright.seed import words

ROWS: Final = 100_000
MUST_SECONDS: Final = 60.0
PAUSE: Final = 0.25
NAME: Final = "dealwright_import"
COLUMNS: Final = ("first_name", "last_name", "company_name", "job_title", "info.email.1", "info.phone.1")


def table(rows: int) -> bytes:
    """Return a CSV of people, most of them of a company."""
    chance, text = Random(1), io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for number in range(rows):
        first, last = chance.choice(words.FIRST_NAMES), chance.choice(words.LAST_NAMES)
        company = f"{chance.choice(words.COMPANY_STARTS)} {chance.choice(words.COMPANY_TRADES)}"
        email, phone = f"person.{number}@example.com", f"+44 20 {chance.randrange(10**7, 10**8)}"
        writer.writerow((first, last, company, chance.choice(words.JOBS), email, phone))
    return text.getvalue().encode()


def imports(bench: Bench) -> None:
    """Import the table once on each database; the memory is what the server holds afterwards."""
    for name in bench.options.databases:
        url = _portal(bench, name)
        running = Server(url, bench.options.home)
        try:
            secret = server.command(url, "token", "create", OWNER[0], "--name", "bench").split()[0]
            seconds, told = _imported(Api(running.port, secret), table(ROWS))
            told += f", server {running.cpu_seconds:.0f} s of computing, {running.memory:.0f} MB"
        finally:
            running.stop()
        bench.add(f"import of {ROWS:,} contacts", name, seconds, unit="s", must=MUST_SECONDS, most=True, detail=told)


def _portal(bench: Bench, name: str) -> str:
    if name == "postgres":
        bench.cluster.create(NAME)
        url = bench.cluster.url(NAME)
    else:
        path = bench.options.home / f"{NAME}.db"
        for leftover in bench.options.home.glob(f"{path.name}*"):
            if leftover.is_file():
                leftover.unlink()
        url = f"sqlite:///{path}"
    server.command(url, "migrate")
    server.command(url, "user", "add", OWNER[0], "--name", OWNER[1], "--admin")
    return url


class Api:
    """Our own API as a client meets it."""

    def __init__(self, port: int, secret: str) -> None:
        self._port = port
        self._headers = {"Authorization": f"Bearer {secret}"}

    def call(self, verb: str, path: str, body: bytes | None = None, kind: str = "application/json") -> dict[str, Any]:
        """Return what one request answers; raises RuntimeError where that is a refusal."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        connection.request(verb, f"/api/v1{path}", body, {**self._headers, **({"Content-Type": kind} if body else {})})
        answer = connection.getresponse()
        said = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{verb} {path}: {answer.status} {said[:1000]!r}")
        found: dict[str, Any] = json.loads(said)
        return found


def _imported(api: Api, content: bytes) -> tuple[float, str]:
    """Return the seconds from the upload to the end, and what came of it."""
    began = time.perf_counter()
    file = api.call("POST", "/files?title=people.csv", content, "text/csv")
    columns = {name: [place] for place, name in enumerate(COLUMNS)}
    draft = {"subject": "contact", "file_id": file["id"], "columns": columns}
    work = api.call("POST", "/imports", json.dumps(draft).encode())
    while work["state"] in ("waiting", "running"):
        time.sleep(PAUSE)
        work = api.call("GET", f"/imports/{work['id']}")
    seconds = time.perf_counter() - began
    if work["state"] != "done" or work["imported"] != ROWS:
        raise RuntimeError(f"the import ended as {work}")
    return seconds, f"{ROWS / seconds:,.0f} a second"
