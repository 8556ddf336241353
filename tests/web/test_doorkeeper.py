"""What every request passes on its way to a face: ids, limits, headers, the log, the last resort."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from dealwright import logs
from dealwright.config import Settings
from dealwright.door import Doorkeeper
from dealwright.limits import Pace, TooLarge
from tests.support.waiting import until

FACES = ("/api/2.0/x", "/api/crm/x", "/api/v1/x", "/x")


def face(answer: Callable[[Request], Any]) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response: Response = await answer(Request(scope, receive))
        await response(scope, receive, send)

    return app


async def plain(request: Request) -> Response:
    request.state.actor_id = 7
    return PlainTextResponse("hello")


async def echo(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def broken(_: Request) -> Response:
    raise RuntimeError("a secret of the house")


def client(answer: Callable[[Request], Any], **settings: Any) -> httpx.AsyncClient:
    given = {"access_log": False, **settings}
    transport = httpx.ASGITransport(Doorkeeper(face(answer), Settings(**given)))
    return httpx.AsyncClient(transport=transport, base_url="http://dealwright.test")


async def test_every_answer_has_an_id_of_its_own() -> None:
    async with client(plain) as http:
        ids = {(await http.get("/x")).headers["x-request-id"] for _ in range(20)}
    assert len(ids) == 20


@pytest.mark.parametrize("given", ["abc-123", "A" * 64, "a.b:c_d"])
async def test_a_sane_request_id_is_kept(given: str) -> None:
    async with client(plain) as http:
        assert (await http.get("/x", headers={"X-Request-Id": given})).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "A" * 65, 'a"b', "a b", "<script>", "é".encode().decode("latin-1"), "a\tb"])
async def test_an_odd_request_id_is_replaced(given: str) -> None:
    async with client(plain) as http:
        answer = await http.get("/x", headers=[(b"X-Request-Id", given.encode("latin-1"))])
    assert answer.headers["x-request-id"] not in {given, ""}


@pytest.mark.parametrize("answer", [plain, broken])
async def test_every_answer_has_the_headers_of_the_house(answer: Callable[[Request], Any]) -> None:
    async with client(answer) as http:
        headers = (await http.get("/x")).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in headers


async def test_a_face_may_say_otherwise_but_nothing_is_said_twice() -> None:
    async def own(_: Request) -> Response:
        return PlainTextResponse("x", headers={"Cache-Control": "max-age=0", "Content-Security-Policy": "sandbox"})

    async with client(own) as http:
        headers = (await http.get("/x")).headers
    assert headers.get_list("cache-control") == ["max-age=0"]
    assert headers.get_list("content-security-policy") == ["sandbox"]


async def test_browsers_are_told_to_stay_with_https_where_there_is_https() -> None:
    async with client(plain, public_url="https://deals.example") as http:
        assert "max-age=31536000" in (await http.get("/x")).headers["strict-transport-security"]


# Limits -------------------------------------------------------------------------------------------------------


async def test_a_body_up_to_the_limit_is_read_and_one_byte_more_is_not() -> None:
    async with client(echo, body_limit=2048) as http:
        assert (await http.post("/x", content=b"x" * 2048)).text == "2048"
        refused = await http.post("/x", content=b"x" * 2049)
    assert refused.status_code == 413
    assert "2048" in refused.text


async def test_a_body_that_does_not_tell_its_length_is_stopped_too() -> None:
    async def endless() -> Any:
        for _ in range(100):
            yield b"x" * 100

    async with client(echo, body_limit=2048) as http:
        assert (await http.post("/x", content=endless())).status_code == 413


async def test_an_upload_has_a_limit_of_its_own() -> None:
    async with client(echo, body_limit=2048, upload_limit=10_000) as http:
        assert (await http.post("/x", files={"file": b"x" * 5000})).status_code == 200
        assert (await http.post("/x", files={"file": b"x" * 20_000})).status_code == 413


async def test_a_face_can_answer_a_large_body_in_its_own_voice() -> None:
    async def polite(request: Request) -> Response:
        try:
            await request.body()
        except TooLarge as error:
            return PlainTextResponse(f"no more than {error.limit}, please", 413)
        return PlainTextResponse("fine")

    async with client(polite, body_limit=2048) as http:
        refused = await http.post("/x", content=b"x" * 3000)
    assert refused.text == "no more than 2048, please"


async def test_an_answer_that_does_not_begin_in_time_is_stopped() -> None:
    async def slow(_: Request) -> Response:
        await asyncio.sleep(30)
        return PlainTextResponse("late")

    async with client(slow, request_seconds=1) as http:
        answer = await http.get("/api/v1/x")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


async def test_an_answer_that_has_begun_may_take_its_time() -> None:
    async def long(_: Request) -> Response:
        async def parts() -> Any:
            yield b"begun"
            await asyncio.sleep(1.3)
            yield b" and done"

        return StreamingResponse(parts())

    async with client(long, request_seconds=1) as http:
        assert (await http.get("/x")).text == "begun and done"


async def test_a_face_that_times_out_by_itself_is_a_failure_like_any_other() -> None:
    async def gives_up(_: Request) -> Response:
        raise TimeoutError

    async with client(gives_up) as http:
        assert (await http.get("/x")).status_code == 500


async def test_too_many_at_once_are_told_to_wait_and_health_is_not() -> None:
    release, inside = asyncio.Event(), []

    async def waiting(request: Request) -> Response:
        if request.url.path == "/x":
            inside.append(request)
            await release.wait()
        return PlainTextResponse("done")

    async with client(waiting, requests_at_once=2) as http:
        held = [asyncio.create_task(http.get("/x")) for _ in range(2)]
        await until(lambda: len(inside) == 2)
        refused = await http.get("/x")
        assert (refused.status_code, "retry-after" in refused.headers) == (503, True)
        assert (await http.get("/healthz")).status_code == 200
        release.set()
        assert [(await one).status_code for one in held] == [200, 200]
        assert (await http.get("/x")).status_code == 200


async def test_one_address_that_asks_too_often_is_told_how_long_to_wait() -> None:
    async with client(plain, requests_per_minute=12) as http:
        answers = [await http.get("/api/crm/x") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert "Wait 5.0 seconds" in answers[2].json()["Message"]
    assert answers[2].headers["retry-after"] == "5"


def test_a_bucket_fills_again_evenly_and_each_address_has_its_own() -> None:
    pace = Pace(60)
    taken = [pace.wait("a", 0.0) for _ in range(12)]
    assert taken[:10] == [0.0] * 10
    assert taken[10] == 1.0
    assert pace.wait("b", 0.0) == 0.0
    assert pace.wait("a", 1.0) == 0.0
    assert pace.wait("a", 1.0) > 0


# The last resort ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FACES)
async def test_a_failure_that_nobody_foresaw_is_not_explained_to_the_client(path: str) -> None:
    async with client(broken) as http:
        answer = await http.get(path)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


async def test_each_face_fails_in_its_own_shape() -> None:
    async with client(broken) as http:
        onlyoffice, nexudus, native, _ = [(await http.get(path)).json() for path in FACES]
    assert (onlyoffice["status"], onlyoffice["statusCode"]) == (1, 500)
    assert onlyoffice["error"]["message"]
    assert nexudus["WasSuccessful"] is False
    assert native["status"] == 500
    assert native["request_id"]


async def test_an_answer_that_breaks_off_is_seen_as_broken() -> None:
    async def half(_: Request) -> Response:
        async def parts() -> Any:
            yield b"half"
            raise RuntimeError("no more")

        return StreamingResponse(parts())

    transport = httpx.ASGITransport(Doorkeeper(face(half), Settings(access_log=False)))
    async with httpx.AsyncClient(transport=transport, base_url="http://dealwright.test") as http:
        with pytest.raises(ConnectionAbortedError):
            await http.get("/x")


async def test_only_http_is_served() -> None:
    async def nothing() -> Any:
        return {}

    with pytest.raises(RuntimeError, match="websocket"):
        await Doorkeeper(face(plain), Settings())({"type": "websocket"}, nothing, nothing)  # type: ignore[arg-type]


# The log ------------------------------------------------------------------------------------------------------


async def test_a_request_is_one_line_of_json_that_tells_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", lines := io.StringIO())
    async with client(plain, access_log=True) as http:
        answer = await http.get("/x/y?token=hunter2", headers={"Authorization": "Bearer hunter2"})
    [line] = lines.getvalue().splitlines()
    known = json.loads(line)
    assert (known["method"], known["path"], known["status"], known["bytes"]) == ("GET", "/x/y", 200, 5)
    assert known["actor"] == 7
    assert known["request_id"] == answer.headers["x-request-id"]
    assert known["ms"] >= 0
    assert "hunter2" not in line


async def test_no_path_can_forge_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", lines := io.StringIO())
    for form in ("json", "text"):
        async with client(plain, access_log=True, log_format=form) as http:
            await http.get("/x%0A%7B%22status%22%3A200%7D%1B%5B31m")
    written = lines.getvalue()
    assert len(written.splitlines()) == 2
    assert "\x1b" not in written


async def test_a_code_in_a_path_is_not_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", lines := io.StringIO())
    async with client(plain, access_log=True) as http:
        for path in ("/api/2.0/authentication/abcd-efgh.json", "/api/2.0/authentication/login"):
            await http.get(path)
    assert [json.loads(line)["path"] for line in lines.getvalue().splitlines()] == [
        "/api/2.0/authentication/*",
        "/api/2.0/authentication/login",
    ]


async def test_a_failure_is_logged_with_the_id_of_its_request() -> None:
    stream = io.StringIO()
    root = logging.getLogger()
    before = root.handlers[:], root.level
    logs.configure("info", "json", stream)
    try:
        async with client(broken) as http:
            answer = await http.get("/x")
    finally:
        root.handlers[:], level = before
        root.setLevel(level)
    [line] = [json.loads(line) for line in stream.getvalue().splitlines() if "RuntimeError" in line]
    assert line["request_id"] == answer.headers["x-request-id"]
    assert "RuntimeError: a secret of the house" in line["error"]
