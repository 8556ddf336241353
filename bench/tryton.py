"""Tryton's `sale_opportunity` on the same PostgreSQL, for comparison: installed from PyPI in a folder of its own."""

from __future__ import annotations

import base64
import http.client
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

from bench import machine
from bench.postgres import Cluster, free_port

PACKAGES = ("trytond==8.2.*", "trytond-sale-opportunity==8.2.*", "psycopg[binary,pool]", "gunicorn")
PASSWORD = "Correct-Horse-9-Battery"
PARTIES = 5_000
SAMPLE = 50_000
START_SECONDS = 60
WORKERS = max(2, os.cpu_count() or 1)
THREADS = 8
FIELDS = (
    *("description", "number", "reference", "party", "contact", "address", "company", "currency", "amount"),
    *("payment_term", "employee", "start_date", "end_date", "comment", "lines", "conversion_probability"),
    *("lost_reason", "sales", "state", "rec_name", "write_date"),
)
# The same number of deals as ours, straight into the tables: through its own code a million would take days.
FILL = """
INSERT INTO party_party (id, create_uid, create_date, name, code, active)
SELECT n, 1, now(), 'Party ' || n, 'B' || n, true FROM generate_series(10, {parties} + 9) AS n;
SELECT setval('party_party_id_seq', {parties} + 10);
INSERT INTO sale_opportunity (create_uid, create_date, number, party, company, currency, amount, employee, start_date,
    description, comment, conversion_probability, state)
SELECT 1, now(), n::text, 10 + n % {parties}, {company}, {currency}, 1000 + n % 5000, {employee}, DATE '2026-01-15',
    'Renewal number ' || n, repeat('What was said on the phone. ', 6), 0.5, 'opportunity'
FROM generate_series(1, {size}) AS n;
"""


class Tryton:
    """A Tryton database of a size and its server."""

    def __init__(self, cluster: Cluster, home: Path, size: int) -> None:
        self.port = free_port()
        self.database = f"tryton_{size}"
        self._cluster = cluster
        self._home = home / "tryton"
        self._home.mkdir(parents=True, exist_ok=True)
        self._venv = self._home / "venv"
        self._install()
        self._configure()
        made = self._home / f"{self.database} is filled"
        if not made.exists() or not cluster.has(self.database):
            self._make(size)
            made.touch()
        self.process = self._serve()
        self._await()

    @property
    def version(self) -> str:
        """What is running, and how."""
        listed = self._program("pip", "list", "--format=json")
        named = {each["name"].replace("_", "-").lower(): each["version"] for each in json.loads(listed)}
        return (
            f"trytond {named['trytond']}, sale-opportunity {named['trytond-sale-opportunity']}, "
            f"gunicorn with {WORKERS} processes of {THREADS} threads"
        )

    @property
    def cpu_seconds(self) -> float:
        """The processor time it has used so far."""
        return machine.cpu_seconds(self.process.pid)

    def scene(self) -> dict[str, Any]:
        """Sign in; return what `bench.requests` needs."""
        user, session, *_ = self._call("common.db.login", ["admin", {"password": PASSWORD}], {})
        token = base64.b64encode(f"admin:{user}:{session}".encode()).decode()
        headers = {"Authorization": f"Session {token}"}
        context = self._call("model.res.user.get_preferences", [True, {}], headers)
        ids = self._ids("SELECT min(id), max(id) FROM sale_opportunity")
        return {
            "authorization": headers["Authorization"],
            "database": self.database,
            "deals": Random(1).sample(range(ids[0], ids[1] + 1), min(SAMPLE, ids[1] - ids[0] + 1)),
            "parties": [10, PARTIES + 9],
            "employee": self._ids("SELECT min(id) FROM company_employee")[0],
            "fields": list(FIELDS),
            "context": {name: context[name] for name in ("company", "employee", "language") if name in context},
        }

    def stop(self) -> None:
        """Stop its server."""
        self.process.terminate()
        self.process.wait(START_SECONDS)

    def _ids(self, sql: str) -> list[int]:
        return [int(value) for value in self._cluster.ask(sql, database=self.database)[0]]

    def _install(self) -> None:
        if (self._venv / "installed").exists():
            return
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(self._venv)], check=True)
        self._program("pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES)
        (self._venv / "installed").touch()

    def _configure(self) -> None:
        (self._home / "password").write_text(PASSWORD)
        database = f"[database]\nuri = postgresql://postgres@127.0.0.1:{self._cluster.port}/\n"
        (self._home / "trytond.conf").write_text(f"{database}path = {self._home}\n")

    @property
    def _environment(self) -> dict[str, str]:
        named = {"TRYTOND_CONFIG": str(self._home / "trytond.conf"), "TRYTONPASSFILE": str(self._home / "password")}
        return os.environ | named | {"TRYTOND_DATABASE_NAMES": self.database}

    def _program(self, name: str, *arguments: str) -> str:
        command = [str(self._venv / "bin" / name), *arguments]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{name} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}")
        return done.stdout

    def _make(self, size: int) -> None:
        self._cluster.create(self.database)
        options = ("-c", str(self._home / "trytond.conf"), "-d", self.database, "-v")
        self._program("trytond-admin", *options, "--all", "--email", "admin@example.com")
        self._program("trytond-admin", *options, "-u", "sale_opportunity", "--activate-dependencies")
        self._fill(size)
        self._cluster.tidy(self.database)

    def _fill(self, size: int) -> None:
        """Make a company with a currency and one employee, then the deals."""
        run = self._cluster.run
        run(
            """
            INSERT INTO currency_currency (id, name, symbol, code, numeric_code, rounding, digits, active)
            VALUES (1, 'Euro', '€', 'EUR', '978', 0.01, 2, true);
            INSERT INTO party_party (id, name, code, active) VALUES (1, 'Our company', 'A1', true),
                (2, 'Our seller', 'A2', true);
            INSERT INTO company_company (id, party, currency) VALUES (1, 1, 1);
            INSERT INTO company_employee (id, party, company) VALUES (1, 2, 1);
            INSERT INTO "res_user-company_company" ("user", company) SELECT id, 1 FROM res_user WHERE login = 'admin';
            INSERT INTO "res_user-company_employee" ("user", employee) SELECT id, 1 FROM res_user WHERE login = 'admin';
            UPDATE res_user SET company = 1, employee = 1 WHERE login = 'admin';
            """,
            self.database,
        )
        run(FILL.format(parties=PARTIES, size=size, company=1, currency=1, employee=1), self.database)

    def _serve(self) -> subprocess.Popen[bytes]:
        command = [str(self._venv / "bin" / "gunicorn"), "trytond.application:app", f"--bind=127.0.0.1:{self.port}"]
        command += [f"--workers={WORKERS}", "--worker-class=gthread", f"--threads={THREADS}", "--keep-alive=75"]
        with (self._home / "log").open("wb") as log:
            return subprocess.Popen(
                command,
                env=self._environment,
                cwd=self._home,
                stdout=log,
                stderr=log,
                preexec_fn=machine.dying_with_us(),  # noqa: PLW1509 - one system call, nothing else
            )

    def _await(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self._call("common.server.version", [], {})
            except (OSError, http.client.HTTPException):
                time.sleep(0.2)
                continue
            return
        raise RuntimeError(f"Tryton does not start, see {self._home / 'log'}")

    def _call(self, method: str, parameters: list[Any], headers: dict[str, str]) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        body = json.dumps({"id": 0, "method": method, "params": parameters})
        path = "/rpc/" if method.startswith("common.server") else f"/{self.database}/rpc/"
        connection.request("POST", path, body, {"Content-Type": "application/json"} | headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        found = json.loads(text) if answer.status == 200 else {"error": text.decode()}
        if found.get("error"):
            raise RuntimeError(f"Tryton refused {method}: {found['error']}")
        return found["result"]
