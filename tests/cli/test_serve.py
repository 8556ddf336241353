"""`dealwright serve` as a real process: the first account, the demo, health, stopping, workers."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from dealwright.config import Settings
from tests.cli.conftest import Run
from tests.conftest import StartServer
from tests.support.certificates import certificate
from tests.support.postgres import PostgresServer
from tests.support.processes import dying_with_us, free_port
from tests.support.servers import OWNER_EMAIL, OWNER_PASSWORD, RunningServer
from tests.support.waiting import SECONDS, wait_until

NOBODY = {"DEALWRIGHT_ADMIN_EMAIL": "", "DEALWRIGHT_ADMIN_PASSWORD": ""}


def signed_in(server: RunningServer, email: str, password: str) -> bool:
    answer = server.client.post("/api/token", data={"grant_type": "password", "username": email, "password": password})
    return answer.status_code == 200


def fresh(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/fresh.db"


def lines(server: RunningServer) -> list[dict[str, object]]:
    return [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]


# The first account --------------------------------------------------------------------------------------------


def test_an_empty_database_becomes_a_portal_with_the_owner_of_the_settings(server: StartServer, tmp_path: Path) -> None:
    running = server(fresh(tmp_path))
    assert f"{OWNER_EMAIL} owns the portal now." in running.log
    assert signed_in(running, OWNER_EMAIL, OWNER_PASSWORD)
    running.restart()
    assert running.log.count("owns the portal now") == 1
    assert signed_in(running, OWNER_EMAIL, OWNER_PASSWORD)


def test_an_empty_postgresql_database_becomes_a_portal_too(
    server: StartServer, durable_postgres: PostgresServer
) -> None:
    running = server(durable_postgres.base_url)
    assert signed_in(running, OWNER_EMAIL, OWNER_PASSWORD)


def test_without_settings_a_link_makes_the_first_account_once(server: StartServer, tmp_path: Path) -> None:
    running = server(fresh(tmp_path), settings=NOBODY)
    [link] = re.findall(r"http://\S+/setup\?code=\S+", running.log)
    form = {"code": link.partition("code=")[2], "name": "Olga Ek", "email": "olga@example.com"}
    assert "The first account" in running.client.get(link).text
    weak = running.client.post("/setup", data={**form, "password": "short"})
    assert (weak.status_code, "at least 12 characters" in weak.text) == (422, True)
    made = running.client.post("/setup", data={**form, "password": OWNER_PASSWORD})
    assert (made.status_code, made.headers["location"]) == (303, "/")
    assert signed_in(running, "olga@example.com", OWNER_PASSWORD)
    again = running.client.post("/setup", data={**form, "email": "eve@example.com", "password": OWNER_PASSWORD})
    assert again.status_code == 403
    assert running.client.get(link).status_code == 403
    running.restart()
    assert running.log.count("/setup?code=") == 1


def test_a_wrong_or_older_link_makes_nobody_an_owner(server: StartServer, tmp_path: Path) -> None:
    running = server(fresh(tmp_path), settings=NOBODY)
    running.restart()
    older, newer = re.findall(r"code=(\S+)", running.log)
    for code in ("", "guess", older):
        assert running.client.get("/setup", params={"code": code}).status_code == 403
    assert running.client.get("/setup", params={"code": newer}).status_code == 200
    assert newer not in running.log.split("code=" + newer, 1)[1], "a code must not get into the log"


def test_the_first_password_can_come_from_standard_input(dealwright: Run, tmp_path: Path) -> None:
    settings = {"DEALWRIGHT_ADMIN_EMAIL": "olga@example.com", "DEALWRIGHT_ADMIN_PASSWORD": "-"}
    done = dealwright("serve", "--port", "0", settings=settings, typed="short\n")
    assert (done.returncode, "at least 12 characters" in done.stderr) == (1, True)
    assert dealwright("serve", "--port", "0", settings=settings, typed="").returncode == 2


# The demo -----------------------------------------------------------------------------------------------------


def test_the_demo_prints_who_can_sign_in_and_is_made_once(server: StartServer, database_url: str) -> None:
    running = server(database_url, "--demo")
    found = re.findall(r"^  (\S+@harbour-house\.example)\s+(\S+)\s+(\w+)", running.log, re.MULTILINE)
    assert len(found) == 6
    email, password, _ = next(each for each in found if each[2] == "member")
    assert signed_in(running, email, password)
    listed = running.client.get("/api/2.0/crm/opportunity/filter.json", params={"count": 1}, auth=(email, password))
    assert listed.json()["total"] > 200
    running.restart()
    assert "The database has deals already" in running.log
    assert running.log.count("harbour-house.example") == 6


# Health and logs ----------------------------------------------------------------------------------------------


def test_health_and_readiness_answer(server: StartServer, database_url: str) -> None:
    running = server(database_url)
    assert running.client.get("/healthz").json() == {"status": "ok"}
    assert running.client.get("/readyz").status_code == 200
    assert running.client.head("/readyz").status_code == 200
    assert running.client.post("/healthz").status_code == 405


def test_without_its_database_the_process_lives_but_is_not_ready_until_it_is_back(
    server: StartServer, durable_postgres: PostgresServer, durable_postgres_url: str
) -> None:
    running = server(durable_postgres_url)
    durable_postgres.kill()
    assert running.client.get("/healthz").status_code == 200
    answer = running.client.get("/readyz")
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    durable_postgres.start()
    wait_until(lambda: running.client.get("/readyz").status_code == 200)


def test_the_log_is_json_and_says_when_it_serves_and_stops(server: StartServer, sqlite_url: str) -> None:
    running = server(sqlite_url)
    running.client.get("/?password=hunter2")
    assert running.stop() == 0
    said = lines(running)
    assert [line["message"] for line in said if line["from"] == "dealwright.app"] == ["Serving", "Stopped"]
    assert any(line.get("path") == "/" and line["status"] == 200 for line in said)
    assert "hunter2" not in running.log
    assert OWNER_PASSWORD not in running.log


def test_every_answer_over_the_wire_has_the_headers_of_the_house(server: StartServer, sqlite_url: str) -> None:
    running = server(sqlite_url)
    for path in ("/", "/docs", "/docs/operations", "/nothing", "/healthz", "/api/nothing", "/api/v1/x"):
        headers = running.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert headers["x-request-id"], path
        assert "server" not in headers, path


def test_each_face_refuses_a_body_over_the_limit_and_says_the_limit(server: StartServer, sqlite_url: str) -> None:
    running = server(sqlite_url, settings={"DEALWRIGHT_BODY_LIMIT": "2000"})
    body = json.dumps({"title": "x" * 20_000_000})
    headers = {"Content-Type": "application/json"}
    for path in ("/api/2.0/people.json", "/api/crm/crmopportunities", "/api/v1/opportunities"):
        answer = running.client.post(path, content=body, headers=headers, auth=(OWNER_EMAIL, OWNER_PASSWORD))
        assert (answer.status_code, "2000" in answer.text) == (413, True), path


def test_only_a_trusted_proxy_may_say_who_the_client_is(server: StartServer, sqlite_url: str) -> None:
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    for trusted, address in (("", "127.0.0.1"), ("127.0.0.1", "203.0.113.9"), ("192.0.2.1", "127.0.0.1")):
        running = server(sqlite_url, settings={"DEALWRIGHT_TRUSTED_PROXIES": trusted})
        running.client.get("/nothing", headers=forged)
        running.stop()
        assert [line["client"] for line in lines(running) if line.get("path") == "/nothing"] == [address]


def test_serving_https_without_a_proxy(sqlite_url: str, tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    port = free_port()
    serve = [sys.executable, "-m", "dealwright", "serve", "--port", str(port), "--database", sqlite_url]
    settings = {"DEALWRIGHT_TLS_CERT": str(cert), "DEALWRIGHT_TLS_KEY": str(key)}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            serve,
            env=os.environ | settings,
            stdout=log,
            stderr=log,
            preexec_fn=dying_with_us(signal.SIGKILL),  # noqa: PLW1509 - one system call, nothing else
        )
    answer = await_answer(f"https://127.0.0.1:{port}/healthz", ssl.create_default_context(cafile=str(cert)))
    assert "max-age=31536000" in answer.headers["strict-transport-security"]
    process.terminate()
    assert process.wait(SECONDS) == 0


def await_answer(url: str, trusting: ssl.SSLContext) -> httpx.Response:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            return httpx.get(url, verify=trusting)
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


# Stopping -----------------------------------------------------------------------------------------------------


def half_a_request(server: RunningServer) -> tuple[socket.socket, bytes]:
    """Begin a request, wait until its body is asked for, and keep most of that back; return connection and rest."""
    body = b"code=nothing&email=a%40example.com&password=" + b"x" * 200
    connection = socket.create_connection(("127.0.0.1", server.port))
    head = f"POST /setup HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n"
    connection.sendall(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\n".encode())
    assert connection.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sendall(body[:10])
    return connection, body[10:]


def takes_nothing(server: RunningServer) -> bool:
    try:
        socket.create_connection(("127.0.0.1", server.port)).close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_finishes_what_was_accepted_and_takes_nothing_new(
    server: StartServer, database_url: str, with_signal: signal.Signals
) -> None:
    running = server(database_url)
    connection, rest = half_a_request(running)
    running.process.send_signal(with_signal)
    wait_until(lambda: takes_nothing(running))
    connection.sendall(rest)
    assert connection.recv(65_536).startswith(b"HTTP/1.1 403")
    connection.close()
    assert running.process.wait(SECONDS) == 0
    assert lines(running)[-1]["message"] == "Stopped"


def test_a_stop_does_not_wait_for_ever(server: StartServer, sqlite_url: str) -> None:
    running = server(sqlite_url, settings={"DEALWRIGHT_STOP_SECONDS": "1"})
    connection, _ = half_a_request(running)
    began = time.monotonic()
    running.process.terminate()
    running.process.wait(SECONDS)
    assert time.monotonic() - began < Settings().stop_seconds
    connection.close()


def test_a_port_that_is_taken_is_a_sentence(server: StartServer, dealwright: Run, sqlite_url: str) -> None:
    running = server(sqlite_url)
    done = dealwright("serve", "--port", str(running.port), "--database", sqlite_url)
    assert done.returncode == 2
    assert done.stderr == f"dealwright: 127.0.0.1:{running.port} cannot be listened on: Address already in use.\n"


def test_the_same_database_serves_again_after_a_kill(server: StartServer, database_url: str) -> None:
    running = server(database_url)
    running.kill()
    running.restart()
    assert running.client.get("/readyz").status_code == 200


# Workers ------------------------------------------------------------------------------------------------------


def pids(server: RunningServer) -> set[int]:
    return {int(str(line["pid"])) for line in lines(server) if line.get("message") == "Serving"}


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z" if Path("/proc").is_dir() else True


def test_several_workers_serve_together_and_stop_together(server: StartServer, postgres_url: str) -> None:
    running = server(postgres_url, "--workers", "2")
    wait_until(lambda: len(pids(running)) == 2)
    assert running.log.count("owns the portal now") == 1
    assert signed_in(running, OWNER_EMAIL, OWNER_PASSWORD)
    assert running.stop() == 0
    assert len([line for line in lines(running) if line.get("message") == "Stopped"]) == 2


def test_workers_do_not_outlive_the_process_that_started_them(server: StartServer, postgres_url: str) -> None:
    running = server(postgres_url, "--workers", "2")
    wait_until(lambda: len(pids(running)) == 2)
    workers = pids(running)
    running.process.kill()
    running.process.wait()
    wait_until(lambda: not any(map(is_alive, workers)))
