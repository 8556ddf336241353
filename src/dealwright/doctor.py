"""The doctor: looks at a set-up from every side and says what is wrong and what to do about it."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from dealwright import mail
from dealwright.config import LOOPBACK, Settings, unknown_variables, without_password
from dealwright.domain.actor import Standing
from dealwright.storage import file_check, health
from dealwright.storage.blobs import Blobs, default_address
from dealwright.storage.database import Database, TooWide, connect, sqlite_path
from dealwright.storage.summaries import SUMMARIES

OK, WARN, FAIL = "ok", "warn", "fail"
SQLITE_NEEDED: Final = (3, 40)
POSTGRES_NEEDED: Final = 15
SPACE_TIGHT: Final = 1 << 30
SPACE_GONE: Final = 100 << 20
CLOCK_APART: Final = timedelta(seconds=5)
SECONDS: Final = 15.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: how it stands, what it is about, and what to do where it does not stand well."""

    level: str
    about: str
    text: str


async def examine(settings: Settings, environment: Mapping[str, str]) -> list[Finding]:
    """Return everything that was looked at; nothing is changed."""
    found = [*_settings(settings, environment), *_network(settings), *_files(settings), _letters(settings)]
    return [*found, await _file_store(settings), *[each async for each in _database(settings)]]


# Settings and network ----------------------------------------------------------------------------------------


def _settings(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    for name in unknown_variables(environment):
        yield Finding(WARN, "settings", f"{name} is no setting; see dealwright serve --help")
    if settings.log_level == "debug":
        yield Finding(WARN, "settings", "the log level debug is for a search, not for every day")
    if settings.trusted_proxies == "*":
        text = "every client is trusted to say who it is; name your proxies in DEALWRIGHT_TRUSTED_PROXIES"
        yield Finding(WARN, "settings", text)
    if settings.admin_password and len(set(settings.admin_password)) < 6:
        yield Finding(WARN, "settings", "DEALWRIGHT_ADMIN_PASSWORD is easily guessed; take a longer one")
    yield Finding(OK, "settings", f"{settings.workers} worker(s) on {settings.host}:{settings.port}")


def _network(settings: Settings) -> Iterator[Finding]:
    is_public = settings.host not in LOOPBACK
    if is_public and not settings.tls_cert and not settings.trusted_proxies:
        text = "we listen beyond this machine without TLS: set DEALWRIGHT_TLS_CERT and _KEY, or put a proxy in front"
        yield Finding(WARN, "network", text)
    if is_public and not settings.public_url:
        yield Finding(WARN, "public address", "set DEALWRIGHT_PUBLIC_URL, or links in mails lead nowhere")
    elif urlsplit(settings.address).hostname not in LOOPBACK and not settings.is_https:
        yield Finding(WARN, "public address", f"{settings.address} is not https: passwords travel in the open")
    else:
        yield Finding(OK, "public address", settings.address)


# Files and mail ----------------------------------------------------------------------------------------------


def _files(settings: Settings) -> Iterator[Finding]:
    for name in ("tls_cert", "tls_key"):
        if path := getattr(settings, name):
            yield _readable(Path(path), f"DEALWRIGHT_{name.upper()}", is_secret=name == "tls_key")
    if settings.on_sqlite:
        yield from _sqlite_file(Path(sqlite_path(settings.database_url)))


def _readable(path: Path, about: str, is_secret: bool) -> Finding:
    if not os.access(path, os.R_OK):
        return Finding(FAIL, about, f"{path} cannot be read")
    if is_secret and _is_open(path):
        return Finding(WARN, about, f"{path} can be read by others: chmod 600 {path}")
    return Finding(OK, about, str(path))


def _is_open(path: Path) -> bool:
    return os.name == "posix" and bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))


def _sqlite_file(path: Path) -> Iterator[Finding]:
    folder = path.absolute().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        yield Finding(FAIL, "database folder", f"{folder} is not there or cannot be written to")
        return
    free = shutil.disk_usage(folder).free
    needed = max(SPACE_TIGHT, path.stat().st_size // 5 if path.exists() else 0)
    level = FAIL if free < SPACE_GONE else WARN if free < needed else OK
    yield Finding(level, "disk space", f"{free >> 20:,} MB free at {folder}")
    if path.exists() and not os.access(path, os.W_OK):
        yield Finding(FAIL, "database file", f"{path} cannot be written to")
    elif path.exists() and _is_open(path):
        yield Finding(WARN, "database file", f"{path} can be read by others: chmod 600 {path}")
    elif path.exists():
        yield Finding(OK, "database file", f"{path}, {path.stat().st_size >> 20:,} MB")


async def _file_store(settings: Settings) -> Finding:
    blobs = Blobs(settings.files or default_address(settings.database_url))
    shown = without_password(blobs.address)
    if blobs.is_local and (found := _folder_to_come(Path(blobs.address))) is not None:
        return found
    try:
        async with asyncio.timeout(SECONDS):
            await blobs.check()
    except Exception as error:
        return Finding(FAIL, "file store", f"{shown} cannot be written to: {_said(error)}")
    return Finding(OK, "file store", f"{shown} takes files")


def _folder_to_come(folder: Path) -> Finding | None:
    """Return how things stand for a folder of files that nobody needed yet, None when it is there."""
    if folder.exists():
        return None
    there = next(each for each in folder.parents if each.exists())
    ready = os.access(there, os.W_OK | os.X_OK)
    text = f"{folder} is made when it is needed" if ready else f"{folder} cannot be made: {there} is closed"
    return Finding(OK if ready else FAIL, "file store", text)


def _letters(settings: Settings) -> Finding:
    way = settings.mail_transport
    if way == "none":
        return Finding(WARN, "mail", "none is sent; set DEALWRIGHT_MAIL_TRANSPORT if people should be told of things")
    if way.startswith("file:"):
        folder = Path(way.removeprefix("file:")).absolute()
        there = folder if folder.exists() else folder.parent
        writable = there.is_dir() and os.access(there, os.W_OK | os.X_OK)
        return Finding(OK if writable else FAIL, "mail", f"into {folder}" + ("" if writable else ", which is closed"))
    try:
        mail.smtp_connection(urlsplit(way)).close()
    except OSError as error:  # smtplib's own errors are of this kind too
        return Finding(FAIL, "mail", f"{without_password(way)} does not answer: {_said(error)}")
    return Finding(OK, "mail", f"{without_password(way)} answers")


# The database ------------------------------------------------------------------------------------------------


async def _database(settings: Settings) -> AsyncIterator[Finding]:
    shown, newest = without_password(settings.database_url), health.newest_step()
    try:
        async with asyncio.timeout(SECONDS):
            present = await health.present_step(settings.database_url)
    except Exception as error:
        yield Finding(FAIL, "database", f"{shown} cannot be opened: {_said(error)}")
        return
    if present is None:
        yield Finding(OK, "database", f"{shown} is empty; dealwright serve makes the portal")
    elif present != newest:
        what = "run dealwright migrate" if present < newest else "it belongs to a newer Dealwright; update this one"
        yield Finding(FAIL, "schema", f"at step {present}, this program needs {newest}: {what}")
    else:
        yield Finding(OK, "database", f"{shown}, schema at step {present}")
        async for each in _opened(settings):
            yield each


async def _opened(settings: Settings) -> AsyncIterator[Finding]:
    db = await connect(settings.database_url, settings.files)
    try:
        async with asyncio.timeout(SECONDS):
            await health.write_test(db)
        yield Finding(OK, "write test", "a row can be written")
        for each in _looked_at(await health.facts(db), settings):
            yield each
        yield _people(db)
        for each in [*await _sums(db), *await _kept_files(db)]:
            yield each
    except Exception as error:
        yield Finding(FAIL, "write test", f"no row can be written: {_said(error)}")
    finally:
        await db.close()


def _looked_at(facts: health.Facts, settings: Settings) -> Iterator[Finding]:
    yield _sqlite_version(facts) if settings.on_sqlite else _postgres_version(facts)
    yield _clock(facts)
    if facts.unfinished_seed:
        text = "a seed was cut off and left indexes out: dealwright seed --opportunities 1 makes them"
        yield Finding(FAIL, "indexes", text)
    for name, unsafe in (("fsync", "off"), ("full_page_writes", "off"), ("synchronous_commit", "off")):
        if facts.others.get(name) == unsafe:
            yield Finding(WARN, "durability", f"PostgreSQL runs with {name} = {unsafe}: a power cut can lose deals")
    most, wanted = int(facts.others.get("max_connections", 0)), settings.workers * (settings.database_pool + 1)
    if most and wanted > most - 3:
        text = f"our pools may want {wanted} connections, PostgreSQL allows {most}"
        yield Finding(WARN, "connections", text)


def _sqlite_version(facts: health.Facts) -> Finding:
    found = tuple(int(part) for part in facts.version.split(".")[:2])
    if found < SQLITE_NEEDED:
        return Finding(FAIL, "SQLite", f"{facts.version} is older than 3.40; take a newer Python or PostgreSQL")
    return Finding(OK, "SQLite", facts.version)


def _postgres_version(facts: health.Facts) -> Finding:
    if int(facts.version.split(".")[0].split()[0]) < POSTGRES_NEEDED:
        return Finding(FAIL, "PostgreSQL", f"{facts.version} is older than {POSTGRES_NEEDED}")
    return Finding(OK, "PostgreSQL", facts.version)


def _clock(facts: health.Facts) -> Finding:
    now = datetime.now(UTC)
    apart = abs(now - facts.clock)
    if apart > CLOCK_APART:
        text = f"this machine and the database are {apart.total_seconds():.0f} s apart; let NTP set both"
        return Finding(WARN, "clock", text)
    if facts.newest_event is not None and facts.newest_event > now + CLOCK_APART:
        return Finding(WARN, "clock", f"the newest event is of {facts.newest_event:%Y-%m-%d %H:%M}, which is to come")
    return Finding(OK, "clock", f"{now:%Y-%m-%d %H:%M:%S} UTC")


async def _sums(db: Database) -> Sequence[Finding]:
    """Return whether what is summed up ahead is what the records come to, as far as can be told in some seconds."""
    wrong = 0
    try:
        async with asyncio.timeout(SECONDS):
            for summary in SUMMARIES.values():
                wrong += await summary.wrong(db)
    except (TimeoutError, TooWide):
        return [Finding(WARN, "sums", "there are too many records to count them now; dealwright recount does")]
    if wrong:
        text = f"{wrong:,} sums are not what the records come to, somebody wrote past us: dealwright recount mends them"
        return [Finding(FAIL, "sums", text)]
    return [Finding(OK, "sums", "what is summed up ahead is what the records come to")]


async def _kept_files(db: Database) -> Sequence[Finding]:
    """Return whether every file has its bytes, as far as can be seen in some seconds."""
    found = file_check.Agreement()
    try:
        async with asyncio.timeout(SECONDS):
            await file_check.compare(db, found)
    except TimeoutError:
        pass
    except Exception as error:
        return [Finding(WARN, "files", f"the file store cannot be looked through: {_said(error)}")]
    return list(_agreement(found))


def _agreement(found: file_check.Agreement) -> Iterator[Finding]:
    where = "" if found.is_whole else f" of the first {found.days:,} days; there are too many to look at all of them"
    if found.lost:
        ids = ", ".join(map(str, found.lost_ids)) + (" …" if found.lost > len(found.lost_ids) else "")
        text = f"{found.lost:,} of {found.files:,} files{where} have lost their bytes: bring back from a backup {ids}"
        yield Finding(WARN, "files", text)
    else:
        yield Finding(OK, "files", f"all {found.files:,} files{where} have their bytes")
    if found.nobodys:
        text = f"{found.nobodys:,} times bytes that no file has; a server that runs sweeps them away"
        yield Finding(WARN, "files", text)


def _people(db: Database) -> Finding:
    owners = [user for user in db.rules.users.values() if user.standing is Standing.OWNER and user.active]
    if not owners:
        return Finding(WARN, "people", "nobody owns the portal; dealwright serve prints a link for the first account")
    return Finding(OK, "people", f"{len(db.rules.users)} with an account, owned by {owners[0].email}")


def _said(error: BaseException) -> str:
    return without_password(" ".join(str(error).split())) or type(error).__name__
