"""The archive that a workbook is: its parts, bounded in number and size, read as XML in small steps."""

from __future__ import annotations

import posixpath
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Final
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from dealwright.domain.errors import Invalid, invalid

MARK: Final = b"PK\x03\x04"
UNFOLDED: Final = 1 << 30
"""How many bytes all parts may unfold to, together."""
SMALL: Final = 1 << 24
"""How many bytes a part may have of which everything is kept: the list of sheets, the styles."""
PIECE: Final = 1 << 16
_TOKEN: Final = 1 << 22
_DIRECTORY: Final = 1 << 22
_TAIL: Final = (1 << 16) + 22 + 76

Start = Callable[[str, Mapping[str, str]], None]
"""Is told of an element by its name and attributes, both without their namespaces."""
End = Callable[[str], None]
Text = Callable[[str], None]


def unreadable() -> Invalid:
    """Return the refusal of what is no workbook that can be read."""
    return invalid("file", "format", "is no workbook (.xlsx) that can be read")


def too_large() -> Invalid:
    """Return the refusal of what would unfold to more than is taken."""
    return invalid("file", "too_long", "is a workbook that unfolds to more than can be taken")


class Archive:
    """The parts of a workbook. Refuses with Invalid ("file") what is no archive and what would unfold too far."""

    def __init__(self, file: IO[bytes]) -> None:
        if _directory_size(file) > _DIRECTORY:
            raise too_large()
        try:
            self._zip = ZipFile(file)
        except (BadZipFile, ValueError, NotImplementedError, struct.error):
            raise unreadable() from None
        self._sizes = {each.filename.lower(): each for each in self._zip.infolist()}
        if sum(each.file_size for each in self._sizes.values()) > UNFOLDED:
            raise too_large()

    def has(self, name: str) -> bool:
        """Tell whether there is a part of this name, in whatever case."""
        return name.lower() in self._sizes

    def pointers(self, name: str) -> dict[str, tuple[str, str]]:
        """Return what a part points at: by the id, the last word of its type and the name of the part."""
        folder, _, own = name.rpartition("/")
        found: dict[str, tuple[str, str]] = {}

        def start(tag: str, said: Mapping[str, str]) -> None:
            if tag == "Relationship" and said.get("TargetMode") != "External":
                target = said.get("Target", "").replace("\\", "/")
                whole = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
                found[said.get("Id", "")] = (said.get("Type", "").rpartition("/")[2], whole)

        relations = f"{folder}/_rels/{own}.rels".lstrip("/")
        if self.has(relations):
            self.read(relations, start)
        return found

    def read(self, name: str, start: Start) -> None:
        """Run through the elements of a small part."""
        if self.has(name) and self._sizes[name.lower()].file_size > SMALL:
            raise too_large()
        for _ in self.steps(name, start):
            pass

    def steps(self, name: str, start: Start, end: End | None = None, text: Text | None = None) -> Iterator[None]:
        """Run through a part, some of it in each step. Refuses with Invalid what is no XML, or has a DTD."""
        if not self.has(name):
            raise unreadable()
        parser, fed = _parser(start, end, text), 0
        try:
            with self._zip.open(self._sizes[name.lower()]) as part:
                while piece := part.read(PIECE):
                    parser.Parse(piece, False)
                    fed += len(piece)
                    if fed - parser.CurrentByteIndex > _TOKEN:
                        raise too_large()
                    yield
            parser.Parse(b"", True)
        except (BadZipFile, zlib.error, EOFError, expat.ExpatError, RuntimeError, NotImplementedError, UnicodeError):
            raise unreadable() from None
        yield


def _parser(start: Start, end: End | None, text: Text | None) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def opened(name: str, said: Mapping[str, str]) -> None:
        start(name.rpartition(" ")[2], {key.rpartition(" ")[2]: value for key, value in said.items()})

    def closed(name: str) -> None:
        assert end is not None
        end(name.rpartition(" ")[2])

    def declared(*_: object) -> None:
        raise unreadable()  # entities come only with a declaration, and no workbook has one

    parser.StartElementHandler = opened
    parser.StartDoctypeDeclHandler = declared
    if end is not None:
        parser.EndElementHandler = closed
    if text is not None:
        parser.CharacterDataHandler = text
    return parser


def _directory_size(file: IO[bytes]) -> int:
    """Return how many bytes the list of parts has, as its end says: what is larger is not even looked at."""
    file.seek(0, 2)
    file.seek(max(0, file.tell() - _TAIL))
    tail = file.read(_TAIL)
    file.seek(0)
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) - place < 22:
        raise unreadable()
    if place >= 76 and tail[place - 20 : place - 16] == b"PK\x06\x07":
        return int(struct.unpack_from("<Q", tail, place - 76 + 40)[0])
    return int(struct.unpack_from("<L", tail, place + 12)[0])
