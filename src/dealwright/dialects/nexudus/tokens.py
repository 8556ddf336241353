"""`POST /api/token`: the OAuth 2 grants of this vendor (conventions §2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from dealwright.actions import sign_in
from dealwright.actions.attempts import TooManyAttempts
from dealwright.actions.second_factor import SecondFactorNeeded, WrongCode
from dealwright.actions.sign_in import Pair
from dealwright.dialects.nexudus.envelope import answer
from dealwright.dialects.nexudus.reading import FORM
from dealwright.domain.errors import Unauthenticated
from dealwright.storage.database import Database

VIA: Final = "nexudus"
EXPIRES_IN: Final = 604_799
_FIELDS: Final = 50
_WRONG: Final = "The user name or password is incorrect."
_CODE_NEEDED: Final = "A two-factor authentication code (totp) is required."
_CODE_WRONG: Final = "The two-factor authentication code is incorrect."
_WORN_OUT: Final = "The refresh token is incorrect."


async def token(db: Database, request: Request) -> Response:
    """Answer the password and the refresh_token grant; other bodies and grants are `unsupported_grant_type`.

    `client_id` comes as a header or in the form; without one a sign-in means the e-mail, a refresh whichever client
    the token belongs to. `totp`, a code of an app or one for need, is looked at where the person has a second factor.
    """
    form = _form(await request.body(), request.headers.get("content-type", ""))
    client_id = request.headers.get("client_id") or form.get("client_id") or None
    if form.get("grant_type") == "password":
        address = request.client.host if request.client else ""
        return await _by_password(db, form, client_id, address)
    if form.get("grant_type") == "refresh_token":
        return await _by_refresh(db, form, client_id)
    return _error("unsupported_grant_type")


def _form(raw: bytes, content_type: str) -> Mapping[str, str]:
    if content_type.partition(";")[0].strip().lower() != FORM:
        return {}
    try:
        return dict(parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=_FIELDS))
    except ValueError:
        return {}


async def _by_password(db: Database, form: Mapping[str, str], client_id: str | None, address: str) -> Response:
    try:
        actor = await sign_in.by_password(
            db, form.get("username", ""), form.get("password", ""), VIA, address, form.get("totp", "")
        )
    except TooManyAttempts as error:
        return _error("invalid_grant", f"{error}.")
    except SecondFactorNeeded:
        return _error("invalid_grant", _CODE_NEEDED)
    except WrongCode:
        return _error("invalid_grant", _CODE_WRONG)
    except Unauthenticated:
        return _error("invalid_grant", _WRONG)
    if not actor.api_access:
        return _error("invalid_grant", "API access is switched off for this user.")
    return _granted(await sign_in.grant(db, actor, client_id or actor.email))


async def _by_refresh(db: Database, form: Mapping[str, str], client_id: str | None) -> Response:
    try:
        return _granted(await sign_in.regrant(db, form.get("refresh_token", ""), client_id))
    except Unauthenticated:
        return _error("invalid_grant", _WORN_OUT)


def _granted(pair: Pair) -> Response:
    return answer(
        {
            "access_token": pair.access.secret,
            "token_type": "bearer",
            "expires_in": EXPIRES_IN,
            "refresh_token": pair.refresh.secret,
        }
    )


def _error(code: str, description: str = "") -> Response:
    return answer({"error": code, **({"error_description": description} if description else {})}, 400)
