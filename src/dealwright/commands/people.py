"""In whose name a command acts."""

from __future__ import annotations

from dealwright.domain.actor import Actor, Standing
from dealwright.domain.errors import Refusal
from dealwright.domain.text import fold
from dealwright.storage.database import Database

VIA = "cli"


def acting(db: Database, email: str | None) -> Actor:
    """Return the person of an e-mail, or the portal's owner. Refuses with a sentence where there is nobody."""
    users = sorted(db.rules.users.values(), key=lambda user: user.id)
    owner = next((user for user in users if user.standing is Standing.OWNER and user.active), None)
    user = db.rules.logins.get(fold(email)) if email else owner
    actor = db.rules.actor(user.id, VIA) if user is not None else None
    if actor is None:
        raise Refusal(f"Nobody called {email} can sign in here." if email else "Nobody owns the portal yet.")
    return actor
