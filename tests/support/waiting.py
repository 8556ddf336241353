"""Waiting for what nobody announces: looked at often and long, so that a busy machine is slow and never wrong."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from inspect import isawaitable

SECONDS = 60.0
PAUSE = 0.02


async def until(true: Callable[[], bool | Awaitable[bool]], seconds: float = SECONDS) -> None:
    """Look again and again until it is true; fail after so many seconds."""
    async with asyncio.timeout(seconds):
        while not await _told(true()):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(PAUSE)


async def _told(said: bool | Awaitable[bool]) -> bool:
    return await said if isawaitable(said) else bool(said)


def wait_until(true: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Do as `until` does, outside an event loop."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"that did not happen in {seconds:.0f} seconds"
        time.sleep(PAUSE)
