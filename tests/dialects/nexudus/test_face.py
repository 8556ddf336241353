"""Who calls, what is refused in which order, and every failure in this vendor's voice (conventions §2, §3 and §6)."""

from __future__ import annotations

from base64 import b64encode

import pytest

from dealwright.actions import people
from dealwright.actions.sign_in import API, issue
from dealwright.dialects.nexudus.entities import ENTITIES
from dealwright.dialects.nexudus.entity import Verb
from dealwright.dialects.nexudus.handlers import HANDLERS
from dealwright.domain.people import UserChange
from dealwright.storage.database import Database, TooWide, connect
from tests.cast import PASSWORD, Cast, role
from tests.dialects.nexudus.counter import NO_ID, Counter, Json, at, opened, path_of

DEALS = path_of("CrmOpportunity")
SAID_NO = {"Message", "Value", "Errors", "WasSuccessful"}
METHODS = {
    Verb.LIST: ("GET", ""),
    Verb.READ: ("GET", 1),
    Verb.CREATE: ("POST", ""),
    Verb.UPDATE: ("PUT", ""),
    Verb.DELETE: ("DELETE", 1),
    Verb.COMMANDS: ("GET", "commands"),
    Verb.RUN: ("POST", "runcommand"),
}
CALLS = [(entity.name, verb) for entity in ENTITIES for verb in METHODS if verb in entity.verbs]


def basic(name: str, password: str) -> str:
    """The header of Basic credentials."""
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_every_verb_that_an_entity_offers_has_its_hook(entity: object) -> None:
    handler = HANDLERS[getattr(entity, "name", "")]
    hooks = {Verb.CREATE: handler.create, Verb.UPDATE: handler.change, Verb.DELETE: handler.remove}
    for verb, hook in hooks.items():
        assert (verb in handler.entity.verbs) == (hook is not None)


async def test_nobody_may_do_anything(counter: Counter) -> None:
    for entity, verb in CALLS:
        method, rest = METHODS[verb]
        reply = await counter.send("", method, path_of(entity, rest), json={} if method in ("POST", "PUT") else None)
        assert (reply.status_code, reply.headers["www-authenticate"]) == (401, "Bearer"), (entity, verb)
        assert set(reply.json()) == SAID_NO


async def test_without_the_right_the_body_and_the_record_are_not_even_looked_at(counter: Counter) -> None:
    for entity, verb in CALLS:
        method, rest = METHODS[verb]
        bad = b"this is no body" if method in ("POST", "PUT") else None
        reply = await counter.send("gus", method, path_of(entity, rest), content=bad)
        assert reply.status_code == 401, (entity, verb)
        assert "www-authenticate" not in reply.headers
        assert (reply.json()["WasSuccessful"], reply.json()["Errors"]) == (False, None)


async def test_the_body_is_judged_before_the_record_is_looked_for(counter: Counter) -> None:
    for entity in (entity for entity in ENTITIES if Verb.UPDATE in entity.verbs):
        reply = await counter.send("olga", "PUT", path_of(entity.name), json={"Id": "x"})
        assert reply.status_code == 400, entity.name
        assert "Id" in [error["PropertyName"] for error in reply.json()["Errors"]]


async def test_a_record_that_is_not_there_is_a_plain_not_found(counter: Counter) -> None:
    for entity, verb in (call for call in CALLS if call[1] in (Verb.READ, Verb.DELETE)):
        for ident in (NO_ID, 0, 10**11):
            path = f"{path_of(entity)}/{ident}"
            reply = await counter.send("olga", METHODS[verb][0], path)
            assert (reply.status_code, reply.json()) == (404, "Not found"), path


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer nonsense", "Basic", "Basic ???", basic("nobody", "x"), "Digest x", "nonsense"],
)
async def test_bad_credentials_ask_to_sign_in(counter: Counter, header: str) -> None:
    reply = await counter.http.get(DEALS, headers={"Authorization": header})
    assert (reply.status_code, reply.headers["www-authenticate"]) == (401, "Bearer")


async def test_basic_credentials_work_everywhere(db: Database) -> None:
    async with opened(db, PASSWORD) as counter:
        header = {"Authorization": basic("mia@example.com", PASSWORD)}
        for path in (DEALS, "/en/user/me", "/api/auth/me", "/api/utils/enums?name=eLanguage"):
            assert (await counter.http.get(path, headers=header)).status_code == 200


async def test_somebody_without_api_access_is_turned_away(counter: Counter) -> None:
    await people.change_user(counter.db, None, counter.cast.ids["mia"], UserChange(api_access=False))
    reply = await counter.send("mia", "GET", DEALS)
    assert (reply.status_code, set(reply.json())) == (401, SAID_NO)


async def test_a_right_taken_away_by_another_process_is_gone_at_once(counter: Counter, database_url: str) -> None:
    deal = await counter.deal()
    elsewhere = await connect(database_url)
    rita = counter.cast.ids["rita"]
    try:
        assert (await counter.send("rita", "GET", path_of("CrmOpportunity", deal["Id"]))).status_code == 200
        only = [role(elsewhere, "CrmOpportunity-List")]
        await people.change_user(elsewhere, None, rita, UserChange(role_ids=only))
        assert (await counter.send("rita", "GET", path_of("CrmOpportunity", deal["Id"]))).status_code == 401
        assert (await counter.send("rita", "GET", DEALS)).status_code == 200
        await people.change_user(elsewhere, None, rita, UserChange(role_ids=[role(elsewhere, "CrmOpportunity-Edit")]))
        assert (await counter.send("rita", "GET", DEALS)).status_code == 401
        assert (await counter.send("rita", "PUT", DEALS, json={**deal, "Name": "Mine"})).status_code == 200
    finally:
        await elsewhere.close()


async def test_a_stage_made_by_another_process_can_be_entered_at_once(counter: Counter, database_url: str) -> None:
    deal = await counter.deal()
    elsewhere = await connect(database_url)
    try:
        async with at(Cast(elsewhere, counter.cast.ids), counter.tokens) as other:
            board = counter.db.rules.default_pipeline.id
            stage = await other.post("CrmBoardColumn", CrmBoardId=board, Name="New", Position=9999)
        moved = await counter.put("CrmOpportunity", {**deal, "CrmBoardColumnId": stage["Id"]})
        assert moved["CrmBoardColumnName"] == "New"
    finally:
        await elsewhere.close()


@pytest.mark.parametrize(
    "path", ["/api/crm/nothing", "/api/nowhere/crmboards", "/api/crm/crmboards/1/2", "/api", "/api/"]
)
async def test_an_unknown_path_is_a_plain_not_found(counter: Counter, path: str) -> None:
    reply = await counter.send("olga", "GET", path)
    assert (reply.status_code, reply.json()) == (404, "Not found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/spaces/coworkers/1", "GET, PUT"),
        ("POST", "/api/sys/businesses", "GET, PUT"),
        ("PATCH", DEALS, "GET, POST, PUT"),
        ("GET", "/api/token", "POST"),
        ("PUT", "/api/sys/currencies", "GET"),
    ],
)
async def test_a_verb_that_is_not_offered_is_405(counter: Counter, method: str, path: str, allowed: str) -> None:
    reply = await counter.send("olga", method, path)
    assert (reply.status_code, reply.headers["allow"]) == (405, allowed)


async def test_what_nobody_foresaw_is_logged_and_told_without_details(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object, **__: object) -> list[Json]:
        raise LookupError("a secret of the database")

    monkeypatch.setattr(counter.db, "rows", broken)
    reply = await counter.send("olga", "GET", DEALS)
    assert reply.status_code == 500
    assert reply.json()["Message"].startswith("Ooops! There was a problem while running this action")
    assert "secret" not in reply.text
    assert "a secret of the database" in caplog.text


async def test_a_list_that_is_too_wide_says_so(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(*_: object, **__: object) -> list[Json]:
        raise TooWide

    await counter.send("olga", "GET", DEALS)
    monkeypatch.setattr(counter.db, "rows", slow)
    reply = await counter.send("olga", "GET", DEALS)
    assert (reply.status_code, "narrow" in reply.json()["Message"]) == (400, True)


@pytest.mark.parametrize("entity", ["CrmOpportunity", "Coworker", "CrmBoard"])
async def test_an_unknown_command_fails_inside_a_200(counter: Counter, entity: str) -> None:
    reply = await counter.send("olga", "POST", path_of(entity, "runCommand"), json={"Key": "NO_SUCH", "Ids": []})
    assert (reply.status_code, reply.json()["Status"], reply.json()["WasSuccessful"]) == (200, 500, False)


async def test_commands_of_deals_are_none_and_of_customers_one(counter: Counter) -> None:
    assert (await counter.send("olga", "GET", path_of("CrmOpportunity", "commands"))).json() == []
    (command,) = (await counter.send("olga", "GET", path_of("Coworker", "commands"))).json()
    assert (command["Key"], len(command)) == ("COWORKER_DELETE", 12)


@pytest.mark.parametrize("path", ["/en/user/me", "/api/auth/me", "/EN/User/Me/"])
async def test_the_caller_can_ask_who_they_are(counter: Counter, path: str) -> None:
    answer = (await counter.send("mia", "GET", path)).json()
    assert (answer["Id"], answer["Email"], answer["FullName"]) == (
        counter.cast.ids["mia"],
        "mia@example.com",
        "Mia Example",
    )
    assert (answer["DefaultBusinessId"], answer["Businesses"]) == (counter.location, [counter.location])
    assert answer["DefaultSimpleTimeZoneNameIana"] == "UTC"


async def test_the_lists_that_the_portal_keeps_are_told_as_it_keeps_them(counter: Counter) -> None:
    for enum, name in (("eCrmOpportunitySource", "lead_source"), ("ECRMOPPORTUNITYLOSSREASON", "loss_reason")):
        answer = (await counter.send("mia", "GET", f"/api/utils/enums?name={enum}")).json()
        assert {item["Id"] for item in answer} == counter.db.rules.numbers_of(name)
    assert (await counter.send("mia", "GET", "/api/utils/enums?name=eNothing")).status_code == 404


async def test_the_token_for_links_opens_nothing(counter: Counter) -> None:
    answer = (await counter.send("olga", "POST", "/api/sys/users/token/refresh")).json()
    assert answer["WasSuccessful"] is True
    header = {"Authorization": f"Bearer {answer['Value']}"}
    assert (await counter.http.get(DEALS, headers=header)).status_code == 401


async def test_a_token_narrows_the_rights_of_its_person(counter: Counter) -> None:
    scope = ["CrmOpportunity-List"]
    token = (await issue(counter.db, counter.cast.ids["olga"], API, None, scope=scope)).secret
    header = {"Authorization": f"Bearer {token}"}
    assert (await counter.http.get(DEALS, headers=header)).status_code == 200
    assert (await counter.http.get(path_of("CrmBoard"), headers=header)).status_code == 401
