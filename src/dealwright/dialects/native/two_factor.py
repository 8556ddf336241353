"""One's own second factor, and what an administrator may undo of somebody else's."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.actions import two_factor
from dealwright.dialects.native.reading import Body
from dealwright.dialects.native.routing import Call, Reply, Route

Secret = Annotated[str, Meta(min_length=1, max_length=256)]
Code = Annotated[str, Meta(min_length=1, max_length=40, description="Six digits, or a code for need.")]


class TwoFactor(Struct, kw_only=True):
    """Whether your password alone signs in no more, and how many codes for need are left."""

    enabled: bool
    recovery_codes_left: int


class TwoFactorStart(Body):
    """Your password, so that nobody sets up a second factor with a token they found."""

    password: Secret


class NewTwoFactor(Struct, kw_only=True):
    """What an app needs to show codes; told this once."""

    secret: str
    otpauth_uri: str


class TwoFactorCode(Body):
    """A code that the app shows."""

    code: Code


class Proof(Body):
    """Who you are: your password, or a code."""

    password: Secret | UnsetType = UNSET
    code: Code | UnsetType = UNSET


class RecoveryCodes(Struct, kw_only=True):
    """Codes for need: each is good once in place of the app's; told this once."""

    recovery_codes: list[str]


async def get_two_factor(call: Call) -> Reply[TwoFactor]:
    """Get how it stands with your second factor."""
    state = await two_factor.state(call.db, call.actor)
    return Reply(TwoFactor(enabled=state.is_on, recovery_codes_left=state.codes_left))


async def start_two_factor(call: Call, body: TwoFactorStart) -> Reply[NewTwoFactor]:
    """Begin a second factor; it has no effect until you confirm it with a code."""
    started = await two_factor.start(call.db, call.actor, body.password)
    return Reply(NewTwoFactor(secret=started.secret, otpauth_uri=started.address))


async def confirm_two_factor(call: Call, body: TwoFactorCode) -> Reply[RecoveryCodes]:
    """Put the second factor that you began into effect; tokens that there are go on working."""
    return Reply(RecoveryCodes(recovery_codes=await two_factor.confirm(call.db, call.actor, body.code)))


async def renew_recovery_codes(call: Call, body: Proof) -> Reply[RecoveryCodes]:
    """Get new codes for need; the old ones are worthless."""
    return Reply(RecoveryCodes(recovery_codes=await two_factor.renew_codes(call.db, call.actor, *_said(body))))


async def disable_two_factor(call: Call, body: Proof) -> Reply[None]:
    """Switch your second factor off."""
    await two_factor.switch_off(call.db, call.actor, *_said(body))
    return Reply(None)


async def reset_two_factor(call: Call) -> Reply[None]:
    """Switch the second factor of a user off who lost phone and codes; nothing happens where there is none."""
    await two_factor.reset(call.db, call.actor, call.id)
    return Reply(None)


def _said(body: Proof) -> tuple[str, str]:
    return ("" if body.password is UNSET else body.password), ("" if body.code is UNSET else body.code)


ROUTES: Final = (
    Route("GET", "/me/two-factor", get_two_factor),
    Route("POST", "/me/two-factor", start_two_factor),
    Route("POST", "/me/two-factor/confirm", confirm_two_factor),
    Route("POST", "/me/two-factor/recovery-codes", renew_recovery_codes),
    Route("POST", "/me/two-factor/disable", disable_two_factor, 204),
    Route("DELETE", "/users/{id}/two-factor", reset_two_factor, 204, "User-Edit"),
)
