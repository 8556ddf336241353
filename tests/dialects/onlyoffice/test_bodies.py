"""Requests into the bag of their parameters (conventions §6.1 to §6.3)."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import UTC
from decimal import Decimal
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from dealwright.dialects.onlyoffice import bodies
from dealwright.dialects.onlyoffice.binding import Bag
from dealwright.dialects.onlyoffice.failures import Failure

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
BOUNDARY = "multipart/form-data; boundary=here"


def request(
    body: bytes = b"", content_type: str | None = FORM, query: str | bytes = "", method: str = "PUT"
) -> Request:
    headers = [(b"content-type", content_type.encode())] if content_type is not None else []
    raw = query.encode() if isinstance(query, str) else query

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({"type": "http", "method": method, "headers": headers, "query_string": raw}, receive)


async def read(
    body: bytes = b"",
    content_type: str | None = FORM,
    query: str | bytes = "",
    method: str = "PUT",
    **route: str,
) -> Bag:
    return await bodies.read(request(body, content_type, query, method), route)


async def refused(body: bytes = b"", content_type: str | None = FORM, query: str | bytes = "") -> Failure:
    with pytest.raises(Failure) as refusal:
        await read(body, content_type, query)
    assert refusal.value.status == 400
    return refusal.value


async def as_json(document: object) -> Bag:
    return await read(json.dumps(document).encode(), JSON)


async def test_a_form_is_read() -> None:
    bag = await read(b"title=Hotel+catalogue%20%26%2B&members%5B%5D=1&members[]=2&note=%E2%82%AC&empty=&alone&=x")
    assert (bag.text("title"), bag.integers("members"), bag.text("note")) == ("Hotel catalogue &+", [1, 2], "€")
    assert (bag.text("empty"), bag.text("alone")) == ("", None)


async def test_a_form_in_another_charset_is_read() -> None:
    assert (await read("title=caf\xe9".encode("latin-1"), f"{FORM}; charset=ISO-8859-1")).text("title") == "café"


async def test_a_form_with_bytes_that_were_not_escaped_is_read_as_utf_8() -> None:
    assert (await read("title=café".encode())).text("title") == "café"


async def test_route_beats_query_and_query_beats_body() -> None:
    bag = await read(b"id=3&title=body&bid=1", query="id=2&title=query", id="1")
    assert (bag.integer("id"), bag.text("title"), bag.integer("bid")) == (1, "query", 1)


async def test_lists_are_merged_from_query_and_body() -> None:
    assert (await read(b"x=3&x[]=4", query="x=1&x=2")).integers("x") == [1, 2, 3, 4]


async def test_a_form_of_a_get_is_not_read_but_json_is() -> None:
    assert (await read(b"x=1", method="GET")).text("x") is None
    assert (await read(b'{"x":1}', JSON, method="GET")).integer("x") == 1


async def test_a_form_of_a_delete_is_read() -> None:
    assert (await read(b"x=1", method="DELETE")).integer("x") == 1


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/octet-stream", ""])
async def test_a_body_of_another_type_has_no_parameters_but_can_be_had(content_type: str | None) -> None:
    bag = await read(b"x=1", content_type, query="y=2")
    assert (bag.text("x"), bag.integer("y"), bag.body) == (None, 2, b"x=1")


async def test_json_is_read_as_a_form_would_say_it() -> None:
    bag = await as_json(
        {
            "title": "Hotel",
            "isPrivate": True,
            "isNotify": False,
            "bidValue": 1500.5,
            "stageid": 4,
            "description": None,
            "members": [1, 2],
            "accessList": [],
            "customFieldList": [{"Key": 3, "Value": "x"}, {"key": 4, "value": None}],
            "address": {"street": "Elm", "phones": ["1", "2"]},
        }
    )
    assert (bag.text("title"), bag.boolean("isPrivate"), bag.boolean("isNotify")) == ("Hotel", True, False)
    assert (bag.decimal("bidValue"), bag.integer("stageid")) == (Decimal("1500.5"), 4)
    assert (bag.text("description"), bag.integers("members"), bag.guids("accessList")) == ("", [1, 2], [])
    assert bag.pairs("customFieldList") == [(3, "x"), (4, "")]
    address = bag.nested("address")
    assert address
    assert (address.text("street"), address.texts("phones")) == ("Elm", ["1", "2"])


@pytest.mark.parametrize("number", ["0.1234567890123456789", "1500.500000000", "123456789012345678.123456789", "1E-9"])
async def test_no_digit_of_a_json_number_is_lost(number: str) -> None:
    bag = await read(b'{"bidValue":%s}' % number.encode(), JSON)
    assert bag.decimal("bidValue") == Decimal(number)


@pytest.mark.parametrize("number", ["5", "5.0", "5e0", "0.5E1", "50e-1"])
async def test_a_whole_json_number_is_whole_however_it_is_written(number: str) -> None:
    assert (await read(b'{"id":%s}' % number.encode(), JSON)).integer("id") == 5


@pytest.mark.parametrize("number", ["1e999999", "1e99999999999999999999", "-1e999999", "9" * 4000, "9" * 1_000_000])
async def test_a_huge_json_number_is_a_cheap_400(number: str) -> None:
    with pytest.raises(Failure) as refusal:
        (await read(b'{"bidValue":%s}' % number.encode(), JSON)).decimal("bidValue")
    assert refusal.value.status == 400


async def test_a_date_of_a_json_body_may_have_another_fraction() -> None:
    text = "2031-05-06T07:08:09.12Z"
    assert (await as_json({"d": text})).date("d", UTC)
    with pytest.raises(Failure):
        (await read(urlencode({"d": text}).encode())).date("d", UTC)


async def test_a_null_in_a_list_of_numbers_is_refused() -> None:
    with pytest.raises(Failure):
        (await as_json({"members": [1, None]})).integers("members")


@pytest.mark.parametrize("body", [b"", b"  ", b"{}", b"\xef\xbb\xbf{}"])
async def test_an_empty_json_body_has_no_parameters(body: bytes) -> None:
    assert not list(await read(body, JSON))


@pytest.mark.parametrize(
    "body",
    [
        *(b'{"title": ', b"[1]", b"null", b"5", b"{'a':1}", b'{"a":NaN}', b'{"a":1}x', b'{"a":"\\ud800"}'),
        *(b'{"a":"\\udc00x"}', b'{"a":"\xff"}', b'{"a":"\xed\xa0\x80"}', b'{"a":"x\\u0000"}', b'{"a\\u0000":1}'),
        *(b'{"a":["\\u0000",{}]}', b'{"a":{"\\u0000":1}}', b'{"a":"\x00"}', b"\xff\xfe{}"),
        *(b'{"a":' * 10_000 + b"1" + b"}" * 10_000, b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}"),
        *(b'{"a":' * 100 + b"1" + b"}" * 100, b'{"a":' + b"[" * 100 + b"1" + b"]" * 100 + b"}"),
    ],
    ids=range(21),
)
async def test_broken_json_is_refused(body: bytes) -> None:
    await refused(body, JSON)


async def test_json_in_another_charset_is_read() -> None:
    body = '{"title":"café"}'
    assert (await read(body.encode("utf-16"), f"{JSON}; charset=utf-16")).text("title") == "café"
    await refused(body.encode("utf-16")[:-1], f"{JSON}; charset=utf-16")


@pytest.mark.parametrize("charset", ["rot13", "idna", "unicode_escape", "hex", "nonsense"])
@pytest.mark.parametrize("kind", [FORM, JSON, BOUNDARY])
async def test_an_odd_charset_is_refused(kind: str, charset: str) -> None:
    await refused(b"a=1", f"{kind}; charset={charset}")


@pytest.mark.parametrize("text", ["title=%ff", "title=%ed%a0%80", "title=a%00b", "ti%00tle=a", "%ff=1"])
async def test_text_that_is_no_text_is_refused_in_query_and_form(text: str) -> None:
    await refused(text.encode())
    await refused(query=text)
    await refused(query=b"a=\xff")


@pytest.mark.parametrize("text", ["a=%", "a=%4", "a=%zz", "a=%%41"])
async def test_a_percent_sign_that_escapes_nothing_stays(text: str) -> None:
    assert ((await read(text.encode())).text("a") or "").startswith("%")


@given(st.lists(st.tuples(st.text(min_size=1), st.text())))
def test_every_form_is_read_as_it_was_meant(pairs: list[tuple[str, str]]) -> None:
    assert bodies.urlencoded(urlencode(pairs)) == pairs
    assert bodies.urlencoded(urlencode(pairs, quote_via=quote, safe=":[]")) == pairs


def part(name: str | bytes, value: bytes, more: bytes = b"") -> bytes:
    raw = name.encode() if isinstance(name, str) else name
    return b'--here\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n' % (raw, more, value)


END = b"--here--\r\n"


async def test_a_multipart_body_is_read() -> None:
    body = part("title", "Hôtel €".encode()) + part("members[]", b"1") + part("members[]", b"2") + END
    bag = await read(body, BOUNDARY)
    assert (bag.text("title"), bag.integers("members")) == ("Hôtel €", [1, 2])


async def test_a_file_is_had_by_its_name_or_as_the_only_one() -> None:
    body = part("photo", b"\x89PNG\x00", b'; filename="me.png"\r\nContent-Type: image/png') + part("x", b"1") + END
    bag = await read(body, BOUNDARY, method="POST")
    files = bag.files("photo")
    assert bag.files("files") == files
    assert [(file.filename, file.content_type, await file.read()) for file in files] == [
        ("me.png", "image/png", b"\x89PNG\x00")
    ]
    await bag.close()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (part("title", b"\xff") + END, BOUNDARY),
        (part(b"\xff", b"x") + END, BOUNDARY),
        (part("title", b"a\x00") + END, BOUNDARY),
        (part("title", b"a"), "multipart/form-data"),
        (b"--here\r\nContent-Disposition: form-data\r\n\r\nx\r\n--here--", BOUNDARY),
        (b"nonsense", BOUNDARY),
    ],
    ids=range(6),
)
async def test_a_broken_multipart_body_is_refused(body: bytes, content_type: str) -> None:
    await refused(body, content_type)


async def test_xml_is_read() -> None:
    body = """<request xmlns="urn:x"><title>A &amp; B</title><members>1</members><members>2</members>
    <customFieldList><Key>3</Key><Value>x</Value></customFieldList>
    <customFieldList><Key>4</Key><Value>y</Value></customFieldList><empty/></request>"""
    bag = await read(body.encode(), "text/xml; charset=utf-8")
    assert (bag.text("title"), bag.integers("members"), bag.text("empty")) == ("A & B", [1, 2], "")
    assert bag.pairs("customFieldList") == [(3, "x"), (4, "y")]


@pytest.mark.parametrize(
    "body",
    [
        b"<request>",
        b"text",
        b'<!DOCTYPE r [<!ENTITY a "aaaa">]><r><title>&a;</title></r>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE r [<!ENTITY a "a">]><r><t>&a;</t></r>'.encode("utf-16"),
        b"<a>" * 10_000 + b"</a>" * 10_000,
        b"<r><title>&unknown;</title></r>",
        b'<?xml version="1.0" encoding="nonsense"?><r/>',
        b"<r><title>\xff</title></r>",
    ],
    ids=range(8),
)
async def test_broken_or_dangerous_xml_is_refused(body: bytes) -> None:
    await refused(body, "text/xml")


TREE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("xk[]0", max_size=5), inner, max_size=4),
    max_leaves=10,
)
MEDIA = [FORM, JSON, BOUNDARY, "text/xml", f"{JSON};charset=utf-16", "", "text/plain", "multipart/form-data"]


@given(st.dictionaries(st.text("xk[]0", max_size=5), TREE, max_size=5))
def test_any_json_object_is_read_or_refused(document: object) -> None:
    check(json.dumps(document).encode(), JSON, b"")


@given(
    st.binary(max_size=60)
    | st.text('{}[]":,x0123e.-<>/&=%-here\r\n ', max_size=60).map(str.encode)
    | st.binary(max_size=20).map(lambda inner: part("x", inner) + inner + END),
    st.sampled_from(MEDIA) | st.text(max_size=20).map(lambda text: text.encode("ascii", "ignore").decode()),
    st.binary(max_size=20),
)
def test_any_bytes_are_read_or_refused(body: bytes, content_type: str, query: bytes) -> None:
    check(body, content_type, query)


def check(body: bytes, content_type: str, query: bytes) -> None:
    """Read what is sent, and every parameter in it in every way; only a Failure may come of it."""
    with suppress(Failure):
        bag = asyncio.run(read(body, content_type, query))
        for name in [*bag, "x"]:
            check_each(bag, name)
        asyncio.run(bag.close())


def check_each(bag: Bag, name: str) -> None:
    for reader in (bag.text, bag.integer, bag.decimal, bag.guid, bag.texts, bag.integers, bag.pairs, bag.nested):
        with suppress(Failure):
            reader(name)
