"""The pages: what is served here, the documentation, and nothing from anywhere else."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urljoin

import httpx
import pytest

from dealwright.actions import first_account
from dealwright.actions.deed import now
from dealwright.app import create_app
from dealwright.config import Settings
from dealwright.storage.database import Database, connect
from dealwright.web import documents
from tests.cast import company


@pytest.fixture
async def portal(sqlite_url: str) -> AsyncIterator[Database]:
    database = await connect(sqlite_url)
    yield database
    await database.close()


@pytest.fixture
async def http(portal: Database) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings(access_log=False, public_url="https://deals.example/<x>"), portal)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://dealwright.test") as client:
        yield client


async def test_the_start_page_shows_how_to_sign_in_to_each_face(http: httpx.AsyncClient) -> None:
    page = (await http.get("/")).text
    for path in ("/api/2.0/authentication.json", "/api/token", "/api/v1/opportunities"):
        assert f"https://deals.example/&lt;x&gt;{path}" in page


async def test_the_start_page_says_when_nobody_can_sign_in_yet(http: httpx.AsyncClient, portal: Database) -> None:
    assert "Nobody can sign in yet" in (await http.get("/")).text
    await company(portal)
    assert "Nobody can sign in yet" not in (await http.get("/")).text


async def test_pages_load_nothing_from_elsewhere_and_run_no_script(http: httpx.AsyncClient) -> None:
    for path in ("/", "/docs", "/docs/operations", "/nothing"):
        answer = await http.get(path)
        loaded = re.findall(r'<(?:link|script|img|iframe)[^>]+(?:src|href)="([^"]+)"', answer.text)
        assert loaded
        assert all(address.startswith("/assets/") for address in loaded)
        assert "<script" not in answer.text
        assert "style=" not in answer.text
        assert "script-src" not in answer.headers["content-security-policy"]
        for address in loaded:
            assert (await http.get(address)).status_code == 200


async def test_every_document_is_a_page_and_its_links_lead_somewhere(http: httpx.AsyncClient) -> None:
    listed = re.findall(r'href="(/docs/[^"]+)"', (await http.get("/docs")).text)
    assert [f"/docs/{name}" for name in documents.names()] == listed
    for path in listed:
        page = (await http.get(path)).text
        for target in re.findall(r'href="([^":#]+)(?:#[^"]*)?"', page.partition("<article>")[2]):
            assert (await http.get(urljoin(path, target))).status_code == 200, f"{path} → {target}"


def test_raw_html_in_a_document_is_shown_and_not_obeyed() -> None:
    html = documents.rendered("# A <b>title</b>\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1))\n")
    assert "<script>" not in html
    assert 'href="javascript' not in html
    assert '<h1 id="a-b-title-b">' in html


def test_links_between_documents_become_links_between_pages() -> None:
    html = documents.rendered("[a](concepts.md) [b](dialects/native.md#money) [c](https://x.example/readme.md)")
    assert re.findall(r'href="([^"]+)"', html) == ["concepts", "dialects/native#money", "https://x.example/readme.md"]


@pytest.mark.parametrize(
    "path",
    [
        *("/docs/../pyproject", "/docs/%2e%2e/README", "/docs/nothing", "/assets/../site.py", "/assets/house.css/x"),
        *("/assets/site.py", "/templates/base.html", "//etc/passwd", "/.git/config", "/metrics", "/mcp", "/forms/x"),
    ],
)
async def test_nothing_else_is_there(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(path)).status_code == 404


@pytest.mark.parametrize(("path", "verbs"), [("/", "HEAD, GET"), ("/docs", "HEAD, GET"), ("/setup", "HEAD, GET, POST")])
async def test_a_verb_that_a_page_does_not_offer_is_405(http: httpx.AsyncClient, path: str, verbs: str) -> None:
    answer = await http.delete(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, verbs)


async def test_a_page_can_be_asked_for_with_head(http: httpx.AsyncClient) -> None:
    assert (await http.head("/")).status_code == 200


@pytest.mark.parametrize(
    ("path", "sign"),
    [
        ("/api/2.0/crm/nothing", "text/html"),
        ("/API/2.0/crm/nothing", "text/html"),
        ("/api/v1/nothing", "application/problem+json"),
        ("/Api/V1/nothing", "application/problem+json"),
        ("/api/nothing", "application/json"),
        ("/en/user/me", "application/json"),
        ("/EN/user/me/", "application/json"),
        ("/api", "text/html"),
    ],
)
async def test_each_path_is_answered_by_its_face_whatever_its_case(
    http: httpx.AsyncClient, path: str, sign: str
) -> None:
    answer = await http.get(path)
    assert answer.status_code in {401, 404}
    assert answer.headers["content-type"].startswith(sign)


@pytest.mark.parametrize("host", ["[::1", "a b", "\x00", "x:99999999", "<script>", ""])
async def test_an_odd_host_header_does_no_harm(http: httpx.AsyncClient, host: str) -> None:
    for path in ("/", "/docs/operations", "/nothing"):
        answer = await http.get(path, headers={"Host": host})
        assert answer.status_code in {200, 404}
        assert "<script>" not in answer.text


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe", b"=&=&", b"a=1&" * 500, b"code=%00&email=a@example.com", b"--x\r\n", b'{"code": ["x"]}'],
)
async def test_a_form_that_is_none_makes_nobody_an_owner(
    http: httpx.AsyncClient, portal: Database, body: bytes
) -> None:
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"):
        answer = await http.post("/setup", content=body, headers={"Content-Type": kind})
        assert answer.status_code == 403
    assert not portal.rules.users


async def test_what_is_typed_into_the_form_is_shown_as_text(http: httpx.AsyncClient, portal: Database) -> None:
    code = await first_account.invite(portal)
    odd = '"><script>alert(1)</script>'
    answer = await http.post("/setup", data={"code": code, "name": odd, "email": odd, "password": "short"})
    assert answer.status_code == 422
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text


async def test_a_link_ends_after_a_day_and_after_somebody_else_made_the_account(
    http: httpx.AsyncClient, portal: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = await first_account.invite(portal)
    later = now() + first_account.LIFETIME
    monkeypatch.setattr(first_account, "now", lambda: later + timedelta(seconds=1))
    assert (await http.get("/setup", params={"code": code})).status_code == 403
    monkeypatch.setattr(first_account, "now", lambda: later - timedelta(seconds=1))
    assert (await http.get("/setup", params={"code": code})).status_code == 200
    await company(portal)
    assert (await http.get("/setup", params={"code": code})).status_code == 403


async def test_of_two_who_use_the_link_at_once_one_becomes_the_owner(http: httpx.AsyncClient, portal: Database) -> None:
    code = await first_account.invite(portal)
    forms = [
        {"code": code, "name": name, "email": f"{name}@example.com", "password": "Correct-Horse-9-Battery"}
        for name in ("olga", "eve", "adam")
    ]
    answers = await asyncio.gather(*(http.post("/setup", data=form) for form in forms))
    assert sorted(answer.status_code for answer in answers) == [303, 403, 403]
    assert len(portal.rules.users) == 1
