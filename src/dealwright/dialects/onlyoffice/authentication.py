"""Signing in over this dialect (conventions §5): by password only; phones, keys and invitations are not offered."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from dealwright.actions import sign_in
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, one
from dealwright.dialects.onlyoffice.failures import not_now, wrong_credentials
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.dialects.onlyoffice.values import moment
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Unauthenticated

COOKIE: Final = "asc_auth_key"
VIA: Final = "onlyoffice"

NO_PHONES: Final = "This portal does not confirm a sign-in by phone or app."
NO_INVITATIONS: Final = "This portal does not let people register themselves."
TOO_MANY: Final = "Login Fail. Too many attempts"


def address(request: Request) -> str:
    """Return where a request comes from, "" if nobody knows."""
    return request.client.host if request.client else ""


@routes.post("authentication", anonymous=True)
async def authenticate(call: Call) -> Answer:
    """Sign in with `userName` (e-mail, user name or guid) and `password`: a token for a year, and the cookie (§5).

    Refuses with 500 as the contract prescribes: wrong credentials, too many attempts, sign-in by a provider.
    """
    issued, cookie = await _signed_in(call)
    expires = moment(issued.expires_at, call.portal.zone)
    return one({"token": issued.secret, "expires": expires}, [cookie])


@routes.post("authentication/login", anonymous=True)
async def login(call: Call) -> Answer:
    """Sign in by the cookie alone, with `userName` and `password`; the `key` is not needed (§5)."""
    _, cookie = await _signed_in(call)
    return one(True, [cookie])


async def _signed_in(call: Call) -> tuple[sign_in.Issued, tuple[str, str]]:
    somebody = await _by_password(call)
    label = call.request.headers.get("user-agent", "")[:100]
    issued = await sign_in.issue(call.db, somebody.id, sign_in.SESSION, sign_in.YEAR, label)
    return issued, ("Set-Cookie", _cookie(issued.secret, call.portal.url.startswith("https:")))


async def _by_password(call: Call) -> Actor:
    name, password = call.bag.text("userName"), call.bag.text("password")
    if not name or not password:
        raise wrong_credentials()
    try:
        return await sign_in.by_password(call.db, name, password, VIA, address(call.request))
    except sign_in.TooManyAttempts:
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
@routes.post("authentication/{code}", anonymous=True)
async def confirm_by_phone(call: Call) -> Answer:
    """Refuse with 403: no sign-in here waits for a code (§5)."""
    raise not_now(NO_PHONES)


@routes.post("authentication/register", anonymous=True)
async def register(call: Call) -> Answer:
    """Refuse with 403: people are made by administrators."""
    raise not_now(NO_INVITATIONS)


@routes.get("capabilities", anonymous=True)
async def capabilities(call: Call) -> Answer:
    """Tell which other ways to sign in there are: none (§5)."""
    return one({"ldapEnabled": False, "providers": [], "ssoLabel": "", "ssoUrl": ""})
