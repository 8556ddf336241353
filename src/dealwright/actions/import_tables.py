"""The tables that imports read: bytes in whatever form become a file of rows; a workbook becomes a table first."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import IO

from dealwright.domain.table import Dialect, dialect_of, head_of, rows
from dealwright.workbooks import reading


@dataclass(frozen=True, slots=True)
class Table:
    """A file of rows. One that was a workbook is written our way, whatever was said of it."""

    file: IO[bytes]
    was_workbook: bool

    def dialect(self, said: Dialect) -> Dialect:
        """Return how it is written, given how somebody says it is."""
        return replace(reading.TABLE, has_header=said.has_header) if self.was_workbook else said

    def guessed(self) -> Dialect:
        """Return how it is probably written, with a head."""
        return reading.TABLE if self.was_workbook else dialect_of(self.file)


@dataclass(frozen=True, slots=True)
class Sample:
    """A look into a table: the first row of the file, one row of data, and whether it is the last."""

    head: list[str]
    cells: list[str]
    is_last: bool


async def _going_on() -> None:
    """Let a long reading go on."""


@asynccontextmanager
async def opened(
    pieces: AsyncIterator[bytes],
    sheet: str = "",
    most: int | None = None,
    pause: Callable[[], Awaitable[None]] = _going_on,
) -> AsyncIterator[Table]:
    """Take in the bytes of a table or a workbook, of which `sheet` is read, and give the table for a while.

    `most` is how many full rows of a workbook are wanted; `pause` is called again and again while it is read.
    Refuses with Invalid ("file", "sheet").
    """
    with tempfile.TemporaryFile() as sent, tempfile.TemporaryFile() as made:
        async for piece in pieces:
            await asyncio.to_thread(sent.write, piece)
        sent.seek(0)
        if not reading.is_workbook(sent):
            yield Table(sent, was_workbook=False)
            return
        writing = reading.as_text(sent, made, sheet, most)
        while await asyncio.to_thread(next, writing, None) is not None:
            await pause()
        yield Table(made, was_workbook=True)


async def sample(pieces: AsyncIterator[bytes], said: Dialect, index: int) -> Sample:
    """Return a row of data (from 0; beyond the end the last one). Refuses with Invalid."""
    async with opened(pieces, said.sheet, index + 3) as table:
        return await asyncio.to_thread(_looked, table.file, table.dialect(said), index)


def _looked(file: IO[bytes], dialect: Dialect, index: int) -> Sample:
    head, cells, last = head_of(file, dialect), list[str](), True
    found = (row for row in rows(file, dialect) if not row.is_blank)
    for place, row in enumerate(found):
        cells = row.cells
        if place == index:
            last = next(found, None) is None
            break
    return Sample(head, cells, last)
