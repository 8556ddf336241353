"""Deals: what a change says, and what follows from it. The closing rules cell by cell."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwright.domain.errors import Invalid
from dealwright.domain.opportunity import (
    COMPARED,
    SCALARS,
    TITLE_LENGTH,
    Change,
    Opportunity,
    Sharing,
    changed,
    checked,
    closing_stage,
    differences,
    missing_requirements,
    priced,
)
from dealwright.domain.pipeline import Outcome, Stage, Stamps
from dealwright.domain.values import DERIVE, UNSET

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
BEFORE = NOW - timedelta(days=30)
SAID = NOW - timedelta(days=2)
STAMPS = Stamps(created_at=BEFORE, updated_at=BEFORE)
OPEN, WON, LOST = Outcome.OPEN, Outcome.WON, Outcome.LOST


def stage(ident: int, outcome: Outcome, probability: int = 0, **values: Any) -> Stage:
    return Stage(
        id=ident,
        uid="s",
        pipeline_id=1,
        title=outcome.name,
        position=ident,
        probability=probability,
        outcome=outcome,
        stamps=STAMPS,
        **values,
    )


LEAD, OFFER = stage(1, OPEN, 5), stage(2, OPEN, 40)
SIGNED, OVER = stage(3, WON, 100), stage(4, LOST, 0)
CLOSING = [(SIGNED, "won_at", "lost_at"), (OVER, "lost_at", "won_at")]


def deal(at: Stage = LEAD, /, **values: Any) -> Opportunity:
    facts = {"created_at": BEFORE, "updated_at": BEFORE, "moved_at": BEFORE, **values}
    return Opportunity(id=1, uid="o", version=1, stage_id=at.id, **facts)


def moved(before: Opportunity, to: Stage, **said: Any) -> Opportunity:
    return changed(before, Change(stage_id=to.id, **said), to, NOW)


def stayed(before: Opportunity, at: Stage, **said: Any) -> Opportunity:
    return changed(before, Change(**said), at, NOW)


# Entering a won or a lost stage --------------------------------------------------------------------------------


@pytest.mark.parametrize("to", [SIGNED, OVER])
@pytest.mark.parametrize("said", [UNSET, DERIVE, OPEN, WON, LOST])
def test_entering_a_closing_stage_takes_its_outcome_whatever_was_said(to: Stage, said: Any) -> None:
    assert moved(deal(), to, outcome=said).outcome is to.outcome


@pytest.mark.parametrize("to", [SIGNED, OVER])
@pytest.mark.parametrize("said", [UNSET, DERIVE, True, False])
def test_entering_a_closing_stage_completes_the_deal(to: Stage, said: Any) -> None:
    assert moved(deal(), to, completed=said).completed is True


@pytest.mark.parametrize(("to", "own", "other"), CLOSING)
def test_entering_a_closing_stage_dates_it_as_said(to: Stage, own: str, other: str) -> None:
    after = moved(deal(**{own: BEFORE, other: BEFORE}), to, **{own: SAID})
    assert (getattr(after, own), getattr(after, other)) == (SAID, BEFORE)


@pytest.mark.parametrize(("to", "own", "other"), CLOSING)
@pytest.mark.parametrize("said", [UNSET, None])
def test_entering_a_closing_stage_keeps_the_stored_date(to: Stage, own: str, other: str, said: Any) -> None:
    after = moved(deal(**{own: BEFORE}), to, **{own: said})
    assert (getattr(after, own), getattr(after, other)) == (BEFORE, None)


@pytest.mark.parametrize(("to", "own", "other"), CLOSING)
@pytest.mark.parametrize("said", [UNSET, None])
def test_entering_a_closing_stage_dates_it_now_where_no_date_is_known(
    to: Stage, own: str, other: str, said: Any
) -> None:
    after = moved(deal(), to, **{own: said})
    assert (getattr(after, own), getattr(after, other)) == (NOW, None)


@pytest.mark.parametrize(("to", "own", "other"), CLOSING)
def test_entering_a_closing_stage_the_other_date_is_what_was_said(to: Stage, own: str, other: str) -> None:
    after = moved(deal(**{other: BEFORE}), to, **{other: None})
    assert (getattr(after, own), getattr(after, other)) == (NOW, None)


@pytest.mark.parametrize("to", [SIGNED, OVER])
@pytest.mark.parametrize("said", [SAID, None])
def test_entering_a_closing_stage_closes_when_it_was_said_even_never(to: Stage, said: Any) -> None:
    assert moved(deal(closed_at=BEFORE), to, closed_at=said).closed_at == said


@pytest.mark.parametrize(("to", "own", "other"), CLOSING)
@pytest.mark.parametrize("known", [None, BEFORE])
def test_entering_a_closing_stage_closes_with_its_own_date(
    to: Stage, own: str, other: str, known: datetime | None
) -> None:
    after = moved(deal(closed_at=SAID, **{own: known, other: SAID}), to)
    assert after.closed_at == getattr(after, own) == (known or NOW)


@pytest.mark.parametrize("to", [SIGNED, OVER])
def test_entering_a_closing_stage_takes_its_probability_unless_one_is_said(to: Stage) -> None:
    assert moved(deal(probability=33), to).probability == to.probability
    assert moved(deal(probability=33), to, probability=66).probability == 66


# Entering an open stage -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "outcome"), [(UNSET, OPEN), (DERIVE, OPEN), (OPEN, OPEN), (WON, WON), (LOST, LOST)])
def test_entering_an_open_stage_takes_the_outcome_said_else_open(said: Any, outcome: Outcome) -> None:
    assert moved(deal(SIGNED, outcome=WON), OFFER, outcome=said).outcome is outcome


@pytest.mark.parametrize(("said", "completed"), [(UNSET, False), (DERIVE, False), (False, False), (True, True)])
def test_entering_an_open_stage_is_complete_only_where_that_is_said(said: Any, completed: bool) -> None:
    assert moved(deal(SIGNED, completed=True), OFFER, completed=said).completed is completed


def test_entering_an_open_stage_is_not_complete_because_of_the_outcome_said() -> None:
    assert moved(deal(), OFFER, outcome=WON, completed=DERIVE).completed is False


@pytest.mark.parametrize("name", ["won_at", "lost_at"])
@pytest.mark.parametrize(("said", "kept"), [(UNSET, BEFORE), (SAID, SAID), (None, None)])
def test_entering_an_open_stage_keeps_its_dates_unless_others_are_said(name: str, said: Any, kept: Any) -> None:
    assert getattr(moved(deal(SIGNED, **{name: BEFORE}), OFFER, **{name: said}), name) == kept


@pytest.mark.parametrize(("said", "kept"), [(UNSET, None), (SAID, SAID), (None, None)])
def test_entering_an_open_stage_is_closed_no_more_unless_that_is_said(said: Any, kept: Any) -> None:
    assert moved(deal(SIGNED, closed_at=BEFORE), OFFER, closed_at=said).closed_at == kept


def test_entering_an_open_stage_takes_its_probability_unless_one_is_said() -> None:
    assert moved(deal(probability=33), OFFER).probability == OFFER.probability
    assert moved(deal(probability=33), OFFER, probability=0).probability == 0


# Where the stage stays ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [LEAD, SIGNED, OVER])
@pytest.mark.parametrize("stored", list(Outcome))
@pytest.mark.parametrize("said", [UNSET, DERIVE, OPEN, WON, LOST])
def test_a_stage_that_stays_leaves_the_outcome_to_what_is_said(at: Stage, stored: Outcome, said: Any) -> None:
    expected = stored if said is UNSET else at.outcome if said is DERIVE else said
    assert stayed(deal(at, outcome=stored), at, outcome=said).outcome is expected


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("said", [UNSET, True, False])
def test_a_stage_that_stays_leaves_completion_to_what_is_said(stored: bool, said: Any) -> None:
    expected = stored if said is UNSET else said
    assert stayed(deal(completed=stored), LEAD, completed=said).completed is expected


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("stored", [True, False])
def test_derived_completion_follows_the_outcome_that_results(outcome: Outcome, stored: bool) -> None:
    after = stayed(deal(completed=stored), LEAD, outcome=outcome, completed=DERIVE)
    assert after.completed is (outcome is not OPEN)


@pytest.mark.parametrize("name", ["won_at", "lost_at", "closed_at"])
@pytest.mark.parametrize("at", [LEAD, SIGNED, OVER])
@pytest.mark.parametrize(("said", "kept"), [(UNSET, BEFORE), (SAID, SAID), (None, None)])
def test_a_stage_that_stays_keeps_its_dates_unless_others_are_said(at: Stage, name: str, said: Any, kept: Any) -> None:
    assert getattr(stayed(deal(at, **{name: BEFORE}), at, **{name: said}), name) == kept


@pytest.mark.parametrize("at", [LEAD, SIGNED])
def test_a_stage_that_stays_keeps_the_probability_unless_one_is_said(at: Stage) -> None:
    assert stayed(deal(at, probability=33), at).probability == 33
    assert stayed(deal(at, probability=33), at, probability=66).probability == 66


# Beside closing -------------------------------------------------------------------------------------------------


def test_creation_enters_its_stage() -> None:
    after = changed(deal(SIGNED), Change(stage_id=SIGNED.id), SIGNED, NOW, entering=True)
    assert (after.outcome, after.completed, after.won_at, after.closed_at) == (WON, True, NOW, NOW)


def test_only_a_new_stage_or_outcome_moves_a_deal() -> None:
    assert moved(deal(), OFFER).moved_at == NOW
    assert stayed(deal(), LEAD, outcome=WON).moved_at == NOW
    assert stayed(deal(), LEAD, title="Ten desks", outcome=OPEN).moved_at == BEFORE


@given(st.sampled_from([LEAD, OFFER, SIGNED, OVER]), st.sampled_from([LEAD, OFFER, SIGNED, OVER]))
def test_saying_nothing_of_a_deal_where_it_stands_changes_nothing(at: Stage, to: Stage) -> None:
    there = moved(deal(at), to)
    assert stayed(there, to) == there
    assert moved(there, to) == there


def test_a_change_leaves_the_deal_it_was_made_from_alone() -> None:
    before = deal(title="Ten desks")
    assert moved(before, SIGNED, title="Twenty desks").title == "Twenty desks"
    assert before == deal(title="Ten desks")


def test_every_field_of_a_change_that_is_plain_is_a_field_of_a_deal() -> None:
    assert set(SCALARS) <= {field.name for field in fields(Opportunity)}


def test_differences_name_what_differs_and_no_bookkeeping() -> None:
    before = deal(title="Ten desks")
    after = replace(before, title="Twenty", version=9, updated_at=NOW, updated_by=4)
    assert differences(before, after) == ["title"]
    assert "moved_at" in COMPARED


# Amounts --------------------------------------------------------------------------------------------------------

TEN = Decimal(10)


@pytest.mark.parametrize(
    ("said", "result"),
    [
        ({}, (TEN, "EUR")),
        ({"amount": Decimal(7)}, (Decimal(7), "EUR")),
        ({"amount": None}, (None, "EUR")),
        ({"currency": "USD"}, (TEN, "USD")),
        ({"amount": Decimal(0), "currency": "USD"}, (Decimal(0), "USD")),
        ({"amount": Decimal(0), "zero_keeps_none": True}, (Decimal(0), "EUR")),
    ],
)
def test_amount_and_currency_are_what_is_said(said: dict[str, Any], result: tuple[Any, Any]) -> None:
    assert priced(deal(amount=TEN, currency="EUR"), Change(**said), None, "") == result


def test_a_zero_leaves_a_deal_unpriced_where_the_contract_cannot_say_none() -> None:
    unpriced = deal(currency="EUR")
    assert priced(unpriced, Change(amount=Decimal(0), zero_keeps_none=True), None, "") == (None, "EUR")
    assert priced(unpriced, Change(amount=None, currency="USD", zero_keeps_none=True), None, "") == (None, "USD")
    assert priced(unpriced, Change(amount=Decimal(1), zero_keeps_none=True), None, "") == (Decimal(1), "EUR")


def test_the_local_amount_sent_back_as_shown_changes_nothing() -> None:
    euros, said = deal(amount=TEN, currency="EUR"), Change(amount=Decimal(9), amount_is_local=True)
    assert priced(euros, said, Decimal(9), "GBP") == (TEN, "EUR")
    assert priced(euros, said, Decimal(8), "GBP") == (Decimal(9), "GBP")
    assert priced(euros, Change(amount=None, amount_is_local=True), None, "GBP") == (TEN, "EUR")
    assert priced(deal(), Change(amount=None, amount_is_local=True), None, "GBP") == (None, "GBP")


# What is refused, asked for, shared -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"title": "x" * (TITLE_LENGTH + 1)}, "title", "too_long"),
        ({"title": "a\0b"}, "title", "format"),
        ({"description": "\ud800"}, "description", "format"),
        ({"amount": Decimal("1E15")}, "amount", "out_of_range"),
        ({"amount": Decimal("0.0000000001")}, "amount", "out_of_range"),
        ({"amount": Decimal("NaN")}, "amount", "out_of_range"),
        ({"amount": Decimal("1E+999999")}, "amount", "out_of_range"),
        ({"probability": 101}, "probability", "out_of_range"),
        ({"probability": -1}, "probability", "out_of_range"),
        ({"custom": {1: "\0"}}, "custom", "format"),
    ],
)
def test_a_value_that_cannot_be_kept_is_refused(said: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(Change(**said))
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [(field, code)]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        checked(Change(title="\0", probability=400, amount=Decimal("Infinity")))
    assert {problem.field for problem in refused.value.problems} == {"title", "probability", "amount"}


def test_a_stage_asks_for_every_missing_field_at_once() -> None:
    asking = stage(9, OPEN, required_fields=("title", "amount", "loss_reason"))
    named = {problem.field for problem in missing_requirements(deal(title="", amount=Decimal(0)), asking)}
    assert named == {"title", "loss_reason"}


@pytest.mark.parametrize(
    ("wish", "granted"),
    [
        (Sharing(), Sharing()),
        (Sharing(False, ("noah",)), Sharing()),
        (Sharing(True, ()), Sharing()),
        (Sharing(True, ("noah", "noah")), Sharing(True, ("noah", "mia"))),
        (Sharing(True, ("mia", "noah")), Sharing(True, ("mia", "noah"))),
    ],
)
def test_private_needs_a_list_and_never_leaves_oneself_out(wish: Sharing, granted: Sharing) -> None:
    assert wish.by("mia") == granted


def test_the_first_stage_of_an_outcome_closes_and_none_does_without_one() -> None:
    again = stage(8, WON)
    assert closing_stage([LEAD, SIGNED, again], WON) is SIGNED
    assert closing_stage([LEAD, SIGNED], LOST) is None
