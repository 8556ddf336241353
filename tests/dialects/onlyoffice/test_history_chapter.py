"""History events and files of records over the wire (contacts-tasks-cases §7)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from dealwright.actions import files
from dealwright.domain.file import Purpose
from dealwright.storage import schema
from dealwright.storage.database import Database
from dealwright.storage.query import Query
from tests.dialects.onlyoffice.clerk import UNKNOWN, Clerk, envelope, hired, ids, ok, refused

BAD = (400, "Value does not fall within the expected range.")
MISSING = (404, "Not found")
DENIED = (403, "Access Denied")
MAILS = Query(select(schema.outbox.c.payload).where(schema.outbox.c.kind == "mail.noted"))


@pytest.fixture
async def clerk(staffed: Database) -> AsyncIterator[Clerk]:
    """The company at work."""
    async with hired(staffed) as found:
        yield found


def category(clerk: Clerk, place: int = 0) -> int:
    """A category of events."""
    return clerk.db.rules.items_of("history_category")[place].id


async def event(clerk: Clerk, by: str = "olga", **said: Any) -> Any:
    """Write an event."""
    return await clerk.post("crm/history", by, **{"content": "We met", "categoryId": category(clerk), **said})


async def upload(clerk: Clerk, path: str, *parts: tuple[str, bytes], by: str = "olga", name: str = "file") -> Any:
    """Upload files by a form."""
    return ok(await sent(clerk, path, *parts, by=by, name=name))


async def sent(
    clerk: Clerk, path: str, *parts: tuple[str, bytes], by: str = "olga", name: str = "file"
) -> httpx.Response:
    """Send files in a form."""
    form = [(name, (title, data, "text/html")) for title, data in parts]
    return await clerk.http.post(f"{path}/upload", files=form, headers={"Authorization": clerk.tokens[by]})


async def fetched(clerk: Clerk, address: str, by: str = "olga") -> httpx.Response:
    """Follow an address in an answer."""
    headers = {"Authorization": clerk.tokens[by]} if by else {}
    return await clerk.http.get(address.replace("http://crm.example.com", "http://host"), headers=headers)


async def history(clerk: Clerk, by: str = "olga", **said: Any) -> Any:
    """The events that match."""
    return await clerk.get("crm/history/filter", by, **said)


# Events ------------------------------------------------------------------------------------------------------


async def test_an_event_is_answered_in_the_order_of_the_contract(clerk: Clerk) -> None:
    """With everything that it hangs on, and its files."""
    company, deal = await clerk.company(), await clerk.deal()
    file = await upload(clerk, f"crm/opportunity/{deal}/files", ("offer.pdf", b"%PDF"))
    made = await event(
        clerk, entityType="opportunity", entityId=deal, contactId=company["id"], fileId=[file["id"]],
        created="2020-01-02T03:04:05Z",
    )  # fmt: skip
    assert list(made) == [
        *("createBy", "created", "content", "category", "contact", "entity", "canEdit", "files", "id"),
    ]
    assert made["created"] == "2020-01-02T03:04:05.0000000Z"
    assert made["category"] | {"imagePath": ""} == {
        **{"imagePath": "", "title": "Note", "description": made["category"]["description"]},
        **{"sortOrder": made["category"]["sortOrder"], "id": category(clerk)},
    }
    assert made["contact"]["id"] == company["id"]
    assert made["entity"] == {"entityType": "opportunity", "entityId": deal, "entityTitle": "Ten desks"}
    assert made["files"] == [file]
    assert made["canEdit"] is True
    assert await history(clerk, entityType="opportunity", entityId=deal) == [made]


async def test_who_may_not_change_an_event_is_not_told_so(clerk: Clerk) -> None:
    """`canEdit` is left out when it is false; there is no entity without one, and it is said."""
    company = await clerk.company()
    await event(clerk, contactId=company["id"])
    [seen] = await history(clerk, "mia")
    assert "canEdit" not in seen
    assert seen["entity"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        *({"content": ""}, {"content": None}, {"categoryId": UNKNOWN}, {"categoryId": 0}, {"entityId": UNKNOWN}),
        *({"entityId": 0}, {"entityType": "person"}, {"entityType": "contact"}, {"contactId": UNKNOWN}),
        {"entityType": ""},
    ],
)
async def test_an_event_that_is_none_is_refused(clerk: Clerk, wrong: dict[str, Any]) -> None:
    """Always with 400."""
    good = {"entityType": "opportunity", "entityId": await clerk.deal(), "content": "x", "categoryId": category(clerk)}
    assert await clerk.no("POST", "crm/history", **{**good, **wrong}) == BAD
    assert await history(clerk) == []


async def test_an_event_has_its_limits(clerk: Clerk) -> None:
    """65,000 characters; files of the root folder alone."""
    good = {"contactId": (await clerk.company())["id"], "categoryId": category(clerk)}
    too_long = await clerk.no("POST", "crm/history", **good, content="x" * 65_001)
    assert too_long == (400, "Data too long for column 'content'")
    report = await files.keep(clerk.db, clerk.cast.olga, Purpose.REPORT, "r.csv", None, b"a")
    for number in (UNKNOWN, report.id):
        assert await clerk.no("POST", "crm/history", **good, content="x", fileId=[number]) == (
            400,
            "invalid file folder",
        )


async def test_events_are_hidden_with_their_record(clerk: Clerk) -> None:
    """From the list, from its filter and from deleting."""
    deal = await clerk.deal("mia", shared_with=["mia"])
    made = await event(clerk, "mia", entityType="opportunity", entityId=deal)
    assert await history(clerk, "noah") == []
    assert await clerk.no("GET", "crm/history/filter", "noah", entityType="opportunity", entityId=deal) == MISSING
    assert await clerk.no("DELETE", f"crm/history/{made['id']}", "noah") == MISSING
    said = {"entityType": "opportunity", "entityId": deal, "content": "x", "categoryId": category(clerk)}
    assert await clerk.no("POST", "crm/history", "noah", **said) == BAD
    assert ids(await history(clerk, "carl")) == [made["id"]]


async def test_the_history_of_a_case_and_of_a_company_with_its_people(clerk: Clerk) -> None:
    """A case's own; a company's and its people's."""
    case, company = await clerk.post("crm/case", title="Keys"), await clerk.company()
    ann = await clerk.person(companyId=company["id"])
    on_case = await event(clerk, entityType="case", entityId=case["id"])
    on_company, on_ann = await event(clerk, contactId=company["id"]), await event(clerk, contactId=ann["id"])
    assert on_case["entity"] == {"entityType": "case", "entityId": case["id"], "entityTitle": "Keys"}
    assert ids(await history(clerk, entityType="case", entityId=case["id"])) == [on_case["id"]]
    found = await history(clerk, entityType="contact", entityId=company["id"])
    assert sorted(ids(found)) == [on_company["id"], on_ann["id"]]
    assert ids(await history(clerk, entityType="contact", entityId=ann["id"])) == [on_ann["id"]]


async def test_events_are_found_by_what_is_known_of_them(clerk: Clerk) -> None:
    """Category, author, days, words; an author that nobody is wrote nothing."""
    one = (await clerk.company())["id"]
    old = await event(clerk, contactId=one, content="Old desks", created="2020-01-01T10:00:00")
    call = await event(
        clerk, "mia", contactId=one, content="Price", categoryId=category(clerk, 1), created="2020-01-02T10:00:00"
    )
    assert ids(await history(clerk, categoryId=category(clerk, 1))) == [call["id"]]
    assert ids(await history(clerk, createBy=clerk.cast.olga.uid)) == [old["id"]]
    assert await history(clerk, createBy="11111111-2222-3333-4444-555555555555") == []
    assert ids(await history(clerk, toDate="2020-01-01")) == [old["id"]]
    assert ids(await history(clerk, fromDate="2020-01-02T00:00:00")) == [call["id"]]
    assert ids(await history(clerk, filterValue="DESK")) == [old["id"]]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        *(({}, "cab"), ({"sortBy": "created"}, "bac"), ({"sortBy": "Content"}, "abc")),
        *(({"sortBy": "category", "sortOrder": "descending"}, "bca"), ({"sortBy": "id"}, "cba")),
        *(({"sortBy": "createBy"}, "bca"), ({"sortBy": "content", "sortOrder": "descending"}, "cba")),
    ],
)
async def test_events_stand_in_every_order(clerk: Clerk, order: dict[str, str], expected: str) -> None:
    """The newest first unless told."""
    one = (await clerk.company())["id"]
    for content, day, place, by in (("c", 3, 1, "olga"), ("b", 1, 2, "olga"), ("a", 2, 0, "mia")):
        kind, at = category(clerk, place), f"2020-01-0{day}T10:00:00"
        await event(clerk, by, contactId=one, content=content, categoryId=kind, created=at)
    found = "".join(each["content"] for each in await history(clerk, **order))
    assert found == expected if order.get("sortBy") != "createBy" else sorted(found[:2]) == ["b", "c"]


async def test_a_page_of_events_tells_only_that_there_are_more(clerk: Clerk) -> None:
    """Not how many: the contract sets no total."""
    one = (await clerk.company())["id"]
    for place in range(3):
        await event(clerk, contactId=one, content=str(place), created=f"2020-01-0{place + 1}T10:00:00")
    page = envelope(await clerk.ask("olga", "GET", "crm/history/filter", count=2))
    assert ([each["content"] for each in page["response"]], page["total"], page["nextIndex"]) == (["2", "1"], 3, 3)
    rest = envelope(await clerk.ask("olga", "GET", "crm/history/filter", count=2, startIndex=2))
    assert [each["content"] for each in rest["response"]] == ["0"]
    assert "total" not in rest


@pytest.mark.parametrize("kind", ["planet", "person", "company", ""])
async def test_an_id_without_a_kind_of_the_contract_is_refused(clerk: Clerk, kind: str) -> None:
    """And without an id any kind is as good as none."""
    assert await clerk.no("GET", "crm/history/filter", entityType=kind, entityId=1) == BAD
    assert await history(clerk, entityType=kind) == []


@pytest.mark.parametrize("kind", ["contact", "opportunity", "case"])
@pytest.mark.parametrize("number", [0, UNKNOWN])
async def test_the_history_of_nothing_is_not_found(clerk: Clerk, kind: str, number: int) -> None:
    """A missing record, and none."""
    assert await clerk.no("GET", "crm/history/filter", entityType=kind, entityId=number) == MISSING


async def test_an_event_is_deleted_by_who_wrote_it(clerk: Clerk) -> None:
    """With its files; others see it and may not."""
    one = (await clerk.company())["id"]
    file = await upload(clerk, f"crm/contact/{one}/files", ("a.txt", b"a"), by="mia")
    made = await event(clerk, "mia", contactId=one, fileId=[file["id"]])
    assert await clerk.no("DELETE", f"crm/history/{made['id']}", "noah") == DENIED
    assert (await clerk.delete(f"crm/history/{made['id']}", "mia"))["id"] == made["id"]
    assert await clerk.no("DELETE", f"crm/history/{made['id']}", "mia") == MISSING
    assert await clerk.no("DELETE", f"crm/files/{file['id']}", "mia") == MISSING


async def test_people_are_told_by_mail(clerk: Clerk) -> None:
    """Those who are named and see the record."""
    deal = await clerk.deal("olga", shared_with=["mia"])
    tell = [clerk.cast.mia.uid, clerk.cast.noah.uid]
    await event(clerk, entityType="opportunity", entityId=deal, notifyUserList=tell)
    [(payload,)] = await clerk.db.rows(MAILS)
    assert json.loads(payload)["to_uid"] == clerk.cast.mia.uid


async def test_a_category_in_use_stays(clerk: Clerk) -> None:
    """Its entry counts the events."""
    await event(clerk, contactId=(await clerk.company())["id"])
    used = {each["id"]: each.get("relativeItemsCount") for each in await clerk.get("crm/history/category")}
    assert used[category(clerk)] == 1
    status, message = await clerk.no("DELETE", f"crm/history/category/{category(clerk)}")
    assert (status, message[:35]) == (400, "Can't be deleted. There are some hi")


# Files -------------------------------------------------------------------------------------------------------


async def test_a_file_is_answered_as_the_contract_says(clerk: Clerk) -> None:
    """Its type is told by its name, whatever the client called it."""
    one = (await clerk.company())["id"]
    shown = await upload(clerk, f"crm/contact/{one}/files", ("Angebot – groß.PDF", b"x" * 1536))
    handler = "http://crm.example.com/Products/Files/HttpHandlers/filehandler.ashx?action="
    assert shown | {"createdBy": 0, "updatedBy": 0, "created": 0, "updated": 0} == {
        **{"id": shown["id"], "title": "Angebot – groß.PDF", "access": 0, "shared": False, "version": 1},
        **{"folderId": await clerk.get("crm/files/root"), "versionGroup": 1, "contentLength": "1.5 KB"},
        **{"pureContentLength": 1536, "fileStatus": 0, "fileType": 7, "fileExst": ".pdf", "comment": ""},
        **{"viewUrl": f"{handler}download&fileid={shown['id']}", "webUrl": f"{handler}view&fileid={shown['id']}"},
        **{"rootFolderType": 2, "created": 0, "updated": 0, "createdBy": 0, "updatedBy": 0},
    }
    assert shown["createdBy"]["id"] == clerk.cast.olga.uid


@pytest.mark.parametrize("name", ["file", "files", "files[]", "upload"])
async def test_a_file_part_may_have_any_name(clerk: Clerk, name: str) -> None:
    """The last of several is answered; an empty one is a file as well."""
    path = f"crm/opportunity/{await clerk.deal()}/files"
    assert (await upload(clerk, path, ("1.txt", b"1"), ("2.txt", b""), name=name))["title"] == "2.txt"
    assert await clerk.get(path) == []


async def test_uploads_are_attached_by_their_ids(clerk: Clerk) -> None:
    """An event tells of them; it goes with the last of them."""
    path = f"crm/opportunity/{await clerk.deal()}/files"
    first, second = await upload(clerk, path, ("1.txt", b"1")), await upload(clerk, path, ("2.txt", b"2"))
    made = await clerk.post(path, fileids=[first["id"], second["id"]])
    assert (made["content"], made["category"]["id"], made["category"]["title"]) == (
        *("Files are uploaded", -2, "Files are uploaded"),
    )
    assert ids(made["files"]) == ids(reversed_of(await clerk.get(path))) == [first["id"], second["id"]]
    assert ids(await history(clerk, categoryId=-2)) == [made["id"]]
    assert (await clerk.delete(f"crm/files/{first['id']}"))["title"] == "1.txt"
    assert ids(await clerk.get(path)) == [second["id"]]
    await clerk.delete(f"crm/files/{second['id']}")
    assert await history(clerk) == []


def reversed_of(rows: list[Any]) -> list[Any]:
    """Rows from the last to the first."""
    return rows[::-1]


async def test_a_text_becomes_a_file(clerk: Clerk) -> None:
    """A page where it holds markup with attributes; a name keeps the ending that it has."""
    path = f"crm/case/{(await clerk.post('crm/case', title='Keys'))['id']}/files"
    for title, content, name in (
        *(("Note", "plain", "Note.txt"), ("Note", "<p class='a'>b</p>", "Note.html"), ("a.txt", "", "a.txt")),
        ("Note", "1 < 2", "Note.txt"),
    ):
        file = await clerk.post(f"{path}/text", title=title, content=content)
        assert file["title"] == name
        assert (await fetched(clerk, file["viewUrl"])).text == content
    assert len(await clerk.get(path)) == 4
    for said in ({"title": "x"}, {"content": "x"}):
        assert await clerk.no("POST", f"{path}/text", **said) == BAD


async def test_files_of_what_is_not_there_are_refused(clerk: Clerk) -> None:
    """404 where something is written, nothing where it is only read, 400 for id 0."""
    hidden = await clerk.deal("mia", shared_with=["mia"])
    for number in (hidden, UNKNOWN):
        path = f"crm/opportunity/{number}/files"
        assert refused(await sent(clerk, path, ("1.txt", b"1"), by="noah")) == MISSING
        assert await clerk.no("POST", path, "noah", fileids=[1]) == MISSING
        assert await clerk.no("POST", f"{path}/text", "noah", title="x", content="x") == MISSING
        assert await clerk.get(path, "noah") == []
    for path in ("crm/contact/0/files", "crm/opportunity/0/files"):
        assert await clerk.no("GET", path) == BAD


async def test_what_is_no_upload_is_refused(clerk: Clerk) -> None:
    """A form without a file, a broken one, no form, ids of nothing."""
    path = f"crm/opportunity/{await clerk.deal()}/files"
    headers = {"Authorization": clerk.tokens["olga"]}
    assert refused(await clerk.http.post(f"{path}/upload", files={"a": (None, b"b")}, headers=headers)) == BAD
    assert refused(await clerk.http.post(f"{path}/upload", headers=headers)) == BAD
    part = b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\nwhole\r\n'
    for body in (b"nonsense", part, part + b"--x", part + b"--x\r\n", part[:-4]):
        broken = {**headers, "Content-Type": "multipart/form-data; boundary=x"}
        assert refused(await clerk.http.post(f"{path}/upload", content=body, headers=broken))[0] == 400
    no_boundary = {**headers, "Content-Type": "multipart/form-data"}
    assert refused(await clerk.http.post(f"{path}/upload", content=b"x", headers=no_boundary))[0] == 400
    assert await clerk.no("POST", path) == BAD
    assert await clerk.no("POST", path, fileids=[UNKNOWN]) == (400, "invalid file folder")
    assert not await clerk.db.text("SELECT id FROM file")


async def test_a_file_is_deleted_by_who_brought_it(clerk: Clerk) -> None:
    """Others who see it may not; who does not see it finds nothing."""
    path = f"crm/opportunity/{await clerk.deal()}/files"
    file = await upload(clerk, path, ("1.txt", b"1"), by="mia")
    assert await clerk.no("DELETE", f"crm/files/{file['id']}", "noah") == MISSING
    await clerk.post(path, "mia", fileids=[file["id"]])
    assert await clerk.no("DELETE", f"crm/files/{file['id']}", "noah") == DENIED
    assert (await clerk.delete(f"crm/files/{file['id']}", "carl"))["id"] == file["id"]
    assert await clerk.no("DELETE", f"crm/files/{file['id']}", "mia") == MISSING


# Downloads ---------------------------------------------------------------------------------------------------


async def test_a_file_is_sent_to_who_sees_its_record(clerk: Clerk) -> None:
    """To be saved under its name, and taken for nothing else."""
    path = f"crm/opportunity/{await clerk.deal('mia', shared_with=['mia'])}/files"
    file = await clerk.post(f"{path}/text", "mia", title='Größe "1"', content="<p class='x'>hi</p>")
    reply = await fetched(clerk, file["viewUrl"], "mia")
    assert (reply.status_code, reply.text) == (200, "<p class='x'>hi</p>")
    assert reply.headers["content-disposition"] == (
        "attachment; filename=\"Gr__e _1_.html\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%221%22.html"
    )
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["content-length"] == "19"
    assert (await fetched(clerk, file["viewUrl"], "noah")).status_code == 404
    assert (await fetched(clerk, file["viewUrl"], "")).status_code == 401
    assert (await fetched(clerk, file["viewUrl"], "gus")).status_code == 403


@pytest.mark.parametrize(
    ("name", "way"),
    [("a.png", "inline"), ("a.pdf", "inline"), ("a.txt", "inline"), ("a.html", "attachment"), ("a.svg", "attachment")],
)
async def test_only_what_is_safe_is_shown_in_place(clerk: Clerk, name: str, way: str) -> None:
    """A page or a drawing could act in our name."""
    file = await upload(clerk, f"crm/opportunity/{await clerk.deal()}/files", (name, b"x"))
    assert (await fetched(clerk, file["webUrl"])).headers["content-disposition"].startswith(way)
    assert (await fetched(clerk, file["viewUrl"])).headers["content-disposition"].startswith("attachment")


async def test_the_path_of_a_file_may_stand_in_any_case(clerk: Clerk) -> None:
    """The credentials are those of the API: header, cookie or name and password."""
    file = await upload(clerk, f"crm/opportunity/{await clerk.deal()}/files", ("a.txt", b"words"))
    address = f"http://host/products/FILES/httphandlers/FileHandler.ashx?Action=Download&FileID={file['id']}"
    cookie = {"Cookie": f"asc_auth_key={clerk.tokens['olga']}"}
    assert (await clerk.http.get(address, headers=cookie)).text == "words"
    bearer = {"Authorization": f"Bearer {clerk.tokens['olga']}"}
    assert (await clerk.http.head(address, headers=bearer)).headers["content-length"] == "5"
    assert (await clerk.http.post(address, headers=bearer)).status_code == 404
    for number in ("", "x", "-1", "99999999999999999999", str(UNKNOWN)):
        missing = address.replace(f"FileID={file['id']}", f"fileid={number}")
        assert (await clerk.http.get(missing, headers=bearer)).status_code == 404
