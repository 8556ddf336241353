"""The installation as its clients see it: rules, time zone, public address, and what the rules look like written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo

from starlette.requests import Request

from dealwright.config import Settings
from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.storage.database import Database
from dealwright.storage.rules import Rules

ADDRESSES = 100
"""Addresses that are remembered when no public one is set: a client may send any Host header."""

DOCUMENTED = "documented"


class Portal:
    """One snapshot of the rules under one public address (without a last slash)."""

    __slots__ = ("_shown", "documented", "fetch_private", "rules", "url", "zone")

    def __init__(self, rules: Rules, url: str, documented: bool = False, fetch_private: bool = False) -> None:
        self.rules = rules
        self.url = url
        self.zone: tzinfo = rules.zone
        self.documented = documented
        """Whether everybody gets the names of the documentation."""
        self.fetch_private = fetch_private
        """Whether addresses that clients hand us may lie in private networks."""
        self._shown: dict[tuple[str, object], Shown] = {}

    def once(self, kind: str, key: object, write: Callable[[], Shown]) -> Shown:
        """Return what `write` returns, written once as long as this snapshot lives; nobody may change it."""
        found = self._shown.get((kind, key))
        if found is None:
            found = self._shown[kind, key] = write()
        return found


class Portals:
    """Knows the portal of a request, and keeps it while the rules stand."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self._url = settings.public_url.rstrip("/")
        self._documented = settings.onlyoffice_names == DOCUMENTED
        self._fetch_private = settings.fetch_private
        self._otherwise = settings.address
        self._rules: Rules | None = None
        self._known: dict[str, Portal] = {}

    def __call__(self, request: Request) -> Portal:
        """Return the portal under its public address, else under the one that the request came to."""
        if self._rules is not self._db.rules:
            self._rules = self._db.rules
            self._known.clear()
        url = self._url or self._address(request)
        portal = self._known.get(url)
        if portal is None:
            if len(self._known) >= ADDRESSES:
                self._known.clear()
            portal = self._known[url] = Portal(self._rules, url, self._documented, self._fetch_private)
        return portal

    def _address(self, request: Request) -> str:
        host = request.headers.get("host")
        return f"{request.scope['scheme']}://{host}" if host else self._otherwise
