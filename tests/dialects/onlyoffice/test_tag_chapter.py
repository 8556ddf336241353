"""Tags over the wire (opportunities §6, contacts-tasks-cases §9)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from dealwright.dialects.onlyoffice.failures import ACCESS_DENIED, BAD_ARGUMENT, NOT_FOUND
from dealwright.storage.database import Database
from tests.dialects.onlyoffice.clerk import UNKNOWN, Clerk, envelope, hired, ids

KINDS = ["opportunity", "contact", "case"]


@pytest.fixture
async def clerk(staffed: Database) -> AsyncIterator[Clerk]:
    async with hired(staffed) as found:
        yield found


async def record(clerk: Clerk, kind: str) -> int:
    """The id of a record that everybody may see and change."""
    if kind == "opportunity":
        return await clerk.deal()
    if kind == "case":
        number: int = (await clerk.post("crm/case", title="Keys"))["id"]
        return number
    made: int = (await clerk.company())["id"]
    return made


async def listed(clerk: Clerk, kind: str, title: str, by: str = "olga") -> Any:
    """The tag of this title in the list, None if it is not there."""
    found = await clerk.get(f"crm/{kind}/tag", by)
    return next((tag for tag in found if tag["title"] == title), None)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_new_tag_is_echoed_with_its_length_as_the_count(clerk: Clerk, kind: str) -> None:
    body = envelope(await clerk.ask("mia", "POST", f"crm/{kind}/tag", tagName="Büro"))
    assert (body["response"], body["count"]) == ("Büro", 4)
    assert await listed(clerk, kind, "Büro") == {"title": "Büro"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("spelling", ["vip", "VIP", "  vIp "])
async def test_a_tag_that_is_there_in_whatever_spelling_is_refused(clerk: Clerk, kind: str, spelling: str) -> None:
    await clerk.post(f"crm/{kind}/tag", tagName="vip")
    assert await clerk.no("POST", f"crm/{kind}/tag", tagName=spelling) == (400, "Tag with this name already exists")


@pytest.mark.parametrize("name", ["", "  ", None])
async def test_a_tag_needs_a_name(clerk: Clerk, name: str | None) -> None:
    deal = await clerk.deal()
    for path in ("tag", f"{deal}/tag", "filter/taglist"):
        assert await clerk.no("POST", f"crm/opportunity/{path}", tagName=name) == (400, BAD_ARGUMENT)


async def test_a_new_portal_has_tags_for_contacts_alone_by_title(clerk: Clerk) -> None:
    found = await clerk.get("crm/contact/tag", by="mia")
    assert found == [{"title": title} for title in ("Customer", "Lead", "Staff", "Supplier")]
    assert await clerk.get("crm/opportunity/tag", by="mia") == []


@pytest.mark.parametrize("kind", KINDS)
async def test_a_tag_is_put_on_and_taken_off(clerk: Clerk, kind: str) -> None:
    one = await record(clerk, kind)
    path = f"crm/{kind}/{one}/tag"
    assert await clerk.get(f"crm/{kind}/tag/{one}") == []
    assert await clerk.post(path, by="mia", tagName="vip") == "vip"
    assert await clerk.post(path, by="noah", tagName="VIP") == "VIP"
    assert await clerk.get(f"crm/{kind}/tag/{one}") == ["vip"]
    assert await listed(clerk, kind, "vip") == {"title": "vip", "relativeItemsCount": 1}
    assert await clerk.delete(path, by="mia", tagName="Vip") == "Vip"
    assert await clerk.get(f"crm/{kind}/tag/{one}") == []
    assert await listed(clerk, kind, "vip") == {"title": "vip"}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_deleted_tag_is_gone_everywhere(clerk: Clerk, kind: str) -> None:
    one = await record(clerk, kind)
    await clerk.post(f"crm/{kind}/{one}/tag", tagName="vip")
    assert await clerk.delete(f"crm/{kind}/tag", by="mia", tagName="vip") == "vip"
    assert await clerk.get(f"crm/{kind}/tag/{one}") == []
    assert await listed(clerk, kind, "vip") is None


@pytest.mark.parametrize("kind", KINDS)
async def test_an_unknown_tag_is_not_found(clerk: Clerk, kind: str) -> None:
    assert await clerk.no("DELETE", f"crm/{kind}/tag", tagName="never") == (404, NOT_FOUND)
    path = f"crm/{kind}/{await record(clerk, kind)}/tag"
    assert await clerk.no("DELETE", path, tagName="never") == (404, NOT_FOUND)


@pytest.mark.parametrize("kind", KINDS)
async def test_the_tags_of_nothing_are_refused(clerk: Clerk, kind: str) -> None:
    for ident, no in ((0, (400, BAD_ARGUMENT)), (UNKNOWN, (404, NOT_FOUND))):
        assert await clerk.no("GET", f"crm/{kind}/tag/{ident}") == no
        assert await clerk.no("POST", f"crm/{kind}/{ident}/tag", tagName="vip") == no


async def test_the_tags_of_a_hidden_deal_are_not_found_and_not_counted(clerk: Clerk) -> None:
    deal = await clerk.deal(by="mia", shared_with=["mia"])
    await clerk.post(f"crm/opportunity/{deal}/tag", by="mia", tagName="vip")
    assert await clerk.no("GET", f"crm/opportunity/tag/{deal}", by="noah") == (404, NOT_FOUND)
    assert await clerk.no("POST", f"crm/opportunity/{deal}/tag", by="noah", tagName="x") == (404, NOT_FOUND)
    assert await listed(clerk, "opportunity", "vip", by="noah") == {"title": "vip"}


async def test_the_tags_of_somebody_elses_contact_stay(clerk: Clerk) -> None:
    company = await clerk.company(shareType="Read", managerList=[clerk.cast.mia.uid])
    path = f"crm/contact/{company['id']}/tag"
    await clerk.post(path, by="mia", tagName="vip")
    assert await clerk.no("POST", path, by="noah", tagName="x") == (403, ACCESS_DENIED)
    assert await clerk.no("DELETE", path, by="noah", tagName="vip") == (403, ACCESS_DENIED)
    assert await clerk.get(path, by="noah") == ["vip"]


async def test_a_tag_goes_on_several_deals(clerk: Clerk) -> None:
    deals = [await clerk.deal() for _ in range(2)]
    assert await clerk.post("crm/opportunity/taglist", entityid=deals, tagName="vip") == "vip"
    assert [await clerk.get(f"crm/opportunity/tag/{deal}") for deal in deals] == [["vip"], ["vip"]]
    assert await clerk.no("POST", "crm/opportunity/taglist", tagName="vip") == (400, BAD_ARGUMENT)


async def test_a_tag_goes_on_all_deals_that_match(clerk: Clerk) -> None:
    yes, no = await clerk.deal(responsible=clerk.cast.mia.uid), await clerk.deal()
    said = {"responsibleid": clerk.cast.mia.uid, "tagName": "mine"}
    assert await clerk.post("crm/opportunity/filter/taglist", **said) == "mine"
    assert await clerk.get(f"crm/opportunity/tag/{yes}") == ["mine"]
    assert await clerk.get(f"crm/opportunity/tag/{no}") == []
    assert ids(await clerk.get("crm/opportunity/filter", **{"tags[]": "mine"})) == [yes]


async def test_a_tag_goes_on_all_contacts_that_match_and_are_ones_own(clerk: Clerk) -> None:
    mine = await clerk.company(companyName="Alpha")
    foreign = await clerk.company(companyName="Beta", shareType="Read", managerList=[clerk.cast.olga.uid])
    assert await clerk.post("crm/contact/filter/taglist", by="mia", tagName="vip") == "vip"
    assert await clerk.get(f"crm/contact/{mine['id']}/tag") == ["vip"]
    assert await clerk.get(f"crm/contact/{foreign['id']}/tag") == []


async def test_a_tag_goes_on_a_company_and_its_people(clerk: Clerk) -> None:
    company = await clerk.company()
    people = [await clerk.person(companyId=company["id"]) for _ in range(2)]
    everybody = [company["id"], *ids(people)]
    assert await clerk.post(f"crm/person/{people[0]['id']}/tag/group", tagName="vip") == "vip"
    assert [await clerk.get(f"crm/contact/{one}/tag") for one in everybody] == [["vip"]] * 3
    assert await clerk.delete(f"crm/company/{company['id']}/tag/group", tagName="vip") == "vip"
    assert [await clerk.get(f"crm/contact/{one}/tag") for one in everybody] == [[]] * 3
    wrong = await clerk.no("POST", f"crm/person/{company['id']}/tag/group", tagName="vip")
    assert wrong == (500, "Contact is not a person")


async def test_administrators_alone_delete_the_unused_tags(clerk: Clerk) -> None:
    deal = await clerk.deal()
    await clerk.post(f"crm/opportunity/{deal}/tag", tagName="used")
    await clerk.post("crm/opportunity/tag", tagName="unused")
    assert await clerk.no("DELETE", "crm/opportunity/tag/unused", by="mia") == (403, ACCESS_DENIED)
    assert await clerk.delete("crm/opportunity/tag/unused", by="carl") == ["unused"]
    assert await clerk.get("crm/opportunity/tag") == [{"title": "used", "relativeItemsCount": 1}]


async def test_somebody_who_only_reads_deals_reads_their_tags(clerk: Clerk) -> None:
    deal = await clerk.deal()
    assert await clerk.get(f"crm/opportunity/tag/{deal}", by="rita") == []
    assert await clerk.no("POST", f"crm/opportunity/{deal}/tag", by="rita", tagName="x") == (403, ACCESS_DENIED)
