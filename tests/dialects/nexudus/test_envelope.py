"""Yes and no as this vendor says them (conventions §5 and §6)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response

from dealwright.dialects.nexudus import envelope
from dealwright.dialects.nexudus.entities import BY_NAME
from dealwright.dialects.nexudus.entity import Verb
from dealwright.dialects.nexudus.reading import read
from dealwright.domain.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Outdated,
    Problem,
    Refusal,
    Unauthenticated,
    invalid,
)

OPPORTUNITY = BY_NAME["CrmOpportunity"]
AT = datetime(2025, 1, 15, 11, 30, tzinfo=timezone(timedelta(hours=1)))
BY = "admin@example.com"


def said(response: Response) -> Any:
    return json.loads(bytes(response.body))


def test_a_write_is_answered_with_all_eleven_members_in_order() -> None:
    response = envelope.updated(OPPORTUNITY, 87654321, AT, BY)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json; charset=utf-8")
    assert bytes(response.body) == (
        b'{"Status":200,"Message":"CrmOpportunity was successfully updated.","Value":{"Id":87654321},'
        b'"OpenInDialog":false,"OpenInWindow":false,"RedirectURL":null,"JavaScript":null,'
        b'"UpdatedOn":"2025-01-15T10:30:00Z","UpdatedBy":"admin@example.com","Errors":null,"WasSuccessful":true}'
    )


def test_a_creation_gives_the_whole_record_and_a_deletion_the_id() -> None:
    created = said(envelope.created(OPPORTUNITY, {"Id": 5, "Name": "x"}, AT, BY))
    deleted = said(envelope.deleted(OPPORTUNITY, 5, AT, BY))
    assert (created["Value"], created["Message"]) == (
        {"Id": 5, "Name": "x"},
        "CrmOpportunity was successfully created.",
    )
    assert (deleted["Value"], deleted["Message"]) == ({"Id": 5}, "CrmOpportunity was successfully deleted.")


def test_a_command_gives_whatever_it_gives() -> None:
    answer = said(envelope.done("Signed.", "one-time", AT, BY))
    assert (answer["Value"], answer["WasSuccessful"], answer["Message"]) == ("one-time", True, "Signed.")


def test_a_blocked_deletion_is_a_200_that_says_no() -> None:
    response = envelope.blocked("Delete the stages of this board first.")
    answer = said(response)
    assert (response.status_code, answer["Status"], answer["WasSuccessful"]) == (200, 500, False)
    assert (answer["Message"], answer["Value"], answer["Errors"]) == (
        "Delete the stages of this board first.",
        None,
        None,
    )
    assert len(answer) == 11


def refusal_of(raw: bytes) -> Refusal:
    with pytest.raises(Invalid) as refused:
        read(OPPORTUNITY, Verb.UPDATE, raw)
    return refused.value


@pytest.mark.parametrize("missing", ["CrmBoardColumnId", "Position"])
def test_a_missing_member_gives_exactly_the_documented_body(missing: str) -> None:
    members = {name: 1 for name in ("Id", "CrmBoardColumnId", "CoworkerId", "Position") if name != missing}
    response = envelope.refused(refusal_of(json.dumps(members).encode()), OPPORTUNITY, Verb.UPDATE)
    name = missing.removesuffix("Id")
    assert response.status_code == 400
    assert bytes(response.body).decode() == (
        f'{{"Message":"{name}: is a required field","Value":null,"Errors":[{{"AttemptedValue":null,'
        f'"Message":"is a required field","PropertyName":"{name}"}}],"WasSuccessful":false}}'
    )


def test_every_problem_is_listed_and_the_first_is_the_message() -> None:
    body = said(envelope.refused(refusal_of(b'{"Status":4,"Value":"much"}'), OPPORTUNITY, Verb.UPDATE))
    assert [error["PropertyName"] for error in body["Errors"]] == [
        *("Id", "CrmBoardColumn", "Coworker", "Value", "Status", "Position")
    ]
    assert body["Message"] == "Id: is a required field"
    assert [error["AttemptedValue"] for error in body["Errors"]] == [None, None, None, "much", 4, None]


def test_a_refusal_of_a_deed_names_the_member_and_requires_in_the_vendors_words() -> None:
    refusal = Invalid(
        Problem("loss_reason", "required", "needs a reason"),
        Problem("contact_id", "unknown", "is no contact", 2_000_000_111),
    )
    body = said(envelope.refused(refusal, OPPORTUNITY, Verb.UPDATE))
    assert body["Errors"] == [
        {"AttemptedValue": None, "Message": "is a required field", "PropertyName": "LossReason"},
        {"AttemptedValue": 2_000_000_111, "Message": "is no contact", "PropertyName": "Coworker"},
    ]


def test_a_body_that_is_no_json_names_no_property() -> None:
    response = envelope.refused(refusal_of(b"{"), OPPORTUNITY, Verb.UPDATE)
    assert response.status_code == 400
    assert said(response) == {
        "Message": "The body is not valid JSON.",
        "Value": None,
        "Errors": None,
        "WasSuccessful": False,
    }


def test_nobody_and_the_wrong_body_get_401_but_only_nobody_is_asked_to_sign_in() -> None:
    nobody = envelope.refused(Unauthenticated("Sign in."))
    powerless = envelope.refused(Forbidden("the right CrmOpportunity-Edit is needed"), OPPORTUNITY, Verb.DELETE)
    assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, "Bearer")
    assert (powerless.status_code, "www-authenticate" in powerless.headers) == (401, False)
    assert said(powerless) == {
        "Message": "the right CrmOpportunity-Edit is needed",
        "Value": None,
        "Errors": None,
        "WasSuccessful": False,
    }


@pytest.mark.parametrize("verb", [Verb.READ, Verb.UPDATE, Verb.DELETE, None])
def test_a_missing_record_is_a_json_string(verb: Verb | None) -> None:
    response = envelope.refused(NotFound("opportunity"), OPPORTUNITY, verb)
    assert (response.status_code, bytes(response.body)) == (404, b'"Not found"')


@pytest.mark.parametrize(
    "refusal", [invalid("id", "in_use", "Stages use this board."), Conflict("Stages use this board.")]
)
def test_a_deletion_that_a_rule_forbids_is_a_200_that_says_no(refusal: Refusal) -> None:
    response = envelope.refused(refusal, BY_NAME["CrmBoard"], Verb.DELETE)
    assert (response.status_code, said(response)["WasSuccessful"]) == (200, False)
    assert said(response)["Message"] == "Stages use this board."


@pytest.mark.parametrize("refusal", [NotFound("customer"), invalid("Key", "unknown", "is unknown"), Conflict("busy")])
def test_a_command_that_fails_is_a_200_that_says_no(refusal: Refusal) -> None:
    response = envelope.refused(refusal, BY_NAME["Coworker"], Verb.RUN)
    assert (response.status_code, said(response)["Status"], said(response)["WasSuccessful"]) == (200, 500, False)


@pytest.mark.parametrize("refusal", [Conflict("busy"), Outdated("moved on")])
def test_a_lost_race_may_be_tried_again(refusal: Refusal) -> None:
    response = envelope.refused(refusal, OPPORTUNITY, Verb.UPDATE)
    assert (response.status_code, response.headers["retry-after"]) == (409, "1")


def test_a_refusal_of_any_other_kind_is_a_400() -> None:
    assert envelope.refused(Refusal("no"), OPPORTUNITY, Verb.UPDATE).status_code == 400


def test_a_verb_that_is_not_offered_names_those_that_are() -> None:
    response = envelope.not_offered("DELETE", ("GET", "PUT"))
    assert (response.status_code, response.headers["allow"]) == (405, "GET, PUT")
    assert said(response)["WasSuccessful"] is False


def test_what_nobody_foresaw_is_known_by_its_first_word() -> None:
    response = envelope.failed()
    assert response.status_code == 500
    assert said(response)["Message"].startswith("Ooops! There was a problem while running this action")
    assert said(response)["WasSuccessful"] is False


@pytest.mark.parametrize(
    ("value", "echo"),
    [
        *(
            (None, None),
            (True, True),
            (5, 5),
            (10**30, "1" + "0" * 30),
            (Decimal("1E+9"), "1E+9"),
            ([1], None),
            ({}, None),
        ),
        *((AT, "2025-01-15T10:30:00Z"), ("x" * 5000, "x" * 255), ("\ud800", "?")),
    ],
)
def test_what_was_attempted_is_echoed_in_bounds(value: object, echo: object) -> None:
    body = said(envelope.refused(invalid("title", "type", "no", value), OPPORTUNITY, Verb.UPDATE))
    assert body["Errors"][0]["AttemptedValue"] == echo


@given(st.text(), st.text(), st.integers() | st.decimals() | st.text(st.characters()))
def test_any_refusal_can_be_said(field: str, message: str, value: object) -> None:
    response = envelope.refused(invalid(field, "type", message, value), OPPORTUNITY, Verb.UPDATE)
    assert response.status_code == 400


def test_a_record_is_answered_bare() -> None:
    assert bytes(envelope.answer([{"Id": 1}]).body) == b'[{"Id":1}]'
    assert AT.astimezone(UTC).hour == 10
