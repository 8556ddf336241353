"""Child processes that never outlive the test run, and free ports for them."""

from __future__ import annotations

import ctypes
import signal
import socket
import sys
from collections.abc import Callable

_SET_DEATH_SIGNAL = 1


def free_port() -> int:
    """Return a TCP port of this machine that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def dying_with_us(with_signal: signal.Signals) -> Callable[[], None] | None:
    """Return what a child does first so as to get this signal when the tests are killed; None off Linux."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask_the_kernel() -> None:
        prctl(_SET_DEATH_SIGNAL, int(with_signal))

    return ask_the_kernel
