"""Every way of saying no is a problem document, and no request whatsoever is answered with a 5xx."""

from __future__ import annotations

import random
from typing import Any

import httpx
import pytest

from dealwright.storage.database import Database
from tests.cast import PASSWORD, Cast, hire
from tests.dialects.native.conftest import LIMIT, Client
from tests.dialects.native.test_opportunities import make

JSON = {"Content-Type": "application/json"}


def is_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Check that an answer is a problem document of this status and code, and return it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["code"] == code
    assert document["status"] == status
    assert document["type"] == "about:blank"
    assert document["title"]
    assert document["detail"]
    assert document["request_id"] == answer.headers["x-request-id"]
    return document


# Signing in -------------------------------------------------------------------------------------------------


async def test_nobody_is_asked_to_sign_in(nobody: Client) -> None:
    answer = await nobody.get("/opportunities")
    is_problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="Dealwright"'


@pytest.mark.parametrize(
    "credentials",
    [b"Bearer dw_nonsense", b"Bearer", b"Basic", b"Basic !!", b"Basic bm9jb2xvbg==", b"Digest x", b"\xff \xfe", b" "],
)
async def test_credentials_that_are_none_are_refused(nobody: Client, credentials: bytes) -> None:
    answer = await nobody.get("/opportunities", headers=[(b"Authorization", credentials)])
    is_problem(answer, 401, "unauthenticated")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_a_password_signs_in_too(db: Database, cast: Cast, nobody: Client) -> None:
    await hire(db, "paula", PASSWORD)
    answer = await nobody.get("/me", auth=("paula@example.com", PASSWORD))
    assert answer.json()["email"] == "paula@example.com"
    is_problem(await nobody.get("/me", auth=("paula@example.com", "wrong")), 401, "unauthenticated")


async def test_guessing_passwords_has_an_end(db: Database, cast: Cast, nobody: Client) -> None:
    await hire(db, "paula", PASSWORD)
    answers = [await nobody.get("/me", auth=("paula@example.com", f"guess {number}")) for number in range(21)]
    document = is_problem(answers[-1], 429, "too_many_attempts")
    assert answers[-1].headers["retry-after"] == "900"
    assert "quarter" in document["detail"]


# Paths and methods ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/nothing", "/opportunities/", "/opportunities/x", "/opportunities/0", "/opportunities/01"),
        *("/opportunities/-1", "/opportunities/99999999999", "/opportunities/2147483648", "/opportunities/1/dance"),
        *("/opportunities/%D9%A1", "/opportunities/1/move/2", "/%00", "/opportunities/%FF", "/OPPORTUNITIES"),
    ],
)
async def test_an_unknown_path_is_not_found(mia: Client, path: str) -> None:
    is_problem(await mia.get(path), 404, "not_found")
    is_problem(await mia.options(path), 404, "not_found")


async def test_a_record_that_is_not_there_is_not_found(mia: Client) -> None:
    for path in ("/opportunities/77", "/contacts/77", "/pipelines/77", "/stages/77", "/tokens/77"):
        is_problem(await mia.get(path), 404, "not_found")


async def test_a_method_that_is_not_offered_names_those_that_are(mia: Client) -> None:
    answer = await mia.put("/opportunities/1", json={})
    is_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, PATCH, DELETE, OPTIONS, HEAD"
    answer = await mia.request("BREW", "/opportunities")
    is_problem(answer, 405, "method_not_allowed")
    asked = await mia.options("/opportunities/1/move")
    assert (asked.status_code, asked.headers["allow"], asked.content) == (204, "POST, OPTIONS", b"")


async def test_head_is_get_without_the_body(mia: Client, stages: list[int]) -> None:
    await make(mia, stages[0])
    head, get = await mia.head("/opportunities/1"), await mia.get("/opportunities/1")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-type", "content-length"):
        assert head.headers[name] == get.headers[name]
    assert (await mia.head("/opportunities/9")).status_code == 404


async def test_parameters_that_an_operation_does_not_have_are_refused(mia: Client, stages: list[int]) -> None:
    for method, path in [("POST", "/opportunities"), ("DELETE", "/opportunities/1"), ("GET", "/me")]:
        answer = await mia.request(method, f"{path}?surprise=1", json={"stage_id": stages[0]})
        is_problem(answer, 400, "bad_query")


async def test_a_request_id_is_taken_over_where_it_is_sane(mia: Client) -> None:
    answer = await mia.get("/nothing", headers={"X-Request-Id": "trace-7"})
    assert answer.json()["request_id"] == answer.headers["x-request-id"] == "trace-7"
    answer = await mia.get("/nothing", headers={"X-Request-Id": "<script>"})
    assert answer.json()["request_id"] != "<script>"


# Bodies -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"", b"{", b"nope", b'{"title": "x",}', b"\xff\xfe", b'{"title": "\xff"}', b"NaN"])
async def test_what_is_no_json_is_refused(mia: Client, body: bytes) -> None:
    is_problem(await mia.post("/opportunities", content=body, headers=JSON), 400, "bad_json")


async def test_what_is_nested_too_deeply_is_refused(mia: Client) -> None:
    for deep in (b"[" * 50_000, b'{"custom":' + b"[" * 50_000):
        answer = await mia.post("/opportunities", content=deep, headers=JSON)
        assert answer.status_code in {400, 422}
        is_problem(answer, answer.status_code, answer.json()["code"])


@pytest.mark.parametrize("body", [b"[]", b"null", b"5", b'"text"', b"true"])
async def test_what_is_no_object_is_refused(mia: Client, body: bytes) -> None:
    document = is_problem(await mia.post("/opportunities", content=body, headers=JSON), 422, "invalid")
    assert document["errors"][0]["pointer"] == "#"


async def test_a_body_in_another_type_or_coding_is_refused(mia: Client, stages: list[int]) -> None:
    content = b'{"stage_id": 1}'
    for headers in (
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/merge-patch+json"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {},
    ):
        answer = await mia.post("/opportunities", content=content, headers=headers)
        is_problem(answer, 415, "unsupported_media_type")
    good = {"Content-Type": 'Application/JSON; charset="UTF-8"'}
    assert (await mia.post("/opportunities", content=content, headers=good)).status_code == 201
    answer = await mia.patch("/opportunities/1", content=content, headers={"Content-Type": "text/plain"})
    assert answer.headers["accept-patch"] == "application/json, application/merge-patch+json"


async def test_a_body_that_is_too_large_is_told_the_limit(mia: Client, stages: list[int]) -> None:
    text = "x" * (LIMIT - 100)
    sent = {"stage_id": stages[0], "description": text}
    assert (await mia.post("/opportunities", json=sent)).status_code == 201
    document = is_problem(await mia.post("/opportunities", json={**sent, "title": "x" * 200}), 413, "too_large")
    assert document["limit"] == LIMIT

    async def trickle() -> Any:
        for _ in range(200):
            yield b" " * 1000

    is_problem(await mia.post("/opportunities", content=trickle(), headers=JSON), 413, "too_large")


async def test_the_last_of_doubled_members_counts(mia: Client, stages: list[int]) -> None:
    content = b'{"stage_id": 1, "title": "first", "title": "second"}'
    answer = await mia.post("/opportunities", content=content, headers=JSON)
    assert (answer.status_code, answer.json()["title"]) == (201, "second")


async def test_text_that_no_database_keeps_is_refused_wherever_it_stands(mia: Client, stages: list[int]) -> None:
    for said in ({"title": "a\0b"}, {"utm": {"source": "\0"}}, {"amount": {"amount": "1", "currency": "\0"}}):
        answer = await mia.post("/opportunities", json={"stage_id": stages[0], **said})
        is_problem(answer, 422, "invalid")
    for path, said in [
        ("/contacts", {"kind": "person", "first_name": "a\0"}),
        ("/stages", {"title": "\0"}),
        ("/tokens", {"label": "\0"}),
    ]:
        assert (await mia.post(path, json=said)).status_code == 422
    lone = b'{"stage_id": 1, "title": "\\ud800"}'
    is_problem(await mia.post("/opportunities", content=lone, headers=JSON), 400, "bad_json")
    escaped = b'{"stage_id": 1, "title": "\\\\u0000"}'
    assert (await mia.post("/opportunities", content=escaped, headers=JSON)).status_code == 201


VALUES: list[Any] = [
    *(None, True, False, 0, -1, 1.5, 1e308, 2**31, 2**53, 2**63, 2**64, 10**400, "", " ", "0", "\x01", "💥" * 300),
    *("x" * 5000, "2026-13-45", "9999-12-31", "0001-01-01", "9999-12-31T23:59:59.999999-14:00", [], [1], [None], {}),
    *(
        {"amount": "1"},
        {"amount": "9" * 15 + "." + "9" * 9, "currency": "XXX"},
        {"a": {"b": {}}},
        "\u2028\ufffe",
        "1e5",
    ),
]
MEMBERS = [
    *("title", "description", "stage_id", "contact_id", "member_ids", "team_id", "kind_id", "responsible_id", "amount"),
    *("billing", "periods", "probability", "expected_close_on", "closed_at", "lead_source_id", "utm", "shared_with"),
    *("custom", "system_id", "reminded", "surprise", "values", "before", "after", "position", "reason_id", "kind"),
    *("infos", "addresses", "tags", "email", "currency", "required_fields", "outcome", "label", "scope", "expires_at"),
]
PATHS = [
    *("POST /opportunities", "PATCH /opportunities/1", "POST /opportunities/1/move", "POST /opportunities/1/lose"),
    *("POST /contacts", "PATCH /contacts/1", "POST /stages", "PATCH /stages/1", "POST /pipelines", "POST /tokens"),
    *("POST /opportunities/1/restore", "POST /opportunities/1/win", "PATCH /pipelines/1"),
]


@pytest.mark.parametrize("target", PATHS)
async def test_no_body_whatsoever_is_answered_with_a_failure(olga: Client, stages: list[int], target: str) -> None:
    dice = random.Random(target)
    await make(olga, stages[0])
    await olga.post("/contacts", json={"kind": "person", "first_name": "Ada"})
    method, path = target.split()
    for turn in range(120):
        sent: dict[str, Any] = {"stage_id": stages[0]} if turn % 2 and "opp" in path else {}
        sent |= {dice.choice(MEMBERS): dice.choice(VALUES) for _ in range(1 + turn % 3)}
        content = httpx.Request("POST", "http://x", json=sent).content
        if turn % 5 == 4:
            place = dice.randrange(len(content))
            content = content[:place] + bytes([dice.randrange(256)]) + content[place + 1 :]
        answer = await olga.request(method, path, content=content, headers=JSON)
        assert answer.status_code < 500, (content[:300], answer.text)
        if answer.status_code >= 400:
            is_problem(answer, answer.status_code, answer.json()["code"])
