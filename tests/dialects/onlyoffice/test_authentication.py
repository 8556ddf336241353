"""Signing in, and the ways to show a token (conventions §5)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from dealwright.actions.people import UserChange, change_user
from dealwright.actions.sign_in import ATTEMPTS_OF_ONE
from dealwright.storage.database import Database
from tests.cast import PASSWORD
from tests.dialects.onlyoffice.desk import Desk, opened

FAILED = (500, "User authentication failed")


@pytest.fixture
async def desk(db: Database) -> AsyncIterator[Desk]:
    """Everybody has the same password."""
    async with opened(db, password=PASSWORD) as found:
        yield found


def basic(text: str) -> str:
    return f"Basic {b64encode(text.encode()).decode()}"


async def test_signing_in_answers_a_token_for_a_year_and_sets_the_cookie(desk: Desk) -> None:
    reply = await desk.send("", "POST", "authentication.json", data={"userName": "mia", "password": PASSWORD})
    assert (reply.status_code, reply.json()["count"], reply.json()["statusCode"]) == (201, 1, 201)
    said = reply.json()["response"]
    left = datetime.fromisoformat(said["expires"]) - datetime.now(UTC)
    assert timedelta(days=364) < left <= timedelta(days=365)
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith(f"asc_auth_key={said['token']}; ")
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Path=/"))
    assert "Secure" not in cookie


@pytest.mark.parametrize("name", ["MIA@example.com", "mia", "{uid}"])
async def test_everybody_signs_in_by_mail_name_or_guid(desk: Desk, name: str) -> None:
    body = {"username": name.format(uid=desk.cast.mia.uid), "PASSWORD": PASSWORD}
    assert (await desk.ok("", "POST", "authentication", json=body))["token"].startswith("dw_")


@pytest.mark.parametrize(
    "body",
    [
        {"userName": "mia", "password": "wrong"},
        {"userName": "ghost@example.com", "password": PASSWORD},
        {"userName": "mia"},
        {"provider": "google", "accessToken": "x"},
        {},
    ],
)
async def test_wrong_credentials_answer_500_as_the_contract_has_it(desk: Desk, body: dict[str, str]) -> None:
    for path in ("authentication", "authentication/login"):
        assert await desk.refusal("", "POST", path, data=body) == FAILED


async def test_guessing_is_ended(desk: Desk) -> None:
    wrong = {"userName": "noah", "password": "wrong"}
    for _ in range(ATTEMPTS_OF_ONE):
        assert await desk.refusal("", "POST", "authentication", data=wrong) == FAILED
    right = {"userName": "noah", "password": PASSWORD}
    assert await desk.refusal("", "POST", "authentication", data=right) == (500, "Login Fail. Too many attempts")


async def test_the_token_is_shown_raw_as_bearer_as_cookie_or_instead_of_it_a_password(desk: Desk) -> None:
    token = desk.tokens["mia"]
    for headers in (
        {"Authorization": token},
        {"Authorization": f"{token}, Basic x"},
        {"Authorization": f"Bearer {token}"},
        {"Authorization": basic(f"mia@example.com:{PASSWORD}")},
        {"Cookie": f"asc_auth_key={token}"},
        {"Cookie": "asc_auth_key=stale", "Authorization": token},
        {"Cookie": f"asc_auth_key={token}", "Authorization": desk.tokens["noah"]},
    ):
        reply = await desk.http.get("people/@self", headers=headers)
        assert reply.json()["response"]["id"] == desk.cast.mia.uid, headers


@pytest.mark.parametrize(
    "header", ["x", "Bearer x", "Bearer", "Basic x", basic("mia"), basic("mia:wrong"), "Digest a b"]
)
async def test_a_wrong_credential_is_challenged_in_plain_text(desk: Desk, header: str) -> None:
    reply = await desk.http.get("people/@self", headers={"Authorization": header})
    assert (reply.status_code, reply.text) == (401, "Unauthorized")
    assert reply.headers["www-authenticate"].startswith("Basic")


async def test_nobody_is_not_challenged(desk: Desk) -> None:
    reply = await desk.send("", "GET", "crm/opportunity/filter")
    assert (reply.status_code, reply.text) == (401, "Unauthorized")
    assert "www-authenticate" not in reply.headers


async def test_a_token_ends_with_its_owner(desk: Desk) -> None:
    await change_user(desk.db, desk.cast.olga, desk.cast.noah.id, UserChange(active=False))
    assert (await desk.send("noah", "GET", "people/@self")).status_code == 401


async def test_a_portal_without_phones_says_so(desk: Desk) -> None:
    body = {"userName": "mia", "password": PASSWORD}
    for path in ("authentication/setphone", "authentication/sendsms", "authentication/123456"):
        assert (await desk.refusal("", "POST", path, data=body))[0] == 403
    assert (await desk.refusal("", "POST", "authentication/register", data={"email": "x@example.com"}))[0] == 403


async def test_signing_in_by_the_cookie_alone_answers_yes(desk: Desk) -> None:
    reply = await desk.send("", "POST", "authentication/login", data={"userName": "mia", "password": PASSWORD})
    assert reply.json()["response"] is True
    token = reply.headers["set-cookie"].partition("=")[2].partition(";")[0]
    self = await desk.http.get("people/@self", headers={"Cookie": f"asc_auth_key={token}"})
    assert self.json()["response"]["userName"] == "mia"


async def test_the_capabilities_are_told_to_everybody(desk: Desk) -> None:
    said = await desk.ok("", "GET", "capabilities")
    assert said == {"ldapEnabled": False, "providers": [], "ssoLabel": "", "ssoUrl": ""}
