"""Tables as text: bytes of an unknown hand become rows of cells, a row at a time, and cells become bytes again."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Final

from dealwright.domain.errors import Problem, invalid
from dealwright.domain.text import is_storable

CELL_LENGTH: Final = 1 << 20
LINE_LENGTH: Final = 1 << 24
COLUMNS: Final = 1000
BAD: Final = "\udc80"
_ACTIVE: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

csv.field_size_limit(CELL_LENGTH)


def _marked(error: UnicodeError) -> tuple[str, int]:
    """Put a mark where bytes are that the encoding does not know; the mark itself is in no well-formed text."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return BAD, error.end


codecs.register_error("dealwright-marked", _marked)

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a table is written: the name of its encoding, what stands between cells and around them, and a head.

    A byte order mark in the file counts more than `encoding`. An empty `quote` means that nothing is quoted. `sheet`
    is the one of a workbook that is meant, the first where it is empty; the rest is not asked of workbooks.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    has_header: bool = True
    sheet: str = ""

    def checked(self) -> Dialect:
        """Return the dialect if it can be read; refuses with Invalid."""
        if len(self.delimiter) != 1 or self.delimiter in "\r\n\0\ufeff":
            raise invalid("delimiter", "format", "must be one character", self.delimiter)
        if len(self.quote) > 1 or self.quote in {"\r", "\n", "\0", self.delimiter}:
            raise invalid("quote", "format", "must be one character, or none", self.quote)
        try:
            known = codecs.lookup(self.encoding)._is_text_encoding
        except (LookupError, ValueError):
            known = False
        if not known:
            raise invalid("encoding", "unknown", "is no encoding", self.encoding)
        if not is_storable(self.sheet):
            raise invalid("sheet", "format", "holds characters that cannot be kept")
        return self


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as people count (a head is number 1), its cells, and what is wrong with all of it."""

    number: int
    cells: list[str]
    problem: Problem | None = None

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in it."""
        return self.problem is None and not any(cell and not cell.isspace() for cell in self.cells)


def rows(file: IO[bytes], dialect: Dialect, start: int = 0) -> Iterator[Row]:
    """Yield the rows behind number `start`, the head left out; a bad one comes with its problem, then the next.

    Refuses with Invalid ("file") what has a line without an end.
    """
    head = 1 if dialect.has_header else 0
    for number, cells, problem in _numbered(file, dialect):
        if number > max(start, head):
            yield _row(number, cells, problem)


def head_of(file: IO[bytes], dialect: Dialect) -> list[str]:
    """Return the cells of the first row, head or not; nothing where the file is empty."""
    return next((_clean(cells) for _, cells, _ in _numbered(file, dialect)), [])


def dialect_of(file: IO[bytes]) -> Dialect:
    """Return how a table with a head is probably written: UTF-8 or else Windows-1252, by commas, semicolons or tabs."""
    file.seek(0)
    start = file.read(1 << 16)
    file.seek(0)
    encoding = "utf-8" if _is_utf8(start) else "windows-1252"
    bom = next((name for mark, name in _BOMS if start.startswith(mark)), encoding)
    head = start.decode(bom, "replace").partition("\n")[0]
    return Dialect(encoding, max(",;\t", key=head.count))


def _is_utf8(start: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)  # what is cut off at the end is no mistake
    except UnicodeDecodeError:
        return False
    return True


def _numbered(file: IO[bytes], dialect: Dialect) -> Iterator[tuple[int, list[str], Problem | None]]:
    reader = csv.reader(
        _lines(file, dialect.encoding),
        delimiter=dialect.delimiter,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
    )
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, [], Problem("", "format", f"cannot be read: {error}")
            continue
        yield number, cells, None


def _row(number: int, cells: list[str], problem: Problem | None) -> Row:
    if problem is None and any(BAD in cell for cell in cells):
        bad = next(cell for cell in cells if BAD in cell)
        problem = Problem("", "encoding", "holds bytes that are no characters of this encoding", _shown(bad))
    if problem is None and len(cells) > COLUMNS:
        problem = Problem("", "too_long", f"has more than {COLUMNS} cells", len(cells))
    return Row(number, _clean(cells), problem)


def _clean(cells: Iterable[str]) -> list[str]:
    return [_freed(cell.strip()) for cell in cells]


def _freed(cell: str) -> str:
    """Take away the apostrophe that `inert` put before a cell, so that what was exported comes back as it was."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_ACTIVE) else cell


def _shown(cell: str) -> str:
    return cell[:80].replace(BAD, "\ufffd")


def _lines(file: IO[bytes], encoding: str) -> Iterator[str]:
    start = file.read(4)
    file.seek(0)
    bom, known = next(((bom, name) for bom, name in _BOMS if start.startswith(bom)), (b"", encoding))
    file.seek(len(bom))
    text = io.TextIOWrapper(file, known, errors="dealwright-marked", newline="")
    try:
        while line := text.readline(LINE_LENGTH):
            if len(line) >= LINE_LENGTH:
                raise invalid("file", "format", "has a line without an end; is this a table?")
            yield line
    finally:
        if not file.closed:  # who has enough may have closed it already
            text.detach()


def inert(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; numbers stay as they are."""
    if cell.startswith(_ACTIVE) and not _is_number(cell):
        return "'" + cell
    return cell


def _is_number(cell: str) -> bool:
    return cell[0] in "+-" and cell[1:].replace(".", "", 1).isdecimal() and cell.isascii()


class Written:
    """Writes rows of cells as UTF-8 with a byte order mark, each cell inert; gives back what was written since."""

    def __init__(self) -> None:
        self._text = io.StringIO(newline="")
        self._writer = csv.writer(self._text, lineterminator="\r\n")

    @staticmethod
    def mark() -> bytes:
        """Return what a file begins with, so that spreadsheets know its encoding."""
        return codecs.BOM_UTF8

    def put(self, cells: Iterable[str]) -> None:
        """Write one row."""
        self._writer.writerow([inert(cell) for cell in cells])

    def taken(self) -> bytes:
        """Return what was written since this was asked last."""
        data = self._text.getvalue().encode()
        self._text.seek(0)
        self._text.truncate()
        return data
