"""One richly filled record of every entity, made over the wire."""

from __future__ import annotations

from typing import Any

from dealwright.actions.deed import now
from dealwright.actions.rule_deeds import fresh
from dealwright.dialects.nexudus.entities import BY_NAME
from dealwright.dialects.nexudus.entity import Member, Verb
from dealwright.storage.plain_kinds import CALENDAR_EVENT
from dealwright.storage.plain_records import inserted
from tests.dialects.nexudus.counter import Counter, Json

_SAMPLES: dict[str, Any] = {"int": 7, "bool": True, "dec": 12.5, "dt": "2031-03-04T10:15:00Z", "enum": 2}


def _texts(entity: str, number: int) -> Json:
    """Something in every member that a client may write and that points at nothing."""
    own = [member for member in BY_NAME[entity].own if Verb.CREATE in member.is_written_by and not member.to]
    return {member.name: _sample(member, number) for member in own if not _is_left_out(member)}


def _is_left_out(member: Member) -> bool:
    return member.base in ("int[]", "fields") or "Url" in member.name or "assword" in member.name


def _sample(member: Member, number: int) -> Any:
    if member.base != "str":
        return _SAMPLES[member.base]
    return f"{member.name} {number}@example.com" if member.name == "Email" else f"{member.name} {number}"


async def specimen(counter: Counter, entity: str, again: bool = False) -> Json:
    """Make a record and return it as it is read; what nobody can make is the first of its list.

    `again`: a second one, which says other things where it can.
    """
    if Verb.CREATE not in BY_NAME[entity].verbs:
        await _BEFOREHAND.get(entity, _nothing)(counter, 2 if again else 1)
        first = (await counter.rows(entity))[0]
        return await counter.get(entity, first["Id"])
    number = 2 if again else 1
    body = {**_texts(entity, number), **(await _POINTERS.get(entity, _nothing)(counter, number))}
    if "BusinessId" in BY_NAME[entity].by_name:
        body["BusinessId"] = counter.location
    made = await counter.post(entity, **{name: value for name, value in body.items() if value is not ...})
    return await counter.get(entity, made["Id"])


async def _nothing(_: Counter, __: int) -> Json:
    return {}


async def _column(counter: Counter, number: int) -> Json:
    board = await specimen(counter, "CrmBoard", number == 2)
    reply, tasks = await specimen(counter, "CannedResponse"), await specimen(counter, "TaskList")
    closing = {"WinOpportunity": True, "LoseOpportunity": False}
    return {"CrmBoardId": board["Id"], "CannedResponseId": reply["Id"], "TaskListId": tasks["Id"], **closing}


async def _customer(counter: Counter, number: int) -> Json:
    team = await counter.post("Team", BusinessId=counter.location, Name=f"Founders {number}")
    locations = {"Businesses": [counter.location], "InvoicingBusinessId": counter.location}
    return {**locations, "Teams": [team["Id"]], "UserId": counter.cast.ids["mia"], "Email": f"a{number}@example.com"}


async def _deal(counter: Counter, number: int) -> Json:
    customer = await specimen(counter, "Coworker", number == 2)
    team = await specimen(counter, "Team", number == 2)
    kind = await specimen(counter, "OpportunityType", number == 2)
    return {
        "CrmBoardColumnId": counter.stage(number),
        "CoworkerId": customer["Id"],
        "ReferrerId": customer["Id"],
        "AgentId": customer["Id"],
        "TeamId": team["Id"],
        "OpportunityTypeId": kind["Id"],
        "ResponsibleId": counter.cast.ids["mia" if number == 1 else "noah"],
        "Value": 1250.5 * number,
    }


async def _step(counter: Counter, number: int) -> Json:
    deal = await counter.deal()
    places = {"OldCrmBoardColumnId": counter.stage(0), "NewCrmBoardColumnId": counter.stage(number)}
    return {"CrmOpportunityId": deal["Id"], "UserId": counter.cast.ids["mia"], **places}


async def _task(counter: Counter, number: int) -> Json:
    customer = await specimen(counter, "Coworker", number == 2)
    identity = "129265ee-4757-4760-ba1b-e1b98f4b5640"
    return {"CoworkerId": customer["Id"], "ResponsibleId": counter.cast.ids["mia"], "TaskItemUniqueId": identity}


async def _item(counter: Counter, number: int) -> Json:
    tasks = await specimen(counter, "TaskList", number == 2)
    return {"TaskListId": tasks["Id"], "ResponsibleId": counter.cast.ids["mia"]}


async def _field(_: Counter, number: int) -> Json:
    kinds = {"RecordType": 4, "FieldType": 4, "AvailableOptions": "red,green", "CustomFieldIndex": number}
    return {**kinds, "DisplayOrder": number}


async def _team(counter: Counter, number: int) -> Json:
    customer = await counter.customer(f"member{number}@example.com", CompanyName=f"Desk {number} Ltd")
    return {"TeamMembers": [customer["Id"]], "PayingMemberId": customer["Id"], "TeamAdministrators": []}


async def _user(counter: Counter, number: int) -> Json:
    locations = {"Businesses": [counter.location], "DefaultBusinessId": counter.location}
    return {**locations, "Email": f"staff{number}@example.com", "Password": "Correct-Horse-9-Battery"}


async def _about(counter: Counter, number: int) -> Json:
    customer = await specimen(counter, "Coworker", number == 2)
    return {"CoworkerId": customer["Id"]}


async def _proposal(counter: Counter, number: int) -> Json:
    people = {"ResponsibleId": counter.cast.ids["mia" if number == 1 else "noah"], "IssuedById": counter.location}
    return {**await _about(counter, number), **people, "ProposalStatus": 1}


async def _form(counter: Counter, number: int) -> Json:
    return {"CrmBoardColumnId": counter.stage(number), "ResponsibleId": counter.cast.ids["mia"]}


async def _request(counter: Counter, number: int) -> Json:
    page = await specimen(counter, "FormPage", number == 2)
    return {**await _about(counter, number), "FormPageId": page["Id"]}


async def _reminder(counter: Counter, number: int) -> Json:
    reply = await specimen(counter, "CannedResponse", number == 2)
    return {**await _about(counter, number), "CannedResponseId": reply["Id"]}


async def _hook(_: Counter, number: int) -> Json:
    return {"URL": f"https://hooks.example.com/{number}"}


async def _message(counter: Counter, number: int) -> Json:
    proposal = await specimen(counter, "Proposal", number == 2)
    body = {"Key": "PROPOSAL_SEND", "Ids": [proposal["Id"]]}
    await counter.send("olga", "POST", "/api/billing/proposals/runcommand", json=body)
    return {}


async def _calendar(counter: Counter, number: int) -> Json:
    values = {"location_id": counter.location, "name": f"Open day {number}", "starts_at": now()}
    await counter.db.apply([inserted(CALENDAR_EVENT, fresh(counter.cast.olga, now()), values)])
    return {}


_BEFOREHAND = {"CoworkerMessage": _message, "CalendarEvent": _calendar}
_POINTERS = {
    "CoworkerNote": _about,
    "CoworkerDataFile": _about,
    "Proposal": _proposal,
    "FormPage": _form,
    "FormPageRequest": _request,
    "Reminder": _reminder,
    "WebHook": _hook,
    "CrmBoardColumn": _column,
    "Coworker": _customer,
    "CrmOpportunity": _deal,
    "CrmOpportunityHistory": _step,
    "CoworkerTask": _task,
    "TaskItem": _item,
    "CustomField": _field,
    "Team": _team,
    "User": _user,
}
