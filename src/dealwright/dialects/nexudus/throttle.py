"""The vendor's rate limits, for who wants them: what each client may send (conventions §6, Rate limits)."""

from __future__ import annotations

import hashlib
import math
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from dealwright.dialects.nexudus.envelope import answer
from dealwright.limits import Allowance, Allowances

DOCUMENTED: Final = (
    Allowance(1, 0.1),
    Allowance(120, 60.0),
    Allowance(5000, 3600.0),
    Allowance(200_000, 86_400.0),
    Allowance(60, 60.0, writing=True),
    Allowance(5000, 86_400.0, writing=True),
)
LEGACY: Final = "409"
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Throttle:
    """Counts the requests of each client of one process; `status` is the answer to those who send too many."""

    def __init__(self, status: str) -> None:
        self._status = status
        self._allowances = Allowances(DOCUMENTED)

    def refusal(self, request: Request) -> Response | None:
        """Return the answer to a request that comes too soon, None for one that may be served."""
        wait = self._allowances.wait(_client(request), request.method not in _READING)
        if not wait:
            return None
        headers = {"Retry-After": str(max(1, math.ceil(wait)))}
        if self._status == LEGACY:
            return Response(status_code=409, headers=headers)
        message = f"Too many requests. Wait {max(wait, 0.1):.1f} seconds"
        said = {"Message": message, "Value": None, "Errors": None, "WasSuccessful": False}
        return answer(said, 429, headers)


def _client(request: Request) -> str:
    """Return who sends a request: its credentials, of which only a digest is kept, or else its address."""
    credentials = request.headers.get("authorization", "")
    if credentials:
        return hashlib.sha256(credentials.encode("utf-8", "replace")).hexdigest()
    return request.client.host if request.client else ""
