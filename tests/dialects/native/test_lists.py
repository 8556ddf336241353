"""Lists of opportunities: pages that reach the end, orders, filters, chosen members and related records."""

from __future__ import annotations

from typing import Any

import pytest

from dealwright.actions import opportunities as deals
from dealwright.actions import tags
from dealwright.domain.opportunity import Change, Sharing
from dealwright.storage.database import Database
from tests.cast import Cast
from tests.dialects.native.conftest import Client
from tests.dialects.native.test_opportunities import make


async def walk(client: Client, query: str, limit: int = 2) -> list[dict[str, Any]]:
    """Everything on a list, page by page."""
    found: list[dict[str, Any]] = []
    cursor = ""
    for _ in range(50):
        answer = await client.get(f"/opportunities?limit={limit}&{query}{cursor}")
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["data"]
        assert page["page"]["has_more"] == (page["page"]["next_cursor"] is not None)
        if not page["page"]["has_more"]:
            return found
        assert len(page["data"]) == limit
        cursor = f"&cursor={page['page']['next_cursor']}"
    raise AssertionError("the list has no end")


@pytest.fixture
async def seven(mia: Client, cast: Cast, stages: list[int]) -> list[dict[str, Any]]:
    """Seven opportunities of Mia's, with doubles and gaps in every order."""
    amounts = ["5", None, "12.5", "5", "-1", None, "5"]
    days = ["2026-05-05", None, "2026-05-04", "2026-05-05", None, "2026-01-01", "2026-05-04"]
    titles = ["Desk lamp", "Äpfel", "Zebra", "apfel", None, "desk", "Ten desks"]
    return [
        await make(
            mia,
            stages[number % 2],
            title=titles[number],
            amount=None if amounts[number] is None else {"amount": amounts[number], "currency": "EUR"},
            expected_close_on=days[number],
            responsible_id=cast.ids["mia" if number < 3 else "noah"],
        )
        for number in range(7)
    ]


async def ids(client: Client, query: str) -> list[int]:
    """The ids of a list, whole."""
    return [each["id"] for each in await walk(client, query)]


async def test_every_page_follows_the_one_before(mia: Client, seven: list[Any]) -> None:
    assert await walk(mia, "") == seven
    assert await ids(mia, "sort=-id") == [7, 6, 5, 4, 3, 2, 1]
    assert await ids(mia, "sort=amount") == [2, 6, 5, 1, 4, 7, 3]
    assert await ids(mia, "sort=-amount") == [3, 7, 4, 1, 5, 6, 2]
    assert await ids(mia, "sort=-amount,expected_close_on") == [3, 7, 1, 4, 5, 2, 6]
    assert await ids(mia, "sort=expected_close_on,-id") == [5, 2, 6, 7, 3, 4, 1]
    assert await ids(mia, "sort=title,id") == [5, 2, 4, 6, 1, 7, 3]
    assert await ids(mia, "sort=-created_at") == [7, 6, 5, 4, 3, 2, 1]
    assert await ids(mia, "sort=updated_at") == [1, 2, 3, 4, 5, 6, 7]


async def test_a_list_that_changes_meanwhile_shows_nothing_twice(
    mia: Client, seven: list[Any], stages: list[int]
) -> None:
    first = (await mia.get("/opportunities?limit=3&sort=-id")).json()
    await make(mia, stages[0])
    await mia.delete("/opportunities/4")
    cursor = first["page"]["next_cursor"]
    rest = (await mia.get(f"/opportunities?limit=9&sort=-id&cursor={cursor}")).json()
    assert [each["id"] for each in first["data"] + rest["data"]] == [7, 6, 5, 3, 2, 1]


async def test_filters_narrow_together(mia: Client, cast: Cast, seven: list[Any], stages: list[int]) -> None:
    assert await ids(mia, f"stage_id={stages[0]}") == [1, 3, 5, 7]
    assert await ids(mia, f"stage_id={stages[0]}&stage_id={stages[1]}") == [1, 2, 3, 4, 5, 6, 7]
    assert await ids(mia, "responsible=me") == [1, 2, 3]
    assert await ids(mia, f"responsible={cast.ids['noah']}") == [4, 5, 6, 7]
    assert await ids(mia, f"responsible={cast.noah.uid.upper()}&stage_id={stages[1]}") == [4, 6]
    assert await ids(mia, "q=DESK") == [1, 6, 7]
    assert await ids(mia, "q=des lam") == [1]
    assert await ids(mia, "q=Apfel") == [2, 4]
    assert await ids(mia, "outcome=open") == [1, 2, 3, 4, 5, 6, 7]
    assert await ids(mia, "outcome=won") == []
    for nothing in ("responsible=999", "responsible=nobody", "q=!!!", "contact_id=9", "stage_id=999"):
        assert await ids(mia, nothing) == []


async def test_outcome_is_the_opportunitys_own(mia: Client, seven: list[Any]) -> None:
    await mia.post("/opportunities/3/win")
    await mia.post("/opportunities/2/lose")
    assert await ids(mia, "outcome=won") == [3]
    assert await ids(mia, "outcome=lost") == [2]


async def test_contacts_and_tags_narrow_too(db: Database, cast: Cast, mia: Client, seven: list[Any]) -> None:
    contact = (await mia.post("/contacts", json={"kind": "company", "name": "Lovelace & Co"})).json()["id"]
    await mia.patch("/opportunities/2", json={"contact_id": contact})
    assert await ids(mia, f"contact_id={contact}") == [2]
    await tags.add(db, cast.mia, "opportunity", 5, "Hot")
    await tags.add(db, cast.mia, "opportunity", 5, "New")
    await tags.add(db, cast.mia, "opportunity", 6, "Hot")
    assert await ids(mia, "tag=hot") == [5, 6]
    assert await ids(mia, "tag=HOT&tag=new") == [5]
    assert (await mia.get("/opportunities/5")).json()["tags"] == ["Hot", "New"]


async def test_a_total_is_counted_where_it_is_asked_for(mia: Client, seven: list[Any]) -> None:
    page = (await mia.get("/opportunities?limit=2&total=exact&responsible=me")).json()["page"]
    assert page["total"] == 3
    assert "total" not in (await mia.get("/opportunities?total=none")).json()["page"]


async def test_nobody_counts_what_is_hidden(
    db: Database, cast: Cast, people: dict[str, Client], stages: list[int]
) -> None:
    await make(people["mia"], stages[0])
    await deals.create(db, cast.noah, Change(stage_id=stages[0], sharing=Sharing(True, (cast.noah.uid,))))
    for name, count in {"mia": 1, "noah": 2, "olga": 2, "rita": 1}.items():
        listed = (await people[name].get("/opportunities?total=exact")).json()
        assert (len(listed["data"]), listed["page"]["total"]) == (count, count)


async def test_chosen_members_are_all_that_is_sent(mia: Client, seven: list[Any]) -> None:
    listed = (await mia.get("/opportunities?fields=title,id&limit=1")).json()["data"]
    assert listed == [{"id": 1, "title": "Desk lamp"}]
    one = (await mia.get("/opportunities/1?fields=amount")).json()
    assert one == {"amount": {"amount": "5.00", "currency": "EUR"}}


async def test_related_records_are_put_in_where_they_are_asked_for(
    mia: Client, cast: Cast, seven: list[Any], stages: list[int]
) -> None:
    contact = (await mia.post("/contacts", json={"kind": "person", "first_name": "Ada", "email": "a@b.c"})).json()
    await mia.patch("/opportunities/1", json={"contact_id": contact["id"]})
    one = (await mia.get("/opportunities/1?fields=id&include=stage,contact,responsible")).json()
    assert one["stage"]["id"] == stages[0]
    assert one["contact"] == {"id": contact["id"], "kind": "person", "name": "Ada", "email": "a@b.c"}
    assert one["responsible"]["uid"] == cast.mia.uid
    bare = (await mia.get("/opportunities/2?include=contact")).json()
    assert bare["contact"] is None
    assert "stage" not in bare


async def test_a_cursor_belongs_to_its_list(mia: Client, seven: list[Any]) -> None:
    page = (await mia.get("/opportunities?limit=2&sort=amount")).json()["page"]
    cursor = page["next_cursor"]
    assert (await mia.get(f"/opportunities?limit=5&sort=amount&cursor={cursor}")).status_code == 200
    swapped = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    flipped = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    for other in (
        f"sort=title&cursor={cursor}",
        f"cursor={cursor}",
        f"sort=amount&responsible=me&cursor={cursor}",
        f"sort=amount&cursor={flipped}",
        f"sort=amount&cursor={cursor[:10]}",
        f"sort=amount&cursor={swapped}x",
        "cursor=%C3%A9",
        "cursor=" + "A" * 3999,
    ):
        answer = await mia.get(f"/opportunities?{other}")
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "cursor"), other


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("surprise=1", "surprise", "unknown_parameter"),
        ("limit=0", "limit", "out_of_range"),
        ("limit=201", "limit", "out_of_range"),
        ("limit=x", "limit", "type"),
        ("limit=1&limit=2", "limit", "repeated"),
        ("total=many", "total", "not_allowed"),
        ("sort=shoe_size", "sort", "not_allowed"),
        ("sort=--id", "sort", "not_allowed"),
        ("sort=id,id,id,id,id", "sort", "too_long"),
        ("sort=position", "sort", "not_allowed"),
        ("fields=shoe_size", "fields", "unknown_member"),
        ("fields=stage", "fields", "unknown_member"),
        ("include=wife", "include", "not_allowed"),
        ("stage_id=x", "stage_id", "type"),
        ("stage_id=99999999999999999999", "stage_id", "out_of_range"),
        ("contact_id=0", "contact_id", "out_of_range"),
        ("outcome=maybe", "outcome", "not_allowed"),
        ("q=%00", "q", "format"),
        ("tag=", "tag", "too_short"),
    ],
)
async def test_a_query_that_makes_no_sense_is_refused(mia: Client, query: str, parameter: str, code: str) -> None:
    answer = await mia.get(f"/opportunities?{query}")
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_query"
    assert [(each["parameter"], each["code"]) for each in answer.json()["errors"]] == [(parameter, code)]
