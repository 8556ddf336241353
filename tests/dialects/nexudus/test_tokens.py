"""The OAuth grants of this vendor (conventions §2.1)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from dealwright.actions import people
from dealwright.actions.attempts import ATTEMPTS_OF_ONE
from dealwright.domain.people import UserChange
from dealwright.storage.database import Database
from tests.cast import PASSWORD
from tests.dialects.nexudus.counter import Counter, Json, opened, path_of
from tests.phone import armed

MIA = "mia@example.com"
FAILED = "InvalidLoginAttempts"
SEEN = ("LastAccess", "LastLoginAttempt", FAILED)


@pytest.fixture
async def counter(db: Database) -> AsyncIterator[Counter]:
    """Everybody has a password."""
    async with opened(db, PASSWORD) as found:
        yield found


async def ask(counter: Counter, client_id: str = "", **form: str) -> httpx.Response:
    """Ask for a grant."""
    headers = {"client_id": client_id} if client_id else {}
    return await counter.http.post("/api/token", data=form, headers=headers)


async def signed_in(counter: Counter, client_id: str = "", **form: str) -> Json:
    """Sign Mia in."""
    wanted = {"grant_type": "password", "username": MIA, "password": PASSWORD, **form}
    reply = await ask(counter, client_id, **wanted)
    assert reply.status_code == 200, reply.text
    granted: Json = reply.json()
    return granted


async def works(counter: Counter, token: str) -> bool:
    """Tell whether a token opens the list of deals."""
    header = {"Authorization": f"Bearer {token}"}
    return (await counter.http.get(path_of("CrmOpportunity"), headers=header)).status_code == 200


async def test_a_sign_in_gives_the_four_documented_members(counter: Counter) -> None:
    granted = await signed_in(counter, totp="")
    assert set(granted) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert (granted["token_type"], granted["expires_in"]) == ("bearer", 604_799)
    assert await works(counter, granted["access_token"])
    assert not await works(counter, granted["refresh_token"])


@pytest.mark.parametrize("name", [MIA, "nobody@example.com", ""])
async def test_a_wrong_name_or_password_looks_the_same(counter: Counter, name: str) -> None:
    reply = await ask(counter, grant_type="password", username=name, password="wrong")
    assert reply.status_code == 400
    assert reply.json() == {
        "error": "invalid_grant",
        "error_description": "The user name or password is incorrect.",
    }


async def test_after_too_many_failures_even_the_right_password_has_to_wait(counter: Counter) -> None:
    for _ in range(ATTEMPTS_OF_ONE):
        await ask(counter, grant_type="password", username=MIA, password="wrong")
    reply = await ask(counter, grant_type="password", username=MIA, password=PASSWORD)
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_grant")
    assert "too many attempts" in reply.json()["error_description"]


async def test_other_bodies_and_grants_are_not_supported(counter: Counter) -> None:
    form = {"grant_type": "password", "username": MIA, "password": PASSWORD}
    for reply in (
        await counter.http.post("/api/token", json=form),
        await ask(counter, grant_type="client_credentials"),
        await ask(counter),
        await counter.http.post("/api/token", content=b"\xff=&" * 99, headers={"content-type": "text/plain"}),
    ):
        assert (reply.status_code, reply.json()) == (400, {"error": "unsupported_grant_type"})


async def test_a_new_sign_in_of_a_client_ends_what_that_client_held(counter: Counter) -> None:
    first, other = await signed_in(counter, "phone"), await signed_in(counter, client_id="", totp="")
    second = await signed_in(counter, "phone")
    assert not await works(counter, first["access_token"])
    assert await works(counter, other["access_token"])
    assert await works(counter, second["access_token"])


async def test_the_client_may_be_named_in_the_form(counter: Counter) -> None:
    first = (await ask(counter, grant_type="password", username=MIA, password=PASSWORD, client_id="desk")).json()
    await signed_in(counter, "desk")
    assert not await works(counter, first["access_token"])


async def test_a_refresh_rotates_the_refresh_token_and_spares_the_access_token(counter: Counter) -> None:
    old = await signed_in(counter, "phone")
    new = await ask(counter, "phone", grant_type="refresh_token", refresh_token=old["refresh_token"])
    assert new.status_code == 200
    assert await works(counter, new.json()["access_token"])
    assert await works(counter, old["access_token"])
    again = await ask(counter, "phone", grant_type="refresh_token", refresh_token=old["refresh_token"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


async def test_a_refresh_may_leave_the_client_out_and_may_not_name_another(counter: Counter) -> None:
    old = await signed_in(counter, "phone")
    wrong = await ask(counter, "desk", grant_type="refresh_token", refresh_token=old["refresh_token"])
    assert wrong.status_code == 400
    assert (await ask(counter, grant_type="refresh_token", refresh_token=old["refresh_token"])).status_code == 200


async def test_somebody_without_api_access_gets_no_token(counter: Counter) -> None:
    await people.change_user(counter.db, None, counter.cast.ids["mia"], UserChange(api_access=False))
    reply = await ask(counter, grant_type="password", username=MIA, password=PASSWORD)
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_grant")


async def test_a_second_factor_wants_its_code_in_totp(counter: Counter) -> None:
    phone = await armed(counter.db, counter.cast.mia)
    wanted = {"grant_type": "password", "username": MIA, "password": PASSWORD}
    for totp, said in (
        ({}, "A two-factor authentication code (totp) is required."),
        ({"totp": ""}, "A two-factor authentication code (totp) is required."),
        ({"totp": "000000"}, "The two-factor authentication code is incorrect."),
    ):
        reply = await ask(counter, **wanted, **totp)
        assert (reply.status_code, reply.json()) == (400, {"error": "invalid_grant", "error_description": said})
    granted = await signed_in(counter, totp=await phone.code())
    assert await works(counter, granted["access_token"])
    again = await ask(counter, grant_type="refresh_token", refresh_token=granted["refresh_token"])
    assert again.status_code == 200


async def test_a_wrong_password_says_nothing_of_the_second_factor(counter: Counter) -> None:
    await armed(counter.db, counter.cast.mia)
    reply = await ask(counter, grant_type="password", username=MIA, password="wrong", totp="000000")
    assert reply.json()["error_description"] == "The user name or password is incorrect."


async def test_with_a_second_factor_basic_takes_a_token_instead_of_the_password(counter: Counter) -> None:
    await armed(counter.db, counter.cast.mia)
    path = path_of("CrmOpportunity")
    assert (await counter.http.get(path, auth=(MIA, PASSWORD))).status_code == 401
    assert (await counter.http.get(path, auth=(MIA, counter.tokens["mia"]))).status_code == 200
    assert (await counter.http.get(path, auth=(MIA, counter.tokens["noah"]))).status_code == 401


async def test_a_user_shows_whether_there_is_a_second_factor_and_writing_it_changes_nothing(counter: Counter) -> None:
    phone = await armed(counter.db, counter.cast.mia)
    mia = await counter.get("User", counter.cast.ids["mia"])
    assert mia["TwoFactorEnabled"] is True
    assert phone.secret not in (await counter.send("olga", "GET", path_of("User", mia["Id"]))).text
    assert (await counter.put("User", {**mia, "TwoFactorEnabled": False}))["TwoFactorEnabled"] is True


async def test_it_is_known_when_somebody_was_here_and_how_often_signing_in_failed_since(counter: Counter) -> None:
    ident = counter.cast.ids["mia"]
    assert {name: (await counter.get("User", ident))[name] for name in SEEN} == dict.fromkeys(SEEN) | {FAILED: 0}
    for name in (MIA, MIA.upper(), "mia"):
        await ask(counter, grant_type="password", username=name, password="wrong")
    failed = await counter.get("User", ident)
    assert (failed["LastAccess"], failed[FAILED], failed["LastLoginAttempt"] is None) == (None, 3, False)
    assert await counter.ids("User", from_User_InvalidLoginAttempts=1) == [ident]
    assert (await counter.ids("User", orderby="InvalidLoginAttempts", dir=1))[0] == ident
    kept = await counter.put("User", {**failed, FAILED: 0, "LastLoginAttempt": None, "LastAccess": "2031-01-01T00:00Z"})
    assert {name: kept[name] for name in SEEN} == {name: failed[name] for name in SEEN}
    await signed_in(counter)
    entered = await counter.get("User", ident)
    assert entered[FAILED] == 0
    assert entered["LastAccess"] == entered["LastLoginAttempt"] > failed["LastLoginAttempt"]
    assert await counter.ids("User", User_LastAccess=entered["LastAccess"]) == [ident]


async def test_whoever_uses_a_token_was_here(counter: Counter) -> None:
    assert await works(counter, counter.tokens["noah"])
    noah = await counter.get("User", counter.cast.ids["noah"])
    assert noah["LastAccess"] is not None
    assert noah["LastLoginAttempt"] is None


async def test_who_reads_is_not_held_up_by_what_cannot_be_noted(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(counter.db, "apply", full)
    assert await works(counter, counter.tokens["noah"])


async def test_names_that_nobody_has_are_counted_as_others_and_told_to_nobody(counter: Counter) -> None:
    await ask(counter, grant_type="password", username="ghost@example.com", password="wrong")
    assert await counter.ids("User", from_User_InvalidLoginAttempts=1) == []
