"""The parameters of a call by name, read as the type a handler asks for (conventions §6); not where they stood."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Final, TypeVar

from starlette.datastructures import UploadFile

from dealwright.dialects.onlyoffice import scalars
from dealwright.dialects.onlyoffice.failures import absent_reference, malformed, unreadable
from dealwright.dialects.onlyoffice.scalars import Names
from dealwright.dialects.onlyoffice.values import NO_GUID

DEEPEST: Final = 64
"""Levels of objects inside objects that are read."""

Path = tuple[str, ...]
Value = TypeVar("Value")
_BRACKETS = re.compile(r"(?:\[[^\[\]]*\])+")


class Fields:
    """Named texts and the typed ways to read them; absent and empty are the type's default (conventions §6.5)."""

    __slots__ = ("_branches", "_texts", "loose_dates")

    def __init__(self, loose_dates: bool = False) -> None:
        self._texts: dict[str, list[str]] = {}
        self._branches: dict[str, list[tuple[Path, str]]] = {}
        self.loose_dates = loose_dates

    def __bool__(self) -> bool:
        return bool(self._texts or self._branches)

    def __contains__(self, name: str) -> bool:
        """Tell whether the name was sent in any form, an empty text included."""
        return self._in(self._texts, name) is not None or self._in(self._branches, name) is not None

    def _in(self, sent: dict[str, Value], name: str) -> Value | None:
        """Return what was sent under the name, however this kind of bag compares names."""
        raise NotImplementedError

    def add(self, name: str, text: str) -> None:
        """Add a text under `x`, or under a spelling with brackets such as `x[]`, `x[0]` or `x[0][key]`.

        Refuses NUL with 400; a name with broken brackets is kept as it is and read by nobody.
        """
        if "\x00" in text or "\x00" in name:
            raise malformed("A NUL character cannot be read.")
        if "[" in name:
            self._add_bracketed(name, text)
        else:
            self._texts.setdefault(name, []).append(text)

    def _add_bracketed(self, name: str, text: str) -> None:
        at = name.index("[")
        if not _BRACKETS.fullmatch(name, at):
            return
        self.add_branch(name[:at], tuple(name[at + 1 : -1].split("][")), text)

    def add_branch(self, name: str, path: Path, text: str) -> None:
        """Add a text that stands at `path` inside `name`; refuses more than DEEPEST levels with 400."""
        if len(path) > DEEPEST:
            raise malformed(f"Objects are nested more than {DEEPEST} levels deep.")
        self._branches.setdefault(name, []).append((path, text))

    # -- single values ------------------------------------------------------------------------------------

    def text(self, name: str) -> str | None:
        """Return the first text of the name; None if absent."""
        texts = self._in(self._texts, name)
        return texts[0] if texts else None

    def _read(self, name: str, convert: Callable[[str], Value], default: Value) -> Value:
        text = self.text(name)
        return convert(text) if text else default

    def integer(self, name: str) -> int:
        """Return a whole number of 32 bits, 0 by default; refuses with 400."""
        return self._read(name, scalars.integer, 0)

    def nullable_integer(self, name: str) -> int | None:
        """Return a whole number of 32 bits or None; refuses with 400."""
        return self._read(name, scalars.integer, None)

    def long_integer(self, name: str) -> int:
        """Return a whole number of 64 bits, 0 by default; refuses with 400."""
        return self._read(name, lambda text: scalars.integer(text, scalars.INT64), 0)

    def decimal(self, name: str) -> Decimal:
        """Return an exact decimal below 10**28, 0 by default; refuses with 400."""
        return self._read(name, scalars.decimal, Decimal(0))

    def nullable_decimal(self, name: str) -> Decimal | None:
        """Return an exact decimal below 10**28 or None; refuses with 400."""
        return self._read(name, scalars.decimal, None)

    def boolean(self, name: str) -> bool:
        """Return yes or no, no by default; refuses anything but `true` and `false` with 400."""
        return self._read(name, scalars.boolean, False)

    def nullable_boolean(self, name: str) -> bool | None:
        """Return yes, no or None; refuses anything but `true` and `false` with 400."""
        return self._read(name, scalars.boolean, None)

    def guid(self, name: str) -> str:
        """Return a guid, lower-case with dashes, NO_GUID by default; refuses with 400."""
        return self._read(name, scalars.guid, NO_GUID)

    def nullable_guid(self, name: str) -> str | None:
        """Return a guid, lower-case with dashes, or None; refuses with 400."""
        return self._read(name, scalars.guid, None)

    def enum(self, name: str, names: Names) -> int:
        """Return the number of an enum name, 0 by default; an undefined integer is kept; refuses with 400."""
        return self._read(name, names.number, 0)

    def nullable_enum(self, name: str, names: Names) -> int | None:
        """Return the number of an enum name or None; an undefined integer is kept; refuses with 400."""
        return self._read(name, names.number, None)

    def date(self, name: str, zone: tzinfo) -> datetime | None:
        """Return a UTC instant, None for absent, empty and "no date"; refuses other formats with 400 (§3).

        A date without a zone is meant in `zone`.
        """
        read = scalars.loose_moment if self.loose_dates else scalars.moment
        return read(self.text(name) or "", zone)

    # -- collections --------------------------------------------------------------------------------------

    def texts(self, name: str) -> list[str]:
        """Return all texts of the name in every spelling: `x` and `x[]` as sent, then `x[0]`, `x[1]` in order."""
        found = list(self._in(self._texts, name) or ())
        branches = self._in(self._branches, name)
        if branches:
            found += [text for path, text in branches if path == ("",)]
            numbered = [(path[0], text) for path, text in branches if len(path) == 1 and _is_index(path[0])]
            found += [text for _, text in sorted(numbered, key=lambda entry: (len(entry[0]), entry[0]))]
        return found

    def integers(self, name: str) -> list[int]:
        """Return a list of whole numbers of 32 bits, empty by default; an empty entry is refused with 400."""
        return [scalars.integer(text) for text in self.texts(name)]

    def guids(self, name: str) -> list[str]:
        """Return a list of guids, empty by default; an empty entry is refused with 400."""
        return [scalars.guid(text) for text in self.texts(name)]

    def nested(self, name: str) -> Record | None:
        """Return the object under the name, `address[street]=…` or JSON; None if absent."""
        branches = self._in(self._branches, name)
        return Record(branches, self.loose_dates) if branches else None

    def records(self, name: str) -> list[Record]:
        """Return the objects of a list, `items[0][key]=…` or JSON; empty by default (conventions §6, list of objects).

        Refuses a text instead of objects with 400, and numbers that do not run from 0 without a gap with 500,
        as the contract prescribes.
        """
        if self._in(self._texts, name):
            raise unreadable("A list of objects was expected.")
        entries: dict[str, list[tuple[Path, str]]] = {}
        for path, text in self._in(self._branches, name) or ():
            entries.setdefault(path[0], []).append((path[1:], text))
        if any(str(number) not in entries for number in range(len(entries))):
            raise absent_reference("The list is not numbered from 0 without a gap.")
        return [Record(entries[str(number)], self.loose_dates) for number in range(len(entries))]

    def pairs(self, name: str) -> list[tuple[int, str]]:
        """Return the (key, value) pairs of a `customFieldList`, absent values as ""; refuses as `records` does."""
        return [(record.integer("key"), record.text("value") or "") for record in self.records(name)]


class Record(Fields):
    """An object inside a parameter; its member names match exactly, in camelCase or in lower case only (§6)."""

    __slots__ = ()

    def __init__(self, branches: list[tuple[Path, str]], loose_dates: bool = False) -> None:
        super().__init__(loose_dates)
        for path, text in branches:
            if len(path) == 1:
                self._texts.setdefault(path[0], []).append(text)
            elif path:
                self.add_branch(path[0], path[1:], text)

    def _in(self, sent: dict[str, Value], name: str) -> Value | None:
        for spelling in (name[:1].upper() + name[1:], name[:1].lower() + name[1:], name.lower()):
            if spelling in sent:
                return sent[spelling]
        return None


class Bag(Fields):
    """All parameters of one call, names in any case: route, then query, then body; the first one wins (§6.1)."""

    __slots__ = ("_files", "body")

    def __init__(self) -> None:
        super().__init__()
        self._files: list[tuple[str, UploadFile]] = []
        self.body = b""
        """The body as it was sent, unless it was a form with files."""

    def _in(self, sent: dict[str, Value], name: str) -> Value | None:
        return sent.get(name.lower())

    def add(self, name: str, text: str) -> None:
        """Add a text as `Fields.add` does, whatever the case of the name before its first bracket."""
        if "[" in name:
            top, bracket, rest = name.partition("[")
            name = top.lower() + bracket + rest
        else:
            name = name.lower()
        super().add(name, text)

    def add_file(self, name: str, file: UploadFile) -> None:
        """Add a file part of a multipart body."""
        self._files.append((name.lower(), file))

    def files(self, name: str) -> list[UploadFile]:
        """Return the file parts of this name, or if there are none, every file part (conventions §6, files)."""
        named = [file for sent, file in self._files if sent == name.lower()]
        return named or [file for _, file in self._files]

    async def close(self) -> None:
        """Let go of the files' temporary storage."""
        for _, file in self._files:
            await file.close()

    def __iter__(self) -> Iterator[str]:
        """Run through the lower-case names that were sent."""
        return iter({*self._texts, *self._branches})


def _is_index(part: str) -> bool:
    return part.isascii() and part.isdigit()
