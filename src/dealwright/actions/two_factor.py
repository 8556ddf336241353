"""Deeds on second factors: begin, confirm, switch off, new codes for need; and what an administrator may undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from dealwright.actions import second_factor
from dealwright.actions.deed import now
from dealwright.actions.people import event_of
from dealwright.actions.second_factor import WrongCode, digest_of, new_codes, new_secret, use_of
from dealwright.actions.sign_in import verified
from dealwright.domain import totp
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Conflict, Forbidden, Invalid, NotFound, invalid
from dealwright.domain.people import User
from dealwright.storage import two_factor as store
from dealwright.storage.database import Database
from dealwright.storage.two_factor import Factor
from dealwright.storage.writes import Change, Clash, Lost

ISSUER: Final = "Dealwright"


@dataclass(frozen=True, slots=True)
class Started:
    """A second factor that is not in effect yet: the only time its secret is told."""

    secret: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class State:
    """Whether somebody has a second factor, and how many codes for need are left."""

    is_on: bool
    codes_left: int


async def state(db: Database, actor: Actor) -> State:
    """Return how it stands with one's own second factor."""
    factor = await store.of(db, actor.id)
    is_on = factor is not None and factor.is_on
    return State(is_on, await store.codes_left(db, actor.id) if is_on else 0)


async def start(db: Database, actor: Actor, password: str) -> Started:
    """Begin a second factor of one's own and return its secret; it has no effect until it is confirmed.

    Refuses with Forbidden (a token with a scope), Invalid (password), TooManyAttempts, and Conflict where one is on.
    """
    user = _oneself(db, actor)
    await _by_password(db, user, password)
    before = await store.of(db, user.id)
    if before is not None and before.is_on:
        raise Conflict("the second factor is on; switch it off first")
    secret = new_secret()
    try:
        await db.apply([store.begun(user.id, secret, now(), before)])
    except (Clash, Lost) as error:
        raise Conflict("a second factor is being set up elsewhere; try again") from error
    return Started(secret, totp.address_of(secret, ISSUER, user.email))


async def confirm(db: Database, actor: Actor, code: str) -> list[str]:
    """Put the second factor that was begun into effect by a code of it; return codes for need, this once.

    Tokens that there are go on working. Refuses with Forbidden, NotFound (none was begun), Conflict (one is on),
    Invalid (code) and TooManyAttempts.
    """
    user, factor = _oneself(db, actor), await store.of(db, actor.id)
    if factor is None:
        raise NotFound("second factor")
    if factor.is_on:
        raise Conflict("the second factor is on already")
    await second_factor.count(db, user)
    at = now()
    step = totp.matching_step(factor.secret, "".join(code.split()), at, factor.last_step)
    if step is None:
        raise _wrong_code()
    codes = new_codes()
    writes = [*store.confirmed(user.id, factor, step, at), *store.codes(user.id, map(digest_of, codes))]
    event = event_of(actor, "user.changed", {"two_factor": False}, {"two_factor": True}, user.id)
    await db.apply_rules([*writes, event], actor.stamp)
    await second_factor.forget(db, user)
    return codes


async def renew_codes(db: Database, actor: Actor, password: str = "", code: str = "") -> list[str]:
    """Return new codes for need, this once; the old ones are worthless. The password or a code proves who asks.

    Refuses with Forbidden, NotFound (there is no second factor), Invalid and TooManyAttempts.
    """
    user, factor = await _with_factor(db, actor)
    proof = await _proven(db, user, factor, password, code)
    codes = new_codes()
    event = event_of(actor, "user.changed", {}, {"recovery_codes": len(codes)}, user.id)
    try:
        await db.apply([*proof, *store.codes(user.id, map(digest_of, codes)), event])
    except Lost:
        raise _wrong_code() from None
    await second_factor.forget(db, user)
    return codes


async def switch_off(db: Database, actor: Actor, password: str = "", code: str = "") -> None:
    """End one's own second factor; the password or a code proves who asks. Refuses as `renew_codes`."""
    user, factor = await _with_factor(db, actor)
    for use in await _proven(db, user, factor, password, code):
        if not await store.is_there(db, use):
            raise _wrong_code()
    await _ended(db, actor, user)
    await second_factor.forget(db, user)


async def reset(db: Database, actor: Actor | None, user_id: int) -> None:
    """End somebody's second factor, who lost phone and codes; without an actor the command line acts.

    Refuses with Forbidden (no right, or somebody who may more than oneself) and NotFound.
    """
    if actor is not None:
        actor.require("User-Edit")
    user = db.rules.users.get(user_id)
    if user is None:
        raise NotFound("user")
    if actor is not None and user.standing < actor.standing:
        raise Forbidden("nobody changes somebody who may more than oneself", "User-Edit")
    if await store.of(db, user_id) is not None:
        await _ended(db, actor, user)


async def _ended(db: Database, actor: Actor | None, user: User) -> None:
    event = event_of(actor, "user.changed", {"two_factor": True}, {"two_factor": False}, user.id)
    await db.apply_rules([*store.ended(user.id), event], actor.stamp if actor else None)


def _oneself(db: Database, actor: Actor) -> User:
    own = db.rules.actor(actor.id)
    if own is None or own.rights != actor.rights:
        raise Forbidden("a token with a scope changes no second factor")
    return db.rules.users[actor.id]


async def _with_factor(db: Database, actor: Actor) -> tuple[User, Factor]:
    user, factor = _oneself(db, actor), await store.of(db, actor.id)
    if factor is None or not factor.is_on:
        raise NotFound("second factor")
    return user, factor


async def _proven(db: Database, user: User, factor: Factor, password: str, code: str) -> Sequence[Change]:
    """Return the guarded write on which the proof rests, none for a password; refuses what proves nothing."""
    if code.strip():
        await second_factor.count(db, user)
        try:
            return [use_of(user, factor, code, now())]
        except WrongCode:
            raise _wrong_code() from None
    await _by_password(db, user, password)
    return []


def _wrong_code() -> Invalid:
    return invalid("code", "wrong", "is wrong, too old or used already")


async def _by_password(db: Database, user: User, password: str) -> None:
    if not password:
        raise invalid("password", "required", "is a required field")
    await second_factor.count(db, user)
    if not await verified(db.rules.passwords.get(user.id), password):
        raise invalid("password", "wrong", "is not your password")
