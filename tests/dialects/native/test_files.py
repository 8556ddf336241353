"""Files in our own API: bytes as they are, up and down."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from dealwright.actions import sign_in
from dealwright.config import Settings
from dealwright.dialects.native.face import face
from dealwright.storage.database import Database
from tests.cast import Cast
from tests.dialects.native.conftest import Client


async def upload(client: Client, title: str = "offer.pdf", data: bytes = b"%PDF-1.7", **more: Any) -> dict[str, Any]:
    """Upload a file and return what is known of it."""
    answer = await client.post("/files", params={"title": title}, content=data, **more)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def note(client: Client, *files: int, **members: Any) -> int:
    """Hang files on a new company and return its id."""
    said = {"kind": "company", "name": "Acme", "allow_duplicate": True, **members}
    company = int((await client.post("/contacts", json=said)).json()["id"])
    answer = await client.post("/notes", json={"content": "x", "contact_id": company, "file_ids": list(files)})
    assert answer.status_code == 201, answer.text
    return company


async def titles(client: Client, query: str = "") -> list[str]:
    """The titles of a list."""
    answer = await client.get(f"/files?{query}")
    assert answer.status_code == 200, answer.text
    return [each["title"] for each in answer.json()["data"]]


async def test_bytes_come_back_as_they_were(mia: Client, cast: Cast) -> None:
    data = bytes(range(256)) * 3000
    answer = await mia.post("/files", params={"title": "größe.bin"}, content=data)
    made = answer.json()
    assert (made["title"], made["media_type"], made["size"]) == ("größe.bin", "application/octet-stream", len(data))
    assert (made["purpose"], made["created_by"], made["version"]) == ("attachment", cast.ids["mia"], 1)
    assert (answer.headers["etag"], answer.headers["location"]) == ('"v1"', f"/api/v1/files/{made['id']}")
    known = await mia.get(f"/files/{made['id']}")
    assert (known.json(), known.headers["etag"]) == (made, '"v1"')
    content = await mia.get(f"http://crm.example.com{made['content']}")
    assert content.content == data
    assert content.headers["content-length"] == str(len(data))
    head = await mia.head(f"/files/{made['id']}/content")
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(data)))


async def test_a_file_is_sent_to_be_saved(mia: Client) -> None:
    """Unless it is asked for in place and cannot act."""
    page, paper = await upload(mia, "a.html", b"<script>"), await upload(mia, "größe.pdf")
    ways = ((page, "?inline=true", "attachment"), (paper, "", "attachment"), (paper, "?inline=true", "inline"))
    for file, query, way in ways:
        headers = (await mia.get(f"/files/{file['id']}/content{query}")).headers
        assert headers["content-disposition"].startswith(f"{way}; filename=")
        assert headers["x-content-type-options"] == "nosniff"
    assert "filename*=UTF-8''gr%C3%B6%C3%9Fe.pdf" in headers["content-disposition"]
    assert headers["content-type"] == "application/pdf"
    kept = await mia.get(f"/files/{page['id']}/content")
    assert kept.headers["content-type"] == "text/html; charset=utf-8"


async def test_a_file_is_seen_with_the_record_that_its_note_hangs_on(mia: Client, people: dict[str, Client]) -> None:
    noah = people["noah"]
    alone, shared, hidden = [(await upload(mia, name))["id"] for name in ("alone.txt", "shared.txt", "hidden.txt")]
    company = await note(mia, shared)
    await note(mia, hidden, sharing="managers")
    assert await titles(mia) == ["hidden.txt", "shared.txt", "alone.txt"]
    assert await titles(noah) == await titles(mia, f"contact_id={company}") == ["shared.txt"]
    for number in (alone, hidden, 999):
        for path in (f"/files/{number}", f"/files/{number}/content"):
            assert (await noah.get(path)).status_code == 404
    assert (await noah.delete(f"/files/{shared}")).status_code == 403
    assert (await noah.get(f"/files/{shared}/content")).content == b"%PDF-1.7"
    assert (await people["rita"].get(f"/files/{shared}/content")).json()["right"] == "File-Read"
    assert (await mia.delete(f"/files/{shared}")).status_code == 204
    assert (await mia.get(f"/files/{shared}/content")).status_code == 404
    assert await titles(noah) == []


async def test_a_list_of_files_has_pages(mia: Client) -> None:
    for place in range(3):
        await upload(mia, f"{place}.txt")
    first = (await mia.get("/files?limit=2&total=exact&fields=title")).json()
    assert first["data"] == [{"title": "2.txt"}, {"title": "1.txt"}]
    assert (first["page"]["total"], first["page"]["has_more"]) == (3, True)
    assert await titles(mia, f"limit=2&cursor={first['page']['next_cursor']}") == ["0.txt"]
    assert await titles(mia, "purpose=report") == []
    assert (await mia.get("/files?purpose=nonsense")).status_code == 400


@pytest.mark.parametrize(
    ("title", "headers", "status"),
    [
        *((None, {}, 400), ("", {}, 400), ("x" * 256, {}, 400)),
        *(("a", {"Content-Encoding": "gzip"}, 415), ("a", {"Content-Type": "multipart/form-data; boundary=x"}, 415)),
    ],
)
async def test_what_is_no_upload_is_refused(
    mia: Client, db: Database, title: str | None, headers: dict[str, str], status: int
) -> None:
    params = {} if title is None else {"title": title}
    answer = await mia.post("/files", params=params, content=b"x", headers=headers)
    assert answer.status_code == status
    assert not await db.text("SELECT id FROM file")


async def _pieces(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 1000


@pytest.mark.parametrize("announced", [True, False])
async def test_of_an_upload_that_is_too_large_nothing_is_left(db: Database, cast: Cast, announced: bool) -> None:
    """Whether its size was announced or not."""
    transport = httpx.ASGITransport(face(db, Settings(upload_limit=5000)))
    secret = (await sign_in.issue(db, cast.ids["mia"], sign_in.API, None, "tests")).secret
    headers = {"Authorization": f"Bearer {secret}"}
    async with Client(transport=transport, base_url="http://crm.example.com/api/v1", headers=headers) as client:
        content: Any = b"x" * 6000 if announced else _pieces(6)
        answer = await client.post("/files?title=a", content=content)
        assert (answer.status_code, answer.json()["limit"]) == (413, 5000)
        assert (await client.post("/files?title=a", content=_pieces(5))).status_code == 201
    assert len([key for day in await db.blobs.days() for key in await db.blobs.keys_of(day)]) == 1


async def test_an_upload_under_rules_that_move_is_sent_again(mia: Client, db: Database) -> None:
    """Its bytes cannot be read twice; nothing is left of them."""

    async def moving() -> AsyncIterator[bytes]:
        yield b"half"
        await db.apply_rules([], None)
        yield b"half"

    answer = await mia.post("/files?title=a", content=moving())
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert [key for day in await db.blobs.days() for key in await db.blobs.keys_of(day)] == []
    assert (await upload(mia))["size"] == 8
