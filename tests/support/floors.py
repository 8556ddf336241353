"""The rules of the house that a program can check; each takes sources and returns what is wrong, in words."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping

from tests.support.sources import PACKAGE, Source, length

FUNCTION_LINES = 60
FILE_LINES = 400

# Every module belongs to a room; a new room at the top of the package must be entered here.
# "ground" may be imported from everywhere and imports nothing of ours.
FACES = {"web", "cli", "jobs", "mcp", "dialects/native", "dialects/onlyoffice", "dialects/nexudus"}
BELOW: Mapping[str, set[str]] = {
    "ground": set(),
    "domain": {"ground"},
    "config": {"ground", "domain"},
    "storage": {"ground", "domain"},
    "invoices": {"ground", "domain"},
    "workbooks": {"ground", "domain"},
    "actions": {"ground", "domain", "storage", "invoices"},
    "dialects/wire": {"ground", "domain", "storage", "actions", "config"},
    **{face: {"ground", "domain", "storage", "actions", "config"} for face in FACES},
    "app": {"ground", "domain", "storage", "actions", "config", "dialects/wire", "logs", "door", *(FACES - {"cli"})},
    "door": {"ground", "config", "storage", "limits", "logs"},
    "limits": {"ground"},
    "logs": {"ground"},
    "mail": {"ground", "config"},
    "connections": {"ground"},
    "fetching": {"ground"},
    "imaging": {"ground", "domain"},
    "serving": {"ground", "config", "logs", "connections"},
    "seed": {"ground", "domain", "storage"},
    "commands": {"ground", "domain", "storage", "actions", "config"},
    "demo": {"ground", "domain", "storage", "actions", "seed"},
    "doctor": {"ground", "domain", "config", "storage", "mail"},
    "__main__": {"cli"},
}
BELOW["cli"] |= {"app", "commands", "serving", "seed", "demo", "doctor"}
BELOW["jobs"].add("mail")
BELOW["web"].add("limits")
BELOW["dialects/nexudus"].add("limits")
BELOW["actions"] |= {"imaging", "workbooks"}
for _fetches in ("actions", "jobs", "dialects/native", "dialects/onlyoffice", "dialects/nexudus"):
    BELOW[_fetches].add("fetching")
for _dialect in ("dialects/native", "dialects/onlyoffice", "dialects/nexudus"):
    BELOW[_dialect].add("dialects/wire")

# The domain thinks; what waits, reads the world or rolls dice is not for it, standard library or not.
WAITING = {
    *(
        "asyncio",
        "concurrent",
        "multiprocessing",
        "os",
        "pathlib",
        "random",
        "shutil",
        "sqlite3",
        "subprocess",
    ),
    *(
        "tempfile",
        "threading",
        "ftplib",
        "http",
        "imaplib",
        "poplib",
        "smtplib",
        "socket",
        "socketserver",
        "ssl",
    ),
}
DATABASE = {"aiosqlite", "alembic", "asyncpg", "psycopg", "sqlalchemy", "sqlite3"}
WIRE = {"jinja2", "multipart", "python_multipart", "starlette", "uvicorn"}

_SHOUTED_SQL = re.compile(
    r"\bSELECT\b.+\bFROM\b|\bINSERT\s+(OR\s+\w+\s+)?INTO\b|\bUPDATE\s+\S+\s+SET\b|\bDELETE\s+FROM\b",
    re.DOTALL,
)
_WHISPERED_SQL = re.compile(
    r"\s*(select\s.+\sfrom\s+\w+(\s+(where|order|group|limit|join)\b|\s*$)|insert\s+into\s.+\b(values|select)\b"
    r"|update\s+\S+\s+set\s.+=|delete\s+from\s+\w+(\s+where\b|\s*$))",
    re.DOTALL,
)
_SECRETIVE = re.compile(r"token|password|secret|credential|csrf|nonce", re.IGNORECASE)

Check = Callable[[Iterable[Source]], list[str]]


def room(module: str) -> str:
    """Return the room that a dotted name of ours lies in; "" if it lies in none."""
    parts = module.split(".")[1:]
    if not parts or parts[0] == "__version__":
        return "ground"
    if parts[0] == "dialects":
        return "/".join(parts[:2]) if len(parts) > 1 else "ground"
    return parts[0]


def imports_that_climb(sources: Iterable[Source]) -> list[str]:
    """What imports a floor above its own, or another face."""
    return [complaint for source in sources for complaint in _climbs(source)]


def _climbs(source: Source) -> Iterator[str]:
    here = room(source.module)
    if here not in BELOW:
        yield f"{source.path} is on no floor: give {here!r} its place in tests/support/floors.py"
        return
    for line, name in source.imports():
        there = room(name)
        if name.split(".")[0] == PACKAGE and there != here and there not in BELOW[here]:
            yield f"{source.path}:{line} imports {name}, but {here} may not know {there}"


def foreigners_in_the_domain(sources: Iterable[Source]) -> list[str]:
    """What the domain imports besides itself and the thinking part of the standard library."""
    return [
        f"{source.path}:{line} imports {name}"
        for source in sources
        if room(source.module) == "domain"
        for line, name in source.imports()
        if name.split(".")[0] != PACKAGE
        and (name.split(".")[0] not in sys.stdlib_module_names or name.split(".")[0] in WAITING)
    ]


def databases_above_storage(sources: Iterable[Source]) -> list[str]:
    """Database drivers and composers imported outside storage."""
    return _imported(sources, DATABASE, lambda here: here != "storage")


def wires_below_the_faces(sources: Iterable[Source]) -> list[str]:
    """HTTP and page libraries imported below the faces."""
    return _imported(sources, WIRE, lambda here: here in {"domain", "storage", "actions"})


def _imported(sources: Iterable[Source], libraries: set[str], where: Callable[[str], bool]) -> list[str]:
    return [
        f"{source.path}:{line} imports {name}"
        for source in sources
        if where(room(source.module))
        for line, name in source.imports()
        if name.split(".")[0] in libraries
    ]


def sql_above_storage(sources: Iterable[Source]) -> list[str]:
    """Strings outside storage that read like SQL."""
    return [
        f"{source.path}:{line} holds SQL: {text.strip()[:60]!r}"
        for source in sources
        if room(source.module) != "storage"
        for line, text in source.texts()
        if _SHOUTED_SQL.search(text) or _WHISPERED_SQL.match(text)
    ]


def prints(sources: Iterable[Source]) -> list[str]:
    """Calls of print outside the command line."""
    return [
        f"{source.path}:{node.lineno} prints"
        for source in sources
        if room(source.module) != "cli"
        for node in source.calls("print")
    ]


def modules_without_a_docstring(sources: Iterable[Source]) -> list[str]:
    """Modules that do not say what they know."""
    return [f"{source.path} has no docstring" for source in sources if not source.docstring]


def dice_near_secrets(sources: Iterable[Source]) -> list[str]:
    """Modules that deal with secrets and import random, whose numbers can be foretold."""
    return [
        f"{source.path}:{line} imports {name} and deals with {secrets[0]}"
        for source in sources
        if (secrets := sorted(filter(_SECRETIVE.search, {*source.names(), source.path})))
        for line, name in source.imports()
        if name.split(".")[0] == "random"
    ]


def long_functions(sources: Iterable[Source], exempt: Mapping[str, str]) -> list[str]:
    """Functions over the limit; `exempt` maps paths (a folder ends in "/") to the reason."""
    return [
        f"{source.path}:{function.lineno} {function.name} has {length(function)} lines, not {FUNCTION_LINES}"
        for source in sources
        if not _excused(source.path, exempt)
        for function in source.functions()
        if length(function) > FUNCTION_LINES
    ]


def long_files(sources: Iterable[Source], exempt: Mapping[str, str]) -> list[str]:
    """Files over the limit; `exempt` as above."""
    return [
        f"{source.path} has {source.lines} lines, not {FILE_LINES}"
        for source in sources
        if source.lines > FILE_LINES and not _excused(source.path, exempt)
    ]


def idle_exemptions(sources: Iterable[Source], exempt: Mapping[str, str]) -> list[str]:
    """Exempt files (not folders) that would pass without."""
    too_long = {source.path for source in sources if long_files([source], {}) or long_functions([source], {})}
    return [f"{path} needs no exemption any more" for path in exempt if not path.endswith("/") and path not in too_long]


def _excused(path: str, exempt: Mapping[str, str]) -> bool:
    return any(path == entry or (entry.endswith("/") and path.startswith(entry)) for entry in exempt)
