"""Accounts of customers: made where CreateUser asks, chosen a password for by a letter (related, Coworker)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import pytest

from dealwright.actions import people, sign_in
from dealwright.app import create_app
from dealwright.config import Settings
from dealwright.domain.actor import Standing
from dealwright.domain.errors import Unauthenticated
from dealwright.domain.people import UserChange
from dealwright.jobs import Post, letters
from dealwright.storage import schema
from tests.actions.about_automation import rows
from tests.cast import role
from tests.dialects.nexudus.counter import Counter, Json

SECRET = "Another-Horse-9-Battery"
ANN = "ann@example.com"


def read(folder: Path) -> list[EmailMessage]:
    """The letters that were dropped into a folder, the oldest first."""
    return [message_from_bytes(path.read_bytes(), policy=default) for path in sorted(folder.glob("*.eml"))]


async def delivered(counter: Counter, folder: Path) -> list[str]:
    """Have due letters leave; return who each is for, what it says."""
    settings = Settings(mail_transport=f"file:{folder}", public_url="http://dealwright.test")
    post = Post(counter.db, letters(counter.db, settings))
    if await post.is_due():
        await post.deliver()
    return [f"{letter['To']}\n{letter.get_content()}" for letter in read(folder)]


@asynccontextmanager
async def browser(counter: Counter) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at the pages of the portal."""
    app = create_app(Settings(access_log=False), counter.db)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://dealwright.test") as client:
        yield client


async def user_of(counter: Counter, customer: Json) -> Any:
    return counter.db.rules.users[(await counter.get("Coworker", customer["Id"]))["UserId"]]


async def test_a_customer_with_an_account_is_a_guest_who_is_written_to(counter: Counter, tmp_path: Path) -> None:
    ann = await counter.customer(CreateUser=True)
    assert (ann["UserFullName"], ann["UserActive"], ann["UserIsAdmin"], ann["CreateUser"]) == (
        *("Ann Lee", True, False),
        True,
    )
    user = await user_of(counter, ann)
    assert (user.email, user.standing, user.api_access, user.first_name) == (ANN, Standing.GUEST, False, "Ann")
    assert counter.db.rules.passwords[user.id] is None
    [letter] = await delivered(counter, tmp_path)
    assert letter.startswith(f"{ANN}\nOlga Example made an account for you.")
    code = re.findall(r"http://dealwright\.test/welcome\?code=(\S+)", letter)[0]
    assert code not in str(await rows(counter.db, schema.outbox)) + str(await rows(counter.db, schema.invitation))
    async with browser(counter) as http:
        page = await http.get("/welcome", params={"code": code})
        assert (page.status_code, "Welcome, Ann Lee" in page.text) == (200, True)
        short = await http.post("/welcome", data={"code": code, "password": "x"})
        assert (short.status_code, "needs at least" in short.text) == (422, True)
        done = await http.post("/welcome", data={"code": code, "password": SECRET})
        assert (done.status_code, f"{ANN} signs in" in done.text) == (200, True)
        for again in (
            await http.get("/welcome", params={"code": code}),
            await http.post("/welcome", data={"code": code, "password": f"{SECRET}!"}),
            await http.get("/welcome"),
        ):
            assert again.status_code == 403
    assert (await sign_in.by_password(counter.db, ANN, SECRET, "test")).id == user.id


async def test_with_a_password_there_is_no_letter_and_no_rights(counter: Counter, tmp_path: Path) -> None:
    ann = await counter.customer(CreateUser="true", Password=SECRET)
    assert ann["Password"] is None
    assert await delivered(counter, tmp_path) == []
    actor = await sign_in.by_password(counter.db, ANN, SECRET, "test")
    assert (actor.rights, actor.api_access) == (frozenset(), False)


async def test_a_second_letter_makes_the_first_link_worthless(counter: Counter, tmp_path: Path) -> None:
    ann = await counter.customer(CreateUser=True)
    first, second = tmp_path / "1", tmp_path / "2"
    await delivered(counter, first)
    uid = (await user_of(counter, ann)).uid
    settings = Settings(mail_transport=f"file:{second}", public_url="http://dealwright.test")
    await letters(counter.db, settings)["user.invited"]({"to_uid": uid, "by": "Olga"})
    codes = [re.findall(r"code=(\S+)", next(iter(read(folder))).get_content())[0] for folder in (first, second)]
    async with browser(counter) as http:
        answers = [(await http.get("/welcome", params={"code": code})).status_code for code in codes]
    assert answers == [403, 200]


async def test_nobody_who_is_gone_or_has_a_password_is_invited(counter: Counter, tmp_path: Path) -> None:
    ann, bob = await counter.customer(CreateUser=True), await counter.customer("bob@example.com", CreateUser=True)
    await people.remove_user(counter.db, counter.cast.olga, (await user_of(counter, ann)).id)
    change = UserChange(password=SECRET)
    await people.change_user(counter.db, counter.cast.olga, (await user_of(counter, bob)).id, change)
    assert await delivered(counter, tmp_path) == []


async def test_an_e_mail_that_is_a_users_already_is_tied_to_that_user(counter: Counter, tmp_path: Path) -> None:
    mia = await counter.customer("MIA@example.com", CreateUser=True, Password=SECRET)
    assert (mia["UserId"], mia["UserIsAdmin"]) == (counter.cast.ids["mia"], True)
    with pytest.raises(Unauthenticated):
        await sign_in.by_password(counter.db, "mia@example.com", SECRET, "test")
    assert await delivered(counter, tmp_path) == []


async def test_a_put_makes_the_account_once_and_an_echo_makes_none(counter: Counter) -> None:
    ann = await counter.customer()
    assert ann["UserId"] is None
    ann = await counter.put("Coworker", {**ann, "CreateUser": True})
    user = await user_of(counter, ann)
    again = await counter.put("Coworker", ann)
    assert again["UserId"] == user.id
    await people.remove_user(counter.db, counter.cast.olga, user.id)
    users = len(counter.db.rules.users)
    await counter.put("Coworker", {**again, "UserId": None})
    assert len(counter.db.rules.users) == users


async def test_whoever_may_not_make_users_makes_no_customer_with_one(counter: Counter) -> None:
    body = {"FullName": "Ann Lee", "Email": ANN, "CreateUser": True}
    for name in ("mia", "carl"):
        assert (await counter.send(name, "POST", "/api/spaces/coworkers", json=body)).status_code == 401
    rights = [role(counter.db, right) for right in ("Coworker-Create", "Coworker-Read", "User-Create")]
    await people.change_user(counter.db, None, counter.cast.ids["rita"], UserChange(role_ids=rights))
    made = await counter.post("Coworker", "rita", **body)
    assert made["UserId"]


async def test_what_is_wrong_with_the_account_is_named_before_anything_is_made(counter: Counter) -> None:
    body = {"FullName": "Ann Lee", "Email": ANN, "CreateUser": True, "Password": "x"}
    assert await counter.refused("Coworker", "POST", body) == ["Password"]
    assert await counter.rows("Coworker") == []
