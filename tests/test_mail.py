"""Mail over real TLS: who is not trusted is told nothing, and the letter waits in the outbox with the reason."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from dealwright.actions.deed import now, posted
from dealwright.config import Settings
from dealwright.jobs import Post, letters
from dealwright.storage import schema
from dealwright.storage.database import Database, connect
from dealwright.storage.query import Query
from tests.cast import Cast, company
from tests.support.certificates import certificate
from tests.support.letterbox import Letterbox

MEMBER = ("deals@example.com", "p@ss: word")
SIGNED_IN = "deals%40example.com:p%40ss%3A%20word@"
STATE = Query(select(schema.outbox.c.done_at, schema.outbox.c.attempts, schema.outbox.c.last_error))


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate and its key."""
    return certificate(tmp_path_factory.mktemp("paper"))


@pytest.fixture
async def portal(sqlite_url: str) -> AsyncIterator[tuple[Database, Cast]]:
    """The company at work; what a mail server says is the same for both databases."""
    db = await connect(sqlite_url)
    yield db, await company(db)
    await db.close()


@asynccontextmanager
async def letterbox(paper: tuple[Path, Path], tls: str) -> AsyncIterator[Letterbox]:
    """A mail server with TLS `implicit`, after `starttls`, or not at all."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*paper)
    box = Letterbox(None if tls == "none" else context, tls == "implicit", MEMBER)
    await box.open()
    yield box
    await box.close()


def address(box: Letterbox, tls: str, host: str = "127.0.0.1") -> Settings:
    """Settings for mail over a server; a server on this machine is spoken to in the open unless one says so."""
    scheme, query = ("smtps", "") if tls == "implicit" else ("smtp", f"?tls={tls}")
    return Settings(mail_transport=f"{scheme}://{SIGNED_IN}{host}:{box.port}{query}")


async def delivered(portal: tuple[Database, Cast], settings: Settings) -> tuple[Any, ...]:
    """Try to send a letter to Noah; return when it was done, how often it failed, and the reason."""
    db, cast = portal
    await db.apply([posted("mail.shared", {"by": "Mia", "title": "Ten desks", "to_uid": cast.noah.uid}, now())])
    post = Post(db, letters(db, settings))
    assert await post.is_due()
    await post.deliver()
    [row] = await db.rows(STATE)
    return tuple(row)


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
async def test_a_letter_and_the_password_go_to_a_trusted_server_over_tls(
    portal: tuple[Database, Cast], paper: tuple[Path, Path], tls: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(paper[0]))
    async with letterbox(paper, tls) as box:
        done, _, error = await delivered(portal, address(box, tls))
    assert (done is not None, error) == (True, None)
    assert len(box.letters) == 1
    assert all(safe for verb, safe in box.heard if verb not in {"EHLO", "STARTTLS"})
    assert ("AUTH", True) in box.heard


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"], ids=["untrusted", "of another host"])
async def test_a_server_with_a_certificate_that_is_not_right_is_told_nothing_and_the_letter_waits(
    portal: tuple[Database, Cast], paper: tuple[Path, Path], tls: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if host == "localhost":
        monkeypatch.setenv("SSL_CERT_FILE", str(paper[0]))
    async with letterbox(paper, tls) as box:
        done, attempts, error = await delivered(portal, address(box, tls, host))
    assert (done, attempts) == (None, 1)
    assert ("mismatch" if host == "localhost" else "self-signed") in error.replace("self signed", "self-signed")
    assert {verb for verb, _ in box.heard} <= {"EHLO", "STARTTLS"}
    assert box.letters == []


async def test_without_tls_nobody_signs_in_unless_the_settings_say_so(
    portal: tuple[Database, Cast], paper: tuple[Path, Path]
) -> None:
    async with letterbox(paper, "none") as box:
        done, _, error = await delivered(portal, address(box, "starttls"))
        assert (done, "STARTTLS" in error) == (None, True)
        assert {verb for verb, _ in box.heard} == {"EHLO"}
        await portal[0].text("DELETE FROM outbox")
        done, _, error = await delivered(portal, address(box, "none"))
    assert (done is not None, error) == (True, None)
    assert ("AUTH", False) in box.heard
