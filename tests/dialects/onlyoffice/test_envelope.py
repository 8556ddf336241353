"""What surrounds every answer (conventions §2 and §4)."""

from __future__ import annotations

import json

import pytest

from dealwright.dialects.onlyoffice import envelope
from dealwright.dialects.onlyoffice.envelope import Answer, error, everything, many, nothing, one, sent, success, text
from dealwright.dialects.onlyoffice.failures import (
    ACCESS_DENIED,
    BAD_ARGUMENT,
    NOT_FOUND,
    Failure,
    absent_reference,
    bad_argument,
    refused,
)
from dealwright.dialects.onlyoffice.paging import Page
from dealwright.domain.errors import Conflict, Forbidden, Invalid, NotFound, Outdated, Problem, Refusal, invalid


@pytest.mark.parametrize(
    ("answer", "written"),
    [
        (one({"id": 7}), '{"count":1,"status":0,"statusCode":200,"response":{"id":7}}'),
        (one(True), '{"count":1,"status":0,"statusCode":200,"response":true}'),
        (one(False), '{"count":1,"status":0,"statusCode":200,"response":false}'),
        (one(0), '{"count":1,"status":0,"statusCode":200,"response":0}'),
        (one(None), '{"status":0,"statusCode":200,"response":{}}'),
        (text("vip"), '{"count":3,"status":0,"statusCode":200,"response":"vip"}'),
        (text(""), '{"status":0,"statusCode":200,"response":""}'),
        (nothing(), '{"status":0,"statusCode":200,"response":{}}'),
        (everything(["a", "b"]), '{"count":2,"status":0,"statusCode":200,"response":["a","b"]}'),
        (everything([]), '{"status":0,"statusCode":200,"response":[]}'),
        (many([], Page(), 0), '{"total":0,"status":0,"statusCode":200,"response":[]}'),
        (many([{}, {}], Page(), 2), '{"count":2,"total":2,"status":0,"statusCode":200,"response":[{},{}]}'),
        (
            many([1, 2, 3], Page(count=2, start=2), 7),
            '{"count":2,"startIndex":2,"nextIndex":5,"total":7,"status":0,"statusCode":200,"response":[1,2]}',
        ),
    ],
)
def test_success_is_written_as_the_contract_shows_it(answer: Answer, written: str) -> None:
    assert bytes(sent(success(200, answer)).body).decode() == written


def test_an_error_is_written_as_the_contract_shows_it() -> None:
    response = sent(error(refused(NotFound("opportunity"), {})))
    assert response.status_code == 404
    assert json.loads(bytes(response.body)) == {
        "status": 1,
        "statusCode": 404,
        "error": {"message": "Not found", "hresult": -2147467259, "data": {}},
    }


def test_an_error_repeats_where_the_page_began() -> None:
    assert error(bad_argument(), 25)["startIndex"] == 25


def test_an_answer_has_the_headers_of_the_contract() -> None:
    first, second = (sent(success(201, one(1)), headers=[("Set-Cookie", "a=b"), ("Set-Cookie", "c=d")]) for _ in "ab")
    assert first.status_code == 201
    assert first.headers["content-type"] == "application/json; charset=UTF-8"
    assert first.headers["cache-control"] == "max-age=0"
    assert first.headers["etag"] != second.headers["etag"]
    assert first.headers.getlist("set-cookie") == ["a=b", "c=d"]


def test_xml_has_one_element_per_member_and_per_row() -> None:
    rows = everything([{"title": 'A & B <"\x01', "isPrivate": True, "contact": None, "tags": ["a", "b"]}, {"id": 2}])
    response = sent(success(200, rows), as_xml=True)
    assert response.headers["content-type"] == "text/xml; charset=UTF-8"
    assert bytes(response.body).decode() == (
        '<?xml version="1.0" encoding="utf-8"?><result><count>2</count><status>0</status><statusCode>200</statusCode>'
        '<response><title>A &amp; B &lt;"\ufffd</title><isPrivate>true</isPrivate><contact></contact>'
        "<tags>a</tags><tags>b</tags></response><response><id>2</id></response></result>"
    )


@pytest.mark.parametrize(
    ("refusal", "status", "message", "hresult"),
    [
        (NotFound("opportunity"), 404, NOT_FOUND, -2147467259),
        (Forbidden(), 403, ACCESS_DENIED, -2146233078),
        (invalid("title", "required", "a title is needed"), 400, BAD_ARGUMENT, -2147024809),
        (Conflict("it moved"), 409, "it moved", -2146233079),
        (Outdated("it is newer"), 412, "it is newer", -2146233079),
        (Refusal(), 500, "Server error", -2146233088),
    ],
)
def test_a_refusal_has_its_status_and_number(refusal: Refusal, status: int, message: str, hresult: int) -> None:
    failure = refused(refusal, {})
    assert (failure.status, failure.message, failure.hresult) == (status, message, hresult)


def test_a_refusal_may_be_said_in_the_words_of_the_vendor() -> None:
    words = {"stage.unknown": "Deal milestone is not found", "category": "Category is not found"}
    both = Invalid(Problem("title", "required", "a title is needed"), Problem("stage", "unknown", "no such stage", 9))
    assert refused(both, words).message == "Deal milestone is not found"
    assert refused(NotFound("category"), words).message == "Category is not found"
    assert refused(NotFound("task"), words).message == NOT_FOUND


def test_a_failure_says_its_message() -> None:
    assert str(absent_reference("It is not there.")) == "It is not there."
    assert isinstance(absent_reference(""), Failure)


def test_somebody_unknown_is_told_so_in_plain_text() -> None:
    response = envelope.unauthorized('crm.example.com"', tried=True)
    assert (response.status_code, response.body) == (401, b"Unauthorized")
    assert response.headers["www-authenticate"] == 'Basic Realm="crm.example.com"'
    assert "www-authenticate" not in envelope.unauthorized("crm.example.com", tried=False).headers
