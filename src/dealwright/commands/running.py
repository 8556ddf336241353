"""Long work as a command runs it: here, unless a server that runs beside has taken it already."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
import time
from collections.abc import Mapping
from typing import IO, Final

from dealwright.actions import work
from dealwright.actions.work_runs import Worker, Works
from dealwright.domain.actor import Actor
from dealwright.domain.work import Work
from dealwright.storage.database import Database

PAUSE: Final = 0.1
LONGEST_END: Final = 15.0


async def finished(db: Database, actor: Actor, started: Work, workers: Mapping[str, Worker]) -> Work:
    """Do a work to its end and return it as it is then, telling on a terminal how far it is.

    Who is cancelled meanwhile cancels the work; what it has done stays.
    """
    if not logging.root.handlers:
        logging.getLogger("dealwright").addHandler(Sentences(logging.WARNING))
    works = Works(db, workers, f"{socket.gethostname()}:{os.getpid()}:command")
    told = Progress(sys.stderr)
    try:
        return await _ended(db, actor, started.id, works, told)
    except asyncio.CancelledError:
        await work.cancel(db, actor, started.id)
        async with asyncio.timeout(LONGEST_END):
            await _ended(db, actor, started.id, works, told)
        raise
    finally:
        told.end()
        await works.stop()


async def _ended(db: Database, actor: Actor, ident: int, works: Works, told: Progress) -> Work:
    while not (found := await work.status(db, actor, ident)).is_finished:
        told.tell(found)
        await works.take_one(ident)
        await asyncio.sleep(PAUSE)
    return found


class Sentences(logging.Handler):
    """Says what the log says in a line each, without the place in the program."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        error = f": {record.exc_info[1]}" if record.exc_info and record.exc_info[1] else ""
        sys.stderr.write(f"dealwright: {record.getMessage()}{error}\n")


class Progress:
    """A line on a terminal that says how far a work is; elsewhere nothing."""

    def __init__(self, screen: IO[str]) -> None:
        self._screen = screen
        self._began = time.monotonic()

    def tell(self, found: Work) -> None:
        """Say how far it is."""
        seen = found.done + found.failed
        rate = seen / max(0.001, time.monotonic() - self._began)
        self._write(f"{found.percentage:5.1f} %  {seen:,} of {found.total:,}  {rate:,.0f}/s")

    def end(self) -> None:
        """Take the line away."""
        self._write("")

    def _write(self, text: str) -> None:
        if self._screen.isatty():
            self._screen.write(f"\r\x1b[K{text}")
            self._screen.flush()
