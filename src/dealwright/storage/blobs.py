"""The file store: bytes under keys that we make, in a folder or wherever fsspec reaches; what they mean it knows not.

A blob is written under a name beside the others and moved to its key when it is whole, so that nothing half done is
ever read. Keys begin with the day on which they were made, so that what a crash left behind can be looked for by days.
"""

from __future__ import annotations

import asyncio
import os
import re
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

from dealwright.storage.outage import Room

P = ParamSpec("P")
T = TypeVar("T")

CHUNK: Final = 1 << 18
ARRIVING: Final = "arriving"

_KEY = re.compile(r"(\d{8})/([0-9a-f]{32})")
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:(:|//)")


class Unusable(Exception):
    """The address of the file store cannot be used; the message is a sentence that says why."""


class Gone(Exception):
    """There are no bytes under a key that ought to have some."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Where bytes were put, and how many they are."""

    key: str
    size: int


class Blobs:
    """The file store at an address: a folder, or any address that fsspec knows, such as `s3://bucket/prefix`.

    Nothing is opened or made before it is needed. `room` knows whether it takes what is written.
    """

    def __init__(self, address: str) -> None:
        self.is_local = not _REMOTE.match(address)
        self.address = str(Path(address).absolute()) if self.is_local else address
        self.room = Room()
        self._opened: tuple[Any, str] | None = None

    async def ready(self) -> None:
        """Look whether the address can be used at all; raises Unusable. A folder is not looked at before it is used."""
        if not self.is_local:
            await _aside(self._system)

    async def check(self) -> None:
        """Write, read and delete a few bytes; raises Unusable or whatever the store says."""
        stored = await self.write(b"dealwright")
        try:
            if await self.read(stored.key) != b"dealwright":
                raise Unusable(f"{self.address} gives back other bytes than it was given.")
        finally:
            await self.delete(stored.key)

    @staticmethod
    def new_key() -> str:
        """Return a key that nothing has."""
        return f"{datetime.now(UTC):%Y%m%d}/{uuid.uuid4().hex}"

    async def write(self, data: bytes | AsyncIterator[bytes], key: str | None = None) -> Stored:
        """Keep some bytes under a new key (None: one that is made). When they end in an error nothing is left.

        Raises Unwritable when the disk is full or closed.
        """
        key = _known(key or self.new_key())
        arriving = _arriving(key)
        try:
            with self.room.claimed():
                size = await self._receive(arriving, _pieces(data))
                await _aside(self._settle, arriving, key)
        except BaseException:
            await _aside(self._remove, arriving)
            raise
        return Stored(key, size)

    async def open(self, key: str) -> AsyncIterator[bytes]:
        """Return the bytes under a key, in pieces of at most 256 KiB; raises Gone."""
        try:
            file = await _aside(self._open, _known(key), "rb")
        except FileNotFoundError:
            raise Gone(key) from None
        return _read(file)

    async def read(self, key: str) -> bytes:
        """Return the bytes under a key, all at once; raises Gone."""
        return b"".join([piece async for piece in await self.open(key)])

    async def delete(self, key: str) -> None:
        """Remove the bytes under a key, if there are any."""
        await _aside(self._remove, _known(key))

    async def discard(self, key: str) -> None:
        """Remove the bytes under a key, and what began to arrive for it, if there are any."""
        await _aside(self._remove, _arriving(_known(key)))
        await self.delete(key)

    async def days(self) -> list[str]:
        """Return the days of the keys there are, as `YYYYMMDD`, the oldest first."""
        return [name for name in await _aside(self._names, "") if re.fullmatch(r"\d{8}", name)]

    async def keys_of(self, day: str) -> list[str]:
        """Return the keys that were made on a day."""
        return [key for name in await _aside(self._names, day) if _KEY.fullmatch(key := f"{day}/{name}")]

    async def forget_arriving(self, before: date) -> int:
        """Remove what began to arrive before a day and never became whole; return how much that was."""
        names = [name for name in await _aside(self._names, ARRIVING) if name[:8] < f"{before:%Y%m%d}"]
        for name in names:
            await _aside(self._remove, f"{ARRIVING}/{name}")
        return len(names)

    async def _receive(self, name: str, pieces: AsyncIterator[bytes]) -> int:
        file, size = await _aside(self._open, name, "wb"), 0
        try:
            async for piece in pieces:
                await _aside(file.write, piece)
                size += len(piece)
            if self.is_local:
                await _aside(_flush, file)
        finally:
            await _aside(file.close)
        return size

    # What follows runs in threads.

    def _system(self) -> tuple[Any, str]:
        if self._opened is None:
            self._opened = _resolved(f"file://{self.address}" if self.is_local else self.address)
        return self._opened

    def _path(self, name: str) -> tuple[Any, str]:
        system, root = self._system()
        return system, f"{root.rstrip('/')}/{name}" if name else root

    def _open(self, name: str, mode: str) -> Any:
        system, path = self._path(name)
        if mode == "wb":
            system.makedirs(path.rpartition("/")[0], exist_ok=True)
        return system.open(path, mode)

    def _settle(self, arriving: str, key: str) -> None:
        (system, source), (_, target) = self._path(arriving), self._path(key)
        folder = target.rpartition("/")[0]
        system.makedirs(folder, exist_ok=True)
        if self.is_local:
            os.replace(source, target)
            _flush_folder(folder)
        else:
            system.mv(source, target)

    def _remove(self, name: str) -> None:
        system, path = self._path(name)
        with suppress(FileNotFoundError):
            system.rm_file(path)

    def _names(self, folder: str) -> Sequence[str]:
        try:
            if self.is_local:  # the sweeper looks every hour, also where nobody ever kept a file
                return sorted(os.listdir(Path(self.address, folder)))
            system, path = self._path(folder)
            system.invalidate_cache()
            found = system.ls(path, detail=False)
        except FileNotFoundError:
            return []
        return sorted(str(each).rstrip("/").rpartition("/")[2] for each in found)


def default_address(database_url: str) -> str:
    """Return the folder where files are kept unless a setting says otherwise: beside a SQLite file, else here."""
    if not database_url.startswith("sqlite:"):
        return "dealwright-files"
    path = Path(database_url.removeprefix("sqlite:///"))
    return str(path.with_name(f"{path.stem}-files"))


async def _aside(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run something in a thread; who is cancelled meanwhile waits for its end, so that no two threads meet."""
    running = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise


async def _pieces(data: bytes | AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if isinstance(data, bytes):
        yield data
        return
    async for piece in data:
        yield piece


async def _read(file: Any) -> AsyncIterator[bytes]:
    try:
        while piece := await _aside(file.read, CHUNK):
            yield piece
    finally:
        await _aside(file.close)


def _known(key: str) -> str:
    """Return a key that is one of ours; whatever else stands in a row never becomes a path."""
    if not _KEY.fullmatch(key):
        raise Gone(key)
    return key


def _arriving(key: str) -> str:
    """Return under which name the bytes of a key stand until they are whole."""
    return f"{ARRIVING}/{key.replace('/', '-')}"


def _resolved(address: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs  # type: ignore[import-untyped]  # noqa: PLC0415 - only if needed

    try:
        system, root = url_to_fs(address)
    except ImportError as error:
        raise Unusable(f"The file store needs a package that is not installed: {error}.") from None
    except ValueError as error:
        raise Unusable(f"The file store's address cannot be used: {error}.") from None
    return system, str(root)


def _flush(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())


def _flush_folder(folder: str) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
