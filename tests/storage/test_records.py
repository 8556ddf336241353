"""The list engine: alike on both databases, exact where it says so, and never beyond what somebody may see."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from dealwright.actions import contacts, currencies, opportunities, stages, tasks, teams
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.currency import Quote, converted
from dealwright.domain.errors import RulesMoved
from dealwright.domain.opportunity import Change, Sharing
from dealwright.domain.pipeline import StageChange
from dealwright.domain.task import TaskChange
from dealwright.domain.team import TeamChange
from dealwright.storage import records, records_asked, records_cards
from dealwright.storage.database import Database
from dealwright.storage.query import Page
from dealwright.storage.records_subjects import SUBJECTS
from dealwright.storage.records_terms import Condition, Kept, Op, Sort
from tests.cast import Cast

NOON = datetime(2031, 3, 4, 12, tzinfo=UTC)


async def deal(cast: Cast, **said: object) -> int:
    """Make a deal in the first stage and return its id."""
    change = Change(stage_id=cast.db.rules.stages_of(cast.db.rules.default_pipeline.id)[0].id)
    for name, value in said.items():
        setattr(change, name, value)
    return (await opportunities.create(cast.db, cast.mia, change)).opportunity.id


async def found(cast: Cast, *conditions: Condition, subject: str = "opportunity", sort: Sort = Sort()) -> list[int]:  # noqa: B008
    """Return the ids that Olga finds."""
    return list((await records.find(cast.db, cast.olga, subject, conditions, sort, Page(0, 100))).rows)


def has(path: str, value: object, op: Op = Op.EQ) -> Condition:
    return Condition(path, op, value)


async def test_a_page_tells_the_exact_total_wherever_it_lies(db: Database, cast: Cast) -> None:
    ids = [await deal(cast) for _ in range(5)]
    for offset, limit, expected in ((0, 2, ids[:2]), (4, 2, ids[4:]), (6, 2, []), (0, 5, ids), (0, 50, ids)):
        page = await records.find(db, cast.olga, "opportunity", page=Page(offset, limit))
        assert (list(page.rows), page.total) == (expected, 5)
        narrowed = await records.find(db, cast.olga, "opportunity", [has("completed", False)], page=Page(offset, limit))
        assert (list(narrowed.rows), narrowed.total) == (expected, 5)


async def test_the_trash_is_neither_listed_nor_counted(db: Database, cast: Cast) -> None:
    gone, stays = await deal(cast), await deal(cast)
    await opportunities.delete(db, cast.mia, gone)
    page = await records.find(db, cast.olga, "opportunity", page=Page(0, 1))
    assert (list(page.rows), page.total) == ([stays], 1)


async def test_every_list_is_asked_as_the_person_who_asks(db: Database, cast: Cast) -> None:
    mine = await deal(cast, title="Ours", sharing=Sharing(True, (cast.mia.uid, cast.carl.uid)))
    everybodys = await deal(cast, title="Ours too")
    person = await contacts.create(db, cast.mia, ContactChange(first_name="Ann", sharing=Share.NOBODY))
    task = await tasks.create(db, cast.mia, TaskChange(title="Call", contact_id=person.contact.id))
    for subject, hidden, seen in (
        ("opportunity", [mine], [everybodys]),
        ("contact", [person.contact.id], []),
        ("task", [task.task.id], []),
    ):
        assert list((await records.find(db, cast.noah, subject)).rows) == seen
        assert list((await records.find(db, cast.mia, subject)).rows) == hidden + seen
    seen = list((await records.find(db, cast.noah, "stage_visit")).rows)
    assert len(seen) == 1
    assert len((await records.find(db, cast.olga, "stage_visit")).rows) == 2
    both = await records.find(db, cast.noah, "opportunity", [has("title", "ours")], page=Page(0, 1))
    assert (list(both.rows), both.total) == ([everybodys], 1)


async def test_texts_ignore_case_and_equal_ones_come_first(cast: Cast) -> None:
    part, exact = await deal(cast, title="Über den Dächern"), await deal(cast, title="ÜBER")
    await deal(cast, title="Unter Tage")
    assert await found(cast, has("title", "über")) == [exact, part]
    assert await found(cast, has("title", "uber"), sort=Sort("id", descending=True)) == [exact, part]
    assert await found(cast, has("title", "über den dächern und")) == []


@pytest.mark.parametrize(
    "text",
    ["orner office", "orner off", "corner office, 2nd", "FICE, 2ND FL", "2nd floor (north)", "r office, 2", "ffice"],
)
async def test_a_text_is_found_by_any_part_of_it_also_where_words_are_cut(cast: Cast, text: str) -> None:
    one = await deal(cast, title="Corner office, 2nd floor (north)", description="not the second office")
    await deal(cast, title="Corner room, 2nd floor", description="an office on the 2nd floor (north)")
    assert await found(cast, has("title", text)) == [one]
    change = ContactChange(is_company=True, name="Corner office, 2nd floor (north)", email="x@example.com")
    firm = (await contacts.create(cast.db, cast.mia, change)).contact.id
    theirs = await deal(cast, contact_id=firm)
    assert await found(cast, has("contact.display_name", text)) == [theirs]
    assert await found(cast, has("display_name", text), subject="contact") == [firm]


@pytest.mark.parametrize("text", ["50% off", "a_b", "O'Hara", 'say "yes"', "back\\slash", "{x}", "?", "$1", "%s"])
async def test_nothing_in_a_text_means_anything_to_the_database(cast: Cast, text: str) -> None:
    one = await deal(cast, title=f"it is {text} indeed", description=f"and {text} again")
    await deal(cast, title="5000 off, acb, O Hara, say yes")
    assert await found(cast, has("title", text)) == [one]
    assert await found(cast, has("description", text)) == [one]


async def test_texts_without_a_folded_twin_ignore_the_case_of_plain_letters(cast: Cast) -> None:
    one = await deal(cast, description="Wants Two Desks by the Fenster")
    assert await found(cast, has("description", "two desks BY")) == [one]


@pytest.mark.parametrize("descending", [False, True])
async def test_missing_values_come_first_upwards_and_last_downwards(cast: Cast, descending: bool) -> None:
    late = await deal(cast, follow_up_at=NOON, responsible=cast.noah.uid, amount=Decimal("2.5"))
    never = await deal(cast)
    soon = await deal(cast, follow_up_at=NOON - timedelta(days=1), responsible=cast.mia.uid, amount=Decimal("-1"))
    for path in ("follow_up_at", "responsible.name", "amount"):
        expected = [never, soon, late]
        ids = await found(cast, sort=Sort(path, descending))
        assert ids == (expected[::-1] if descending else expected), path


async def test_ranges_hold_their_bounds(cast: Cast) -> None:
    one = await deal(cast, follow_up_at=NOON)
    second = timedelta(microseconds=1)
    for op, moment, hit in (
        *((Op.GE, NOON, True), (Op.GE, NOON + second, False), (Op.LE, NOON, True)),
        *((Op.LE, NOON - second, False), (Op.EQ, NOON, True), (Op.EQ, NOON + second, False)),
    ):
        assert await found(cast, has("follow_up_at", moment, op)) == ([one] if hit else [])


async def test_a_list_of_ids_is_one_question_however_long(db: Database, cast: Cast) -> None:
    ids = [await deal(cast) for _ in range(3)]
    known = len(records_asked._QUERIES)
    assert await found(cast, Condition("id", Op.IN, (ids[2], ids[0], 99))) == [ids[0], ids[2]]
    shapes = len(records_asked._QUERIES)
    assert await found(cast, Condition("id", Op.IN, tuple(ids) * 100)) == ids
    assert await found(cast, Condition("id", Op.IN, ())) == []
    assert len(records_asked._QUERIES) == shapes <= known + 1


async def test_what_a_stage_says_is_asked_of_the_stage(db: Database, cast: Cast) -> None:
    rules = db.rules
    first, second = rules.stages_of(rules.default_pipeline.id)[:2]
    one, other = await deal(cast), await deal(cast, stage_id=second.id)
    assert await found(cast, has("stage.title", first.title)) == [one]
    assert await found(cast, has("stage.pipeline.location.currency.code", "usd")) == [one, other]
    assert await found(cast, has("stage.title", "no such stage")) == []
    names = {one: first.title.lower(), other: second.title.lower()}
    assert await found(cast, sort=Sort("stage.title")) == sorted(names, key=lambda ident: names[ident])
    exact = await stages.create(db, cast.olga, StageChange(title="Suspect of", position=1))
    last = await deal(cast, stage_id=exact.id)
    assert await found(cast, has("stage.title", "suspect of")) == [last]


async def test_equal_stages_come_before_those_whose_name_contains_it(db: Database, cast: Cast) -> None:
    long = await stages.create(db, cast.olga, StageChange(title="Almost sold"))
    short = await stages.create(db, cast.olga, StageChange(title="Sold"))
    almost, sold = await deal(cast, stage_id=long.id), await deal(cast, stage_id=short.id)
    assert await found(cast, has("stage.title", "SOLD")) == [sold, almost]


# Amounts -----------------------------------------------------------------------------------------------------

AMOUNTS = [Decimal(text) for text in ("-5", "-0.000000001", "0", "0.1", "1", "1.000000001", "9.99", "1000000", "0.3")]


async def priced(cast: Cast, *currencies_: str) -> dict[int, Decimal | None]:
    """Make deals of every amount in every currency; return what they are shown as."""
    shown: dict[int, Decimal | None] = {await deal(cast): None}
    for amount, currency in itertools.product(AMOUNTS, currencies_):
        ident = await deal(cast, amount=amount, currency=currency)
        shown[ident] = converted(amount, cast.db.rules.rates, currency, "USD")
    return shown


@pytest.mark.parametrize("op", [Op.EQ, Op.GE, Op.LE])
async def test_amounts_are_compared_as_they_are_shown(db: Database, cast: Cast, op: Op) -> None:
    for code, rate in (("EUR", "1.1"), ("JPY", "0.0067"), ("GBP", "1.333333333")):
        await currencies.set_rate(db, cast.olga, Quote(code, "USD", Decimal(rate)))
    shown = await priced(cast, "USD", "EUR", "JPY", "GBP", "CHF")
    bounds = {value for value in shown.values() if value is not None} | {Decimal("0.5"), Decimal("1.000000002")}
    holds = {Op.EQ: Decimal.__eq__, Op.GE: Decimal.__ge__, Op.LE: Decimal.__le__}[op]
    for bound in sorted(bounds):
        expected = sorted(one for one, value in shown.items() if value is not None and holds(value, bound))
        assert await found(cast, has("amount", bound, op)) == expected, bound


async def test_amounts_are_ordered_as_they_are_shown_also_beside_other_currencies(db: Database, cast: Cast) -> None:
    await currencies.set_rate(db, cast.olga, Quote("EUR", "USD", Decimal("2")))
    for kinds in (("USD",), ("USD", "EUR", "CHF")):
        shown = await priced(cast, *kinds)
        for descending in (False, True):
            ids = [one for one in await found(cast, sort=Sort("amount", descending)) if one in shown]
            values = [shown[one] for one in ids]
            present = [value for value in values if value is not None]
            assert present == sorted(present, reverse=descending)
            assert values == (
                present + [None] * (len(values) - len(present))
                if descending
                else [None] * (len(values) - len(present)) + present
            )


async def test_an_amount_belongs_to_the_currency_of_its_own_location(db: Database, cast: Cast) -> None:
    """Two locations with different currencies: the same stored amount is shown here and not there."""
    from dealwright.actions import pipelines
    from dealwright.domain.pipeline import PipelineChange
    from dealwright.storage.schema import location
    from dealwright.storage.writes import Insert

    row = {"uid": "00000000-0000-4000-8000-000000000001", "created_at": 1, "updated_at": 1, "currency": "EUR"}
    place = (await db.apply_rules([Insert(location, {**row, "name": "Riga"}, made="place")], None))["place"]
    board = await pipelines.create(db, cast.olga, PipelineChange(name="Riga", location_id=place))
    there = await stages.create(db, cast.olga, StageChange(title="There", pipeline_id=board.id))
    here_usd = await deal(cast, amount=Decimal(5), currency="USD")
    here_eur = await deal(cast, amount=Decimal(4), currency="EUR")
    there_eur = await deal(cast, amount=Decimal(5), currency="EUR", stage_id=there.id)
    there_usd = await deal(cast, amount=Decimal(6), currency="USD", stage_id=there.id)
    assert await found(cast, has("amount", Decimal(5))) == [here_usd, there_eur]
    assert await found(cast, has("amount", Decimal(0), Op.GE)) == [here_usd, there_eur]
    assert (await found(cast, sort=Sort("amount", True)))[:2] == [there_eur, here_usd]
    await currencies.set_rate(db, cast.olga, Quote("EUR", "USD", Decimal(2)))
    assert await found(cast, sort=Sort("amount")) == [there_usd, here_usd, there_eur, here_eur]
    assert await found(cast, has("amount", Decimal(8))) == [here_eur]


# Members that a face only keeps ------------------------------------------------------------------------------


async def test_kept_members_compare_by_their_type_and_by_their_default(db: Database, cast: Cast) -> None:
    kept = {"Vip": True, "Seats": 12, "Rate": "7.50", "Since": "2031-03-04T12:00:00.000000Z", "Nick": "The Desk"}
    one = (await teams.create(db, cast.olga, TeamChange(name="A", extra=kept))).team.id
    two = (await teams.create(db, cast.olga, TeamChange(name="B"))).team.id
    flag, whole = Kept("Vip", "flag", False), Kept("Seats", "whole", 3)
    rate, since, nick = Kept("Rate", "decimal", 0), Kept("Since", "instant"), Kept("Nick", "text")
    for member, op, value, expected in (
        *((flag, Op.EQ, True, [one]), (flag, Op.EQ, False, [two]), (whole, Op.EQ, 3, [two])),
        *((whole, Op.GE, 4, [one]), (whole, Op.IN, (3, 12), [one, two]), (rate, Op.EQ, Decimal("7.5"), [one])),
        *((rate, Op.LE, Decimal(1), [two]), (since, Op.GE, NOON, [one]), (since, Op.LE, NOON - timedelta(1), [])),
        *((nick, Op.EQ, "desk", [one]), (nick, Op.EQ, "chair", [])),
    ):
        assert await found(cast, Condition(member.name, op, value, member), subject="team") == expected, member
    for member in (flag, whole, rate, since, nick):
        down = await found(cast, subject="team", sort=Sort(member.name, True, member))
        assert down == [one, two], member


# The rest ----------------------------------------------------------------------------------------------------


async def test_a_local_time_is_that_of_the_wall_at_the_location(db: Database, cast: Cast) -> None:
    from dealwright.actions import locations
    from dealwright.domain.pipeline import LocationChange

    await locations.change(db, cast.olga, db.rules.location.id, LocationChange(time_zone="Europe/Riga"))
    task = (await tasks.create(db, cast.mia, TaskChange(title="Call", deadline=NOON))).task.id
    assert await found(cast, has("deadline_local", NOON + timedelta(hours=2)), subject="task") == [task]
    assert await found(cast, has("deadline_local", NOON), subject="task") == []


@pytest.mark.parametrize("subject", SUBJECTS)
async def test_every_field_can_be_ordered_by(cast: Cast, subject: str) -> None:
    for path in SUBJECTS[subject].fields:
        up = await found(cast, subject=subject, sort=Sort(path))
        assert await found(cast, subject=subject, sort=Sort(path, descending=True)) == up[::-1], path


async def test_lists_and_rows_notice_that_the_rules_have_moved(db: Database, cast: Cast) -> None:
    ident, stale = await deal(cast), cast.olga
    await db.apply_rules([], None)
    for read in (
        lambda: records.find(db, stale, "opportunity"),
        lambda: records.find(db, stale, "opportunity", [has("title", "nothing")]),
        lambda: records_cards.read(db, stale, ident),
        lambda: records_cards.read_many(db, stale, [ident]),
    ):
        with pytest.raises(RulesMoved):
            await read()
