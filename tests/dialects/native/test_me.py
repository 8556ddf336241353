"""Oneself and one's tokens in our own API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dealwright.domain.actor import MEMBER_RIGHTS
from tests.cast import Cast
from tests.dialects.native.conftest import Client
from tests.dialects.native.test_opportunities import pointers


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


async def test_everybody_may_ask_who_they_are(people: dict[str, Client], cast: Cast) -> None:
    me = (await people["mia"].get("/me")).json()
    assert (me["id"], me["uid"], me["standing"]) == (cast.ids["mia"], cast.mia.uid, "member")
    assert me["rights"] == sorted(MEMBER_RIGHTS)
    assert (await people["gus"].get("/me")).json()["rights"] == []


async def test_a_token_is_shown_once_and_works_until_it_is_revoked(mia: Client, nobody: Client) -> None:
    answer = await mia.post("/tokens", json={"label": "nightly"})
    made = answer.json()
    assert answer.status_code == 201
    secret = made.pop("secret")
    assert secret.startswith("dw_")
    kept = (await mia.get("/tokens")).json()["data"][-1]
    assert {name: kept[name] for name in made} == made
    assert secret not in (await mia.get("/tokens")).text
    assert (await nobody.get("/me", headers=bearer(secret))).status_code == 200
    assert (await mia.delete(f"/tokens/{made['id']}")).status_code == 204
    assert (await nobody.get("/me", headers=bearer(secret))).status_code == 401
    assert (await mia.delete(f"/tokens/{made['id']}")).status_code == 404


async def test_a_scope_narrows_and_nothing_widens_it_again(mia: Client, nobody: Client) -> None:
    made = (await mia.post("/tokens", json={"label": "report", "scope": ["CrmOpportunity-List"]})).json()
    headers = bearer(made["secret"])
    assert (await nobody.get("/me", headers=headers)).json()["rights"] == ["CrmOpportunity-List"]
    assert (await nobody.get("/opportunities", headers=headers)).status_code == 200
    assert (await nobody.get("/contacts", headers=headers)).status_code == 403
    assert (await nobody.post("/tokens", json={"label": "more"}, headers=headers)).status_code == 403


async def test_nobody_gives_a_right_they_lack(mia: Client) -> None:
    answer = await mia.post("/tokens", json={"label": "x", "scope": ["User-Delete"]})
    assert (answer.status_code, answer.json()["right"]) == (403, "User-Delete")
    answer = await mia.post("/tokens", json={"label": "x", "scope": ["Moon-Walk"]})
    assert pointers(answer) == [("#/scope", "unknown")]


async def test_a_token_can_have_an_end(mia: Client) -> None:
    later = datetime.now(UTC) + timedelta(days=3)
    made = await mia.post("/tokens", json={"label": "x", "expires_at": later.isoformat()})
    assert abs(datetime.fromisoformat(made.json()["expires_at"]) - later) < timedelta(seconds=1)
    for past in ("2020-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"):
        answer = await mia.post("/tokens", json={"label": "x", "expires_at": past})
        assert pointers(answer) == [("#/expires_at", "out_of_range")], past


async def test_somebody_elses_tokens_are_none_of_ones_business(people: dict[str, Client]) -> None:
    made = (await people["mia"].post("/tokens", json={"label": "x"})).json()
    for name in ("noah", "olga"):
        assert (await people[name].get(f"/tokens/{made['id']}")).status_code == 404
        assert (await people[name].delete(f"/tokens/{made['id']}")).status_code == 404


async def test_there_is_an_end_to_tokens(mia: Client) -> None:
    answers = [await mia.post("/tokens", json={"label": str(number)}) for number in range(101)]
    assert answers[0].status_code == 201
    assert pointers(answers[-1]) == [("#/tokens", "too_many")]
