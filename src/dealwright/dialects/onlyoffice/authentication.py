"""Signing in over this dialect (conventions §5): by password, and a code of an app where there is a second factor."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from dealwright.actions import second_factor, sign_in
from dealwright.actions.attempts import TooManyAttempts
from dealwright.actions.second_factor import SecondFactorNeeded
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, one
from dealwright.dialects.onlyoffice.failures import not_now, wrong_credentials
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.dialects.onlyoffice.values import moment
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Unauthenticated

COOKIE: Final = "asc_auth_key"
VIA: Final = "onlyoffice"

NO_PHONES: Final = "This portal does not confirm a sign-in by phone."
NO_CODE: Final = "Auth code is not available"
NO_INVITATIONS: Final = "This portal does not let people register themselves."
TOO_MANY: Final = "Login Fail. Too many attempts"


def address(request: Request) -> str:
    """Return where a request comes from, "" if nobody knows."""
    return request.client.host if request.client else ""


@routes.post("authentication", anonymous=True)
async def authenticate(call: Call) -> Answer:
    """Sign in with `userName` (e-mail, user name or guid) and `password`: a token for a year, and the cookie (§5).

    Who has a second factor gets no token but `tfa`, and goes on to `authentication/{code}`. Refuses with 500 as the
    contract prescribes: wrong credentials, too many attempts, sign-in by a provider.
    """
    try:
        return await _with_token(call, await _by_password(call))
    except SecondFactorNeeded:
        return one({"token": None, "tfa": True})


@routes.post("authentication/login", anonymous=True)
async def login(call: Call) -> Answer:
    """Sign in by the cookie alone, with `userName` and `password`; the `key` is not needed (§5)."""
    try:
        _, cookie = await _issued(call, await _by_password(call, call.bag.text("code") or ""))
    except SecondFactorNeeded:
        raise wrong_credentials() from None
    return one(True, [cookie])


async def _with_token(call: Call, somebody: Actor) -> Answer:
    issued, cookie = await _issued(call, somebody)
    expires = moment(issued.expires_at, call.portal.zone)
    return one({"token": issued.secret, "expires": expires}, [cookie])


async def _issued(call: Call, somebody: Actor) -> tuple[sign_in.Issued, tuple[str, str]]:
    label = call.request.headers.get("user-agent", "")[:100]
    issued = await sign_in.issue(call.db, somebody.id, sign_in.SESSION, sign_in.YEAR, label)
    return issued, ("Set-Cookie", _cookie(issued.secret, call.portal.url.startswith("https:")))


async def _by_password(call: Call, code: str = "") -> Actor:
    """Return who signs in; SecondFactorNeeded passes, all else is refused as the contract has it."""
    name, password = call.bag.text("userName"), call.bag.text("password") or call.bag.text("passwordHash")
    if not name or not password:
        raise wrong_credentials()
    try:
        return await sign_in.by_password(call.db, name, password, VIA, address(call.request), code)
    except SecondFactorNeeded:
        raise
    except TooManyAttempts:
        raise wrong_credentials(TOO_MANY) from None
    except Unauthenticated:
        raise wrong_credentials() from None


def _cookie(secret: str, is_https: bool) -> str:
    seconds = int(sign_in.YEAR.total_seconds())
    # Lax, so that no page elsewhere can send a write with it.
    attributes = f"Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax"
    return f"{COOKIE}={secret}; {attributes}{'; Secure' if is_https else ''}"


@routes.post("authentication/setphone", anonymous=True)
@routes.post("authentication/sendsms", anonymous=True)
async def confirm_by_phone(call: Call) -> Answer:
    """Refuse with 403: no code is sent to a phone from here (§5)."""
    raise not_now(NO_PHONES)


@routes.post("authentication/{code}", anonymous=True)
async def confirm(call: Call) -> Answer:
    """Sign in with `userName`, `password` and the code of an app, or one for need: as `authenticate` (§5).

    Refuses with 500 a wrong code, as wrong credentials; with 403 somebody who has no second factor.
    """
    code = call.bag.text("code") or ""
    try:
        somebody = await _by_password(call, code)
    except SecondFactorNeeded:
        raise wrong_credentials() from None
    if not await second_factor.is_on(call.db, somebody.id):
        raise not_now(NO_CODE)
    return await _with_token(call, somebody)


@routes.post("authentication/register", anonymous=True)
async def register(call: Call) -> Answer:
    """Refuse with 403: people are made by administrators."""
    raise not_now(NO_INVITATIONS)


@routes.get("capabilities", anonymous=True)
async def capabilities(call: Call) -> Answer:
    """Tell which other ways to sign in there are: none (§5)."""
    return one({"ldapEnabled": False, "providers": [], "ssoLabel": "", "ssoUrl": ""})
