"""Accounts that are made for others: a letter with a link by which they choose their password themselves.

The code of the link is made when the letter leaves, so that none waits anywhere to be read; kept is its digest.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from dealwright.actions.deed import now, posted
from dealwright.actions.people import add_user, event_of
from dealwright.actions.sign_in import hashed
from dealwright.domain.actor import Actor, Standing
from dealwright.domain.contact import names_of
from dealwright.domain.errors import Invalid, RulesMoved, Unauthenticated, invalid
from dealwright.domain.password import password_problem
from dealwright.domain.people import User, UserChange
from dealwright.domain.text import fold
from dealwright.domain.values import UNSET, Unset, micros
from dealwright.storage import invitations as store
from dealwright.storage import people
from dealwright.storage.database import Database
from dealwright.storage.tokens import without_tokens_of
from dealwright.storage.writes import Write

LETTER: Final = "user.invited"
LIFETIME: Final = timedelta(days=7)


def account(email: str, name: str, password: str | Unset = UNSET) -> UserChange:
    """Return what is said about a new account for a customer: a guest, who has no right in the CRM at all."""
    first, last = names_of(name)
    said = UserChange(email=email, first_name=first, last_name=last, password=password)
    said.standing, said.api_access = Standing.GUEST, False
    return said


async def make(db: Database, actor: Actor, change: UserChange) -> User:
    """Return who has an e-mail, or make an account for it; without a password the person is written to choose one.

    Refuses with Forbidden, and with Invalid as `people.add_user`.
    """
    actor.require("User-Create")
    known = db.rules.logins.get(fold(str(change.email)))
    if known is not None:
        return known
    try:
        return await invite(db, actor, change)
    except Invalid as refusal:
        if {problem.code for problem in refusal.problems} != {"duplicate"}:
            raise
        having = [user for user in db.rules.users.values() if fold(user.email) == fold(str(change.email))]
        return max(having, key=lambda user: user.id)


async def invite(db: Database, actor: Actor, change: UserChange) -> User:
    """Make an account; without a password the person is written to choose one. Refuses as `people.add_user`."""
    return await add_user(db, actor, change, lambda uid: _written(actor, uid, change))


def _written(actor: Actor, uid: str, change: UserChange) -> list[Write]:
    return [posted(LETTER, {"to_uid": uid, "by": actor.name}, now())] if change.password is UNSET else []


async def letter(db: Database, said: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the facts of an invitation that leaves now, with a new code; an earlier one is worthless then.

    None where nobody needs one any more: the person is gone, or has a password.
    """
    await db.refresh()
    user = db.rules.users_by_uid.get(str(said["to_uid"]))
    if user is None or not user.active or db.rules.passwords.get(user.id):
        return None
    code = secrets.token_urlsafe(24)
    await db.apply([store.kept(user.id, _digest(code), micros(now() + LIFETIME))])
    return {**said, "code": code}


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


async def check(db: Database, code: str) -> User:
    """Return whom a code invites. Refuses with Unauthenticated one that is used up, too old or wrong."""
    found = await store.by_digest(db, _digest(code))
    if found is None or found[1] < micros(now()):
        raise Unauthenticated("this link is used up, expired or wrong; ask for a new one")
    user = db.rules.users.get(found[0])
    if user is None:
        await db.refresh()
        user = db.rules.users.get(found[0])
    if user is None or not user.active:
        raise Unauthenticated("this account is there no more")
    return user


async def accept(db: Database, code: str, password: str) -> User:
    """Give somebody the password they chose and use the code up. Refuses as `check`, and with Invalid (password)."""
    user = await check(db, code)
    if not password:
        raise invalid("password", "required", "is a required field")
    if (problem := password_problem(password)) is not None:
        raise Invalid(problem)
    values = {"password_hash": await hashed(password), "updated_at": micros(now()), "updated_by": user.id}
    actor = db.rules.actor(user.id, "web")
    event = event_of(actor, "user.changed", {}, {"invitation": "accepted"}, user.id)
    writes = [*store.used(user.id, _digest(code)), people.changed_user(user.id, values), without_tokens_of(user.id)]
    try:
        await db.apply_rules([*writes, event], None)
    except RulesMoved:  # the guard did not hold
        raise Unauthenticated("this link has just been used") from None
    return user
