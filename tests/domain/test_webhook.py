"""Webhooks: which addresses can be posted to, and which happenings have a number."""

from __future__ import annotations

import pytest

from dealwright.domain.event import EVENTS
from dealwright.domain.webhook import (
    EVENTS_BY_ACTION,
    OUR_ACTIONS,
    problems_of,
    signature,
    standard_signature,
    subject_of,
    url_problem,
)


@pytest.mark.parametrize(
    "url", ["https://hooks.example.com/in", "http://10.0.0.1:8080/x?y=1", "https://[2001:db8::1]/"]
)
def test_a_whole_address_is_taken(url: str) -> None:
    assert url_problem("url", url) is None


@pytest.mark.parametrize(
    ("url", "code"),
    [
        *(("", "required"), (" ", "required")),
        *((url, "format") for url in ("hooks.example.com", "ftp://example.com/", "https:///path", "https://a:0/")),
        *(
            (url, "format")
            for url in ("https://exa mple.com", "https://me:secret@example.com/", "https://[::1/", "data:,x")
        ),
        ("https://example.com/" + "x" * 2048, "too_long"),
    ],
)
def test_what_is_no_address_to_post_to_is_named(url: str, code: str) -> None:
    problem = url_problem("url", url)
    assert problem is not None
    assert problem.code == code


@pytest.mark.parametrize("action", [1, 90, 1000])
def test_an_action_is_one_of_the_vendors_or_of_ours(action: int) -> None:
    assert problems_of(None, {"url": "https://example.com", "action": action}) == []


@pytest.mark.parametrize("action", [0, 91, 999])
def test_another_number_is_no_action(action: int) -> None:
    (problem,) = problems_of(None, {"url": "https://example.com", "action": action})
    assert (problem.field, problem.code) == ("action", "out_of_range")


def test_every_action_that_fires_has_events_that_there_are() -> None:
    assert {kind for kinds in EVENTS_BY_ACTION.values() for kind in kinds} <= set(EVENTS)
    assert {action for action in EVENTS_BY_ACTION if action >= 1000} == OUR_ACTIONS.keys()


@pytest.mark.parametrize("secret", ["", "hush", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "!~"])
def test_a_secret_is_plain_ascii(secret: str) -> None:
    assert problems_of(None, {"url": "https://example.com", "action": 1, "secret": secret}) == []


@pytest.mark.parametrize(("secret", "code"), [("süß", "format"), ("a b", "format"), ("x" * 256, "too_long")])
def test_a_secret_that_others_would_read_otherwise_is_refused(secret: str, code: str) -> None:
    (problem,) = problems_of(None, {"url": "https://example.com", "action": 1, "secret": secret})
    assert (problem.field, problem.code) == ("secret", code)


def test_the_vendor_signs_in_capital_letters() -> None:
    expected = "88CD2108B5347D973CF39CDF9053D7DD42704876D8C9A9BD8E2D168259D3DDF7"
    assert signature("test", b"test") == expected


def test_the_standard_signs_id_time_and_body() -> None:
    """The example of the Standard Webhooks' own libraries."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    found = standard_signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_that_only_looks_like_the_standards_is_its_own_key() -> None:
    assert standard_signature("whsec_%%%", "a", 1, b"") != standard_signature("%%%", "a", 1, b"")


@pytest.mark.parametrize(
    ("action", "subject"), [(3, "contact"), (1004, "opportunity"), (1030, "form_request"), (5, None)]
)
def test_an_action_is_about_a_kind_of_record(action: int, subject: str | None) -> None:
    assert subject_of(action) == subject
