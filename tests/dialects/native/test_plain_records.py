"""Proposals, webhooks and forms in our own API."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from dealwright.config import Settings
from dealwright.jobs import Jobs
from dealwright.storage.database import Database
from tests.dialects.native.conftest import Client
from tests.support.doorbell import doorbell
from tests.support.waiting import until

Json = dict[str, Any]


async def something(*_: object) -> bytes:
    """The body of every call."""
    return b"[{}]"


@asynccontextmanager
async def working(db: Database) -> AsyncIterator[None]:
    """Have the jobs run, which may call addresses of this machine."""
    jobs = Jobs(db, Settings(fetch_private=True), shown=something)
    jobs.start()
    try:
        yield
    finally:
        await jobs.stop()


async def made(client: Client, path: str, **body: Any) -> Json:
    """Make a record and return it."""
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found


async def proposal(client: Client, **body: Any) -> Json:
    """Make a proposal to a new contact."""
    ann = await made(client, "/contacts", kind="person", first_name="Ann", last_name=secrets.token_hex(4))
    return await made(client, "/proposals", **{"reference": "P-1", "contact_id": ann["id"], **body})


async def test_a_proposal_tells_what_it_comes_to(mia: Client) -> None:
    found = await proposal(mia, price="12.50", quantity=3)
    assert (found["price"], found["total"], found["currency"]) == ("12.50", "37.50", "USD")
    assert (found["status"], found["responsible_id"], found["version"]) == ("draft", found["created_by"], 1)
    free = await proposal(mia)
    assert (free["price"], free["quantity"], free["total"]) == (None, 1, "0.00")


async def test_a_proposal_goes_from_draft_to_accepted(mia: Client) -> None:
    found = await proposal(mia)
    path = f"/proposals/{found['id']}"
    early = await mia.post(f"{path}/accept")
    assert (early.status_code, early.json()["errors"][0]["pointer"]) == (422, "#/status")
    assert (await mia.post(f"{path}/send")).json()["status"] == "sent"
    accepted = await mia.post(f"{path}/accept", headers={"If-Match": '"v2"'})
    assert (accepted.json()["status"], accepted.headers["etag"]) == ("accepted", '"v3"')
    late = await mia.patch(path, json={"notes": "Cheaper"})
    assert late.status_code == 422
    assert late.json()["errors"][0]["detail"] == "Accepted proposals cannot be changed"


async def test_a_change_under_an_old_tag_tells_the_present_state(mia: Client) -> None:
    found = await proposal(mia, notes="First")
    path = f"/proposals/{found['id']}"
    assert (await mia.patch(path, json={"notes": "Second"})).json()["version"] == 2
    answer = await mia.patch(path, json={"notes": "Third"}, headers={"If-Match": '"v1"'})
    assert (answer.status_code, answer.headers["etag"]) == (412, '"v2"')
    assert (answer.json()["current"]["notes"], answer.json()["differing"]) == ("Second", ["notes"])


async def test_a_list_is_walked_by_its_cursor_and_narrowed(mia: Client) -> None:
    ids = [(await proposal(mia))["id"] for _ in range(3)]
    last = ids.pop()
    await mia.post(f"/proposals/{last}/send")
    first = (await mia.get("/proposals", params={"limit": 1, "status": "draft", "total": "exact"})).json()
    assert ([one["id"] for one in first["data"]], first["page"]["total"]) == ([ids[0]], 2)
    then = {"limit": 1, "status": "draft", "cursor": first["page"]["next_cursor"]}
    second = (await mia.get("/proposals", params=then)).json()
    assert ([one["id"] for one in second["data"]], second["page"]["has_more"]) == ([ids[1]], False)
    strange = await mia.get("/proposals", params={**then, "status": "sent"})
    assert strange.status_code == 400
    back = (await mia.get("/proposals", params={"sort": "-id"})).json()
    assert [one["id"] for one in back["data"]] == [last, *reversed(ids)]


async def test_what_is_deleted_comes_back(mia: Client) -> None:
    for path in (
        f"/proposals/{(await proposal(mia))['id']}",
        f"/forms/{(await made(mia, '/forms', name='Tour'))['id']}",
    ):
        assert (await mia.delete(path)).status_code == 204
        assert (await mia.get(path)).status_code == 404
        assert (await mia.post(f"{path}/restore")).json()["version"] == 3


async def test_the_secret_of_a_webhook_is_never_told(olga: Client, mia: Client) -> None:
    found = await made(olga, "/webhooks", name="Won", url="https://hooks.example.com", action=1004, secret="hush")
    assert (found["has_secret"], found["active"], "hush" in str(found)) == (True, True, False)
    path = f"/webhooks/{found['id']}"
    assert (await olga.patch(path, json={"secret": None})).json()["has_secret"] is False
    for body, pointer in (({"url": "example.com"}, "#/url"), ({"action": 91}, "#/action")):
        answer = await olga.patch(path, json=body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert (await mia.get(path)).status_code == 403


async def test_a_webhook_gets_another_secret_while_the_old_one_signs_on(olga: Client, mia: Client) -> None:
    found = await made(olga, "/webhooks", name="Won", url="https://hooks.example.com", action=1004, secret="hush")
    assert found["old_secret_until"] is None
    path = f"/webhooks/{found['id']}"
    answer = await olga.post(f"{path}/secret", json={"grace_hours": 2})
    assert (answer.status_code, answer.json()["secret"][:6]) == (200, "whsec_")
    after = (await olga.get(path)).json()
    assert after["old_secret_until"] == answer.json()["old_secret_until"]
    assert answer.json()["secret"] not in str(after)
    assert (await olga.post(f"{path}/secret", json={"secret": "mine", "grace_hours": 0})).json()["secret"] == "mine"
    for body, pointer in (({"secret": "no blanks"}, "#/secret"), ({"grace_hours": 169}, "#/grace_hours")):
        answer = await olga.post(f"{path}/secret", json=body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert (await mia.post(f"{path}/secret")).status_code == 403


async def test_a_webhook_is_told_again_as_far_as_that_can_be(olga: Client, mia: Client) -> None:
    found = await made(olga, "/webhooks", name="Won", url="https://hooks.example.com", action=1004)
    path = f"/webhooks/{found['id']}/replay"
    answer = await olga.post(path)
    assert (answer.status_code, answer.json()["since"]) == (202, None)
    moment = datetime.now(UTC).isoformat()
    assert (await olga.post(path, json={"since": moment})).json()["since"] is not None
    bodies: list[tuple[dict[str, Any], str]] = [
        ({"call_id": 99}, "#/call_id"),
        ({"since": "2001-01-01T00:00:00Z"}, "#/since"),
        ({"since": moment, "call_id": 1}, "#/since"),
    ]
    for body, pointer in bodies:
        answer = await olga.post(path, json=body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    await olga.patch(f"/webhooks/{found['id']}", json={"active": False})
    assert (await olga.post(path)).status_code == 409
    assert (await mia.post(path)).status_code == 403


async def test_the_calls_of_a_webhook_are_listed_and_it_is_tried_out(olga: Client, mia: Client, db: Database) -> None:
    async with doorbell() as bell:
        path = f"/webhooks/{(await made(olga, '/webhooks', name='Won', url=bell.url, action=1004, active=False))['id']}"
        begun = await olga.post(f"{path}/test")
        assert (begun.status_code, begun.json()) == (202, {"calls": f"/api/v1{path}/calls"})
        async with working(db):

            async def called() -> bool:
                return bool((await olga.get(f"{path}/calls")).json()["data"])

            await until(called)
    [told] = (await olga.get(f"{path}/calls")).json()["data"]
    assert (told["event_seq"], told["status"], told["error"]) == (None, 200, None)
    assert [ring.body for ring in bell.rings] == [b"[{}]"]
    assert (await mia.get(f"{path}/calls")).status_code == 403
    assert (await olga.delete(path)).status_code == 204
    assert (await olga.post(f"{path}/test")).status_code == 404


async def test_a_form_lands_where_it_says(mia: Client, stages: list[int]) -> None:
    found = await made(mia, "/forms", name="Tour", stage_id=stages[1])
    assert (found["stage_id"], found["active"], found["description"]) == (stages[1], False, "")
    listed = (await mia.get("/forms", params={"stage_id": stages[0]})).json()
    assert listed["data"] == []
    wrong = await mia.patch(f"/forms/{found['id']}", json={"stage_id": 999_999})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "#/stage_id")


async def test_a_message_that_came_from_a_contact_is_taken_in_and_seen_with_the_contact(
    people: dict[str, Client],
) -> None:
    mia = people["mia"]
    ann = await made(mia, "/contacts", kind="person", first_name="Ann", last_name="Lee", sharing="managers")
    found = await made(mia, "/messages", contact_id=ann["id"], subject="Desks", body="Are they still to be had?")
    assert (found["incoming"], found["contact_id"], found["subject"]) == (True, ann["id"], "Desks")
    assert (await mia.get(f"/messages/{found['id']}")).json() == found
    assert [one["id"] for one in (await mia.get("/messages", params={"contact_id": ann["id"]})).json()["data"]] == [
        found["id"]
    ]
    assert (await people["noah"].get(f"/messages/{found['id']}")).status_code == 404
    assert (await people["rita"].get("/messages")).status_code == 403
    hidden = await people["noah"].post("/messages", json={"contact_id": ann["id"]})
    assert hidden.json()["errors"][0]["pointer"] == "#/contact_id"
