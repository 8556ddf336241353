"""Who sees what, through every face alike: one record, a list, a count and a search never disagree."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from dealwright.actions import opportunities as deals
from dealwright.actions import people
from dealwright.actions.people import UserChange
from dealwright.actions.sign_in import API, issue
from dealwright.domain.actor import Sight
from dealwright.domain.opportunity import Change, Sharing
from dealwright.storage.database import Database
from tests.cast import hire, role
from tests.office import FACES, Office, opened

PEOPLE = ("olga", "carl", "mia", "noah", "rita", "otto")
WORD = "Zeppelin"

# Which of the deals a person sees: mia made all of them; the private one is shared with noah; rita and otto are
# role-limited, otto sees his own alone.
SEES = {
    "olga": {"public", "private", "otto's"},
    "carl": {"public", "private", "otto's"},
    "mia": {"public", "private", "otto's"},
    "noah": {"public", "private", "otto's"},
    "rita": {"public", "otto's"},
    "otto": {"otto's"},
}


@pytest.fixture
async def office(db: Database) -> AsyncIterator[Office]:
    async with opened(db) as found:
        yield found


@pytest.fixture
async def made(office: Office) -> dict[str, int]:
    """Three deals of Mia's: public, private, and one for which Otto is responsible."""
    db = office.db
    rights = [role(db, f"CrmOpportunity-{verb}") for verb in ("List", "Read")]
    office.cast.ids["otto"] = await hire(db, "otto", role_ids=rights, sight=Sight.OWN)
    office.tokens["otto"] = (await issue(db, office.cast.ids["otto"], API, None)).secret
    mia, noah, otto = office.cast.mia, office.cast.noah, office.cast.actor("otto")
    base = Change(stage_id=office.stage(0), title=f"{WORD} hangar")
    said = {
        "public": base,
        "private": replace(base, sharing=Sharing(True, (noah.uid,))),
        "otto's": replace(base, responsible=otto.uid),
    }
    return {name: (await deals.create(db, mia, change)).opportunity.id for name, change in said.items()}


async def one(office: Office, face: str, name: str, ident: int) -> int:
    """Ask a face for one deal; return the status."""
    paths = {
        "onlyoffice": f"/api/2.0/crm/opportunity/{ident}",
        "nexudus": f"/api/crm/crmopportunities/{ident}",
        "native": f"/api/v1/opportunities/{ident}",
    }
    return (await office.send(name, "GET", paths[face])).status_code


async def listed(office: Office, face: str, name: str, search: bool) -> tuple[set[int], int]:
    """List all deals, or those that match the word; return the ids and the count that the face tells."""
    if face == "onlyoffice":
        params: Any = {"filterValue": WORD.lower()} if search else {"sortBy": "Id"}
        body = (await office.send(name, "GET", "/api/2.0/crm/opportunity/filter", params=params)).json()
        return {row["id"] for row in body["response"]}, body["total"]
    if face == "nexudus":
        params = {"CrmOpportunity_Name": WORD.lower()} if search else {}
        body = (await office.send(name, "GET", "/api/crm/crmopportunities", params=params)).json()
        return {row["Id"] for row in body["Records"]}, body["TotalItems"]
    params = {"total": "exact", **({"q": WORD.lower()} if search else {})}
    body = (await office.send(name, "GET", "/api/v1/opportunities", params=params)).json()
    return {row["id"] for row in body["data"]}, body["page"]["total"]


@pytest.mark.parametrize("face", FACES)
async def test_everybody_sees_the_same_deals_however_they_ask(office: Office, made: dict[str, int], face: str) -> None:
    for name in PEOPLE:
        expected = {made[deal] for deal in SEES[name]}
        for deal, ident in made.items():
            assert await one(office, face, name, ident) == (200 if deal in SEES[name] else 404), (name, deal)
        for search in (False, True):
            assert await listed(office, face, name, search) == (expected, len(expected)), (name, search)


@pytest.mark.parametrize("face", FACES)
async def test_a_guest_and_a_stranger_get_nothing(office: Office, made: dict[str, int], face: str) -> None:
    office.tokens["nobody"] = "dw_" + "x" * 46
    assert await one(office, face, "gus", made["public"]) in (401, 403)
    assert await one(office, face, "nobody", made["public"]) == 401


@pytest.mark.parametrize("face", FACES)
async def test_a_right_that_is_taken_is_gone_at_once(office: Office, made: dict[str, int], face: str) -> None:
    assert await one(office, face, "rita", made["public"]) == 200
    await people.change_user(office.db, None, office.cast.ids["rita"], UserChange(role_ids=[]))
    assert await one(office, face, "rita", made["public"]) in (401, 403)


@pytest.mark.parametrize("face", FACES)
async def test_somebody_who_is_let_go_is_signed_out_everywhere(office: Office, made: dict[str, int], face: str) -> None:
    assert await one(office, face, "noah", made["public"]) == 200
    await people.change_user(office.db, None, office.cast.ids["noah"], UserChange(active=False))
    assert await one(office, face, "noah", made["public"]) == 401
