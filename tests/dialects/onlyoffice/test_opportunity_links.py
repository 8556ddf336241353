"""Contacts of an opportunity, from both sides (opportunities §2.2 routes 12–14)."""

from __future__ import annotations

import pytest

from dealwright.domain.contact import Share
from tests.dialects.onlyoffice.desk import BAD, MISSING, Desk

UNKNOWN = 999_999_999


async def members(desk: Desk, deal_id: int) -> list[int]:
    return [member["id"] for member in (await desk.ok("mia", "GET", f"crm/opportunity/{deal_id}"))["members"]]


async def test_the_participants_are_full_contacts_and_the_primary_one_is_not_editable(desk: Desk) -> None:
    primary, other = await desk.contact("ACME"), await desk.contact("Umbrella")
    deal = await desk.sale(contactid=primary, members=[other])
    shown = await desk.ok("mia", "GET", f"crm/opportunity/{deal['id']}/contact")
    assert [(each["companyName"], each["canEdit"]) for each in shown] == [("ACME", False), ("Umbrella", True)]
    assert await desk.ok("mia", "GET", f"crm/opportunity/{deal['id']}/contact?type=person") == []
    assert len(await desk.ok("mia", "GET", f"crm/opportunity/{deal['id']}/contact?type=company&count=1")) == 1
    assert await desk.refusal("mia", "GET", f"crm/opportunity/{UNKNOWN}/contact") == MISSING


async def test_a_contact_joins_once_and_leaves(desk: Desk) -> None:
    company, deal = await desk.contact("ACME"), await desk.sale()
    path = f"crm/opportunity/{deal['id']}/contact/{company}"
    for _ in range(2):
        joined = await desk.ok("noah", "POST", path)
        assert (joined["id"], joined["companyName"], joined["addresses"]) == (company, "ACME", [])
        assert await members(desk, deal["id"]) == [company]
    assert (await desk.ok("noah", "DELETE", path))["id"] == company
    assert await members(desk, deal["id"]) == []


async def test_the_contacts_side_answers_the_deal(desk: Desk) -> None:
    company, deal = await desk.contact("ACME"), await desk.sale()
    path = f"crm/contact/{company}/opportunity/{deal['id']}"
    joined = await desk.ok("mia", "POST", path)
    assert (joined["id"], [member["id"] for member in joined["members"]]) == (deal["id"], [company])
    assert (await desk.ok("mia", "DELETE", path))["members"] == []


async def test_the_primary_contact_leaves_by_the_deals_side_alone(desk: Desk) -> None:
    company = await desk.contact("ACME")
    deal = await desk.sale(contactid=company)
    back = f"crm/contact/{company}/opportunity/{deal['id']}"
    assert await desk.refusal("mia", "DELETE", back) == (403, "Can't unlink base contact")
    await desk.ok("mia", "DELETE", f"crm/opportunity/{deal['id']}/contact/{company}")
    assert await members(desk, deal["id"]) == []


@pytest.mark.parametrize(
    "path", ["crm/opportunity/{deal}/contact/{contact}", "crm/contact/{contact}/opportunity/{deal}"]
)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_a_link_to_what_is_not_there_is_refused(desk: Desk, method: str, path: str) -> None:
    company, deal = await desk.contact("ACME"), (await desk.sale())["id"]
    hidden = await desk.contact("Hidden", Share.NOBODY, (desk.cast.noah.uid,))
    secret = (await desk.sale("olga", isPrivate=True, accessList=[desk.cast.olga.uid]))["id"]
    for deal_id, contact_id, answer in (
        (0, company, BAD),
        (deal, 0, BAD),
        (deal, UNKNOWN, MISSING),
        (deal, hidden, MISSING),
        (UNKNOWN, company, MISSING),
        (secret, company, MISSING),
    ):
        assert await desk.refusal("mia", method, path.format(deal=deal_id, contact=contact_id)) == answer


async def test_participants_that_one_does_not_see_stay_when_others_join_and_leave(desk: Desk) -> None:
    hidden = await desk.contact("Hidden", Share.NOBODY, (desk.cast.mia.uid,))
    shown = await desk.contact("Shown")
    deal = await desk.sale(members=[hidden])
    path = f"crm/opportunity/{deal['id']}/contact"
    await desk.ok("noah", "POST", f"{path}/{shown}")
    assert [row["id"] for row in await desk.ok("mia", "GET", path)] == [hidden, shown]
    await desk.ok("noah", "DELETE", f"{path}/{shown}")
    assert [row["id"] for row in await desk.ok("mia", "GET", path)] == [hidden]
