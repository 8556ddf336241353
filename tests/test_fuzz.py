"""Nothing a client can send makes a face fall over, and nothing is half done afterwards."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

import dealwright.dialects.onlyoffice.face  # noqa: F401  (its chapters register their routes)
from dealwright.actions import opportunities as deals
from dealwright.dialects.nexudus.entities import ENTITIES
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.domain.opportunity import Change
from dealwright.storage.database import Database
from tests.office import Office, opened
from tests.support.consistency import check

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
FIELDS = (
    *("title", "stageid", "responsibleid", "bidCurrencyAbbr", "bidValue", "contactid", "members", "customFieldList"),
    *("expectedCloseDate", "isPrivate", "accessList", "bidType", "tagName", "color", "name", "id", "ids", "amount"),
    *("Id", "Name", "CrmBoardColumnId", "CoworkerId", "Position", "Value", "DueDate", "Status", "BusinessId", "Email"),
    *("FullName", "CustomFields", "stage_id", "currency", "firstName", "lastName", "companyName", "fieldValue"),
)
VALUES = (
    *('"a\\u0000b"', '"\\ud800"', "1e999999", "-1e400", "99999999999999999999", "9223372036854775808", "2147483648"),
    *("[[1]]", '{"a": {"b": [1, null]}}', "true", '""', '"\\u202e<script>alert(1)</script>"', '"' + "x" * 5000 + '"'),
    *('"2031-13-45T99:99:99Z"', '"0000-00-00"', '"9999-12-31T23:59:59.9999999Z"', "[null]", '"NaN"', '"0x10"'),
)
BODIES: list[tuple[str, bytes]] = [
    *((JSON, body) for body in (b"", b'{"title": ', b"[]", b"null", b'"x"', b"[" * 10_000, b'{"a":' * 10_000)),
    *((JSON, ("{" + ",".join(f'"{name}":{value}' for name in FIELDS) + "}").encode()) for value in VALUES),
    (JSON, b'{"title": "\xff\xfe"}'),
    (JSON, b'{"title": "a", "title": {"b": 1}}'),
    (FORM, b"title=%ff%fe&stageid=%00"),
    (FORM, b"members[0]=1&members[2]=x&customFieldList[5][key]=1&a[b[c]]=1&[]=&=&&"),
    (FORM, b"&".join(f"{name}=%F0%9F%98%80{number}".encode() for number, name in enumerate(FIELDS))),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=title\r\n\r\n\xff\r\n--x"),
    ("multipart/form-data", b"nothing"),
    ("text/xml", b"<request><title>&unknown;</title></request>"),
    ("text/xml; charset=utf-16", b"<request/>"),
    ("application/json; charset=utf-7", b"{}"),
    ("application/merge-patch+json", b'{"title": 5, "amount": {"amount": "1e400", "currency": "\\u0000"}}'),
    ("image/png", b"\x89PNG"),
]
QUERIES = (
    "",
    "?count=-1&startIndex=99999999999999999999&sortBy=%00&filterValue=%ff",
    "?page=0&size=x&orderby=%27&dir=9",
)


@pytest.fixture
async def office(staffed: Database) -> AsyncIterator[Office]:
    async with opened(staffed) as found:
        for number in range(3):
            said = Change(stage_id=found.stage(number), title=f"Deal {number}")
            await deals.create(staffed, found.cast.olga, said)
        yield found


def onlyoffice_requests() -> Iterator[tuple[str, str]]:
    """A method and a path for every route, with a few ids."""
    for route in routes:
        for ident in ("1", "0", "2147483648"):
            path, rest = "", route.template
            while "{" in rest:
                before, _, rest = rest.partition("{")
                inside, _, rest = rest.partition("}")
                words = inside.partition(":")[2].strip("()").split("|")
                path += before + (words[0] if len(words) > 1 else ident)
            yield route.method, f"/api/2.0/{path}{rest}"


def nexudus_requests() -> Iterator[tuple[str, str]]:
    """A method and a path for every verb of every entity."""
    for entity in ENTITIES:
        base = f"/api/{entity.module}/{entity.plural}"
        yield from ((method, base) for method in ("GET", "POST", "PUT"))
        yield from ((method, f"{base}/{ident}") for method in ("GET", "PUT") for ident in ("1", "99999999999999999999"))
        yield "POST", f"{base}/runcommand"
        yield "GET", f"{base}/?id=[1,x,]"
    yield from (("POST", "/api/token"), ("GET", "/api/utils/enums?name=%00"), ("POST", "/api/nothing"))


def native_requests(document: httpx.Response) -> Iterator[tuple[str, str]]:
    """A method and a path for every operation that our own document tells of."""
    for path, operations in document.json()["paths"].items():
        for method in operations:
            if method.upper() in {"GET", "POST", "PUT", "PATCH"}:
                for ident in ("1", "99999999999999999999"):
                    filled = path if path.startswith("/api") else f"/api/v1{path}"
                    while "{" in filled:
                        before, _, rest = filled.partition("{")
                        filled = before + ident + rest.partition("}")[2]
                    yield method.upper(), filled


async def bombard(office: Office, requests: Iterator[tuple[str, str]], caplog: pytest.LogCaptureFixture) -> None:
    """Send every body to every request; nothing may be logged as an error, and the database stays sound."""
    caplog.set_level(logging.ERROR)
    for method, path in requests:
        for kind, body in BODIES if method != "GET" else [(JSON, b"")]:
            for query in QUERIES if method == "GET" and "?" not in path else ("",):
                headers = {"Authorization": f"Bearer {office.tokens['olga']}", "Content-Type": kind}
                answer = await office.http.request(method, path + query, content=body, headers=headers)
                assert not caplog.records, f"{method} {path}{query} {kind} {body[:200]!r}: {caplog.text[-1500:]}"
                assert answer.status_code < 500 or "/api/2.0/" in path, f"{method} {path} {body[:200]!r} {answer.text}"
    await check(office.db)


@pytest.mark.timeout(600)
async def test_onlyoffice_stands_whatever_is_sent(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    await bombard(office, onlyoffice_requests(), caplog)


@pytest.mark.timeout(600)
async def test_nexudus_stands_whatever_is_sent(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    await bombard(office, nexudus_requests(), caplog)


@pytest.mark.timeout(600)
async def test_our_own_api_stands_whatever_is_sent(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    document = await office.http.get("/api/v1/openapi.json")
    await bombard(office, native_requests(document), caplog)
