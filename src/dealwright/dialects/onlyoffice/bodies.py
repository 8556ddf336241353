"""A request into the bag of its parameters: query, form, JSON and XML bodies (conventions §6.1 to §6.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final
from urllib.parse import unquote_to_bytes

import msgspec
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from dealwright.dialects.onlyoffice.binding import DEEPEST, Bag, Path
from dealwright.dialects.onlyoffice.failures import Failure, malformed
from dealwright.dialects.onlyoffice.xmltext import read_xml

LARGEST_FIELDS: Final = 16 * 2**20
"""Bytes of all fields of a multipart body together, which are held in memory; its files are not."""

Pair = tuple[str, str]

_CHARSETS: Final = {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "windows-1251", "windows-1252", "utf-16"}
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([\w-]*)\"?", re.IGNORECASE | re.ASCII)
_BOM = b"\xef\xbb\xbf"


def _number_text(literal: str) -> str:
    """Return a JSON number with a fraction or exponent as text: exact, and `5.0` as the whole number it is."""
    try:
        number = Decimal(literal)
    except InvalidOperation:
        return literal
    if number.adjusted() < 30 and number == number.to_integral_value():
        return str(int(number))
    return literal


_decode = msgspec.json.Decoder(float_hook=_number_text).decode


async def read(request: Request, route: Mapping[str, str]) -> Bag:
    """Return the parameters of a request whose path gave the `route` values.

    Refuses with 400 what is no UTF-8 (or the charset it claims), broken JSON or XML, NUL characters and
    objects that are nested too deeply.
    """
    bag = Bag()
    for name, text in route.items():
        bag.add(name, text)
    for name, text in query(request):
        bag.add(name, text)
    await _read_body(request, bag)
    return bag


def query(request: Request) -> list[Pair]:
    """Return the names and texts of the query string in their order; refuses with 400 what is no UTF-8."""
    raw: bytes = request.scope.get("query_string", b"")
    return urlencoded(raw.decode("latin-1")) if raw else []


def urlencoded(text: str) -> list[Pair]:
    """Return the names and texts of `a=1&b=2`; a piece without `=` says nothing; refuses with 400 what is no UTF-8."""
    # Brackets and colons are nearly all that is escaped in a call; these three replacements save most unquoting.
    easy = text.replace("+", " ").replace("%5B", "[").replace("%5D", "]").replace("%3A", ":")
    found = []
    for piece in easy.split("&"):
        name, equals, value = piece.partition("=")
        if equals:
            found.append((_unquoted(name), _unquoted(value)))
    return found


def _unquoted(text: str) -> str:
    if text.isascii() and "%" not in text:
        return text
    try:
        # Bytes that a client forgot to escape arrive as latin-1 here and are read as the UTF-8 they are.
        return unquote_to_bytes(text.encode("latin-1")).decode()
    except UnicodeError:
        raise malformed("The text is not UTF-8.") from None


async def _read_body(request: Request, bag: Bag) -> None:
    """Add the body's parameters: JSON and XML for every verb, forms for every verb but GET (§6.2)."""
    content_type = request.headers.get("content-type")
    if content_type is None:
        bag.body = b"" if request.method == "GET" else await request.body()
        return
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "multipart/form-data" and request.method != "GET":
        await _read_multipart(request, content_type, bag)
        return
    bag.body = body = await request.body()
    if media_type == "application/json":
        read_json(_as_utf8(body, content_type), bag)
    elif media_type in ("text/xml", "application/xml"):
        _flatten_all(read_xml(body), bag)
    elif media_type == "application/x-www-form-urlencoded" and request.method != "GET":
        _read_form(body, content_type, bag)


def _as_utf8(body: bytes, content_type: str) -> bytes:
    charset = _charset(content_type)
    if charset in ("utf-8", "utf8"):
        return body.removeprefix(_BOM)
    try:
        return body.decode(charset).encode()
    except UnicodeError:
        raise malformed(f"The body is not {charset}.") from None


def _charset(content_type: str) -> str:
    found = _CHARSET.search(content_type)
    charset = found[1].lower() if found else "utf-8"
    if charset not in _CHARSETS:
        raise malformed("The charset of the body is not known here.")
    return charset


def _read_form(body: bytes, content_type: str, bag: Bag) -> None:
    for name, text in urlencoded(_as_utf8(body, content_type).decode("latin-1")):
        bag.add(name, text)


async def _read_multipart(request: Request, content_type: str, bag: Bag) -> None:
    # The parser would take text that is no UTF-8 for latin-1; told latin-1, it leaves the judging to us.
    exact = Headers({"content-type": f"{_CHARSET.sub('', content_type)}; charset=latin-1"})
    charset = _charset(content_type)
    parser = _Parts(exact, request.stream(), max_part_size=LARGEST_FIELDS)
    try:
        for name, part in (await parser.parse()).multi_items():
            if isinstance(part, UploadFile):
                bag.add_file(_recoded(name, charset), part)
                part.filename = _recoded(part.filename or "", charset)
            else:
                bag.add(_recoded(name, charset), _recoded(part, charset))
        parser.check()
    except MultiPartException as broken:
        raise malformed(broken.message) from None
    except Failure:
        parser.let_go()
        raise


class _Parts(MultiPartParser):
    """A multipart body that must be whole, and whose fields are bounded together."""

    ended = False
    told = 0

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._current_part.file is None:
            self.told += end - start
            if self.told > LARGEST_FIELDS:
                raise MultiPartException(f"The fields of a form have at most {LARGEST_FIELDS} bytes.")
        super().on_part_data(data, start, end)

    def on_end(self) -> None:
        self.ended = True

    def check(self) -> None:
        """Refuse a body that ends before its last boundary: a file in it may be half a file."""
        if not self.ended:
            raise malformed("The form ends before its end.")

    def let_go(self) -> None:
        """Close the files, whole or half."""
        for file in self._files_to_close_on_error:
            file.close()


def _recoded(text: str, charset: str) -> str:
    try:
        return text.encode("latin-1").decode(charset)
    except UnicodeError:
        raise malformed(f"A form field is not {charset}.") from None


def read_json(body: bytes, bag: Bag) -> None:
    """Add the members of a JSON object in UTF-8, flattened as a form would say it (§6.3); an empty body has none.

    Refuses broken JSON, anything but an object, and too deep nesting with 400.
    """
    if not body.strip():
        return
    try:
        document = _decode(body)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as broken:
        raise malformed(f"The JSON cannot be read: {broken}") from None
    if not isinstance(document, dict):
        raise malformed("A JSON object was expected.")
    bag.loose_dates = True
    _flatten_all(document, bag)


def _flatten_all(document: Mapping[str, object], bag: Bag) -> None:
    for name, value in document.items():
        if isinstance(value, str):
            bag.add(name, value)
        elif isinstance(value, dict | list):
            _flatten(name, value, bag)
        else:
            bag.add(name, _text(value))


def _flatten(name: str, value: dict[str, object] | list[object], bag: Bag) -> None:
    """Add an object or a list: its scalars repeat the name, everything deeper keeps its path."""
    if isinstance(value, list) and not any(isinstance(entry, dict | list) for entry in value):
        for entry in value:
            bag.add(name, _text(entry))
        return
    for path, text in _leaves(value):
        if "\x00" in text or any("\x00" in part for part in path):
            raise malformed("A NUL character cannot be read.")
        bag.add_branch(name.lower(), path, text)


def _leaves(value: object) -> Iterable[tuple[Path, str]]:
    """Run through the scalars of a tree with their paths, in their order, without recursion."""
    waiting: list[tuple[Path, object]] = [((), value)]
    while waiting:
        path, found = waiting.pop()
        if len(path) > DEEPEST:
            raise _too_deep()
        if isinstance(found, dict):
            waiting += [((*path, name), entry) for name, entry in reversed(found.items())]
        elif isinstance(found, list):
            waiting += [((*path, str(at)), entry) for at, entry in reversed(list(enumerate(found)))]
        else:
            yield path, _text(found)


def _text(scalar: object) -> str:
    """Return a JSON scalar as a form would say it; null is the empty text (§6.6)."""
    if isinstance(scalar, bool):
        return "true" if scalar else "false"
    return "" if scalar is None else str(scalar)


def _too_deep() -> Failure:
    return malformed(f"Objects are nested more than {DEEPEST} levels deep.")
