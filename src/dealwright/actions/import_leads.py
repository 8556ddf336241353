"""Importing leads: first the contacts that are not known by their e-mail yet, then the deals with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

from dealwright.actions import contacts
from dealwright.actions import opportunities as deals
from dealwright.actions.contact_writes import decide_creation
from dealwright.actions.deed import now
from dealwright.actions.import_deals import DealChunk, Ready
from dealwright.actions.import_steps import Outcome, Step, breathing
from dealwright.actions.import_words import Said
from dealwright.domain.actor import Actor
from dealwright.domain.contact import Brief, ContactChange, checked, names_of
from dealwright.domain.contact_info import WORK, ContactInfo, Info
from dealwright.domain.errors import Invalid
from dealwright.domain.importing import Order
from dealwright.domain.opportunity import Change
from dealwright.domain.opportunity import checked as checked_deal
from dealwright.domain.pipeline import Outcome as Ending
from dealwright.domain.pipeline import Stage
from dealwright.domain.table import Row
from dealwright.domain.text import fold
from dealwright.domain.values import UNSET, Unset
from dealwright.storage import contacts as contact_store
from dealwright.storage import lookups
from dealwright.storage import opportunities as store
from dealwright.storage.contacts import Wanted
from dealwright.storage.database import Database
from dealwright.storage.merged import Ids

TURNS: Final = 2
UTM: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
ENDINGS: Final[Mapping[str, Ending]] = {
    **{"1": Ending.OPEN, "inprogress": Ending.OPEN, "open": Ending.OPEN},
    **{"2": Ending.WON, "won": Ending.WON, "3": Ending.LOST, "lost": Ending.LOST},
}


class Known:
    """The contacts that rows of a chunk mean: by e-mail, or by name where a row says no e-mail."""

    def __init__(self, emails: Mapping[str, int], names: Mapping[str, Brief]) -> None:
        self._emails, self._names = emails, names

    def of(self, said: Said) -> int | None:
        """Return the contact of a row, None where it is not known yet."""
        email, name = fold(said.words("contact_email")), fold(said.words("contact_name"))
        if email:
            return self._emails.get(email)
        return self._names[name].id if name in self._names else None


async def _known(chunk: Step, said: Iterable[Said]) -> Known:
    rows = list(said)
    emails = {fold(one.words("contact_email")) for one in rows} - {""}
    names = {fold(one.words("contact_name")) for one in rows if not one.words("contact_email")} - {""}
    found = await lookups.contacts_with_email(chunk.db, chunk.actor, emails)
    return Known(found, await lookups.contacts_named(chunk.db, chunk.actor, names))


async def meet(db: Database, actor: Actor, order: Order, rows: Sequence[Row], ids: Ids) -> Outcome:
    """Return what the contacts of a chunk come to; what is wrong with a row is told when its deal is made."""
    chunk = Step(db, actor, order, ids)
    said = await chunk.read(rows)
    known = await _known(chunk, said)
    blank = await contact_store.prepare(db, actor, Wanted())
    made: set[str] = set()
    lists = []
    async for one in breathing(said):
        key = _key(one)
        if not key or key in made or known.of(one) is not None or not actor.may(contacts.CREATE):
            continue
        try:
            decision = decide_creation(db.rules, actor, blank, checked(contact_of(one)), now())
        except Invalid:
            continue
        made.add(key)
        lists.append(decision.writes)
    chunk.outcome.met = made
    await chunk.merger.add(lists)
    return chunk.finished()


async def step(db: Database, actor: Actor, order: Order, rows: Sequence[Row], ids: Ids) -> Outcome:
    """Return what a chunk of rows comes to, now that their contacts are there. Refuses with Forbidden."""
    actor.require(deals.CREATE)
    chunk = DealChunk(db, actor, order, ids)
    said = await chunk.read(rows)
    known = await _known(chunk, said)
    ready: list[Ready] = []
    async for one in breathing(said):
        try:
            ready.append((one, _checked(db, actor, one, known.of(one), chunk.met), one.tags))
        except Invalid as refusal:
            chunk.outcome.refused(one.row, refusal)
    tags = await chunk.tags("opportunity", chain.from_iterable(titles for _, _, titles in ready))
    people = [change.contact_id for _, change, _ in ready if isinstance(change.contact_id, int)]
    loaded = await store.prepare(db, actor, sorted(set(people)), None, _stages(db, order)[0].id, None)
    await chunk.create(ready, loaded.refs, tags)
    return chunk.finished()


def _key(said: Said) -> str:
    """Return what a contact is known by: its e-mail, or its name."""
    return fold(said.words("contact_email")) or fold(said.words("contact_name"))


def _checked(db: Database, actor: Actor, said: Said, contact_id: int | None, met: Collection[str]) -> Change:
    change = change_of(db, said, contact_id)
    _ = said.tags
    if contact_id is None and _key(said) not in met:
        _note_stranger(actor, said)
    if said.problems:
        raise Invalid(*said.problems)
    return deals.with_template(db, checked_deal(change))


def _note_stranger(actor: Actor, said: Said) -> None:
    """Note why the contact of a row is not there."""
    if not said.words("contact_email") and not said.words("contact_name"):
        said.note("contact_email", "required", "is a required field, or the name of the contact", "")
        return
    if not actor.may(contacts.CREATE):
        said.note("contact_email", "unknown", "is no contact, and you may make none", said.words("contact_email"))
        return
    try:
        checked(contact_of(said))
        said.note("contact_email", "unknown", "could not be made a contact", said.words("contact_email"))
    except Invalid as refusal:
        said.problems += refusal.problems


def contact_of(said: Said) -> ContactChange:
    """Return the contact that a row describes; without a name it is called by its e-mail."""
    email, phone = said.words("contact_email"), said.words("contact_phone")
    pieces = {Info.EMAIL: email, Info.PHONE: phone}
    first, last = names_of(said.words("contact_name") or email)
    return ContactChange(
        is_company=False,
        first_name=first,
        last_name=last,
        company_name=said.text("contact_company"),
        infos={
            kind: [ContactInfo(kind=kind, data=data, category=WORK, is_primary=True)]
            for kind, data in pieces.items()
            if data
        },
        sharing=said.order.sharing,
        managers=said.order.managers,
    )


def change_of(db: Database, said: Said, contact_id: int | None) -> Change:
    """Return what a row says of a deal; its amount is in the currency of its location."""
    change = Change(
        title=said.text("title"),
        description=said.text("description"),
        stage_id=_stage(db, said),
        contact_id=UNSET if contact_id is None else contact_id,
        responsible=said.user("responsible"),
        amount=said.amount("amount"),
        amount_is_local=True,
        follow_up_at=said.moment("follow_up_at"),
        won_at=said.moment("won_at"),
        lost_at=said.moment("lost_at"),
        kind_id=_kind(db, said),
        lead_source=_numbered(db, said, "lead_source"),
        loss_reason=_numbered(db, said, "loss_reason"),
        outcome=_ending(said),
        custom=said.custom(),
    )
    for name in UTM:
        setattr(change, name, said.text(name))
    return change


def _stages(db: Database, order: Order, pipeline: str = "") -> list[Stage]:
    """Return the stages of a location's pipelines, or of those that bear a name, in their order."""
    rules = db.rules
    pipelines = [
        one
        for one in sorted(rules.pipelines.values(), key=lambda one: (one.id != rules.default_pipeline.id, one.id))
        if order.location_id in (None, one.location_id)
        and (fold(one.name) == fold(pipeline) if pipeline else not one.archived)
    ]
    found = [stage for one in pipelines for stage in rules.stages_of(one.id)]
    return found or ([] if pipeline else list(rules.stages_of(rules.default_pipeline.id)))


def _stage(db: Database, said: Said) -> int | Unset:
    name, pipeline = said.words("stage"), said.words("pipeline")
    stages = _stages(db, said.order, pipeline)
    found = next((stage for stage in stages if not name or fold(stage.title) == fold(name)), None)
    if found is None:
        field, value = ("stage", name) if stages else ("pipeline", pipeline)
        said.note(field, "unknown", f"is no {field} of this location", value)
        return UNSET
    return found.id


def _kind(db: Database, said: Said) -> int | Unset:
    name = said.words("kind")
    found = next((one.id for one in db.rules.kinds.values() if fold(one.values["name"]) == fold(name)), None)
    if name and found is None:
        said.note("kind", "unknown", "is no type of opportunity", name)
    return UNSET if not name or found is None else found


def _numbered(db: Database, said: Said, listing: str) -> int | Unset:
    """Return the number of an entry of a managed list, told by its title or its number."""
    name = said.words(listing)
    items = [one for one in db.rules.items_of(listing) if one.number is not None]
    found = next((one.number for one in items if name in (str(one.number),) or fold(one.title) == fold(name)), None)
    if name and found is None:
        said.note(listing, "unknown", "is not in the list", name)
    return UNSET if not name or found is None else found


def _ending(said: Said) -> Ending | Unset:
    name = said.words("outcome")
    found = ENDINGS.get(fold(name).replace(" ", ""))
    if name and found is None:
        said.note("outcome", "unknown", "is neither open nor won nor lost", name)
    return UNSET if not name or found is None else found
