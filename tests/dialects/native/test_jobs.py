"""Imports, exports and jobs in our own API."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dealwright.actions import exports, imports
from dealwright.actions.work_runs import Works
from dealwright.storage.database import Database
from tests.cast import Cast
from tests.dialects.native.conftest import Client
from tests.dialects.native.test_opportunities import pointers

COLUMNS: dict[str, list[int]] = {"first_name": [0], "last_name": [1], "email": [2], "tag": [3]}
TABLE = "f,l,e,t\nAda,Lovelace,ada@x.example,red\n,,,nobody\n"


async def uploaded(client: Client, table: str = TABLE) -> int:
    answer = await client.post("/files?title=people.csv", content=table, headers={"Content-Type": "text/csv"})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


async def begun(client: Client, **said: Any) -> dict[str, Any]:
    answer = await client.post("/imports", json={"subject": "contact", "columns": COLUMNS, **said})
    assert answer.status_code == 202, answer.text
    made: dict[str, Any] = answer.json()
    assert answer.headers["location"].endswith(f"/imports/{made['id']}")
    return made


async def worked(db: Database) -> None:
    works = Works(db, {**exports.WORKERS, **dict.fromkeys(imports.KINDS, imports.worker())}, "here")
    while await works.is_due():
        await works.take()
        await asyncio.gather(*works._running.values())
    await works.stop()


async def test_an_import_tells_how_far_it_is_and_what_was_wrong(mia: Client, db: Database) -> None:
    made = await begun(mia, file_id=await uploaded(mia), tags=["fair"])
    assert (made["state"], made["percentage"], made["problems"]) == ("waiting", 0, [])
    await worked(db)
    done = (await mia.get(f"/imports/{made['id']}")).json()
    assert (done["state"], done["subject"], done["total"], done["imported"], done["failed"]) == (
        "done",
        "contact",
        2,
        1,
        1,
    )
    [problem] = done["problems"]
    assert (problem["row"], problem["field"], problem["code"]) == (3, "first_name", "required")
    [ada] = (await mia.get("/contacts")).json()["data"]
    assert (ada["email"], sorted(ada["tags"])) == ("ada@x.example", ["fair", "red"])


async def test_a_dry_run_writes_nothing_and_the_lists_are_completed_for_administrators(
    people: dict[str, Client], db: Database
) -> None:
    carl, table = people["carl"], "f,l,e,s\nAda,L,ada@x.example,Warmer\n"
    said = {"columns": {"first_name": [0], "last_name": [1], "email": [2], "status": [3]}, "create_missing": ["status"]}
    made = await begun(carl, file_id=await uploaded(carl, table), dry_run=True, **said)
    await worked(db)
    tried = (await carl.get(f"/imports/{made['id']}")).json()
    assert (tried["dry_run"], tried["imported"], tried["failed"]) == (True, 1, 0)
    assert (await carl.get("/contacts")).json()["data"] == []
    made = await begun(carl, file_id=await uploaded(carl, table), **said)
    await worked(db)
    assert (await carl.get(f"/imports/{made['id']}")).json()["dry_run"] is False
    assert len((await carl.get("/contacts")).json()["data"]) == 1
    answer = await people["mia"].post(
        "/imports", json={"subject": "contact", "file_id": await uploaded(people["mia"], table), **said}
    )
    assert answer.status_code == 403


async def test_imported_records_are_seen_by_those_named_alone(
    people: dict[str, Client], cast: Cast, db: Database
) -> None:
    mia, noah = people["mia"], people["noah"]
    await begun(mia, file_id=await uploaded(mia), shared_with=[cast.ids["mia"]])
    await worked(db)
    assert len((await mia.get("/contacts")).json()["data"]) == 1
    assert (await noah.get("/contacts")).json()["data"] == []


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({}, "#/file_id"),
        ({"file_id": 99}, "#/file_id"),
        ({"file_id": 1, "address": "http://x.example/"}, "#/file_id"),
        ({"file_id": 1, "columns": {"planet": [0], "first_name": [1]}}, "#/columns"),
        ({"file_id": 1, "columns": {"email": [0]}}, "#/columns"),
        ({"file_id": 1, "columns": {"first_name": [-1]}}, "#/columns"),
        ({"file_id": 1, "encoding": "klingon"}, "#/encoding"),
        ({"file_id": 1, "delimiter": "\n"}, "#/delimiter"),
        ({"file_id": 1, "quote": ","}, "#/quote"),
        ({"file_id": 1, "shared_with": [99]}, "#/shared_with"),
        ({"file_id": 1, "subject": "pigeon"}, "#/subject"),
        ({"file_id": 1, "create_missing": ["category"]}, "#/create_missing"),
        ({"file_id": 1, "sheet": "\0"}, "#/sheet"),
    ],
)
async def test_what_cannot_be_imported_is_refused_with_its_place(
    mia: Client, said: dict[str, Any], pointer: str
) -> None:
    assert await uploaded(mia) == 1
    answer = await mia.post("/imports", json={"subject": "contact", "columns": COLUMNS, **said})
    assert answer.status_code == 422
    [(found, _)] = pointers(answer)
    assert found.startswith(pointer)


async def test_an_export_is_downloaded_and_narrowed(mia: Client, db: Database) -> None:
    for name in ("Ada", "Bo"):
        await mia.post("/contacts", json={"kind": "person", "first_name": name, "tags": [name]})
    answer = await mia.post("/exports", json={"subject": "contact", "filter": {"tag": ["ada"], "kind": "person"}})
    assert answer.status_code == 202
    await worked(db)
    done = (await mia.get(f"/exports/{answer.json()['id']}")).json()
    assert (done["state"], done["done"], done["total"]) == ("done", 1, 1)
    data = (await mia.get(done["content"].partition("/api/v1")[2])).text
    assert "Ada" in data
    assert "Bo" not in data


@pytest.mark.parametrize(
    ("subject", "filter_"),
    [("contact", {"outcome": "won"}), ("history", {"q": "x"}), ("everything", {}), ("case", {"stage_id": [1]})],
)
async def test_a_filter_that_does_not_fit_is_refused(mia: Client, subject: str, filter_: dict[str, Any]) -> None:
    answer = await mia.post("/exports", json={"subject": subject, "filter": filter_})
    assert answer.status_code == 422


async def test_each_kind_of_export_knows_its_filters(mia: Client, cast: Cast, db: Database) -> None:
    me = cast.ids["mia"]
    asked: dict[str, dict[str, Any]] = {
        "opportunity": {"q": "desk", "tag": ["x"], "stage_id": [1], "outcome": "open", "responsible_id": me},
        "case": {"q": "keys", "tag": ["x"], "closed": False},
        "task": {"q": "call", "closed": True, "responsible_id": 99},
        "invoice": {},
        "history": {},
    }
    ids = []
    for subject, filter_ in asked.items():
        answer = await mia.post("/exports", json={"subject": subject, "filter": filter_})
        assert answer.status_code == 202, answer.text
        ids.append(answer.json()["id"])
    await worked(db)
    assert [(await mia.get(f"/exports/{one}")).json()["state"] for one in ids] == ["done"] * len(ids)


async def test_jobs_are_ones_own_and_listed_newest_first(people: dict[str, Client]) -> None:
    mia, noah, carl = people["mia"], people["noah"], people["carl"]
    ids = [(await mia.post("/exports", json={"subject": "contact"})).json()["id"] for _ in range(3)]
    first = (await mia.get("/jobs?limit=2")).json()
    assert [one["id"] for one in first["data"]] == [ids[2], ids[1]]
    rest = (await mia.get("/jobs", params={"limit": 2, "cursor": first["page"]["next_cursor"]})).json()
    assert ([one["id"] for one in rest["data"]], rest["page"]["has_more"]) == ([ids[0]], False)
    assert (await noah.get(f"/jobs/{ids[0]}")).status_code == 404
    assert (await noah.get("/jobs")).json()["data"] == []
    assert len((await carl.get("/jobs")).json()["data"]) == 3
    assert (await mia.get(f"/imports/{ids[0]}")).status_code == 404
    assert (await mia.post(f"/jobs/{ids[0]}/cancel")).json()["cancelled"] is True


async def test_a_cancelled_import_says_so(mia: Client, db: Database) -> None:
    made = await begun(mia, file_id=await uploaded(mia))
    await mia.post(f"/imports/{made['id']}/cancel")
    await worked(db)
    assert (await mia.get(f"/imports/{made['id']}")).json()["state"] == "cancelled"
    assert (await mia.get("/contacts")).json()["data"] == []
