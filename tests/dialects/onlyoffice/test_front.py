"""From an HTTP request to a handler and back (conventions §1, §2, §4 and §6), over real HTTP messages."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import TypedDict

import httpx
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from dealwright.dialects.onlyoffice import batch
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.documented import APPLIED
from dealwright.dialects.onlyoffice.envelope import Answer, listed, nothing, one, text
from dealwright.dialects.onlyoffice.failures import bad_argument
from dealwright.dialects.onlyoffice.front import Front
from dealwright.dialects.onlyoffice.portal import Portal
from dealwright.dialects.onlyoffice.routing import Routes
from dealwright.dialects.onlyoffice.values import moment
from dealwright.domain.actor import Actor, Standing, rights_of
from dealwright.domain.errors import Forbidden, NotFound, RulesMoved, Unauthenticated, invalid
from dealwright.storage.database import TooWide, connect

routes = Routes()
MOVES = {"left": 0}
ROWS: list[object] = [{"id": number, "title": f"Row {number}"} for number in range(5)]


def actor(name: str, standing: Standing) -> Actor:
    return Actor(1, "9924256a-739c-462b-af15-e652a3b1b6eb", name, name, standing, rights_of(standing, frozenset()), 1)


PEOPLE = {
    "anna": actor("anna", Standing.OWNER),
    "bert": actor("bert", Standing.MEMBER),
    "cara": actor("cara", Standing.LIMITED),
    "dora": replace(actor("dora", Standing.MEMBER), documented_names=True),
    "gus": actor("gus", Standing.GUEST),
}


async def sign_in(request: Request) -> Actor | None:
    return PEOPLE.get(request.headers.get("authorization", ""))


@routes.get("crm/rows", right="CrmOpportunity-List")
async def rows(call: Call) -> Answer:
    return listed(ROWS, call.page, "row")


@routes.get("crm/rows/{id:[0-9]+}", words={"row": "No such row"})
async def row(call: Call) -> Answer:
    number = call.bag.integer("id")
    if number == 0:
        raise bad_argument()
    if number > 4:
        raise NotFound("row")
    return one(ROWS[number])


@routes.put("crm/rows/{id:[0-9]+}", words={"stage.unknown": "No such stage"})
async def change(call: Call) -> Answer:
    if call.bag.integer("stageid") == 9:
        raise invalid("stage", "unknown", "there is no such stage", 9)
    said = {"id": call.bag.integer("id"), "title": call.bag.text("title"), "by": call.actor.name}
    return one({**said, "at": moment(call.date("at"), call.portal.zone), "url": call.portal.url})


@routes.delete("crm/rows/{id:[0-9]+}")
async def forbidden(call: Call) -> Answer:
    raise Forbidden


@routes.post("crm/rows/upload")
async def upload(call: Call) -> Answer:
    return text("".join([(await file.read()).decode() for file in call.bag.files("files")]))


@routes.post("crm/stage", right="CrmBoardColumn-Create")
async def stage(call: Call) -> Answer:
    return nothing()


@routes.post("authentication", anonymous=True)
async def authentication(call: Call) -> Answer:
    return one({"token": call.somebody.name if call.somebody else None}, [("Set-Cookie", "asc_auth_key=t")])


@routes.get("people/@self")
async def self(call: Call) -> Answer:
    return one({"displayName": call.actor.name})


@routes.get("names")
async def names(call: Call) -> Answer:
    return one(call.wants_documented_names, [APPLIED])


@routes.get("moving")
async def moving(call: Call) -> Answer:
    MOVES["left"] -= 1
    if MOVES["left"] >= 0:
        raise RulesMoved
    return one(True)


@routes.get("broken/{how}")
async def breaking(call: Call) -> Answer | Response:
    match call.bag.text("how"):
        case "wide":
            raise TooWide
        case "large":
            raise HTTPException(413, "Too large")
        case "raw":
            return Response(b"%PDF", media_type="application/pdf")
        case "nobody":
            raise Unauthenticated("the token is gone")
    raise ZeroDivisionError("a secret of the inside")


routes.post("batch")(batch.run)


@pytest.fixture
async def client(sqlite_url: str) -> AsyncIterator[httpx.AsyncClient]:
    db = await connect(sqlite_url)
    berlin = {number: replace(place, time_zone="Europe/Berlin") for number, place in db.rules.locations.items()}
    portal = Portal(replace(db.rules, locations=berlin), "http://crm.example.com")
    front = Front(routes, db, sign_in, lambda _: portal)
    transport = httpx.ASGITransport(front)
    headers = {"Authorization": "anna"}
    async with httpx.AsyncClient(transport=transport, base_url="http://host/api/2.0/", headers=headers) as caller:
        yield caller
    await db.close()


def error(reply: httpx.Response) -> tuple[int, str]:
    body = reply.json()
    assert reply.headers["content-type"] == "application/json; charset=UTF-8"
    assert (body["status"], body["statusCode"]) == (1, reply.status_code)
    return reply.status_code, body["error"]["message"]


async def test_a_handler_answers_in_the_envelope(client: httpx.AsyncClient) -> None:
    reply = await client.get("crm/rows/3.json")
    assert reply.json() == {"count": 1, "status": 0, "statusCode": 200, "response": {"id": 3, "title": "Row 3"}}


@pytest.mark.parametrize("base", ["/api/2.0/", "/API/2.0/", "/office/api/2.0/"])
async def test_the_prefix_may_stand_in_any_case_and_behind_a_mount(client: httpx.AsyncClient, base: str) -> None:
    assert (await client.get(f"http://host{base}crm/rows/3")).json()["response"]["id"] == 3


async def test_a_change_reads_route_query_and_body(client: httpx.AsyncClient) -> None:
    reply = await client.put("crm/rows/3", params={"title": "asked"}, json={"ID": 9, "title": "x", "at": "2031-05-06"})
    assert reply.json()["response"] == {
        **{"id": 3, "title": "asked", "by": "anna", "url": "http://crm.example.com"},
        "at": "2031-05-06T00:00:00.0000000+02:00",
    }


async def test_a_list_is_paged_by_the_query(client: httpx.AsyncClient) -> None:
    reply = await client.get("crm/rows", params={"count": 2, "startIndex": 1, "fields": "id", "sortBy": "id"})
    assert reply.json() == {
        **{"count": 2, "startIndex": 1, "nextIndex": 4, "total": 5, "status": 0, "statusCode": 200},
        "response": [{"id": 1}, {"id": 2}],
    }


async def test_a_post_answers_201_and_may_set_a_cookie(client: httpx.AsyncClient) -> None:
    reply = await client.post("authentication", headers={"Authorization": ""})
    assert (reply.status_code, reply.json()["statusCode"]) == (201, 201)
    assert reply.json()["response"] == {"token": None}
    assert reply.headers["set-cookie"] == "asc_auth_key=t"


async def test_a_file_is_handed_over(client: httpx.AsyncClient) -> None:
    reply = await client.post("crm/rows/upload.json", files={"files": ("a.txt", b"inside")})
    assert reply.json()["response"] == "inside"


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("crm/rows/0", 400, "Value does not fall within the expected range."),
        ("crm/rows/77", 404, "No such row"),
        ("crm/rows/99999999999", 400, "The number is too large for a whole number."),
        ("crm/rows/1?x=%00", 400, "A NUL character cannot be read."),
        ("broken/wide", 503, "The list is too wide; narrow the filter."),
        ("broken/large", 413, "Too large"),
    ],
)
async def test_a_refusal_answers_in_the_error_envelope(
    client: httpx.AsyncClient, path: str, status: int, message: str
) -> None:
    assert error(await client.get(path)) == (status, message)


async def test_a_refusal_is_said_in_the_words_of_its_route(client: httpx.AsyncClient) -> None:
    assert error(await client.put("crm/rows/1", data={"stageid": "9"})) == (400, "No such stage")


async def test_a_forbidden_deed_answers_403(client: httpx.AsyncClient) -> None:
    assert error(await client.delete("crm/rows/1")) == (403, "Access Denied")


async def test_a_surprise_answers_500_and_keeps_the_secret(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    assert error(await client.get("broken/badly")) == (500, "Server error")
    assert "a secret of the inside" in caplog.text


async def test_an_error_repeats_the_start_index(client: httpx.AsyncClient) -> None:
    assert (await client.get("crm/rows/77?startIndex=5")).json()["startIndex"] == 5
    assert "startIndex" not in (await client.get("crm/rows/77?startIndex=5&a=%ff")).json()


@pytest.mark.parametrize("path", ["crm/nonsense", "", "crm/rows.yaml", "http://host/elsewhere"])
@pytest.mark.parametrize("who", ["anna", ""])
async def test_an_unknown_path_is_an_html_page(client: httpx.AsyncClient, path: str, who: str) -> None:
    reply = await client.get(path, headers={"Authorization": who})
    assert (reply.status_code, reply.headers["content-type"]) == (404, "text/html; charset=utf-8")


async def test_a_wrong_verb_is_an_html_page(client: httpx.AsyncClient) -> None:
    for method in ("POST", "PATCH", "HEAD"):
        assert (await client.request(method, "crm/rows")).status_code == 404


async def test_options_answers_without_signing_in(client: httpx.AsyncClient) -> None:
    reply = await client.options("crm/rows", headers={"Authorization": ""})
    assert (reply.status_code, reply.content) == (200, b"")
    assert reply.headers["access-control-allow-methods"] == "GET, POST, PUT, DELETE"


async def test_nobody_is_told_so_before_anything_is_read(client: httpx.AsyncClient) -> None:
    del client.headers["Authorization"]
    reply = await client.put("crm/rows/1?x=%00", content=b"{", headers={"Content-Type": "application/json"})
    assert (reply.status_code, reply.text) == (401, "Unauthorized")
    assert "www-authenticate" not in reply.headers


@pytest.mark.parametrize("path", ["crm/rows", "broken/nobody"])
async def test_a_wrong_token_is_challenged(client: httpx.AsyncClient, path: str) -> None:
    token = "anna" if path == "broken/nobody" else "stolen"
    reply = await client.get(path, headers={"Authorization": token})
    assert (reply.status_code, reply.headers["www-authenticate"]) == (401, 'Basic Realm="host"')


async def test_a_guest_has_no_crm_but_a_name(client: httpx.AsyncClient) -> None:
    client.headers["Authorization"] = "gus"
    assert error(await client.get("crm/rows/1")) == (403, "Forbidden")
    assert (await client.get("people/@self")).status_code == 200


async def test_the_right_of_a_route_is_asked_for(client: httpx.AsyncClient) -> None:
    for who, path, method, status in (
        ("bert", "crm/rows", "GET", 200),
        ("cara", "crm/rows", "GET", 403),
        ("bert", "crm/stage", "POST", 403),
        ("anna", "crm/stage", "POST", 201),
    ):
        reply = await client.request(method, path, headers={"Authorization": who})
        assert reply.status_code == status, (who, path)


async def test_a_call_is_tried_again_when_the_rules_moved(client: httpx.AsyncClient) -> None:
    MOVES["left"] = 2
    assert (await client.get("moving")).json()["response"] is True
    MOVES["left"] = 9
    assert error(await client.get("moving"))[0] == 409


async def test_the_suffix_asks_for_xml_unless_the_request_speaks_json(client: httpx.AsyncClient) -> None:
    reply = await client.get("crm/rows/3.xml")
    assert reply.headers["content-type"] == "text/xml; charset=UTF-8"
    assert "<response><id>3</id><title>Row 3</title></response>" in reply.text
    assert "<message>No such row</message>" in (await client.get("crm/rows/77.tml")).text
    spoken = await client.get("crm/rows/3.xml", headers={"Content-Type": "application/json"})
    assert spoken.json()["response"]["id"] == 3


async def test_documented_names_are_asked_for_by_a_header_or_a_token(client: httpx.AsyncClient) -> None:
    assert (await client.get("names")).json()["response"] is False
    preferred = await client.get("names", headers={"Prefer": "names=documented"})
    assert (preferred.json()["response"], preferred.headers["preference-applied"]) == (True, "names=documented")
    assert (await client.get("names", headers={"Authorization": "dora"})).json()["response"] is True


async def test_a_handler_may_answer_with_something_else(client: httpx.AsyncClient) -> None:
    assert (await client.get("broken/raw")).content == b"%PDF"


# The batch -------------------------------------------------------------------------------------------------


class Inner(TypedDict):
    name: str
    status: int
    headers: dict[str, str]
    data: str


async def batched(client: httpx.AsyncClient, *calls: Mapping[str, object]) -> list[Inner]:
    reply = await client.post("batch.json", data={"batch": json.dumps(calls)})
    assert reply.status_code == 201, reply.text
    answers: list[Inner] = reply.json()["response"]
    return answers


async def test_a_batch_answers_each_call_with_its_whole_answer_as_text(client: httpx.AsyncClient) -> None:
    answers = await batched(
        client,
        {"RelativeUrl": "/api/2.0/crm/rows/3.json?fields=id", "Name": "three"},
        {"relativeurl": "http://host/api/2.0/crm/rows/77", "name": "none"},
        {"RelativeUrl": "/api/2.0/nonsense"},
        {"RelativeUrl": "http://["},
    )
    assert [(answer["name"], answer["status"]) for answer in answers] == [
        ("three", 200),
        ("none", 404),
        ("", 404),
        ("", 404),
    ]
    assert json.loads(answers[0]["data"])["response"] == {"id": 3}
    assert json.loads(answers[1]["data"])["error"]["message"] == "No such row"


async def test_a_batch_may_write_forms_and_json(client: httpx.AsyncClient) -> None:
    url = "/api/2.0/crm/rows/3"
    answers = await batched(
        client,
        {"RelativeUrl": url, "Method": "put", "Body": "title=caf%C3%A9+é"},
        {"RelativeUrl": url, "Method": "PUT", "Body": '{"title":"ж"}', "BodyContentType": "application/json"},
    )
    assert [json.loads(answer["data"])["response"]["title"] for answer in answers] == ["café é", "ж"]


async def test_the_calls_of_a_batch_run_in_their_order(client: httpx.AsyncClient) -> None:
    url = "/api/2.0/crm/rows/1"
    answers = await batched(client, *({"RelativeUrl": url, "Name": str(at), "Order": at} for at in (3, 1, 2)))
    assert [answer["name"] for answer in answers] == ["1", "2", "3"]


async def test_a_call_of_a_batch_may_leave_out_its_first_slash_and_say_its_body_as_an_object(
    client: httpx.AsyncClient,
) -> None:
    as_json = {"Method": "PUT", "Body": {"title": "ж"}, "BodyContentType": "application/json"}
    answers = await batched(
        client, {"RelativeUrl": "api/2.0/crm/rows/3.json"}, {"RelativeUrl": "api/2.0/crm/rows/3", **as_json}
    )
    assert [json.loads(answer["data"])["response"]["title"] for answer in answers] == ["Row 3", "ж"]


async def test_a_batch_may_come_as_json(client: httpx.AsyncClient) -> None:
    reply = await client.post("batch", json={"batch": [{"RelativeUrl": "/api/2.0/crm/rows/1", "Name": "one"}]})
    assert [answer["status"] for answer in reply.json()["response"]] == [200]


async def test_a_batch_inside_a_batch_is_refused(client: httpx.AsyncClient) -> None:
    inner = {"RelativeUrl": "/api/2.0/batch", "Method": "POST", "Body": "batch=[]"}
    assert [answer["status"] for answer in await batched(client, inner)] == [400]


async def test_the_calls_of_a_batch_have_no_more_rights_than_the_batch(client: httpx.AsyncClient) -> None:
    client.headers["Authorization"] = "cara"
    assert [answer["status"] for answer in await batched(client, {"RelativeUrl": "/api/2.0/crm/rows"})] == [403]


@pytest.mark.parametrize(
    "calls",
    [
        *("", "[", "{}", "5", "[5]", "null", '[{"Method":"TRACE"}]', '[{"Order":"x"}]', '[{"Order":1e999999}]'),
        *('[{"Name":"\\ud800"}]', "[" * 10_000, json.dumps([{"RelativeUrl": "x"}] * 101)),
    ],
    ids=range(12),
)
async def test_a_batch_that_is_no_list_of_calls_is_refused(client: httpx.AsyncClient, calls: str) -> None:
    assert error(await client.post("batch", data={"batch": calls}))[0] == 400


async def test_an_empty_batch_answers_nothing(client: httpx.AsyncClient) -> None:
    assert await batched(client) == []
