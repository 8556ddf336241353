"""Proposals: their totals, and the commands that send one and have one accepted (related, Proposal)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from dealwright.actions import proposals
from dealwright.dialects.nexudus.entities.proposals import PROPOSAL
from dealwright.dialects.nexudus.handlers.plainrecords import handler
from dealwright.dialects.nexudus.handling import Call, Listed
from dealwright.dialects.nexudus.reading import Command
from dealwright.dialects.nexudus.shown import Values
from dealwright.domain.actor import Actor
from dealwright.domain.proposal import total
from dealwright.storage.database import Database
from dealwright.storage.plain_records import PlainRecord

Step = Callable[[Database, Actor, int], Awaitable[PlainRecord]]


def sums(proposal: PlainRecord) -> Values:
    """Return what a proposal comes to: what is due at once, and what comes again where it is about a plan."""
    values = proposal.values
    whole = total(values["price"], values["quantity"])
    recurring = whole if values["extra"].get("TariffId") else 0
    return {"Total": whole, "SignupTotal": whole, "RecurringTotal": recurring}


def _command(key: str, name: str, step: Step) -> Listed:
    async def run(call: Call, command: Command) -> str:
        for proposal_id in command.ids:
            await step(call.db, call.actor, proposal_id)
        return "Proposal was successfully updated."

    return Listed(key, name, run)


PROPOSALS: Final = handler(
    PROPOSAL,
    proposals.PROPOSAL,
    derived=sums,
    commands={
        "PROPOSAL_SEND": _command("PROPOSAL_SEND", "Send proposals", proposals.send),
        "PROPOSAL_ACCEPT": _command("PROPOSAL_ACCEPT", "Accept proposals", proposals.accept),
    },
)
