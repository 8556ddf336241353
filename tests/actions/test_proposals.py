"""Proposals on their way: sent to a contact by letter, accepted, rejected, and where they may not go."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dealwright import jobs
from dealwright.actions import contacts, proposals
from dealwright.actions import plain_records as deeds
from dealwright.actions.plain_entities import MESSAGE
from dealwright.actions.proposals import PROPOSAL
from dealwright.config import Settings
from dealwright.domain.contact import ContactChange
from dealwright.domain.errors import Forbidden, Invalid, NotFound, Outdated
from dealwright.domain.proposal import Status
from dealwright.jobs import Post
from dealwright.storage.database import Database
from dealwright.storage.plain_records import PlainRecord
from tests.actions.about_rules import events, problems
from tests.cast import Cast


async def proposal(db: Database, cast: Cast, email: str | None = "ann@example.com", **values: Any) -> PlainRecord:
    """Make a proposal of Mia's to a new contact."""
    change = ContactChange(first_name="Ann", last_name="Lee", email=email)
    contact = (await contacts.create(db, cast.mia, change)).contact
    said = {"reference": "P-1", "responsible_id": cast.mia.id, "contact_id": contact.id, "price": Decimal("12.50")}
    return await deeds.create(db, cast.mia, PROPOSAL, {**said, "quantity": 3, "notes": "Two <desks>", **values})


async def letters(db: Database) -> list[dict[str, Any]]:
    """What waits to be sent to contacts."""
    rows = await db.text("SELECT payload FROM outbox WHERE kind = 'mail.letter' ORDER BY id")
    return [json.loads(row[0]) for row in rows]


async def test_a_proposal_is_sent_accepted_and_stays(db: Database, cast: Cast) -> None:
    made = await proposal(db, cast)
    sent = await proposals.send(db, cast.mia, made.id)
    assert (sent.values["status"], sent.values["sent_at"]) == (Status.SENT, sent.updated_at)
    accepted = await proposals.accept(db, cast.mia, made.id)
    assert accepted.values["status"] == Status.ACCEPTED
    for deed in (
        proposals.send(db, cast.mia, made.id),
        proposals.accept(db, cast.mia, made.id),
        deeds.change(db, cast.mia, PROPOSAL, made.id, {"notes": "Other"}),
        deeds.change(db, cast.mia, PROPOSAL, made.id, {"status": int(Status.REJECTED)}),
    ):
        with pytest.raises(Invalid, match="Accepted proposals cannot be changed"):
            await deed
    kinds = [f"proposal.{kind}" for kind in ("created", "sent", "accepted")]
    assert await events(db, "proposal", made.id) == kinds


async def test_a_rejected_proposal_is_a_draft_again_before_it_is_sent(db: Database, cast: Cast) -> None:
    made = await proposal(db, cast)
    await deeds.change(db, cast.mia, PROPOSAL, made.id, {"status": int(Status.REJECTED)})
    for deed in (proposals.send, proposals.accept):
        with pytest.raises(Invalid) as refused:
            await deed(db, cast.mia, made.id)
        assert problems(refused) == {("status", "not_allowed")}
    await deeds.change(db, cast.mia, PROPOSAL, made.id, {"status": int(Status.DRAFT)})
    assert (await proposals.send(db, cast.mia, made.id)).values["status"] == Status.SENT
    kinds = [f"proposal.{kind}" for kind in ("created", "rejected", "reopened", "sent")]
    assert await events(db, "proposal", made.id) == kinds


async def test_a_draft_cannot_be_accepted(db: Database, cast: Cast) -> None:
    made = await proposal(db, cast)
    with pytest.raises(Invalid, match="must be sent before"):
        await proposals.accept(db, cast.mia, made.id)


async def test_sending_writes_a_letter_and_keeps_it_as_a_message(db: Database, cast: Cast) -> None:
    made = await proposal(db, cast)
    await proposals.send(db, cast.mia, made.id)
    (letter,) = await letters(db)
    assert (letter["to"], letter["reply_to"], letter["subject"]) == (
        "ann@example.com",
        "mia@example.com",
        "Proposal P-1",
    )
    assert "37.50 USD" in letter["html"]
    assert "Two &lt;desks&gt;" in letter["html"]
    ((message_id,),) = await db.text("SELECT id FROM message")
    message = await deeds.get(db, cast.mia, MESSAGE, message_id)
    assert (message.values["subject"], message.values["incoming"]) == ("Proposal P-1", False)
    assert "Two <desks>" in message.values["body"]
    assert await events(db, "message", message_id) == ["message.created"]


async def test_who_has_no_address_gets_no_letter(db: Database, cast: Cast) -> None:
    made = await proposal(db, cast, email=None, price=None)
    sent = await proposals.send(db, cast.mia, made.id)
    again = await proposals.send(db, cast.mia, made.id)
    assert again.values["sent_at"] > sent.values["sent_at"]
    assert await letters(db) == []


async def test_nothing_is_sent_when_the_proposal_is_another_by_now(db: Database, cast: Cast) -> None:
    made = await proposal(db, cast)
    await deeds.change(db, cast.mia, PROPOSAL, made.id, {"notes": "Other"})
    with pytest.raises(Outdated):
        await proposals.send(db, cast.mia, made.id, version=made.version)
    with pytest.raises(Forbidden):
        await proposals.send(db, cast.rita, made.id)
    with pytest.raises(NotFound):
        await proposals.send(db, cast.mia, 999_999)
    assert await letters(db) == []


async def test_the_letter_leaves_as_a_page_and_as_text(db: Database, cast: Cast, tmp_path: Path) -> None:
    await proposals.send(db, cast.mia, (await proposal(db, cast)).id)
    post = Post(db, jobs.letters(db, Settings(mail_transport=f"file:{tmp_path}")))
    assert await post.is_due()
    await post.deliver()
    [path] = list(tmp_path.glob("*.eml"))  # noqa: ASYNC240 - a folder of one file
    letter = email.message_from_bytes(await asyncio.to_thread(path.read_bytes), policy=email.policy.default)
    parts = [part.get_content() for part in letter.iter_parts()]
    assert "Two <desks>" in parts[0]
    assert "Two &lt;desks&gt;" in parts[1]
