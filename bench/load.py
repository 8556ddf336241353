"""The load generator: a process of its own that keeps some connections busy for some seconds and tells how it went.

It reads a plan (JSON) from its standard input and writes a result (JSON) to its standard output. One thread, one
selector, no library between it and the socket: a request costs it some 20 µs, so that it is not what is measured.
"""

from __future__ import annotations

import json
import selectors
import socket
import subprocess
import sys
import time
from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.numbers import percentile
from bench.requests import maker_of

WARM_UP_SECONDS = 0.5
STUCK_SECONDS = 30.0


@dataclass
class Plan:
    """What to do: which server, how many connections, how long, and the requests (see `bench.requests`)."""

    port: int
    connections: int
    seconds: float
    requests: dict[str, Any]
    host: str = "127.0.0.1"


@dataclass
class Result:
    """How it went. Times are milliseconds; `cpu` is the generator's own share of one core."""

    requests: int = 0
    seconds: float = 0.0
    per_second: float = 0.0
    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    slowest: float = 0.0
    failures: int = 0
    reconnects: int = 0
    cpu: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)
    first_failure: str = ""


def run(plan: Plan) -> Result:
    """Carry out a plan in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(asdict(plan)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Result(**json.loads(done.stdout))


class Line:
    """One connection: what it waits for, and what has come of the answer so far."""

    __slots__ = ("awaited", "came", "closing", "sent_at", "socket", "status")

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=STUCK_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.came = bytearray()
        self.awaited = -1
        self.closing = False
        self.status = 0
        self.sent_at = 0.0

    def ask(self, request: bytes) -> None:
        """Send one request; it always fits into the socket's buffer."""
        self.came.clear()
        self.awaited = -1
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def hear(self) -> bool:
        """Take what has come; tell whether the answer is whole. Raises ConnectionError when the peer hung up."""
        part = self.socket.recv(262_144)
        if not part:
            raise ConnectionResetError("the server closed the connection")
        self.came += part
        if self.awaited < 0:
            self._read_head()
        if self.awaited == 0:
            return self.came.endswith(b"0\r\n\r\n")
        return 0 < self.awaited <= len(self.came)

    def _read_head(self) -> None:
        end = self.came.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self.came[:end]).lower()
        self.status = int(head[9:12])
        self.closing = b"connection: close" in head
        at = head.find(b"content-length:")
        if at < 0:
            self.awaited = 0  # chunked: the last chunk ends it
            return
        stop = head.find(b"\r\n", at)
        self.awaited = end + 4 + int(head[at + 15 : stop if stop > 0 else len(head)])


class Generator:
    """The connections of one plan and what they have seen."""

    def __init__(self, plan: Plan, request: Callable[[], bytes]) -> None:
        self._address = (plan.host, plan.port)
        self._seconds = plan.seconds
        self._request = request
        self._refusal = plan.requests.get("refusal", "").encode()
        self._selector = selectors.DefaultSelector()
        self._times = array("d")
        self._statuses: Counter[str] = Counter()
        self._result = Result()
        for _ in range(plan.connections):
            self._open()

    def go(self) -> Result:
        """Keep every connection busy until the time is over."""
        counting_from = time.perf_counter() + WARM_UP_SECONDS
        self._turn(counting_from, counting=False)
        began, worked = time.perf_counter(), time.process_time()
        self._turn(began + self._seconds, counting=True)
        passed = time.perf_counter() - began
        self._result.cpu = (time.process_time() - worked) / passed
        return self._told(passed)

    def _turn(self, until: float, counting: bool) -> None:
        while (now := time.perf_counter()) < until:
            ready = self._selector.select(until - now)
            for key, _ in ready:
                self._serve(key.data, counting)

    def _serve(self, line: Line, counting: bool) -> None:
        try:
            if not line.hear():
                return
            if counting:
                self._note(line)
            if not line.closing:
                line.ask(self._request())
                return
        except ConnectionError as error:
            self._result.first_failure = self._result.first_failure or str(error)
        self._result.reconnects += 1
        self._selector.unregister(line.socket)
        line.socket.close()
        self._open()

    def _open(self) -> None:
        line = Line(self._address)
        self._selector.register(line.socket, selectors.EVENT_READ, line)
        line.ask(self._request())

    def _note(self, line: Line) -> None:
        self._times.append(time.perf_counter() - line.sent_at)
        self._statuses[str(line.status)] += 1
        if line.status >= 400 or (self._refusal and self._refusal in line.came):
            self._result.failures += 1
            self._result.first_failure = self._result.first_failure or line.came[:2000].decode(errors="replace")

    def _told(self, passed: float) -> Result:
        result, times = self._result, self._times
        result.requests, result.seconds = len(times), passed
        result.per_second = (len(times) - result.failures) / passed
        result.p50, result.p95, result.p99 = (percentile(times, share) * 1000 for share in (0.5, 0.95, 0.99))
        result.slowest = max(times, default=0.0) * 1000
        result.statuses = dict(self._statuses)
        return result


if __name__ == "__main__":
    wanted = Plan(**json.loads(sys.stdin.read()))
    told = Generator(wanted, maker_of(wanted.requests)).go()
    print(json.dumps(asdict(told)))
