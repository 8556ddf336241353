"""Who a command is about, and in whose name it acts."""

from __future__ import annotations

from dealwright.domain.actor import Actor, Standing
from dealwright.domain.errors import Refusal
from dealwright.domain.people import User
from dealwright.domain.text import fold
from dealwright.storage.database import Database

VIA = "cli"


def known(db: Database, email: str) -> User:
    """Return who signs in with an e-mail, active or not. Refuses with a sentence where there is nobody."""
    user = db.rules.logins.get(fold(email))
    if user is None:
        raise nobody(email)
    return user


def nobody(email: str) -> Refusal:
    """Return the refusal of an e-mail with which nobody signs in."""
    return Refusal(f"Nobody called {email} can sign in here.")


def acting(db: Database, email: str | None) -> Actor:
    """Return the person of an e-mail, or the portal's owner. Refuses with a sentence where there is nobody."""
    if not email:
        return _owner(db)
    actor = db.rules.actor(known(db, email).id, VIA)
    if actor is None:
        raise nobody(email)
    return actor


def _owner(db: Database) -> Actor:
    users = sorted(db.rules.users.values(), key=lambda user: user.id)
    owners = (db.rules.actor(user.id, VIA) for user in users if user.standing is Standing.OWNER and user.active)
    owner = next(owners, None)
    if owner is None:
        raise Refusal("Nobody owns the portal yet.")
    return owner
