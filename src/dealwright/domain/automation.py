"""Stage automation: what entering a stage sets off, and what brings a contact into a stage by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

from dealwright.domain.actor import RIGHTS, Actor, Standing
from dealwright.domain.pipeline import Stage

VIA: Final = "automation"
"""How events tell that a rule acted, on behalf of whoever set it off or of nobody."""
OWN_RESPONSIBLES: Final = "UseTaskListAsResponsible"
NEW_CONTACTS: Final = "AssignToNewContacts"
"""The flag of a task list that every new contact gets its tasks."""


class Account(Enum):
    """What a stage does with the contact of a deal; the values are the flags that say so."""

    DELETE = "DeleteAccount"
    DEACTIVATE = "DeactivateAccount"
    ACTIVATE = "ActivateAccount"


class Trigger(StrEnum):
    """Something that happens for a contact; the values are the flags of the stages that wait for it."""

    FORM_SUBMITTED = "SignUps"
    MESSAGE_RECEIVED = "ContactMessages"
    PROPOSAL_SENT = "ProposalsSent"
    PROPOSAL_ACCEPTED = "ProposalsAccepted"
    DOCUMENT_SIGNED = "DocumentsSigned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a stage sets off when a deal enters it, beside winning and losing.

    `own_responsibles` gives the tasks to whom their items name, else they go to who owns the deal.
    """

    canned_response_id: int | None = None
    task_list_id: int | None = None
    own_responsibles: bool = False
    account: Account | None = None

    @property
    def is_about_contact(self) -> bool:
        """Whether the contact must be known to do it."""
        return self.canned_response_id is not None or self.account is not None


def entry_of(stage: Stage) -> Entry | None:
    """Return what a stage sets off, None where that is nothing. Deleting wins over deactivating over activating."""
    account = next((one for one in Account if stage.extra.get(one.value)), None) if stage.extra else None
    if account is None and stage.canned_response_id is None and stage.task_list_id is None:
        return None
    return Entry(
        canned_response_id=stage.canned_response_id,
        task_list_id=stage.task_list_id,
        own_responsibles=bool(stage.extra.get(OWN_RESPONSIBLES)),
        account=account,
    )


def waiting(stages: Iterable[Stage], trigger: Trigger) -> list[Stage]:
    """Return the stages that a contact comes into when this happens for it."""
    return [stage for stage in stages if stage.extra.get(trigger.value)]


def nobody(stamp: int) -> Actor:
    """Return who acts where no person does, under the rules of a stamp: a rule, with every right."""
    return Actor(id=0, uid="", email="", name="", standing=Standing.OWNER, rights=RIGHTS, stamp=stamp, via=VIA)
