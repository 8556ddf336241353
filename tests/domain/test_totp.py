"""Codes by the clock are those of RFC 6238, and no step is good twice."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from dealwright.domain.totp import address_of, code_of, matching_step, step_of

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert code_of(SECRET, step_of(datetime.fromtimestamp(seconds, UTC))) == code


def test_a_code_is_good_one_step_before_and_after_and_not_two() -> None:
    at = datetime(2026, 11, 22, 6, 0, 15, tzinfo=UTC)
    present = step_of(at)
    good = [place for place in range(-3, 4) if matching_step(SECRET, code_of(SECRET, present + place), at, 0)]
    assert good == [-1, 0, 1]


def test_a_step_that_was_used_and_those_before_are_no_good() -> None:
    at = datetime(2026, 11, 22, 6, 0, 15, tzinfo=UTC)
    present = step_of(at)
    code = code_of(SECRET, present)
    assert matching_step(SECRET, code, at, present - 1) == present
    assert matching_step(SECRET, code, at, present) is None
    assert matching_step(SECRET, code_of(SECRET, present - 1), at, present) is None


@pytest.mark.parametrize("code", ["", "x", "\ud800", "１２３４５６", "0" * 99])
def test_what_is_no_code_matches_nothing(code: str) -> None:
    assert matching_step(SECRET, code, datetime(2026, 1, 1, tzinfo=UTC), 0) is None


def test_an_app_reads_who_where_and_the_secret() -> None:
    url = urlsplit(address_of(SECRET, "Desks & Co", "mia+1@example.com"))
    assert (url.scheme, url.netloc, url.path) == ("otpauth", "totp", "/Desks%20%26%20Co:mia%2B1@example.com")
    said = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert (said["secret"], said["issuer"], said["digits"], said["period"]) == (SECRET, "Desks & Co", "6", "30")
