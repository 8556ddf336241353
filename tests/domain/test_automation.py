"""What a stage sets off, read from what is kept with it."""

from __future__ import annotations

from typing import Any

import pytest

from dealwright.domain.actor import RIGHTS
from dealwright.domain.automation import Account, Entry, Trigger, entry_of, nobody, waiting
from dealwright.domain.opportunity import Sharing
from dealwright.domain.pipeline import Stage, Stamps
from dealwright.domain.values import EPOCH


def stage(ident: int = 1, extra: dict[str, Any] | None = None, **values: Any) -> Stage:
    stamps = Stamps(created_at=EPOCH, updated_at=EPOCH)
    return Stage(id=ident, uid="u", pipeline_id=1, title="S", position=1, stamps=stamps, extra=extra or {}, **values)


@pytest.mark.parametrize("extra", [{}, {"Bookings": True, "UseTaskListAsResponsible": True}, {"DeleteAccount": False}])
def test_a_stage_without_actions_sets_nothing_off(extra: dict[str, Any]) -> None:
    assert entry_of(stage(extra=extra)) is None


def test_a_stage_says_what_it_sets_off() -> None:
    found = entry_of(stage(canned_response_id=3, task_list_id=4, extra={"UseTaskListAsResponsible": True}))
    assert found == Entry(canned_response_id=3, task_list_id=4, own_responsibles=True)


@pytest.mark.parametrize(
    ("flags", "account"),
    [
        (["ActivateAccount"], Account.ACTIVATE),
        (["ActivateAccount", "DeactivateAccount"], Account.DEACTIVATE),
        (["ActivateAccount", "DeactivateAccount", "DeleteAccount"], Account.DELETE),
    ],
)
def test_of_what_contradicts_itself_the_stricter_counts(flags: list[str], account: Account) -> None:
    found = entry_of(stage(extra=dict.fromkeys(flags, True)))
    assert found is not None
    assert found.account is account


def test_the_contact_matters_to_letters_and_accounts_alone() -> None:
    assert Entry(canned_response_id=1).is_about_contact
    assert Entry(account=Account.ACTIVATE).is_about_contact
    assert not Entry(task_list_id=1, own_responsibles=True).is_about_contact


def test_stages_wait_for_what_they_name() -> None:
    stages = [stage(1, {"ProposalsSent": True}), stage(2), stage(3, {"SignUps": True, "ProposalsSent": False})]
    assert [one.id for one in waiting(stages, Trigger.PROPOSAL_SENT)] == [1]
    assert [one.id for one in waiting(stages, Trigger.FORM_SUBMITTED)] == [3]
    assert waiting(stages, Trigger.MESSAGE_RECEIVED) == []


def test_nobody_may_do_everything_and_leaves_no_name() -> None:
    actor = nobody(7)
    assert (actor.by, actor.uid, actor.stamp, actor.rights) == (None, "", 7, RIGHTS)
    assert Sharing(True, ("ann",)).by(actor.uid) == Sharing(True, ("ann",))
