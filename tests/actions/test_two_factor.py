"""Second factors: how they come, what they ask, and how they go."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import select

from dealwright.actions import people, sign_in, tokens, two_factor
from dealwright.actions.attempts import ATTEMPTS_OF_ONE, TooManyAttempts
from dealwright.actions.second_factor import SecondFactorNeeded, WrongCode
from dealwright.domain.actor import Actor, Standing
from dealwright.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from dealwright.domain.people import UserChange
from dealwright.storage import schema
from dealwright.storage.database import Database
from dealwright.storage.query import Query
from tests.cast import PASSWORD, Cast, company
from tests.phone import Phone, armed

MIA = "mia@example.com"
WRONG = "000 000"


@pytest.fixture
async def cast(db: Database) -> Cast:
    """Everybody has a password."""
    return await company(db, PASSWORD)


async def enter(db: Database, code: str = "", password: str = PASSWORD, address: str = "") -> Actor:
    """Sign Mia in."""
    return await sign_in.by_password(db, MIA, password, "test", address, code)


async def test_a_second_factor_that_is_not_confirmed_asks_nothing(db: Database, cast: Cast) -> None:
    await two_factor.start(db, cast.mia, PASSWORD)
    assert (await enter(db)).id == cast.mia.id
    assert not db.rules.users[cast.mia.id].two_factor


async def test_once_confirmed_a_password_wants_a_code_and_a_code_is_good_once(db: Database, cast: Cast) -> None:
    phone = await armed(db, cast.mia)
    with pytest.raises(SecondFactorNeeded):
        await enter(db)
    with pytest.raises(WrongCode):
        await enter(db, WRONG)
    code = await phone.code()
    assert (await enter(db, f"{code[:3]} {code[3:]}")).id == cast.mia.id
    with pytest.raises(WrongCode):
        await enter(db, code)


async def test_a_wrong_password_is_told_before_the_code_is_looked_at(db: Database, cast: Cast) -> None:
    phone = await armed(db, cast.mia)
    with pytest.raises(Unauthenticated) as caught:
        await enter(db, await phone.code(), "Another-Horse-9-Battery")
    assert type(caught.value) is Unauthenticated


async def test_the_code_that_confirmed_opens_nothing(db: Database, cast: Cast) -> None:
    started = await two_factor.start(db, cast.mia, PASSWORD)
    code = await Phone(started.secret).code()
    await two_factor.confirm(db, cast.mia, code)
    with pytest.raises(WrongCode):
        await enter(db, code)


async def test_codes_for_need_are_good_once_each_and_are_kept_as_digests(db: Database, cast: Cast) -> None:
    phone = await armed(db, cast.mia)
    assert len(set(phone.recovery)) == 10
    assert (await enter(db, phone.recovery[0].upper().replace("-", " "))).id == cast.mia.id
    with pytest.raises(WrongCode):
        await enter(db, phone.recovery[0])
    assert (await two_factor.state(db, cast.mia)).codes_left == 9
    kept = {row[0] for row in await db.rows(Query(select(schema.recovery_code.c.hash)))}
    assert len(kept) == 10
    assert not kept & {code.replace("-", "") for code in phone.recovery}


async def test_new_codes_make_the_old_ones_worthless(db: Database, cast: Cast) -> None:
    phone = await armed(db, cast.mia)
    new = await two_factor.renew_codes(db, cast.mia, code=phone.recovery[0])
    with pytest.raises(WrongCode):
        await enter(db, phone.recovery[1])
    assert (await enter(db, new[0])).id == cast.mia.id


async def test_guessing_codes_is_ended_from_wherever_it_comes(db: Database, cast: Cast) -> None:
    phone = await armed(db, cast.mia)
    for number in range(ATTEMPTS_OF_ONE):
        with pytest.raises(WrongCode):
            await enter(db, WRONG, address=f"192.0.2.{number}")
    with pytest.raises(TooManyAttempts):
        await enter(db, phone.recovery[0], address="192.0.2.99")


async def test_a_right_code_forgets_the_wrong_ones(db: Database, cast: Cast) -> None:
    phone = await armed(db, cast.mia)
    for recovery in phone.recovery[:2]:
        for _ in range(ATTEMPTS_OF_ONE - 1):
            with pytest.raises(WrongCode):
                await enter(db, WRONG)
        assert (await enter(db, recovery)).id == cast.mia.id


async def test_tokens_that_there_are_go_on_working(db: Database, cast: Cast) -> None:
    secret = (await sign_in.issue(db, cast.mia.id, sign_in.API, None)).secret
    await armed(db, cast.mia)
    assert (await sign_in.by_token(db, secret, "test")).id == cast.mia.id


async def test_name_and_password_with_each_request_are_not_enough_but_a_token_is(db: Database, cast: Cast) -> None:
    assert (await sign_in.by_basic(db, MIA, PASSWORD, "test")).id == cast.mia.id
    await armed(db, cast.mia)
    with pytest.raises(SecondFactorNeeded):
        await sign_in.by_basic(db, MIA, PASSWORD, "test")
    made = await tokens.create(db, cast.mia, "the old client", ["CrmOpportunity-List"])
    assert (await sign_in.by_basic(db, MIA, made.secret, "test")).rights == {"CrmOpportunity-List"}
    with pytest.raises(Unauthenticated):
        await sign_in.by_basic(db, "noah@example.com", made.secret, "test")
    with pytest.raises(Unauthenticated):
        await sign_in.by_password(db, MIA, made.secret, "test")


async def test_another_process_asks_for_the_code_at_once(db: Database, cast: Cast) -> None:
    await enter(db)
    stale = db.rules
    await armed(db, cast.mia)
    db.rules = stale
    with pytest.raises(SecondFactorNeeded):
        await enter(db)


@pytest.mark.parametrize("proof", ["password", "code", "recovery"])
async def test_it_is_switched_off_by_whoever_proves_who_they_are(db: Database, cast: Cast, proof: str) -> None:
    phone = await armed(db, cast.mia)
    for wrong in ({"password": "x"}, {"code": WRONG}, {"code": "abcd-efgh-ijkl-mnop"}, {}):
        with pytest.raises(Invalid):
            await two_factor.switch_off(db, cast.mia, **wrong)
    right = {"password": {"password": PASSWORD}, "recovery": {"code": phone.recovery[3]}}
    await two_factor.switch_off(db, cast.mia, **(right.get(proof) or {"code": await phone.code()}))
    assert (await enter(db)).id == cast.mia.id
    assert await two_factor.state(db, cast.mia) == two_factor.State(False, 0)
    with pytest.raises(NotFound):
        await two_factor.switch_off(db, cast.mia, PASSWORD)


async def test_an_administrator_resets_it_but_not_that_of_who_may_more(db: Database, cast: Cast) -> None:
    await armed(db, cast.mia)
    for name in ("noah", "carl"):
        with pytest.raises(Forbidden):
            await two_factor.reset(db, cast.actor(name), cast.ids["mia"])
    await two_factor.reset(db, cast.olga, cast.ids["mia"])
    assert (await enter(db)).id == cast.mia.id
    await people.change_user(db, None, cast.ids["noah"], UserChange(standing=Standing.ADMIN))
    await armed(db, cast.olga)
    with pytest.raises(Forbidden):
        await two_factor.reset(db, cast.noah, cast.ids["olga"])
    await two_factor.reset(db, None, cast.ids["olga"])  # the command line
    assert not db.rules.users[cast.ids["olga"]].two_factor
    with pytest.raises(NotFound):
        await two_factor.reset(db, cast.olga, 999)


async def test_it_begins_with_the_password_and_only_where_none_is_on(db: Database, cast: Cast) -> None:
    with pytest.raises(Invalid):
        await two_factor.start(db, cast.mia, "wrong")
    with pytest.raises(NotFound):
        await two_factor.confirm(db, cast.mia, "123456")
    first = await two_factor.start(db, cast.mia, PASSWORD)
    second = await two_factor.start(db, cast.mia, PASSWORD)
    with pytest.raises(Invalid):
        await two_factor.confirm(db, cast.mia, await Phone(first.secret).code())
    await two_factor.confirm(db, cast.mia, await Phone(second.secret).code())
    for deed in (two_factor.start(db, cast.mia, PASSWORD), two_factor.confirm(db, cast.mia, "123456")):
        with pytest.raises(Conflict):
            await deed


async def test_a_token_with_a_scope_touches_no_second_factor(db: Database, cast: Cast) -> None:
    made = await tokens.create(db, cast.mia, "narrow", ["CrmOpportunity-List"])
    narrow = await sign_in.by_token(db, made.secret, "test")
    with pytest.raises(Forbidden):
        await two_factor.start(db, narrow, PASSWORD)


async def test_the_secret_is_in_no_event_no_log_and_not_in_what_describes_it(
    db: Database, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    phone = await armed(db, cast.mia)
    await enter(db, phone.recovery[0])
    await two_factor.switch_off(db, cast.mia, PASSWORD)
    told = [dict(zip(schema.event.c.keys(), row, strict=True)) for row in await db.rows(Query(select(schema.event)))]
    own = [row for row in told if row["subject"] == "user" and row["subject_id"] == cast.ids["mia"]][1:]
    assert [(row["before"], row["after"]) for row in own] == [
        ('{"two_factor":false}', '{"two_factor":true}'),
        ('{"two_factor":true}', '{"two_factor":false}'),
    ]
    for secret in (phone.secret, *phone.recovery):
        assert secret not in caplog.text
        assert secret not in str(told)
    assert phone.secret not in repr(two_factor.Started(phone.secret, phone.secret))


async def test_whoever_is_gone_leaves_no_secret_behind(db: Database, cast: Cast) -> None:
    await armed(db, cast.mia)
    await people.remove_user(db, cast.olga, cast.ids["mia"])
    assert await db.rows(Query(select(schema.two_factor))) == []
    assert await db.rows(Query(select(schema.recovery_code))) == []
