"""HTTP connections whose patience ends: a request's head must be short and come soon."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

HEAD_LIMIT: Final = 64 << 10
HEAD_SECONDS: float = 20.0
REST_SECONDS: float = 10.0

_log = logging.getLogger(__name__)


class Connection(HttpToolsProtocol):
    """One connection. What uvicorn leaves open-ended has a size and a time here.

    A client that is refused while it still sends is heard out for a while, into nothing: whoever closes on unread
    bytes takes the refusal away from the client too.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*arguments, **named)
        self._head: int | None = None
        self._in_body = False
        self._is_refused = False
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._wait(HEAD_SECONDS, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Begin to count a head."""
        super().on_message_begin()
        self._head = 0
        if self._patience is None:
            self._wait(HEAD_SECONDS, self._too_slow)

    def on_headers_complete(self) -> None:
        """The head is whole; the body has limits of its own."""
        self._head = None
        self._in_body = True
        self._wait_no_more()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is whole."""
        self._in_body = False
        self._wait_no_more()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is out; what is left of the body may still come, for a while."""
        super().on_response_complete()
        if self._in_body and self._patience is None:
            self._wait(REST_SECONDS, self.transport.close)

    def data_received(self, data: bytes) -> None:
        """Take what came; refuse a head that is too long."""
        if self._is_refused:
            return
        super().data_received(data)
        if self._head is not None:
            self._head += len(data)
            if self._head > HEAD_LIMIT:
                self._refuse(b"431 Request Header Fields Too Large")

    def _wait(self, seconds: float, then: Callable[[], None]) -> None:
        self._patience = self.loop.call_later(seconds, then)

    def _wait_no_more(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _too_slow(self) -> None:
        self._patience = None
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete:
            self._refuse(b"408 Request Timeout")
        else:
            self._wait(HEAD_SECONDS, self._too_slow)  # an earlier request is still being answered

    def _refuse(self, status: bytes) -> None:
        if self.transport.is_closing():
            return
        _log.info("%s for %s", status.decode(), self.client[0] if self.client else "somebody")
        self._is_refused = True
        self._wait_no_more()
        self._wait(REST_SECONDS, self.transport.close)
        self.transport.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        if self.transport.can_write_eof():
            self.transport.write_eof()
