"""Notes, documents, proposals, messages, webhooks and settings over the wire (related; crm §6)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from dealwright.actions import notes
from dealwright.actions.sign_in import API, issue
from dealwright.config import Settings
from dealwright.dialects.nexudus.face import face
from dealwright.storage.database import Database
from dealwright.storage.note_lists import NoteCriteria
from dealwright.storage.query import Page
from tests.dialects.nexudus.counter import NO_ID, Counter, Json, path_of
from tests.support.shelf import shelf


@pytest.fixture
async def address() -> AsyncIterator[str]:
    """Where `/any/path` answers with its path as bytes."""
    async with shelf() as found:
        yield found


@pytest.fixture
async def fetching(counter: Counter) -> AsyncIterator[Counter]:
    """The counter of a portal that may fetch from private networks."""
    transport = httpx.ASGITransport(face(counter.db, Settings(fetch_private=True)))
    async with httpx.AsyncClient(transport=transport, base_url="http://spaces.test") as http:
        yield Counter(counter.db, counter.cast, http, counter.tokens)


async def proposal(counter: Counter, email: str = "ann@example.com", **members: object) -> Json:
    """Make a proposal of 12.5 three times over to a new customer."""
    customer = await counter.customer(email)
    people = {"IssuedById": counter.location, "ResponsibleId": counter.cast.ids["mia"], "CoworkerId": customer["Id"]}
    said = {"Reference": "P-1", "ProposalStatus": 1, "Price": 12.5, "Quantity": 3, "TariffId": 7}
    return await counter.post("Proposal", **{**people, **said, **members})


async def run(counter: Counter, entity: str, key: str, *ids: int) -> Json:
    """Run a command and return the envelope, which comes with 200 whatever it says."""
    reply = await counter.send("olga", "POST", path_of(entity, "runcommand"), json={"Key": key, "Ids": ids})
    assert reply.status_code == 200
    found: Json = reply.json()
    return found


# Notes ---------------------------------------------------------------------------------------------------------


async def test_a_note_made_here_is_a_note_of_the_portal_and_the_other_way_round(counter: Counter) -> None:
    customer = await counter.customer()
    made = await counter.post("CoworkerNote", "mia", CoworkerId=customer["Id"], Notes="Likes quiet rooms")
    assert (made["AddedBy"], made["ToStringText"]) == ("Mia Example", "Likes quiet rooms")
    noted = await notes.get(counter.db, counter.cast.mia, made["Id"])
    assert counter.db.rules.items[noted.note.category_id or 0].title == "Note"
    criteria = NoteCriteria(contact_id=customer["Id"])
    assert [full.note.id for full in await notes.find(counter.db, counter.cast.noah, criteria, Page())] == [made["Id"]]
    assert await counter.ids("CoworkerNote", CoworkerNote_Coworker=customer["Id"]) == [made["Id"]]
    assert await counter.ids("CoworkerNote", CoworkerNote_Notes="QUIET") == [made["Id"]]


async def test_somebody_elses_note_is_read_and_not_changed(counter: Counter) -> None:
    made = await counter.post("CoworkerNote", "mia", CoworkerId=(await counter.customer())["Id"], Notes="Mine")
    assert (await counter.get("CoworkerNote", made["Id"], "noah"))["Notes"] == "Mine"
    reply = await counter.send("noah", "PUT", path_of("CoworkerNote"), json={**made, "Notes": "Yours"})
    assert (reply.status_code, reply.json()["WasSuccessful"]) == (401, False)
    assert await counter.refused("CoworkerNote", "PUT", {**made, "CoworkerId": NO_ID}, "mia") == ["Coworker"]


async def test_what_the_system_tells_is_no_note_here(counter: Counter) -> None:
    customer = await counter.customer()
    made = await counter.post("CoworkerNote", CoworkerId=customer["Id"], Notes="Said")
    await counter.db.text(f"UPDATE note SET category_id = -1 WHERE id = {int(made['Id'])}")
    assert await counter.ids("CoworkerNote") == []
    for method, rest in (("GET", made["Id"]), ("DELETE", made["Id"])):
        assert (await counter.send("olga", method, path_of("CoworkerNote", rest))).status_code == 404
    reply = await counter.send("olga", "PUT", path_of("CoworkerNote"), json=made)
    assert reply.status_code == 404


# Proposals -----------------------------------------------------------------------------------------------------


async def test_a_proposal_comes_to_price_times_quantity(counter: Counter) -> None:
    made = await proposal(counter)
    assert (made["Total"], made["SignupTotal"], made["RecurringTotal"]) == (37.5, 37.5, 37.5)
    assert (made["IssuedByCurrencyCode"], made["CoworkerCoworkerType"]) == ("USD", "Individual")
    once = await proposal(counter, "bea@example.com", TariffId=0)
    assert (once["Total"], once["RecurringTotal"]) == (37.5, 0.0)
    changed = await counter.put("Proposal", {**made, "Price": 1, "Quantity": 9, "Notes": "Two desks"})
    assert (changed["Price"], changed["Quantity"], changed["Notes"]) == (12.5, 3, "Two desks")


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        *(("Proposal_Price", "12.5", "b"), ("Proposal_Price", "12.500000001", "c")),
        *(("from_Proposal_Price", "12.500000001", "cd"), ("from_Proposal_Price", "13", "d")),
        *(
            ("to_Proposal_Price", "12.5", "ab"),
            ("to_Proposal_Price", "12.499999999", "a"),
            ("to_Proposal_Price", "9", ""),
        ),
    ],
)
async def test_a_price_is_compared_to_the_last_digit(counter: Counter, name: str, value: str, found: str) -> None:
    ids = {}
    for letter, price in {"d": "100", "b": "12.5", "c": "12.500000001", "a": "9.5"}.items():
        ids[letter] = (await proposal(counter, f"{letter}@example.com", Price=price))["Id"]
    assert await counter.ids("Proposal", orderby="Price", **{name: value}) == [ids[letter] for letter in found]


async def test_a_proposal_is_sent_and_accepted_by_commands_alone(counter: Counter) -> None:
    made = await proposal(counter)
    for status, message in ((2, "sent by the command"), (3, "Accepted proposals cannot be changed")):
        reply = await counter.send("olga", "PUT", path_of("Proposal"), json={**made, "ProposalStatus": status})
        assert reply.status_code == 400
        assert message in reply.json()["Message"]
    assert (await run(counter, "Proposal", "PROPOSAL_ACCEPT", made["Id"]))["WasSuccessful"] is False
    assert (await run(counter, "Proposal", "PROPOSAL_SEND"))["WasSuccessful"] is False
    assert (await run(counter, "Proposal", "proposal_send", made["Id"]))["WasSuccessful"] is True
    sent = await counter.get("Proposal", made["Id"])
    assert (sent["ProposalStatus"], sent["SentOn"] is None) == (2, False)
    assert (await run(counter, "Proposal", "PROPOSAL_ACCEPT", made["Id"]))["WasSuccessful"] is True
    assert await counter.refused("Proposal", "PUT", await counter.get("Proposal", made["Id"])) == ["ProposalStatus"]
    (row,) = await counter.rows("CoworkerMessage", CoworkerMessage_Coworker=made["CoworkerId"])
    assert (row["Subject"], row["CoworkerEmail"]) == ("Proposal P-1", "ann@example.com")
    assert row["Incoming"] is False


async def test_a_proposal_is_rejected_by_a_plain_change(counter: Counter) -> None:
    made = await proposal(counter)
    assert (await counter.put("Proposal", {**made, "ProposalStatus": 4}))["ProposalStatus"] == 4


async def test_the_commands_of_an_entity_are_listed(counter: Counter) -> None:
    reply = await counter.send("olga", "GET", path_of("Proposal", "commands"))
    assert [each["Key"] for each in reply.json()] == ["PROPOSAL_SEND", "PROPOSAL_ACCEPT"]
    assert (await counter.send("olga", "GET", path_of("Reminder", "commands"))).json() == []


async def test_customers_are_deleted_by_command_and_only_with_the_right(counter: Counter) -> None:
    first, second = await counter.customer(), await counter.customer("bea@example.com")
    assert (await run(counter, "Coworker", "COWORKER_DELETE", first["Id"], NO_ID))["WasSuccessful"] is False
    assert (await run(counter, "Coworker", "COWORKER_DELETE", second["Id"]))["WasSuccessful"] is True
    assert second["Id"] not in await counter.ids("Coworker")


# Files ---------------------------------------------------------------------------------------------------------


async def test_a_document_brings_its_file_and_gives_it_back(fetching: Counter, address: str) -> None:
    customer = await fetching.customer()
    said: Json = {"BusinessId": fetching.location, "CoworkerId": customer["Id"], "Name": "Contract"}
    made = await fetching.post("CoworkerDataFile", **said, NewFileDataUrl=f"{address}/contract.pdf")
    assert (made["FileDataFileName"], made["Signed"], made["NewFileDataUrl"]) == ("contract.pdf", False, None)
    reply = await fetching.send("mia", "GET", f"{path_of('CoworkerDataFile', made['Id'])}/FileData/")
    assert (reply.content, reply.headers["content-type"]) == (b"/contract.pdf", "application/pdf")
    assert "contract.pdf" in reply.headers["content-disposition"]
    assert reply.headers["x-content-type-options"] == "nosniff"
    signed = await fetching.put("CoworkerDataFile", {**made, "NewSignedFileDataUrl": f"{address}/signed.pdf"})
    assert (signed["Signed"], signed["FileDataFileName"]) == (True, "contract.pdf")
    cleared = await fetching.put("CoworkerDataFile", {**signed, "ClearFileDataFile": True})
    assert (cleared["FileDataFileName"], cleared["SignedFileDataFileName"]) == (None, "signed.pdf")
    for part, status in (("filedata", 404), ("signedfiledata", 200), ("avatar", 404)):
        reply = await fetching.send("mia", "GET", f"{path_of('CoworkerDataFile', made['Id'])}/{part}")
        assert reply.status_code == status, part
    assert (await fetching.send("gus", "GET", f"{path_of('CoworkerDataFile', made['Id'])}/filedata")).status_code == 401
    assert (await fetching.send("", "GET", f"{path_of('CoworkerDataFile', made['Id'])}/filedata")).status_code == 401
    assert (await fetching.send("mia", "PUT", f"{path_of('CoworkerDataFile', made['Id'])}/filedata")).status_code == 405


async def test_a_document_that_is_signed_brings_its_customer_to_the_column_that_waits(
    fetching: Counter, address: str
) -> None:
    column: Json = {"CrmBoardId": fetching.db.rules.default_pipeline.id, "Name": "Signed", "Position": 9999}
    there = (await fetching.post("CrmBoardColumn", **column, DocumentsSigned=True))["Id"]
    customer = await fetching.customer()
    said: Json = {"BusinessId": fetching.location, "CoworkerId": customer["Id"], "Name": "Contract"}
    named: Json = {"NewFileDataUrl": f"{address}/contract.pdf", "NotifyWhenSignedEmail": "legal@example.com"}
    made = await fetching.post("CoworkerDataFile", **said, **named)
    assert await fetching.rows("CrmOpportunity", CrmOpportunity_CrmBoardColumn=there) == []
    for _ in range(2):
        await fetching.put("CoworkerDataFile", {**made, "NewSignedFileDataUrl": f"{address}/signed.pdf"})
    [deal] = await fetching.rows("CrmOpportunity", CrmOpportunity_CrmBoardColumn=there)
    assert (deal["CoworkerId"], deal["Status"]) == (customer["Id"], 1)
    [(facts,)] = await fetching.db.text("SELECT payload FROM outbox WHERE kind = 'mail.document_signed'")
    assert json.loads(facts)["to"] == "legal@example.com"


async def test_an_address_that_is_not_fetched_is_named(counter: Counter, address: str) -> None:
    customer = await counter.customer()
    said = {"BusinessId": counter.location, "CoworkerId": customer["Id"], "Name": "Contract"}
    for url in (f"{address}/x.pdf", "data:text/plain,x"):
        assert await counter.refused("CoworkerDataFile", "POST", {**said, "NewFileDataUrl": url}) == ["NewFileDataUrl"]
    assert await counter.ids("CoworkerDataFile") == []


async def test_an_import_file_keeps_its_table(fetching: Counter, address: str) -> None:
    said: Json = {"BusinessId": fetching.location, "Name": "Fair", "NewFileDataUrl": f"{address}/leads.csv"}
    made = await fetching.post("CrmOpportunityImportFile", "mia", **said)
    assert made["FileDataFileName"] == "leads.csv"
    path = path_of("CrmOpportunityImportFile", made["Id"])
    assert (await fetching.send("mia", "GET", f"{path}/filedata")).content == b"/leads.csv"
    assert (await fetching.send("noah", "GET", f"{path}/filedata")).status_code == 404
    assert await fetching.ids("CrmOpportunityImportFile", "noah") == []
    changed = await fetching.put("CrmOpportunityImportFile", {**made, "ClearFileDataFile": True, "Imported": True})
    assert (changed["FileDataFileName"], changed["Imported"]) == (None, True)


# Settings and webhooks -----------------------------------------------------------------------------------------


async def test_a_setting_is_read_back_and_its_name_taken_once(counter: Counter) -> None:
    said: Json = {"BusinessId": counter.location, "Name": "Bookings.Colour", "Value": "blue"}
    made = await counter.post("BusinessSetting", **said)
    assert (await counter.put("BusinessSetting", {**said, "Id": made["Id"], "Value": "red"}))["Value"] == "red"
    assert await counter.refused("BusinessSetting", "POST", {**said, "Name": "bookings.colour"}) == ["Name"]
    assert await counter.ids("BusinessSetting", BusinessSetting_Name="Bookings.Colour") == [made["Id"]]


async def test_a_webhook_is_of_a_known_action_and_has_an_address(counter: Counter) -> None:
    said: Json = {"BusinessId": counter.location, "Name": "CRM", "Action": 1003, "URL": "https://hooks.example.com/in"}
    made = await counter.post("WebHook", **said, ErrorCount=9, LastError="none")
    assert (made["Action"], made["ErrorCount"], made["LastError"]) == (1003, 0, None)
    assert await counter.refused("WebHook", "POST", {**said, "Action": 91}) == ["Action"]
    assert await counter.refused("WebHook", "POST", {**said, "URL": "hooks.example.com"}) == ["URL"]
    reply = await counter.send("mia", "GET", path_of("WebHook", made["Id"]))
    assert reply.status_code == 401
    enums = await counter.send("mia", "GET", "/api/utils/enums", params={"name": "eWebhookAction"})
    names = {each["Id"]: each["Name"] for each in enums.json()}
    assert (names[45], names[1003], len(names)) == ("HelDeskMessageCreated", "CrmOpportunityMove", 104)


async def test_a_token_that_may_only_list_lists_and_nothing_else(counter: Counter, db: Database) -> None:
    customer = await counter.customer()
    await counter.post("CoworkerNote", CoworkerId=customer["Id"], Notes="Said")
    secret = (await issue(db, counter.cast.ids["mia"], API, None, scope=["CoworkerNote-List"])).secret
    narrow = Counter(counter.db, counter.cast, counter.http, {"mia": secret})
    assert len(await narrow.ids("CoworkerNote", "mia")) == 1
    reply = await narrow.send("mia", "GET", path_of("CoworkerNote"), params={"id": "[1]"})
    assert reply.status_code == 401


async def test_what_hangs_on_a_customer_in_the_trash_is_not_counted(counter: Counter) -> None:
    first, second = await counter.customer(), await counter.customer("bea@example.com")
    for customer in (first, second, second):
        said: Json = {"BusinessId": counter.location, "CoworkerId": customer["Id"], "Name": "Contract"}
        await counter.post("CoworkerDataFile", **said)
        await counter.post("CoworkerNote", CoworkerId=customer["Id"], Notes="Said")
    for total in (3, 2):
        for entity in ("CoworkerDataFile", "CoworkerNote"):
            reply = await counter.send("olga", "GET", path_of(entity), params={"size": 1})
            assert (entity, reply.json()["TotalItems"]) == (entity, total)
        await run(counter, "Coworker", "COWORKER_DELETE", first["Id"])
