"""The settings of the process: each described as data, all read once from flags and environment."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, Final
from urllib.parse import urlsplit

PREFIX: Final = "DEALWRIGHT_"
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_NOT_OURS: Final = (f"{PREFIX}TEST_", f"{PREFIX}BENCH_")

Read = Callable[[str], Any]


class BadSetting(ValueError):
    """A setting cannot be what it is said to be; the message is a sentence that names it, never its value."""


@dataclass(frozen=True, slots=True)
class Description:
    """One setting as `serve --help` and the documentation show it. A secret's value is never shown."""

    name: str
    kind: str
    default: str
    says: str
    secret: bool

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.name.upper()


def _setting(default: Any, says: str, read: Read, kind: str, secret: bool = False) -> Any:  # noqa: ANN401
    return field(default=default, metadata={"says": says, "read": read, "kind": kind, "secret": secret})


def _text(default: str, says: str, kind: str = "text", secret: bool = False) -> Any:  # noqa: ANN401
    return _setting(default, says, str.strip, kind, secret)


def _secret(default: str, says: str) -> Any:  # noqa: ANN401
    return _setting(default, says, str, "text", secret=True)


def _whole(default: int, low: int, high: int, says: str) -> Any:  # noqa: ANN401
    def read(text: str) -> int:
        number = int(text) if re.fullmatch(r"\d{1,18}", text.strip()) else -1
        if not low <= number <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return number

    return _setting(default, says, read, f"{low} to {high}")


def _choice(default: str, words: tuple[str, ...], says: str) -> Any:  # noqa: ANN401
    def read(text: str) -> str:
        word = text.strip().lower()
        if word not in words:
            raise ValueError(f"must be {' or '.join(words)}")
        return word

    return _setting(default, says, read, " or ".join(words))


def _flag(default: bool, says: str) -> Any:  # noqa: ANN401
    def read(text: str) -> bool:
        word = text.strip().lower()
        if word not in {"1", "true", "yes", "on", "0", "false", "no", "off"}:
            raise ValueError("must be on or off")
        return word in {"1", "true", "yes", "on"}

    return _setting(default, says, read, "on or off")


def _checked(default: str, kind: str, pattern: str, otherwise: str, says: str, secret: bool = False) -> Any:  # noqa: ANN401
    def read(text: str) -> str:
        found = text.strip()
        if found and not re.fullmatch(pattern, found):
            raise ValueError(otherwise)
        return found

    return _setting(default, says, read, kind, secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the process was told. Sizes are bytes, times are seconds, an empty text means not set."""

    database_url: str = _checked(
        "sqlite:///dealwright.db",
        "address",
        r"(sqlite:///|postgresql://).+",
        "must begin with sqlite:/// or postgresql://",
        "where the portal is kept: sqlite:///file or postgresql://user:password@host/name",
        secret=True,
    )
    files: str = _text(
        "",
        "where files are kept: a folder, or s3://bucket/prefix and the like; without it beside the database",
        "folder or address",
        secret=True,
    )
    host: str = _text("127.0.0.1", "the address to listen on; 0.0.0.0 for every network", "address")
    port: int = _whole(8000, 0, 65_535, "the port to listen on; 0 takes any free one")
    workers: int = _whole(1, 1, 64, "how many processes serve; more than one needs PostgreSQL")
    public_url: str = _checked(
        "",
        "address",
        r"https?://[^\s?#]+",
        "must begin with http:// or https:// and have no query",
        "what links in answers and mails start with; without it the address we listen on",
    )
    admin_email: str = _text("", "makes this person the portal owner when no user exists", "e-mail")
    admin_password: str = _secret("", "the first password of that person; - reads it from standard input")
    currency: str = _checked(
        "USD",
        "ISO code",
        r"[A-Z]{3}",
        "must be three capital letters, as in EUR",
        "the currency of a new portal",
    )
    log_level: str = _choice("info", ("debug", "info", "warning", "error"), "what is worth a line in the log")
    log_format: str = _choice(
        "auto", ("auto", "json", "text"), "the form of a line; auto means text on a terminal, otherwise JSON"
    )
    access_log: bool = _flag(True, "one line for each request")
    trusted_proxies: str = _text(
        "", "proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, with commas; * is everybody", "addresses"
    )
    tls_cert: str = _text("", "a certificate chain (PEM) to serve https without a proxy", "file")
    tls_key: str = _text("", "the key of that certificate (PEM)", "file")
    body_limit: int = _whole(10 << 20, 1024, 1 << 30, "the largest body that is read, uploads apart")
    upload_limit: int = _whole(100 << 20, 1024, 1 << 40, "the largest upload (multipart/form-data)")
    upload_hours: int = _whole(
        24, 0, 8760, "hours after which an upload that hangs on nothing goes to the trash; 0 is never"
    )
    request_seconds: int = _whole(60, 1, 3600, "how long an answer may take to begin")
    stop_seconds: int = _whole(30, 1, 3600, "how long a stop waits for requests that were accepted")
    requests_at_once: int = _whole(1000, 1, 1_000_000, "how many requests a process works on; more are told to wait")
    requests_per_minute: int = _whole(0, 0, 1_000_000, "how many requests one address may send a process; 0 is any")
    form_posts_per_minute: int = _whole(10, 0, 1_000_000, "how often one address may send in a public form; 0 is any")
    form_return_hosts: str = _text(
        "", "hosts that a public form may send people back to, with commas; our own always", "hosts"
    )
    sign_in_attempts: int = _whole(20, 1, 1_000_000, "wrong passwords for one name from one address in 15 minutes")
    sign_in_attempts_of_address: int = _whole(200, 1, 1_000_000, "wrong passwords from one address in 15 minutes")
    onlyoffice_names: str = _choice(
        "camel", ("camel", "documented"), "how the ONLYOFFICE dialect spells members: as the server, or its manual"
    )
    nexudus_limits: str = _choice(
        "off", ("off", "429", "409"), "the vendor's rate limits for each client of the Nexudus dialect, and its answer"
    )
    mail_transport: str = _checked(
        "none",
        "none, file:folder or address",
        r"none|file:.+|smtps?://[^?]+(\?tls=(none|starttls))?",
        "must be none, file:folder or smtp://user:password@host:587 with ?tls=none or ?tls=starttls or neither "
        "(smtps:// for TLS from the first byte)",
        "how mail leaves: not at all, as .eml files in a folder, or by an SMTP server",
        secret=True,
    )
    mail_sender: str = _text("Dealwright <dealwright@localhost>", "whom mail is from", "e-mail")
    fetch_private: bool = _flag(
        False, "addresses that clients hand us, to fetch or to call, may lie in private networks"
    )
    database_pool: int = _whole(8, 1, 200, "PostgreSQL: the most connections of one process")
    database_statement_cache: int = _whole(
        1024, 0, 65_536, "PostgreSQL: statements kept prepared; 0 behind a pgbouncer older than 1.21"
    )

    @property
    def on_sqlite(self) -> bool:
        """Whether the portal is kept in a SQLite file."""
        return self.database_url.startswith("sqlite:")

    @property
    def address(self) -> str:
        """What every link starts with, without a slash at the end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = "127.0.0.1" if self.host in {"", "0.0.0.0", "::"} else self.host  # noqa: S104
        scheme = "https" if self.tls_cert else "http"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def is_https(self) -> bool:
        """Whether people reach us by https, through a proxy or not."""
        return self.address.startswith("https:")


_FIELDS: Final[Mapping[str, Field[Any]]] = {each.name: each for each in fields(Settings)}


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


DESCRIPTIONS: Final = tuple(
    Description(name, each.metadata["kind"], _shown(each.default), each.metadata["says"], each.metadata["secret"])
    for name, each in _FIELDS.items()
)


def read_settings(environment: Mapping[str, str], **flags: str | int | None) -> Settings:
    """Return the settings: a flag that was given (not None) wins over the environment, that over the default.

    Refuses with BadSetting what is misspelt or does not fit together.
    """
    given = {name: environment[PREFIX + name.upper()] for name in _FIELDS if PREFIX + name.upper() in environment}
    given |= {name: str(value) for name, value in flags.items() if value is not None}
    if "database_url" in given:
        given["database_url"] = re.sub(r"^\s*postgres://", "postgresql://", given["database_url"])
    settings = Settings(**{name: _read(name, text) for name, text in given.items() if text != ""})
    _check(settings)
    return settings


def _read(name: str, text: str) -> Any:  # noqa: ANN401
    try:
        return _FIELDS[name].metadata["read"](text)
    except ValueError as error:
        raise BadSetting(f"{PREFIX}{name.upper()} {error}.") from None


def _check(settings: Settings) -> None:
    if settings.workers > 1 and settings.on_sqlite:
        raise BadSetting("More than one worker needs PostgreSQL: SQLite has one writer. Set DEALWRIGHT_WORKERS to 1.")
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise BadSetting("DEALWRIGHT_TLS_CERT and DEALWRIGHT_TLS_KEY are set together or not at all.")
    if bool(settings.admin_email) != bool(settings.admin_password):
        raise BadSetting("DEALWRIGHT_ADMIN_EMAIL and DEALWRIGHT_ADMIN_PASSWORD are set together or not at all.")


def exported(settings: Settings) -> dict[str, str]:
    """Return the environment variables that make another process read these settings, the first account apart."""
    return {
        PREFIX + name.upper(): _shown(value)
        for name, each in _FIELDS.items()
        if (value := getattr(settings, name)) != each.default and not name.startswith("admin_")
    }


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Return the variables that look like settings of ours and are none, in order."""
    known = {each.variable for each in DESCRIPTIONS}
    return sorted(
        name for name in environment if name.startswith(PREFIX) and name not in known and not name.startswith(_NOT_OURS)
    )


def without_password(url: str) -> str:
    """Return an address as it may be shown: the password, if any, as stars."""
    try:
        word = urlsplit(url).password
    except ValueError:
        return url.partition("@")[2] or url
    return url.replace(f":{word}@", ":***@", 1) if word else url
