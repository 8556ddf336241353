"""The pages: what is served here, the documentation, and nothing from anywhere else."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from urllib.parse import urljoin

import httpx
import pytest

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
