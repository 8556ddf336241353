"""Deeds on proposals beside those of every plain record: send one, have one accepted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from dealwright.actions import automation, messages
from dealwright.actions import plain_records as deeds
from dealwright.actions.deed import attempted, now
from dealwright.actions.plain_records import Entity
from dealwright.domain.actor import Actor
from dealwright.domain.automation import Trigger
from dealwright.domain.errors import invalid
from dealwright.domain.proposal import ACCEPTED_STAYS, ACCEPTING, SENDING, Status, problems_of, total
from dealwright.storage import plain_records as store
from dealwright.storage.database import Database
from dealwright.storage.plain_kinds import PROPOSAL as KIND
from dealwright.storage.plain_records import PlainRecord
from dealwright.storage.rules import Rules
from dealwright.storage.writes import Write

_OTHERWISE: Final[Mapping[int, str]] = {Status.REJECTED: "rejected", Status.DRAFT: "reopened"}


def _happening(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    return "changed" if before["status"] == after["status"] else _OTHERWISE[after["status"]]


PROPOSAL: Final = Entity(
    kind=KIND,
    stem="Proposal",
    needs=("location_id", "responsible_id", "contact_id", "reference"),
    starts={"status": Status.DRAFT, "quantity": 1},
    check=problems_of,
    happening=_happening,
)


async def send(db: Database, actor: Actor, proposal_id: int, version: int | None = None) -> PlainRecord:
    """Send a proposal to its contact, by mail where the contact has an address, and return it; it can be sent again.

    Refuses with Forbidden, NotFound, Invalid one that was accepted or rejected, and Outdated.
    """

    def letter(before: PlainRecord, at: datetime) -> list[Write]:
        return messages.to_contact(actor, before.contact, *_letter(db.rules, before), at) if before.contact else []

    return await _moved(db, actor, proposal_id, version, Status.SENT, SENDING, letter)


async def accept(db: Database, actor: Actor, proposal_id: int, version: int | None = None) -> PlainRecord:
    """Note that a proposal was accepted, and return it. Refuses as `send`, and one that was not sent."""
    return await _moved(db, actor, proposal_id, version, Status.ACCEPTED, ACCEPTING, lambda _, __: [])


async def _moved(
    db: Database,
    actor: Actor,
    proposal_id: int,
    version: int | None,
    to: Status,
    allowed: Iterable[int],
    letter: Callable[[PlainRecord, datetime], list[Write]],
) -> PlainRecord:
    actor.require("Proposal-Edit")

    async def deed(_: int) -> PlainRecord:
        before = await store.read(db, actor, KIND, proposal_id)
        deeds.expect(before, version)
        if before.values["status"] not in allowed:
            raise invalid("status", "not_allowed", _refusal(before.values["status"], to), to.name.lower())
        at = now()
        sent = {"sent_at": at} if to is Status.SENT else {}
        after = {**deeds.fields_of(KIND, before), "status": int(to), **sent}
        kinds, coming = [f"proposal.{to.name.lower()}"], await _expected(db, actor, before, to)
        also = [*letter(before, at), *(one.posted for one in coming)]
        done = await deeds.altered(db, actor, PROPOSAL, before, after, kinds, also, at)
        await automation.settle(db, coming)
        return done

    async with db.turns.of("proposal", proposal_id):
        return await attempted(deed)


async def _expected(db: Database, actor: Actor, proposal: PlainRecord, to: Status) -> list[automation.Expected]:
    """Return the stages that its contact comes into; who is responsible for the proposal will own the deals."""
    values = proposal.values
    trigger = Trigger.PROPOSAL_SENT if to is Status.SENT else Trigger.PROPOSAL_ACCEPTED
    owner = db.rules.users.get(values["responsible_id"] or 0)
    known = automation.Circumstances(location_id=values["location_id"], responsible=owner.uid if owner else None)
    return await automation.expected(db, actor, trigger, values["contact_id"], known)


def _refusal(present: int, to: Status) -> str:
    if present == Status.ACCEPTED:
        return ACCEPTED_STAYS
    if present == Status.REJECTED:
        return "The proposal was rejected; make it a draft again first"
    return f"The proposal must be sent before it can be {to.name.lower()}"


def _letter(rules: Rules, proposal: PlainRecord) -> tuple[str, str]:
    """Return subject and text of the letter that a proposal is."""
    values, place = proposal.values, rules.locations[proposal.values["location_id"]]
    sum_of_all = total(values["price"], values["quantity"])
    priced = f"Total: {_money(sum_of_all)} {place.currency}" if values["price"] is not None else ""
    name = proposal.contact.display_name if proposal.contact else ""
    parts = (f"Hello {name},", values["notes"] or "", priced, place.name)
    return f"Proposal {values['reference']}", "\n\n".join(part for part in parts if part) + "\n"


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}"
