"""Signing in, and the ways to show a token (conventions §5)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from dealwright.actions.attempts import ATTEMPTS_OF_ONE
from dealwright.actions.people import change_user
from dealwright.domain.people import UserChange
from dealwright.storage.database import Database
from tests.cast import PASSWORD
from tests.dialects.onlyoffice.desk import Desk, opened
from tests.phone import armed

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


async def test_a_second_factor_is_asked_for_by_tfa_and_finished_with_its_code(desk: Desk) -> None:
    phone = await armed(desk.db, desk.cast.mia)
    body = {"userName": "mia", "password": PASSWORD}
    reply = await desk.send("", "POST", "authentication", data=body)
    assert (reply.status_code, reply.json()["response"]) == (201, {"token": None, "tfa": True})
    assert "set-cookie" not in reply.headers
    code = await phone.code()
    done = await desk.send("", "POST", f"authentication/{code}", data=body)
    assert done.status_code == 201
    assert done.json()["response"]["token"].startswith("dw_")
    assert done.headers["set-cookie"].startswith("asc_auth_key=dw_")
    assert await desk.refusal("", "POST", f"authentication/{code}", data=body) == FAILED


async def test_a_wrong_code_or_password_is_a_failed_sign_in(desk: Desk) -> None:
    phone = await armed(desk.db, desk.cast.mia)
    right, wrong = {"userName": "mia", "password": PASSWORD}, {"userName": "mia", "password": "wrong"}
    assert await desk.refusal("", "POST", "authentication/000000", data=right) == FAILED
    assert await desk.refusal("", "POST", f"authentication/{phone.recovery[0]}", data=wrong) == FAILED
    assert await desk.refusal("", "POST", "authentication/login", data=right) == FAILED
    assert (await desk.send("", "POST", f"authentication/{phone.recovery[0]}", data=right)).status_code == 201
    by_code = {**right, "code": phone.recovery[1]}
    assert await desk.ok("", "POST", "authentication/login", data=by_code) is True


async def test_with_a_second_factor_basic_takes_a_token_instead_of_the_password(desk: Desk) -> None:
    await armed(desk.db, desk.cast.mia)
    for word, status in ((PASSWORD, 401), (desk.tokens["mia"], 200), (desk.tokens["noah"], 401)):
        headers = {"Authorization": basic(f"mia@example.com:{word}")}
        assert (await desk.http.get("people/@self", headers=headers)).status_code == status


async def test_signing_in_by_the_cookie_alone_answers_yes(desk: Desk) -> None:
    reply = await desk.send("", "POST", "authentication/login", data={"userName": "mia", "password": PASSWORD})
    assert reply.json()["response"] is True
    token = reply.headers["set-cookie"].partition("=")[2].partition(";")[0]
    self = await desk.http.get("people/@self", headers={"Cookie": f"asc_auth_key={token}"})
    assert self.json()["response"]["userName"] == "mia"


async def test_the_capabilities_are_told_to_everybody(desk: Desk) -> None:
    said = await desk.ok("", "GET", "capabilities")
    assert said == {"ldapEnabled": False, "providers": [], "ssoLabel": "", "ssoUrl": ""}
