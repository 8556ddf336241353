"""The vendor's rate limits, where they are switched on: per client, with the documented answers."""

from __future__ import annotations

import re

import httpx
import pytest

from dealwright.config import Settings
from dealwright.dialects.nexudus.face import face
from dealwright.dialects.nexudus.throttle import DOCUMENTED
from dealwright.limits import REMEMBERED, Allowance, Allowances
from tests.dialects.nexudus.counter import Counter

PATH = "/api/crm/crmboards"


def door(counter: Counter, status: str) -> httpx.AsyncClient:
    """A client of the dialect with these limits."""
    transport = httpx.ASGITransport(face(counter.db, Settings(nexudus_limits=status)))
    return httpx.AsyncClient(transport=transport, base_url="http://spaces.test")


def bearer(counter: Counter, name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {counter.tokens[name]}"}


async def test_without_the_setting_nobody_waits(counter: Counter) -> None:
    assert [reply.status_code for reply in [await counter.send("olga", "GET", PATH) for _ in range(5)]] == [200] * 5


async def test_who_is_too_quick_is_told_how_long_to_wait(counter: Counter) -> None:
    async with door(counter, "429") as http:
        first, second = [await http.get(PATH, headers=bearer(counter, "olga")) for _ in range(2)]
        other = await http.get(PATH, headers=bearer(counter, "carl"))
    assert (first.status_code, second.status_code, other.status_code) == (200, 429, 200)
    assert re.search(r"Wait \d+(\.\d+)? seconds", second.text)
    assert second.headers["retry-after"] == "1"
    assert second.json()["WasSuccessful"] is False


async def test_old_clients_get_the_old_answer(counter: Counter) -> None:
    async with door(counter, "409") as http:
        replies = [await http.get(PATH, headers=bearer(counter, "olga")) for _ in range(2)]
    assert (replies[1].status_code, replies[1].content, replies[1].headers["retry-after"]) == (409, b"", "1")


async def test_who_sends_no_credentials_is_known_by_the_address(counter: Counter) -> None:
    async with door(counter, "429") as http:
        replies = [await http.get(PATH) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [401, 429, 429]


def test_each_span_begins_with_its_first_request_and_ends() -> None:
    held = Allowances([Allowance(2, 10.0), Allowance(1, 60.0, writing=True)])
    assert [held.wait("a", False, at) for at in (0.0, 1.0, 2.0)] == [0, 0, 8.0]
    assert held.wait("b", False, 2.0) == 0
    assert held.wait("a", True, 10.0) == 0
    assert held.wait("a", True, 11.0) == 59.0
    assert held.wait("a", False, 12.0) == 0
    assert held.wait("a", False, 13.0) == 7.0


@pytest.mark.parametrize(("writing", "count"), [(True, 60), (False, 120)])
def test_the_documented_limits_of_a_minute_hold(writing: bool, count: int) -> None:
    held = Allowances(DOCUMENTED)
    waits = [held.wait("a", writing, place * 0.11) for place in range(count + 1)]
    assert waits[:-1] == [0] * count
    assert waits[-1] == pytest.approx(60 - count * 0.11)


def test_the_limits_of_a_day_hold() -> None:
    held = Allowances(DOCUMENTED)
    waits = [held.wait("a", True, place * 1.5) for place in range(5001)]
    assert waits[4999] == 0
    assert waits[5000] > 70_000


def test_no_more_clients_are_remembered_than_there_is_room_for() -> None:
    held = Allowances([Allowance(1, 60.0)])
    for place in range(REMEMBERED + 5):
        held.wait(str(place), False, 0.0)
    assert len(held._used) <= REMEMBERED
