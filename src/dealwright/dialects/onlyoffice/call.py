"""What a handler is given: the caller, the parameters, the page, the portal and the database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from dealwright.dialects.onlyoffice.binding import Bag
from dealwright.dialects.onlyoffice.documented import is_preferred
from dealwright.dialects.onlyoffice.paging import Page
from dealwright.dialects.onlyoffice.portal import Portal
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Unauthenticated
from dealwright.storage.database import Database

Respond = Callable[[Request], Awaitable[Response]]


@dataclass(slots=True)
class Call:
    """One request as its handler sees it."""

    request: Request
    bag: Bag
    page: Page
    portal: Portal
    db: Database
    respond: Respond
    """The dialect's own front door, for calls inside a call."""
    somebody: Actor | None
    """The caller; None on a route that asks nobody to sign in."""

    @property
    def actor(self) -> Actor:
        """The caller; refuses with Unauthenticated if it is nobody."""
        if self.somebody is None:
            raise Unauthenticated("nobody is signed in")
        return self.somebody

    @property
    def prefers_documented_names(self) -> bool:
        """Whether the `Prefer` header asks for the names of the documentation."""
        return is_preferred(self.request.headers.get("prefer", ""))

    @property
    def wants_documented_names(self) -> bool:
        """Whether the portal, the token or the `Prefer` header asks for the names of the documentation."""
        by_token = self.somebody is not None and self.somebody.documented_names
        return self.portal.documented or by_token or self.prefers_documented_names

    def date(self, name: str) -> datetime | None:
        """Return a date parameter as a UTC instant, in the portal's zone unless it names one (conventions §3)."""
        return self.bag.date(name, self.portal.zone)
