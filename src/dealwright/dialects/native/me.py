"""Who is signed in, and that person's own tokens."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import UNSET

from dealwright.actions import tokens
from dealwright.dialects.native import pages
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.shapes import Listing, Me, NewToken, Token, TokenDraft
from dealwright.domain.actor import Sight, Standing
from dealwright.domain.errors import NotFound, invalid
from dealwright.domain.values import instant
from dealwright.storage.tokens import OwnToken

StandingName = Literal["owner", "admin", "crm_admin", "member", "limited", "guest"]
STANDINGS: Final[dict[Standing, StandingName]] = {
    Standing.OWNER: "owner",
    Standing.ADMIN: "admin",
    Standing.CRM_ADMIN: "crm_admin",
    Standing.MEMBER: "member",
    Standing.LIMITED: "limited",
    Standing.GUEST: "guest",
}
SightName = Literal["all", "team", "own"]
SIGHTS: Final[dict[Sight, SightName]] = {Sight.ALL: "all", Sight.TEAM: "team", Sight.OWN: "own"}


async def get_me(call: Call) -> Reply[Me]:
    """Get the person who is signed in, with the rights that this request has."""
    actor = call.actor
    return Reply(
        Me(
            id=actor.id,
            uid=actor.uid,
            name=actor.name,
            email=actor.email,
            standing=STANDINGS[actor.standing],
            sight=SIGHTS[actor.sight],
            rights=sorted(actor.rights),
        )
    )


def _shown(token: OwnToken) -> Token:
    return Token(
        id=token.id,
        label=token.label,
        scope=None if token.scope is None else token.scope.split(),
        created_at=instant(token.created_at),
        expires_at=None if token.expires_at is None else instant(token.expires_at),
    )


async def list_tokens(call: Call) -> Reply[Listing[Token]]:
    """List your tokens; their secrets are not known any more."""
    return pages.whole([_shown(token) for token in await tokens.read_all(call.db, call.actor)])


async def get_token(call: Call) -> Reply[Token]:
    """Get one of your tokens; its secret is not known any more."""
    found = next((token for token in await tokens.read_all(call.db, call.actor) if token.id == call.id), None)
    if found is None:
        raise NotFound("token")
    return Reply(_shown(found))


async def create_token(call: Call, body: TokenDraft) -> Reply[NewToken]:
    """Create a token for yourself; the secret is in this answer and never again.

    It has your rights, or those of `scope` at most. A token that has a scope itself creates none.
    """
    scope = None if body.scope in (UNSET, None) else list(dict.fromkeys(body.scope))
    expires_at = None if body.expires_at is UNSET else body.expires_at
    try:
        made = await tokens.create(call.db, call.actor, body.label, scope, expires_at)
    except OverflowError:
        raise invalid("expires_at", "out_of_range", "must lie in the years 1 to 9999 in UTC") from None
    token = NewToken(id=made.id, label=body.label, scope=scope, expires_at=made.expires_at, secret=made.secret)
    return Reply(token, location=f"/tokens/{made.id}")


async def delete_token(call: Call) -> Reply[None]:
    """Revoke one of your tokens, at once."""
    await tokens.remove(call.db, call.actor, call.id)
    return Reply(None)


ROUTES: Final = (
    Route("GET", "/me", get_me),
    Route("GET", "/tokens", list_tokens),
    Route("POST", "/tokens", create_token, 201),
    Route("GET", "/tokens/{id}", get_token),
    Route("DELETE", "/tokens/{id}", delete_token, 204),
)
