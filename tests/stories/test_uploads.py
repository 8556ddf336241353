"""A running server is sent files of 100 MB: they come back whole and take little memory; larger ones leave nothing."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import StartServer
from tests.support.servers import OWNER_EMAIL, OWNER_PASSWORD, RunningServer

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")]

SIZE = 99 << 20
ROOM = 48 << 20
"""Memory that uploads and downloads of that size may take beside what the server has anyway."""
BLOCK = bytes(range(256)) * 1024


def _blocks(size: int) -> Iterator[bytes]:
    for start in range(0, size, len(BLOCK)):
        yield BLOCK[: min(len(BLOCK), size - start)]


def _sum(blocks: Iterator[bytes]) -> str:
    found = hashlib.sha256()
    for block in blocks:
        found.update(block)
    return found.hexdigest()


def _form(size: int) -> Iterator[bytes]:
    yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="big.bin"\r\n\r\n'
    yield from _blocks(size)
    yield b"\r\n--x--\r\n"


def _peak(server: RunningServer) -> int:
    """The most memory the server had so far."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmHWM"))


def _kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def basic() -> httpx.BasicAuth:
    """The portal owner."""
    return httpx.BasicAuth(OWNER_EMAIL, OWNER_PASSWORD)


def test_large_files_go_through_little_memory(
    server: StartServer, database_url: str, tmp_path: Path, basic: httpx.BasicAuth
) -> None:
    folder = tmp_path / "store"
    running = server(database_url, settings={"DEALWRIGHT_FILES": str(folder)})
    client, form = running.client, {"Content-Type": "multipart/form-data; boundary=x"}
    path = f"/api/2.0/crm/contact/{_contact(client, basic)}/files/upload"
    client.post(path, content=_form(1000), headers=form, auth=basic)
    before, whole = _peak(running), _sum(_blocks(SIZE))
    theirs = client.post(path, content=_form(SIZE), headers=form, auth=basic, timeout=60).json()["response"]
    ours = client.post("/api/v1/files?title=big.bin", content=_blocks(SIZE), auth=basic, timeout=60).json()
    assert (theirs["pureContentLength"], ours["size"]) == (SIZE, SIZE)
    for address in (theirs["viewUrl"], ours["content"]):
        with client.stream("GET", address, auth=basic) as answer:
            assert _sum(answer.iter_raw()) == whole
    assert _peak(running) - before < ROOM


def test_files_that_are_too_large_leave_nothing(
    server: StartServer, database_url: str, tmp_path: Path, basic: httpx.BasicAuth
) -> None:
    folder = tmp_path / "store"
    limits = {"DEALWRIGHT_FILES": str(folder), "DEALWRIGHT_UPLOAD_LIMIT": str(1 << 20)}
    client = server(database_url, settings=limits).client
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    path = f"/api/2.0/crm/contact/{_contact(client, basic)}/files/upload"
    theirs = client.post(path, content=_form(2 << 20), headers=form, auth=basic)
    ours = client.post("/api/v1/files?title=big.bin", content=_blocks(2 << 20), auth=basic)
    assert (theirs.status_code, ours.status_code) == (413, 413)
    assert theirs.json()["statusCode"] == 413
    assert ours.json()["limit"] == 1 << 20
    assert _kept(folder) == []
    assert client.get("/api/v1/files", auth=basic).json()["data"] == []
    assert client.post(path, content=_form(1 << 19), headers=form, auth=basic).status_code == 201
    assert len(_kept(folder)) == 1


def _contact(client: httpx.Client, basic: httpx.BasicAuth) -> int:
    said = {"kind": "company", "name": "Acme"}
    return int(client.post("/api/v1/contacts", json=said, auth=basic).json()["id"])
