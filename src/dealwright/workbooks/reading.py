"""A workbook as a table of text: the rows of one sheet, read in one pass whatever its size."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from array import array
from collections import deque
from collections.abc import Iterator, Mapping
from typing import IO, Final

from dealwright.domain.errors import invalid
from dealwright.domain.table import CELL_LENGTH, COLUMNS, Dialect
from dealwright.domain.text import fold
from dealwright.workbooks.archive import MARK, UNFOLDED, Archive, too_large, unreadable
from dealwright.workbooks.cells import Shown, dated, plain, shown, unescaped

ROWS: Final = 1 << 20
"""How many rows a sheet can have."""
STEP: Final = 5000
TABLE: Final = Dialect()
"""How the table is written that a workbook becomes."""
LINE_END: Final = "\r\n"
_OLD: Final = b"\xd0\xcf\x11\xe0"
_STRINGS: Final = 5_000_000
_IN_MEMORY: Final = 1 << 24
_STYLES: Final = 1 << 17
_PLACE: Final = re.compile(r"([A-Za-z]{1,3})\d*")


def is_workbook(file: IO[bytes]) -> bool:
    """Tell whether a file begins as a workbook does. Refuses with Invalid ("file") those of the old form."""
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    if start == _OLD:
        raise invalid("file", "format", "is a workbook of the old form or with a password; save it as .xlsx or CSV")
    return start == MARK


def as_text(file: IO[bytes], out: IO[bytes], sheet: str = "", most: int | None = None) -> Iterator[int]:
    """Write a sheet (the first that is shown, or the one of a name) as a table, `TABLE` says how; step by step.

    Rows keep their numbers. With `most` only the first of those that are not blank are written. Yields how many rows
    were written. Refuses with Invalid ("file", "sheet") what is no workbook, has no such sheet or is too large.
    """
    lines = io.StringIO(newline="")
    writer, last, full = csv.writer(lines, lineterminator=LINE_END), 0, 0
    for number, cells in _rows(Archive(file), sheet):
        lines.write(LINE_END * (number - last - 1))
        writer.writerow(cells)
        last, full = number, full + 1
        if number % STEP == 0 or lines.tell() > _IN_MEMORY:
            _moved(lines, out)
            yield last
        if full == most:
            break
    _moved(lines, out)
    out.seek(0)
    yield last


def _moved(lines: io.StringIO, out: IO[bytes]) -> None:
    out.write(lines.getvalue().encode("utf-8", "replace"))
    lines.seek(0)
    lines.truncate()
    if out.tell() > UNFOLDED:
        raise too_large()


def _rows(archive: Archive, sheet: str) -> Iterator[tuple[int, list[str]]]:
    """Run through the rows of a sheet that say something, with their numbers."""
    book = _Book(archive)
    part = book.part_of(sheet)
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
        strings = Strings(file)
        if book.strings is not None:
            strings.read(archive, book.strings)
        reader = _Sheet(strings, book.styles(archive))
        for _ in archive.steps(part, reader.start, reader.end, reader.text):
            while reader.rows:
                yield reader.rows.popleft()


class _Book:
    """What a workbook says of itself: its sheets, where its strings and styles are, when its days begin."""

    def __init__(self, archive: Archive) -> None:
        self._sheets: list[tuple[str, str, bool]] = []
        self._since_1904 = False
        found = (name for kind, name in archive.pointers("").values() if kind == "officeDocument")
        name = next(found, "xl/workbook.xml")
        self._pointers = archive.pointers(name)
        archive.read(name, self._start)
        self.strings = self._one("sharedStrings", archive)
        self._styles = self._one("styles", archive)

    def _start(self, tag: str, said: Mapping[str, str]) -> None:
        if tag == "sheet":
            self._sheets.append((said.get("name", ""), said.get("id", ""), said.get("state", "visible") == "visible"))
        elif tag == "workbookPr":
            self._since_1904 = said.get("date1904") in ("1", "true")

    def _one(self, kind: str, archive: Archive) -> str | None:
        return next((name for each, name in self._pointers.values() if each == kind and archive.has(name)), None)

    def part_of(self, sheet: str) -> str:
        """Return the part of a sheet, of the first one where no name is told. Refuses with Invalid ("sheet")."""
        tables = [(*each, self._pointers.get(each[1], ("", ""))) for each in self._sheets]
        tables = [each for each in tables if each[3][0] == "worksheet"]
        if sheet:
            tables = [each for each in tables if fold(each[0]) == fold(sheet)]
            if not tables:
                raise invalid("sheet", "unknown", "is no sheet of this workbook", sheet)
        chosen = next((each for each in tables if each[2]), next(iter(tables), None))
        if chosen is None:
            raise unreadable()
        return chosen[3][1]

    def styles(self, archive: Archive) -> list[Shown]:
        """Return how the numbers of each style are shown."""
        codes: dict[int, str] = {}
        numbers: list[int] = []
        inside: list[bool] = [False]

        def start(tag: str, said: Mapping[str, str]) -> None:
            if tag == "numFmt":
                codes[_whole(said.get("numFmtId"))] = said.get("formatCode", "")
            elif tag in ("cellXfs", "cellStyles", "dxfs"):
                inside[0] = tag == "cellXfs"
            elif tag == "xf" and inside[0] and len(numbers) < _STYLES:
                numbers.append(_whole(said.get("numFmtId")))

        if self._styles is not None:
            archive.read(self._styles, start)
        known = {number: shown(number, codes, self._since_1904) for number in set(numbers)}
        return [known[number] for number in numbers]


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0


class Strings:
    """The texts that cells point at by their numbers, in a file that is kept in memory while it is small."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._ends = array("Q", [0])
        self._parts: list[str] = []
        self._depth = self._skipped = 0

    def __getitem__(self, place: int) -> str:
        """Return a text; "" where there is none of this number."""
        if not 0 <= place < len(self._ends) - 1:
            return ""
        self._file.seek(self._ends[place])
        return self._file.read(self._ends[place + 1] - self._ends[place]).decode()

    def read(self, archive: Archive, name: str) -> None:
        """Take in the texts of a part."""
        for _ in archive.steps(name, self._start, self._end, self._text):
            pass

    def _start(self, tag: str, _: Mapping[str, str]) -> None:
        self._depth += tag == "t"
        self._skipped += tag == "rPh"

    def _text(self, text: str) -> None:
        if self._depth and not self._skipped and sum(map(len, self._parts)) <= CELL_LENGTH:
            self._parts.append(text)

    def _end(self, tag: str) -> None:
        self._depth -= tag == "t"
        self._skipped -= tag == "rPh"
        if tag != "si":
            return
        if len(self._ends) > _STRINGS:
            raise too_large()
        data = unescaped("".join(self._parts)).encode("utf-8", "replace")
        self._parts.clear()
        self._file.write(data)
        self._ends.append(self._ends[-1] + len(data))


class _Sheet:
    """The rows of a sheet as they come by; those that are through wait in `rows`."""

    def __init__(self, strings: Strings, styles: list[Shown]) -> None:
        self.rows: deque[tuple[int, list[str]]] = deque()
        self._strings, self._styles = strings, styles
        self._number = self._place = self._length = 0
        self._cells: list[str] = []
        self._parts: list[str] = []
        self._type = ""
        self._shown: Shown = plain
        self._inside = self._skipped = False

    def start(self, tag: str, said: Mapping[str, str]) -> None:
        """Begin with an element."""
        if tag == "c":
            self._cell(said)
        elif tag == "row":
            self._row(said)
        elif tag in ("v", "t"):
            self._inside = not self._skipped
        elif tag == "rPh":
            self._skipped = True

    def text(self, text: str) -> None:
        """Take in some text."""
        if self._inside and self._length <= CELL_LENGTH:
            self._parts.append(text)
            self._length += len(text)

    def end(self, tag: str) -> None:
        """End an element."""
        if tag in ("v", "t"):
            self._inside = False
        elif tag == "rPh":
            self._skipped = False
        elif tag == "c":
            self._put()
        elif tag == "row" and self._cells:
            self.rows.append((self._number, self._cells))
            self._cells = []

    def _row(self, said: Mapping[str, str]) -> None:
        self._number = max(self._number + 1, _whole(said.get("r")))
        if self._number > ROWS:
            raise too_large()
        self._place = -1
        self._cells = []

    def _cell(self, said: Mapping[str, str]) -> None:
        found = _PLACE.fullmatch(said.get("r", ""))
        self._place = _column(found[1]) if found else self._place + 1
        self._type, style = said.get("t", "n"), _whole(said.get("s"))
        self._shown = self._styles[style] if style < len(self._styles) else plain
        self._length = 0
        self._parts.clear()

    def _put(self) -> None:
        """Set a cell into its place; those that say nothing take none, and none goes beyond what a row may have."""
        value = self._value("".join(self._parts)) if self._parts else ""
        if value:
            place = min(self._place, COLUMNS)
            self._cells += [""] * (place + 1 - len(self._cells))
            self._cells[place] = value

    def _value(self, text: str) -> str:
        if self._type == "s":
            return self._strings[_whole(text.strip()) if text.strip() != "" else -1]
        if self._type in ("str", "inlineStr"):
            return unescaped(text)
        if self._type == "b":
            return "true" if text.strip() in ("1", "true") else "false"
        if self._type == "d":
            return dated(text.strip())
        return text if self._type == "e" else self._shown(text.strip())


def _column(letters: str) -> int:
    """Return the place (from 0) of a column by its letters."""
    place = 0
    for letter in letters.upper():
        place = place * 26 + ord(letter) - 64
    return place - 1
