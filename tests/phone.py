"""A phone with an app that shows codes, for everybody in the tests who has a second factor."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from dealwright.actions import two_factor
from dealwright.actions.deed import now
from dealwright.domain.actor import Actor
from dealwright.domain.totp import STEP_SECONDS, code_of, step_of
from dealwright.storage.database import Database
from tests.cast import PASSWORD

SHORT = 4
"""Seconds that a test may take between reading a code and sending it."""


@dataclass
class Phone:
    """An app and a note with the codes for need. Each code it shows is the next one, so none is shown twice."""

    secret: str
    recovery: list[str] = field(default_factory=list)
    shown: int = 0

    async def code(self) -> str:
        """Return a code that is good now and was not shown before: two of them at once, the third takes its time."""
        left = STEP_SECONDS - time.time() % STEP_SECONDS
        steps = max(0, self.shown - step_of(now()))
        if steps or left < SHORT:
            await asyncio.sleep(left + max(0, steps - 1) * STEP_SECONDS + 0.05)
        self.shown = max(self.shown + 1, step_of(now()) - 1)
        return code_of(self.secret, self.shown)


async def armed(db: Database, actor: Actor) -> Phone:
    """Give somebody whose password is the usual one a second factor; two more codes can be had at once."""
    started = await two_factor.start(db, actor, PASSWORD)
    phone = Phone(started.secret)
    phone.recovery = await two_factor.confirm(db, actor, await phone.code())
    return phone
