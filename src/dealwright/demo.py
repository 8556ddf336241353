"""A believable company to try things with: people who can sign in, contacts, two pipelines, deals with a history."""

from __future__ import annotations

import secrets
from typing import Final

from dealwright import seed
from dealwright.actions.first_account import person
from dealwright.actions.people import add_user, has_owner
from dealwright.domain.actor import Standing
from dealwright.domain.people import User
from dealwright.domain.text import fold
from dealwright.storage.database import Database

DEALS: Final = 300
HOST: Final = "harbour-house.example"
PEOPLE: Final = (
    ("Olivia Hart", Standing.ADMIN),
    ("Carl Winter", Standing.CRM_ADMIN),
    ("Mia Berg", Standing.MEMBER),
    ("Noah Silva", Standing.MEMBER),
    ("Inês Duarte", Standing.MEMBER),
    ("Gus Young", Standing.GUEST),
)


async def fill(db: Database, url: str) -> list[str]:
    """Fill a portal without deals and return what to tell the person who asked: who is there, with which password."""
    lines = ["A demo company is ready. These people can sign in; nobody will show the passwords again:"]
    sellers = []
    for name, standing in PEOPLE:
        user, word = await _hired(db, name, standing)
        lines.append(f"  {user.email:<34} {word or '(as before)':<18} {user.standing.name.lower().replace('_', ' ')}")
        if standing is not Standing.GUEST:
            sellers.append((user.id, user.uid))
    await seed.company(db, url, sellers, DEALS)
    return lines


async def _hired(db: Database, name: str, standing: Standing) -> tuple[User, str | None]:
    """Return a new user with the password, or the one who is there already without it."""
    email = f"{fold(name).partition(' ')[0]}@{HOST}"
    if known := db.rules.logins.get(email):
        return known, None
    word = secrets.token_urlsafe(12)
    said = person(email, word, name)
    if has_owner(db):
        said.standing = standing
    return await add_user(db, None, said), word
