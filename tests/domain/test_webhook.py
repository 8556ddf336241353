"""Webhooks: which addresses can be posted to, and which happenings have a number."""

from __future__ import annotations

import pytest

from dealwright.domain.event import EVENTS
from dealwright.domain.webhook import EVENTS_BY_ACTION, OUR_ACTIONS, problems_of, url_problem


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
