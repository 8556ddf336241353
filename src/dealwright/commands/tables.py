"""`dealwright import` and `dealwright export`: tables between files of this machine and the portal."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Final

from dealwright.actions import exports, files, import_headings, import_tables, imports, work
from dealwright.commands import DONE, Misused, running
from dealwright.commands.people import acting
from dealwright.commands.words import EXPORTS, IMPORTS
from dealwright.config import Settings
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Invalid, Problem, Refusal
from dealwright.domain.importing import Column, Duplicates, Order
from dealwright.domain.table import Dialect, Written, head_of
from dealwright.domain.work import RowProblem, State, Work
from dealwright.storage.database import Database
from dealwright.storage.query import Page

FAILED = 1
STREAM: Final = "-"
PIECE: Final = 1 << 18
SHOWN: Final = 20
EVERY_PROBLEM: Final = Page(0, 100_000)


# In --------------------------------------------------------------------------------------------------------------


async def take_in(db: Database, settings: Settings, given: argparse.Namespace) -> int:
    """Import a table and return the exit code: 0 where every row came, or was there already."""
    actor, subject = acting(db, given.person), IMPORTS[given.subject]
    with _opened(given.file) as source:
        order = await _order(db, given, subject, source)
        title = "standard input" if given.file == STREAM else Path(given.file).name
        started = await _begun(db, actor, order, title, source)
    workers = dict.fromkeys(imports.KINDS, imports.worker(replace(imports.FETCHED, private=settings.fetch_private)))
    ended = await running.finished(db, actor, started, workers)
    problems = await work.problems(db, actor, ended.id, EVERY_PROBLEM)
    _tell_problems(problems, given.problems)
    return _told(ended, order.is_trial)


async def _begun(db: Database, actor: Actor, order: Order, title: str, source: IO[bytes]) -> Work:
    try:
        file_id = await imports.upload(db, actor, title, _pieces(source))
        return await imports.start(db, actor, order, file_id)
    except Invalid as refusal:
        raise Misused(_sentences(refusal)) from None


async def _order(db: Database, given: argparse.Namespace, subject: str, source: IO[bytes]) -> Order:
    try:
        dialect, head = await _looked(given, source)
        columns = _columns(db, given, subject, head)
    except Invalid as refusal:
        raise Misused(_sentences(refusal)) from None
    return Order(
        subject=subject,
        columns=columns,
        dialect=dialect,
        duplicates=Duplicates(given.on_duplicate),
        day_first=given.day_first,
        tags=tuple(given.tag),
        makes=tuple(given.create_missing),
        is_trial=given.dry_run,
    )


async def _looked(given: argparse.Namespace, source: IO[bytes]) -> tuple[Dialect, list[str]]:
    """Return how a table is written, as far as nobody tells found out, and its first row."""
    async with import_tables.opened(_pieces(source), given.sheet, 2) as table:
        found = await asyncio.to_thread(table.guessed)
        said = replace(
            found,
            delimiter={"\\t": "\t", "tab": "\t"}.get(given.delimiter, given.delimiter) or found.delimiter,
            encoding=given.encoding or found.encoding,
            has_header=not given.no_header,
            sheet=given.sheet,
        ).checked()
        return said, await asyncio.to_thread(head_of, table.file, table.dialect(said))


def _columns(db: Database, given: argparse.Namespace, subject: str, head: Sequence[str]) -> tuple[Column, ...]:
    has_header = not given.no_header
    if given.mapping:
        return import_headings.by_word(db.rules, subject, head, given.mapping, has_header)
    if not has_header:
        raise Misused("Without a header --map has to tell what the columns are, as in --map first_name=1.")
    columns = import_headings.by_heading(db.rules, subject, head)
    used = {place: name for name, places in columns for place in places}
    told = ", ".join(f"{cell} → {used[place]}" for place, cell in enumerate(head) if place in used)
    left = ", ".join(cell for place, cell in enumerate(head) if place not in used)
    sys.stderr.write(f"Columns: {told or 'none is known'}{f'; passed over: {left}' if left else ''}.\n")
    return columns


def _tell_problems(problems: Sequence[RowProblem], path: str | None) -> None:
    for one in problems[:SHOWN]:
        value = f" (“{one.value}”)" if one.value else ""
        sys.stderr.write(f"row {one.row}: {' '.join((one.field.replace('_', ' '), one.message)).strip()}{value}\n")
    if len(problems) > SHOWN:
        further = f"they are all in {path}" if path else "--problems FILE keeps them all"
        sys.stderr.write(f"… and {len(problems) - SHOWN:,} more; {further}.\n")
    if path:
        _write_problems(problems, Path(path))


def _write_problems(problems: Sequence[RowProblem], path: Path) -> None:
    out = Written()
    out.put(("Row", "Field", "Code", "Problem", "Value"))
    for one in problems:
        out.put((str(one.row), one.field, one.code, one.message, one.value))
    path.write_bytes(out.mark() + out.taken())


def _told(ended: Work, is_trial: bool) -> int:
    if ended.state is not State.DONE:
        raise Refusal(_why("import", ended))
    counts = {name: ended.cursor.get(name, 0) for name in ("imported", "skipped", "overwritten")}
    counts["left out"] = ended.failed
    told = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    sys.stdout.write(f"A dry run, nothing was written: {told}.\n" if is_trial else f"{told.capitalize()}.\n")
    return FAILED if ended.failed else DONE


# Out -------------------------------------------------------------------------------------------------------------


async def give_out(db: Database, _: Settings, given: argparse.Namespace) -> int:
    """Export a table and return the exit code. The file is there when it is whole, or not at all."""
    actor, subject = acting(db, given.person), EXPORTS[given.subject]
    _check_target(given.to)
    everything = subject == "everything"
    started = await (exports.start_whole(db, actor) if everything else exports.start(db, actor, subject))
    ended = await running.finished(db, actor, started, exports.WORKERS)
    if ended.state is not State.DONE:
        raise Refusal(_why("export", ended))
    file, pieces = await files.opened(db, actor, int(ended.result["file_id"]))
    await _written(pieces, given.to)
    await files.delete(db, actor, file.id)
    sys.stderr.write(f"Exported {ended.done:,} records, {file.size:,} bytes.\n")
    return DONE


def _check_target(target: str) -> None:
    path = Path(target)
    if target != STREAM and (path.is_dir() or not path.absolute().parent.is_dir()):
        raise Misused(f"{target} is no place for a file.")


async def _written(pieces: AsyncIterator[bytes], target: str) -> None:
    if target == STREAM:
        async for piece in pieces:
            await asyncio.to_thread(sys.stdout.buffer.write, piece)
        sys.stdout.buffer.flush()
        return
    handle, name = tempfile.mkstemp(dir=os.path.dirname(target) or ".", prefix=".dealwright-")
    try:
        with os.fdopen(handle, "wb") as file:
            async for piece in pieces:
                await asyncio.to_thread(file.write, piece)
        os.replace(name, target)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise


# Both ------------------------------------------------------------------------------------------------------------


def _opened(path: str) -> IO[bytes]:
    """Return a file that can be read twice."""
    if path == STREAM:
        kept = tempfile.TemporaryFile()  # noqa: SIM115 - who asked closes it
        while piece := sys.stdin.buffer.read(PIECE):
            kept.write(piece)
        return kept
    try:
        return open(path, "rb")
    except OSError as error:
        raise Misused(f"{path} cannot be read: {error.strerror}.") from None


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    file.seek(0)
    while piece := await asyncio.to_thread(file.read, PIECE):
        yield piece


def _why(what: str, ended: Work) -> str:
    return f"The {what} failed: {ended.error}" if ended.error else f"The {what} was {ended.state}"


def _sentences(refusal: Invalid) -> str:
    return " ".join(_sentence(one) for one in refusal.problems)


def _sentence(problem: Problem) -> str:
    text = f"{problem.field.replace('_', ' ')} {problem.message}".strip()
    value = f": {problem.value}" if isinstance(problem.value, str) and problem.value not in text else ""
    return f"{text[:1].upper()}{text[1:]}{value}."
