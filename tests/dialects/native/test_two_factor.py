"""One's second factor in our own API, and signing in with it."""

from __future__ import annotations

import pytest

from dealwright.storage.database import Database
from tests.cast import PASSWORD, Cast, company
from tests.dialects.native.conftest import Client
from tests.dialects.native.test_opportunities import pointers
from tests.phone import Phone, armed

ME = "/me/two-factor"
MIA = ("mia@example.com", PASSWORD)
HEADER = "X-Two-Factor-Code"


@pytest.fixture
async def cast(db: Database) -> Cast:
    """Everybody has a password."""
    return await company(db, PASSWORD)


async def test_it_is_begun_confirmed_used_and_switched_off(mia: Client, nobody: Client) -> None:
    assert (await mia.get(ME)).json() == {"enabled": False, "recovery_codes_left": 0}
    started = (await mia.post(ME, json={"password": PASSWORD})).json()
    assert started["otpauth_uri"].startswith("otpauth://totp/Dealwright:mia@example.com?secret=")
    phone = Phone(started["secret"])
    confirmed = await mia.post(f"{ME}/confirm", json={"code": await phone.code()})
    codes = confirmed.json()["recovery_codes"]
    assert (confirmed.status_code, len(codes)) == (200, 10)
    state = await mia.get(ME)
    assert state.json() == {"enabled": True, "recovery_codes_left": 10}
    assert (await mia.post(ME, json={"password": PASSWORD})).status_code == 409
    assert (await mia.post(f"{ME}/disable", json={"code": await phone.code()})).status_code == 204
    assert (await nobody.get("/me", auth=MIA)).status_code == 200


async def test_a_password_alone_makes_no_token_and_with_a_code_it_does(
    nobody: Client, db: Database, cast: Cast
) -> None:
    phone = await armed(db, cast.mia)
    answer = await nobody.post("/tokens", json={"label": "laptop"}, auth=MIA)
    assert (answer.status_code, answer.json()["code"]) == (401, "second_factor_needed")
    answer = await nobody.post("/tokens", json={"label": "laptop"}, auth=MIA, headers={HEADER: "000000"})
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_code")
    code = await phone.code()
    made = await nobody.post("/tokens", json={"label": "laptop"}, auth=MIA, headers={HEADER: code})
    assert made.status_code == 201
    assert (await nobody.get("/me", headers={"Authorization": f"Bearer {made.json()['secret']}"})).status_code == 200
    again = await nobody.get("/me", auth=MIA, headers={HEADER: code})
    assert again.json()["code"] == "wrong_code"


async def test_a_code_is_used_once_though_the_request_is_repeated(nobody: Client, db: Database, cast: Cast) -> None:
    phone = await armed(db, cast.mia)
    stale = db.rules
    await db.apply_rules([], None)  # as another process does
    db.rules = stale
    answer = await nobody.get("/me", auth=MIA, headers={HEADER: await phone.code()})
    assert answer.status_code == 200


async def test_wrong_words_are_pointed_at_and_do_not_say_that_the_token_is_wrong(
    mia: Client, db: Database, cast: Cast
) -> None:
    assert pointers(await mia.post(ME, json={"password": "wrong"})) == [("#/password", "wrong")]
    await armed(db, cast.mia)
    for path in ("disable", "recovery-codes"):
        assert pointers(await mia.post(f"{ME}/{path}", json={"code": "000000"})) == [("#/code", "wrong")]
        assert pointers(await mia.post(f"{ME}/{path}", json={})) == [("#/password", "required")]
    renewed = await mia.post(f"{ME}/recovery-codes", json={"password": PASSWORD})
    assert len(renewed.json()["recovery_codes"]) == 10


async def test_administrators_reset_what_others_lost(people: dict[str, Client], db: Database, cast: Cast) -> None:
    await armed(db, cast.mia)
    path = f"/users/{cast.ids['mia']}/two-factor"
    for name in ("mia", "noah", "carl"):
        assert (await people[name].delete(path)).status_code == 403
    assert (await people["olga"].delete(path)).status_code == 204
    assert (await people["mia"].get(ME)).json()["enabled"] is False
    assert (await people["olga"].delete("/users/999/two-factor")).status_code == 404
