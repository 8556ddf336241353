"""One-time codes by the clock (RFC 6238): SHA-1, six digits, thirty seconds; what apps on phones show."""

from __future__ import annotations

import base64
import hmac
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

STEP_SECONDS: Final = 30
DIGITS: Final = 6
SKEW: Final = 1
"""How many steps a clock may be before or behind ours."""
SECRET_BYTES: Final = 20


def step_of(at: datetime) -> int:
    """Return the number of an instant's step since 1970."""
    return int(at.timestamp()) // STEP_SECONDS


def code_of(secret: str, step: int) -> str:
    """Return the six digits of a base32 secret in a step."""
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    place = digest[-1] & 0x0F
    number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def matching_step(secret: str, code: str, at: datetime, after: int) -> int | None:
    """Return the step that a code belongs to, None where it is none of now or was used: steps up to `after` are."""
    present, given = step_of(at), code.encode("utf-8", "replace")
    steps = range(present - SKEW, present + SKEW + 1)
    right = [step for step in steps if hmac.compare_digest(code_of(secret, step).encode(), given) and step > after]
    return right[0] if right else None


def address_of(secret: str, issuer: str, account: str) -> str:
    """Return the `otpauth:` address that an app reads, mostly as a square of dots."""
    label = f"{quote(issuer, safe='')}:{quote(account, safe='@')}"
    said = {"secret": secret, "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": STEP_SECONDS}
    return f"otpauth://totp/{label}?{urlencode(said, quote_via=quote)}"
