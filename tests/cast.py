"""A small believable company that every test knows by name.

Olga owns the portal, Carl administers the CRM, Mia and Noah sell, Rita may only read deals, Gus is a guest.
"""

from __future__ import annotations

from dataclasses import dataclass

from dealwright.actions import people
from dealwright.actions.sign_in import API, issue
from dealwright.domain.actor import Actor, Standing
from dealwright.domain.people import UserChange
from dealwright.storage.database import Database

PASSWORD = "Correct-Horse-9-Battery"
NAMES = ("olga", "carl", "mia", "noah", "rita", "gus")


@dataclass(slots=True)
class Cast:
    """Everybody, by name; ask again (`actor`) after the rules have changed."""

    db: Database
    ids: dict[str, int]

    def actor(self, name: str, via: str = "test") -> Actor:
        """Return somebody as the present rules know that person."""
        actor = self.db.rules.actor(self.ids[name], via)
        assert actor is not None
        return actor

    @property
    def olga(self) -> Actor:
        """The portal owner."""
        return self.actor("olga")

    @property
    def carl(self) -> Actor:
        """The CRM administrator."""
        return self.actor("carl")

    @property
    def mia(self) -> Actor:
        """A member."""
        return self.actor("mia")

    @property
    def noah(self) -> Actor:
        """Another member."""
        return self.actor("noah")

    @property
    def rita(self) -> Actor:
        """Somebody whose only roles are to list and read deals."""
        return self.actor("rita")

    @property
    def gus(self) -> Actor:
        """A guest."""
        return self.actor("gus")


async def hire(db: Database, name: str, password: str | None = None, **values: object) -> int:
    """Make a user called `name` at example.com and return the id."""
    change = UserChange(email=f"{name}@example.com", first_name=name.title(), last_name="Example")
    for field, value in values.items():
        setattr(change, field, value)
    if password is not None:
        change.password = password
    return (await people.add_user(db, None, change)).id


def role(db: Database, right: str) -> int:
    """Return the id of the role that holds just this right."""
    return next(found.id for found in db.rules.roles.values() if found.name == right)


async def company(db: Database, password: str | None = None) -> Cast:
    """Hire everybody who is not at work already; with a password all of them can sign in."""
    at_work = {name: user.id for name in NAMES if (user := db.rules.logins.get(f"{name}@example.com"))}
    if at_work and password is None:
        return Cast(db, at_work)
    reads = [role(db, "CrmOpportunity-List"), role(db, "CrmOpportunity-Read")]
    ids = {
        "olga": await hire(db, "olga", password),
        "carl": await hire(db, "carl", password, standing=Standing.CRM_ADMIN),
        "mia": await hire(db, "mia", password),
        "noah": await hire(db, "noah", password),
        "rita": await hire(db, "rita", password, role_ids=reads),
        "gus": await hire(db, "gus", password, standing=Standing.GUEST),
    }
    return Cast(db, ids)


async def secrets_of(cast: Cast) -> dict[str, str]:
    """Return a token of everybody: those that came with the portal, else new ones."""
    users = cast.db.rules.users
    return {name: _SECRETS.get(users[ident].uid) or await _secret(cast, ident) for name, ident in cast.ids.items()}


async def settle_in(db: Database) -> None:
    """Hire everybody at a portal that is going to be copied, and give each a token that is known in the copies."""
    cast = await company(db)
    for ident in cast.ids.values():
        _SECRETS[db.rules.users[ident].uid] = await _secret(cast, ident)


async def _secret(cast: Cast, ident: int) -> str:
    return (await issue(cast.db, ident, API, None, "tests")).secret


_SECRETS: dict[str, str] = {}
