"""Our own API through a real server: what HTTP adds on the way."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import StartServer
from tests.support.servers import OWNER_EMAIL, OWNER_PASSWORD, RunningServer

BASE = "/api/v1"


@pytest.fixture
def running(database_url: str, server: StartServer) -> RunningServer:
    """A server whose bodies are small."""
    return server(database_url, settings={"DEALWRIGHT_BODY_LIMIT": "20000"})


@pytest.fixture
def olga(running: RunningServer) -> Iterator[httpx.Client]:
    """The owner, signed in by a token that she made with her password."""
    made = running.client.post(f"{BASE}/tokens", json={"label": "x"}, auth=(OWNER_EMAIL, OWNER_PASSWORD))
    assert made.status_code == 201, made.text
    headers = {"Authorization": f"Bearer {made.json()['secret']}"}
    with httpx.Client(base_url=running.base_url + BASE, headers=headers) as client:
        yield client


def test_a_deal_goes_its_way(olga: httpx.Client) -> None:
    stages = [each["id"] for each in olga.get("/stages").json()["data"]]
    made = olga.post("/opportunities", json={"stage_id": stages[0], "title": "Ten desks"})
    assert made.headers["location"] == f"{BASE}/opportunities/{made.json()['id']}"
    path = made.headers["location"].removeprefix(BASE)
    again = olga.get(path, headers={"If-None-Match": made.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    late = olga.patch(path, json={"title": "x"}, headers={"If-Match": '"v9"'})
    assert late.status_code == 412
    assert olga.post(f"{path}/win").json()["outcome"] == "won"
    assert olga.get("/pipelines/1/board").json()["columns"][-2]["cards"]["data"][0]["title"] == "Ten desks"
    head = olga.head(path)
    assert (head.content, int(head.headers["content-length"])) == (b"", len(olga.get(path).content))
    assert olga.delete(path).status_code == 204
    assert olga.get(path).status_code == 404


def test_answers_carry_one_request_id_and_may_be_kept_only_to_ask_again(olga: httpx.Client) -> None:
    stage = olga.get("/stages").json()["data"][0]["id"]
    made = olga.post("/opportunities", json={"stage_id": stage}, headers={"X-Request-Id": "trace-7"})
    assert made.headers.get_list("x-request-id") == ["trace-7"]
    got = olga.get(made.headers["location"].removeprefix(BASE))
    assert got.headers["cache-control"] == "private, no-cache"
    assert olga.get("/me").headers["cache-control"] == "no-store"
    missing = olga.get("/nothing")
    assert missing.json()["request_id"] == missing.headers["x-request-id"]


def test_a_body_that_is_too_large_is_refused_with_its_limit(olga: httpx.Client) -> None:
    for content in (b"x" * 30_000, iter([b"x" * 1000] * 30)):
        answer = olga.post("/opportunities", content=content, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
        assert "20000" in answer.json()["detail"]
        assert answer.json()["code"] == "too_large"


def _raw(running: RunningServer, request: bytes, hangs_up: bool = False) -> bytes:
    with socket.create_connection(("127.0.0.1", running.port), timeout=60) as connection:
        connection.sendall(request)
        if hangs_up:
            connection.shutdown(socket.SHUT_WR)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def test_paths_that_nobody_types_are_answered(running: RunningServer) -> None:
    credentials = base64.b64encode(f"{OWNER_EMAIL}:{OWNER_PASSWORD}".encode())

    def status(path: bytes) -> int:
        lines = b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Basic " + credentials
        return int(_raw(running, lines + b"\r\n\r\n").split(b" ", 2)[1])

    unknown = (b"/api/v1/opportunities/%ff%fe", b"/api/v1/%00", b"/api/v1//", b"/api/v1")
    assert [status(path) for path in unknown] == [404] * 4
    assert (status(b"/API/V1/me"), status(b"/api/v1/me?%ff=%00")) == (200, 400)


def test_a_client_that_hangs_up_in_the_middle_harms_nobody(running: RunningServer, olga: httpx.Client) -> None:
    token = olga.headers["Authorization"].encode()
    for _ in range(3):
        head = b"POST /api/v1/opportunities HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        _raw(running, head + b"Authorization: " + token + b"\r\nContent-Length: 500\r\n\r\n{", hangs_up=True)
    assert olga.get("/opportunities").json()["data"] == []
    assert "Traceback" not in running.log
