"""The log: one line for each thing worth knowing, as JSON or as text, never with a secret in it."""

from __future__ import annotations

import logging
import sys
import traceback
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import IO, Any, Final

import msgspec

REQUEST_ID: Final[ContextVar[str]] = ContextVar("request_id", default="")

_encode = msgspec.json.Encoder().encode


def configure(level: str, form: str, stream: IO[str] | None = None) -> None:
    """Send everything the process logs to a stream (standard error), one line each, in the given form."""
    out = stream or sys.stderr
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines() if _is_json(form, out) else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # uvicorn tells every start and stop of its own; what matters of that we say ourselves.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _is_json(form: str, stream: IO[str]) -> bool:
    return form == "json" or (form == "auto" and not stream.isatty())


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class JsonLines(logging.Formatter):
    """A record as one JSON object; `extra={"facts": {…}}` adds members."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "at": _instant(record.created),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": record.getMessage(),
        }
        if request := REQUEST_ID.get():
            line["request_id"] = request
        line |= getattr(record, "facts", {})
        if record.exc_info and record.exc_info[0]:
            line["error"] = "".join(traceback.format_exception(*record.exc_info))
        return _encode(line).decode()


class TextLines(logging.Formatter):
    """A record for people's eyes; what a client sent cannot start a line or colour the terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with the traceback below it where there is one."""
        facts = " ".join(f"{name}={value}" for name, value in getattr(record, "facts", {}).items())
        text = printable(f"{record.getMessage()} {facts}".rstrip())
        line = f"{_instant(record.created)[11:19]} {record.levelname.lower():<7} {text}"
        if record.exc_info and record.exc_info[0]:
            line += "\n" + "".join(traceback.format_exception(*record.exc_info)).rstrip()
        return line


def printable(text: str) -> str:
    """Return a text with every character that does not print as its escape."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


class AccessLog:
    """One line per request, written without the detours of `logging`: it is on the way of every answer."""

    def __init__(self, form: str, stream: IO[str] | None = None) -> None:
        self._stream = stream or sys.stderr
        self._is_json = _is_json(form, self._stream)

    def write(self, at: float, facts: dict[str, Any]) -> None:
        """Write one request: `at` is the second it began, `facts` what is known of it (None is left out)."""
        known = {name: value for name, value in facts.items() if value is not None}
        if self._is_json:
            line = _encode({"at": _instant(at), "level": "info", "from": "access", **known}).decode()
        else:
            words = " ".join(printable(str(value)) for value in known.values())
            line = f"{_instant(at)[11:19]} info    {words}"
        with suppress(OSError):  # a log that is full must not take the answer away
            self._stream.write(line + "\n")
            self._stream.flush()
