"""Who may see opportunities: the three access routes (opportunities §2.2 routes 3–5 and §3)."""

from __future__ import annotations

import pytest

from tests.dialects.onlyoffice.desk import BAD, DENIED, MISSING, Desk, Json

UNKNOWN = 999_999_999


def people(deal: Json) -> set[str]:
    return {person["displayName"].split()[0].lower() for person in deal["accessList"]}


def noah(desk: Desk) -> Json:
    return {"isPrivate": "true", "accessList[]": [desk.cast.noah.uid]}


async def test_access_makes_a_deal_private_with_whoever_asked(desk: Desk) -> None:
    deal = await desk.sale()
    path = f"crm/opportunity/{deal['id']}/access"
    changed = await desk.ok("mia", "PUT", path, data=noah(desk))
    assert (changed["isPrivate"], people(changed)) == (True, {"mia", "noah"})
    assert await desk.refusal("rita", "GET", f"crm/opportunity/{deal['id']}") == MISSING


@pytest.mark.parametrize("fields", [{"isPrivate": "false"}, {"isPrivate": "true"}, {}])
async def test_private_without_a_list_or_not_private_is_public(desk: Desk, fields: Json) -> None:
    deal = await desk.sale(isPrivate=True, accessList=[desk.cast.noah.uid])
    changed = await desk.ok("mia", "PUT", f"crm/opportunity/{deal['id']}/access", data=fields)
    assert (changed["isPrivate"], changed["accessList"]) == (False, [])


async def test_access_is_refused_as_the_contract_says(desk: Desk) -> None:
    deal = await desk.sale()
    hidden = await desk.sale("olga", isPrivate=True, accessList=[desk.cast.olga.uid])
    for who, number, answer in (
        ("mia", 0, BAD),
        ("mia", UNKNOWN, MISSING),
        ("noah", hidden["id"], MISSING),
        ("noah", deal["id"], DENIED),
    ):
        assert await desk.refusal(who, "PUT", f"crm/opportunity/{number}/access", data=noah(desk)) == answer


async def test_many_are_shared_at_once_but_ones_own_alone(desk: Desk) -> None:
    mine, theirs = await desk.sale(title="mine"), await desk.sale("olga", title="theirs")
    ids = {"opportunityid[]": [theirs["id"], UNKNOWN, mine["id"]]}
    (changed,) = await desk.ok("mia", "PUT", "crm/opportunity/access", data={**ids, **noah(desk)})
    assert (changed["id"], people(changed)) == (mine["id"], {"mia", "noah"})
    assert len(await desk.ok("carl", "PUT", "crm/opportunity/access", data={**ids, "isPrivate": "false"})) == 2
    assert await desk.ok("carl", "PUT", "crm/opportunity/access", data={"opportunityid": UNKNOWN}) == []


async def test_all_that_match_are_shared_and_rows_that_are_public_tell_no_list(desk: Desk) -> None:
    deal, other = await desk.sale(title="Zeppelin hangar"), await desk.sale()
    path = "crm/opportunity/filter/access?filterValue=zeppelin"
    (changed,) = await desk.ok("mia", "PUT", path, data=noah(desk))
    assert (changed["id"], people(changed)) == (deal["id"], {"mia", "noah"})
    (public,) = await desk.ok("mia", "PUT", path)
    assert "accessList" not in public
    assert (await desk.ok("mia", "GET", f"crm/opportunity/{other['id']}"))["isPrivate"] is False
    assert await desk.ok("mia", "PUT", "crm/opportunity/filter/access?filterValue=nothing") == []
