"""What a password sign-in asks of somebody with a second factor: the code of an app, or one kept for need."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from datetime import datetime
from typing import Final

from dealwright.actions import attempts
from dealwright.actions.deed import now
from dealwright.domain import totp
from dealwright.domain.errors import Unauthenticated
from dealwright.domain.people import User
from dealwright.storage import presence
from dealwright.storage import two_factor as store
from dealwright.storage.database import Database
from dealwright.storage.two_factor import Factor
from dealwright.storage.writes import Change, Lost

CODES: Final = 10
"""How many codes for need there are at first."""
_CODE_BYTES: Final = 10


class SecondFactorNeeded(Unauthenticated):
    """The password was right; a code is wanted beside it."""


class WrongCode(Unauthenticated):
    """The code is none of now, or was used before."""


async def check(db: Database, user: User, code: str) -> None:
    """Let somebody pass who has no second factor, or whose code is right; the code is used up by it.

    Refuses with SecondFactorNeeded (no code), WrongCode, and TooManyAttempts after 20 wrong ones within 15 minutes,
    from wherever they came.
    """
    factor = await store.of(db, user.id)
    if factor is None or not factor.is_on:
        return
    if not code.strip():
        raise SecondFactorNeeded("a code of the second factor is needed beside the password")
    await count(db, user)
    await attempts.note(db, presence.key_of(user.uid))
    use = use_of(user, factor, code, now())
    try:
        await db.apply([use])
    except Lost:
        raise WrongCode("the code is wrong, too old or used already") from None
    await forget(db, user)


async def is_on(db: Database, user_id: int) -> bool:
    """Tell whether somebody has a second factor right now, whatever the rules in hand say."""
    factor = await store.of(db, user_id)
    return factor is not None and factor.is_on


def use_of(user: User, factor: Factor, code: str, at: datetime) -> Change:
    """Return the guarded write that uses a code up; it is Lost where a code for need is none.

    Refuses with WrongCode digits that are none of now.
    """
    plain = re.sub(r"[\s-]", "", code).lower()
    if len(plain) > totp.DIGITS:
        return store.code_used(user.id, digest_of(plain), at)
    step = totp.matching_step(factor.secret, plain, at, factor.last_step)
    if step is None:
        raise WrongCode("the code is wrong, too old or used already")
    return store.used(user.id, factor, step)


async def count(db: Database, user: User) -> None:
    """Count an attempt to prove who one is; refuses with TooManyAttempts."""
    await attempts.count(db, f"factor|{user.uid}", attempts.allowed(db)[0])


async def forget(db: Database, user: User) -> None:
    """Forget such attempts: one was right."""
    await attempts.forget(db, f"factor|{user.uid}")


def new_secret() -> str:
    """Return a fresh secret of 160 bits in base32."""
    return base64.b32encode(secrets.token_bytes(totp.SECRET_BYTES)).decode()


def new_codes() -> list[str]:
    """Return fresh codes for need, each of 80 bits and good once, as people write them down."""
    plain = (base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().lower() for _ in range(CODES))
    return ["-".join(re.findall("....", code)) for code in plain]


def digest_of(code: str) -> str:
    """Return what is kept of a code for need: enough to know it again, not to tell it."""
    return hashlib.sha256(re.sub(r"[\s-]", "", code).lower().encode("utf-8", "surrogatepass")).hexdigest()
