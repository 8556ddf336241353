"""Importing opportunities: at the end of the stage that a row names, with contacts and participants by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

from dealwright.actions import opportunities as deals
from dealwright.actions.deal_writes import Decision, decide_creation
from dealwright.actions.deed import now
from dealwright.actions.import_steps import Outcome, Step, Tags, breathing, named, names_in
from dealwright.actions.import_words import Said
from dealwright.domain.actor import Actor
from dealwright.domain.automation import Account, Entry, entry_of
from dealwright.domain.contact import Brief
from dealwright.domain.errors import Invalid
from dealwright.domain.importing import Order
from dealwright.domain.opportunity import Change, Sharing, checked
from dealwright.domain.table import Row
from dealwright.domain.values import UNSET
from dealwright.storage import opportunities as store
from dealwright.storage.database import Database
from dealwright.storage.merged import Ids, merges
from dealwright.storage.opportunities import Loaded
from dealwright.storage.opportunity_rows import NEW
from dealwright.storage.writes import Index, Made, Write

Ready = tuple[Said, Change, list[str]]


async def step(db: Database, actor: Actor, order: Order, rows: Sequence[Row], ids: Ids) -> Outcome:
    """Return what a chunk of rows comes to. Refuses with Forbidden."""
    actor.require(deals.CREATE)
    chunk = DealChunk(db, actor, order, ids)
    said = await chunk.read(rows)
    contacts = await chunk.contacts(names_in(said, "contact", "member"))
    ready: list[Ready] = []
    async for one in breathing(said):
        try:
            ready.append((one, _checked(one, contacts), one.tags))
        except Invalid as refusal:
            chunk.outcome.refused(one.row, refusal)
    tags = await chunk.tags("opportunity", chain.from_iterable(titles for _, _, titles in ready))
    await chunk.create(ready, {brief.id: brief for brief in contacts.values()}, tags)
    return chunk.finished()


def _checked(said: Said, contacts: Mapping[str, Brief]) -> Change:
    change = change_of(said, contacts)
    _ = said.tags
    if said.problems:
        raise Invalid(*said.problems)
    return checked(change)


class DealChunk(Step):
    """A chunk of rows that become deals."""

    def __init__(self, db: Database, actor: Actor, order: Order, ids: Ids) -> None:
        super().__init__(db, actor, order, ids)
        self._follows = self._ended = False
        self._touched: set[object] = set()

    async def create(self, ready: Sequence[Ready], refs: Mapping[int, Brief], tags: Tags) -> None:
        """Decide on the new deals; each takes the next place of its stage."""
        loaded: dict[int, Loaded] = {}
        decided: list[tuple[Decision, list[str]]] = []
        async for said, change, titles in breathing(ready):
            assert isinstance(change.stage_id, int)
            stage = self.db.rules.stages[change.stage_id]
            if self._has_to_wait(entry_of(stage), change.contact_id):
                self.outcome.stopped_before = said.row.number
                break
            if stage.id not in loaded:
                loaded[stage.id] = await store.prepare(self.db, self.actor, sorted(refs), None, stage.id, None)
            try:
                decision = await decide_creation(self.db, self.actor, loaded[stage.id], change, stage, now(), 0)
            except Invalid as refusal:
                self.outcome.refused(said.row, refusal)
                continue
            own = decision.deal.opportunity
            self.outcome.places.append((own.stage_id, own.position))
            decided.append((decision, titles))
        await self._merged(decided, tags)

    def _has_to_wait(self, entry: Entry | None, contact_id: object) -> bool:
        """Tell whether a row must begin a chunk: in one statement only one row may act on a contact.

        What deletes a contact goes alone, so that no other row names somebody who is not there any more.
        """
        account = entry.account if entry and isinstance(contact_id, int) else None
        deletes = account is Account.DELETE
        waits = self._ended or (deletes and self._follows) or (account is not None and contact_id in self._touched)
        self._ended, self._follows = deletes, True
        if account is not None:
            self._touched.add(contact_id)
        return waits

    async def _merged(self, decided: Sequence[tuple[Decision, list[str]]], tags: Tags) -> None:
        made = await self.merger.add([[one for one in found.writes if merges(one)] for found, _ in decided])
        self.beside = [one for found, _ in decided for one in found.writes if not merges(one) and not _is_idle(one)]
        for (_, titles), ids in zip(decided, made, strict=True):
            await self.merger.add([self.tag_writes("opportunity", ids[NEW.name], titles, tags)])
        self.outcome.done += len(decided)


def _is_idle(write: Write) -> bool:
    """Tell whether a write only says that a new deal has no words to be found by."""
    return isinstance(write, Index) and isinstance(write.id, Made) and not write.words


def change_of(said: Said, contacts: Mapping[str, Brief]) -> Change:
    """Return what a row says of a deal; its contact takes part in it too."""
    order = said.order
    primary, members = named(said, "contact", contacts), named(said, "member", contacts)
    if "title" not in said.values:
        said.note("title", "required", "is a required field", "")
    amount = said.amount("amount")
    return Change(
        title=said.words("title"),
        description=said.text("description"),
        stage_id=said.stage(),
        contact_id=primary[0] if primary else UNSET,
        members=list(dict.fromkeys([*primary[:1], *members])),
        responsible=said.user("responsible"),
        amount=amount,
        currency=said.currency() or (UNSET if amount is UNSET else said.rules.default_currency),
        billing=said.billing(),
        periods=said.number("periods"),
        probability=said.number("probability"),
        expected_close=said.moment("expected_close"),
        closed_at=said.moment("closed_at"),
        sharing=Sharing(order.private, order.shared_with) if order.private else UNSET,
        custom=said.custom(),
    )
