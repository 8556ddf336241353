"""A role and somebody's narrowed sight, made in our own API, hold in every face, at once and in every process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import or_, select

from dealwright.actions import cases
from dealwright.actions import opportunities as deals
from dealwright.domain.case import CaseChange
from dealwright.domain.opportunity import Change
from dealwright.storage import schema
from dealwright.storage.database import Database, connect
from dealwright.storage.query import Query
from tests.actions.about_contacts import firm
from tests.cast import PASSWORD
from tests.office import FACES, Office, opened

API = "/api/v1"
DEALS = {
    "onlyoffice": "/api/2.0/crm/opportunity",
    "nexudus": "/api/crm/crmopportunities",
    "native": f"{API}/opportunities",
}
CASES = {"onlyoffice": "/api/2.0/crm/case", "native": f"{API}/cases"}
CONTACTS = {
    "onlyoffice": "/api/2.0/crm/contact/filter",
    "nexudus": "/api/spaces/coworkers",
    "native": f"{API}/contacts",
}
REFUSED = {"onlyoffice": 403, "nexudus": 401, "native": 403}
READS = ["CrmOpportunity-List", "CrmOpportunity-Read", "Case-List", "Case-Read"]
EVENTS = Query(
    select(schema.event.c.kinds)
    .where(or_(schema.event.c.subject == "user", schema.event.c.subject == "role"))
    .order_by(schema.event.c.id)
)


@pytest.fixture
async def office(staffed: Database) -> AsyncIterator[Office]:
    async with opened(staffed) as found:
        yield found


@pytest.fixture
async def elsewhere(office: Office, database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    """The same portal in another process, where Olga sits."""
    db = await connect(database_url, str(tmp_path / "files"))
    async with opened(db) as found:
        yield found
    await db.close()


async def done(office: Office, method: str, path: str, body: Any = None) -> Any:
    """Olga does something through our own API; return the record."""
    answer = await office.send("olga", method, f"{API}{path}", body)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


async def deal(office: Office, **values: Any) -> int:
    """Mia makes a deal; return its id."""
    said = Change(stage_id=office.stage(0), title="Ten desks", contact_id=1, **values)
    return (await deals.create(office.db, office.cast.mia, said)).opportunity.id


async def listed(office: Office, face: str) -> set[int]:
    """The ids of the deals that Lena's client is shown in a list; none where it is told no."""
    path = DEALS[face] + ("/filter" if face == "onlyoffice" else "")
    answer = await office.send("lena", "GET", path)
    if not answer.is_success:
        assert answer.status_code == REFUSED[face]
        return set()
    body = answer.json()
    rows = body[{"onlyoffice": "response", "nexudus": "Records", "native": "data"}[face]]
    return {row["Id" if face == "nexudus" else "id"] for row in rows}


async def renamed(office: Office, face: str, ident: int, title: str) -> int:
    """Lena's client renames a deal of hers; return the status."""
    lena, stage = office.db.rules.logins["lena@example.com"], office.stage(0)
    if face == "onlyoffice":
        form = {"title": title, "stageid": stage, "contactid": 1, "responsibleid": lena.uid, "bidCurrencyAbbr": "USD"}
        return (await office.send("lena", "PUT", f"{DEALS[face]}/{ident}", form)).status_code
    if face == "nexudus":
        body = {"Id": ident, "Name": title, "CrmBoardColumnId": stage, "CoworkerId": 1, "Position": 1}
        body["ResponsibleId"] = lena.id
        return (await office.send("lena", "PUT", DEALS[face], body)).status_code
    return (await office.send("lena", "PATCH", f"{DEALS[face]}/{ident}", {"title": title})).status_code


async def statuses(office: Office, paths: dict[str, str]) -> dict[str, int]:
    """What Lena's client is answered at a path of each face."""
    return {face: (await office.send("lena", "GET", path)).status_code for face, path in paths.items()}


def at(paths: dict[str, str], ident: int) -> dict[str, str]:
    return {face: f"{path}/{ident}" for face, path in paths.items()}


async def test_a_role_and_a_narrowed_sight_hold_in_every_face_at_once(office: Office, elsewhere: Office) -> None:
    kinds_before = len(await office.db.rows(EVENTS))
    role = await done(elsewhere, "POST", "/roles", {"name": "Scout", "rights": [*READS, "CrmOpportunity-Edit"]})
    said = {"email": "lena@example.com", "password": PASSWORD, "role_ids": [role["id"]], "sight": "own"}
    lena = await done(elsewhere, "POST", "/users", said)
    assert (lena["standing"], lena["sight"], lena["role_ids"]) == ("limited", "own", [role["id"]])
    made = await office.http.post(f"{API}/tokens", json={"label": "x"}, auth=("lena@example.com", PASSWORD))
    office.tokens["lena"] = made.json()["secret"]

    assert (await firm(office.db, office.cast.mia, "Acme")).contact.id == 1
    team = (await done(elsewhere, "POST", "/teams", {"name": "Sales"}))["id"]
    mia, hers = office.cast.mia, await deal(office, responsible=lena["uid"])
    other, teams = await deal(office, responsible=mia.uid), await deal(office, team_id=team)
    case = (await cases.create(office.db, mia, CaseChange(title="Keys"))).case.id

    # What she may, she may with her own deals alone; what she may not, with none; there is no contact for her.
    for face in FACES:
        assert await listed(office, face) == {hers}, face
        assert [await renamed(office, face, one, f"by {face}") for one in (hers, other)] == [200, 404], face
    assert await statuses(office, at(DEALS, hers)) == dict.fromkeys(FACES, 200)
    assert await statuses(office, at(DEALS, other)) == dict.fromkeys(FACES, 404)
    assert await statuses(office, at(CASES, case)) == dict.fromkeys(CASES, 404)
    assert await statuses(office, CONTACTS) == REFUSED
    gone = {face: (await office.send("lena", "DELETE", path)).status_code for face, path in at(DEALS, hers).items()}
    assert gone == REFUSED

    # Her sight widens and narrows, while her token is in use.
    for sight, expected in (("team", {hers, teams}), ("all", {hers, other, teams}), ("own", {hers})):
        await done(elsewhere, "PATCH", f"/users/{lena['id']}", {"sight": sight, "team_ids": [team]})
        for face in FACES:
            assert await listed(office, face) == expected, (face, sight)

    # A right is taken from her role, then the role from everybody, then she is let go.
    await done(elsewhere, "PATCH", f"/roles/{role['id']}", {"rights": READS})
    for face in FACES:
        assert await renamed(office, face, hers, "never") == REFUSED[face]
        assert await listed(office, face) == {hers}, face
    await done(elsewhere, "DELETE", f"/roles/{role['id']}")
    assert await statuses(office, at(DEALS, hers)) == REFUSED
    me = (await office.send("lena", "GET", f"{API}/me")).json()
    assert (me["standing"], me["sight"], me["rights"]) == ("limited", "own", [])
    await done(elsewhere, "PATCH", f"/users/{lena['id']}", {"active": False})
    assert await statuses(office, at(DEALS, hers)) == dict.fromkeys(FACES, 401)

    kinds = [kinds for (kinds,) in (await office.db.rows(EVENTS))[kinds_before:]]
    changed = ["user.changed"] * 3
    assert kinds == ["role.created", "user.created", *changed, "role.changed", "role.deleted", "user.changed"]
