"""Deeds on opportunities: create, change, move, win, lose, share, delete, restore."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from dealwright.actions.deal_writes import Decision, decide, decide_creation, decide_removal, decide_return
from dealwright.actions.deed import attempted, happened, now, written
from dealwright.actions.many import Done, in_chunks, swept
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Forbidden, Invalid, NotFound, Outdated, Problem, invalid
from dealwright.domain.opportunity import Change, Sharing, checked, closing_stage
from dealwright.domain.pipeline import Outcome, Stage
from dealwright.domain.place import at_end
from dealwright.domain.values import UNSET
from dealwright.storage import opportunities as store
from dealwright.storage import sharing as shares
from dealwright.storage.database import Database
from dealwright.storage.opportunities import Deal, Loaded
from dealwright.storage.opportunity_trash import going
from dealwright.storage.sight import sight_of

READ, LIST = "CrmOpportunity-Read", "CrmOpportunity-List"
CREATE, EDIT, DELETE = "CrmOpportunity-Create", "CrmOpportunity-Edit", "CrmOpportunity-Delete"


async def get(db: Database, actor: Actor, opportunity_id: int) -> Deal:
    """Return a deal this person may see. Refuses with Forbidden (no right) and NotFound."""
    actor.require(READ)
    return await store.read(db, actor, opportunity_id)


async def create(db: Database, actor: Actor, change: Change, uid: str | None = None) -> Deal:
    """Make a deal from a change that names at least its stage; return it.

    The kind's notes template fills a description that was not given. `uid` is the identity it gets (None: a new
    one), for callers that may say the same thing twice: where it is taken, Clash. Refuses with Forbidden and Invalid.
    """
    actor.require(CREATE)
    checked(change)
    stage = _stage(db, change.stage_id)

    async def deed(crowded: int) -> Deal:
        place = None if change.position is UNSET else change.position
        loaded = await store.prepare(db, actor, _refs(change), _team(change), stage.id, place)
        _check(db, actor, change, loaded)
        decision = await decide_creation(db, actor, loaded, with_template(db, change), stage, now(), crowded, uid)
        made = await _apply(db, actor, decision)
        decision.deal.opportunity.id = made["opportunity"]
        return decision.deal

    return await attempted(deed)


async def change(db: Database, actor: Actor, opportunity_id: int, change: Change, version: int | None = None) -> Deal:
    """Change a deal as the change says and return it; what differs in nothing writes nothing.

    `version` is what the caller believes to be present (None: any). Sharing is ignored unless the caller may
    share. Refuses with Forbidden, NotFound, Invalid, Outdated and Conflict.
    """
    actor.require(EDIT)
    checked(change)

    async def deed(crowded: int) -> Deal:
        to_stage = None if change.stage_id is UNSET else change.stage_id
        place = None if change.position is UNSET else change.position
        loaded = await store.load(db, actor, opportunity_id, _refs(change), _team(change), to_stage, place)
        _expect(loaded.deal, version)
        present = loaded.deal.opportunity.stage_id
        stage = db.rules.stages[present] if to_stage is None else _stage(db, to_stage)
        _check(db, actor, change, loaded)
        decision = await decide(db, actor, loaded, change, stage, now(), crowded)
        await _apply(db, actor, decision)
        return decision.deal

    async with db.turns.of("opportunity", opportunity_id):
        return await attempted(deed)


async def _apply(db: Database, actor: Actor, decision: Decision) -> dict[str, int]:
    if not decision.writes:
        return {}
    deal = decision.deal.opportunity
    try:
        return dict(await written(db, decision.writes, actor))
    finally:
        db.places.settle(deal.stage_id, deal.position)


def _expect(deal: Deal, version: int | None) -> None:
    if version is not None and deal.opportunity.version != version:
        raise Outdated(f"the deal is at version {deal.opportunity.version}, not {version}")


def _stage(db: Database, stage_id: object) -> Stage:
    if stage_id is UNSET:
        raise invalid("stage_id", "required", "is a required field")
    stage = db.rules.stages.get(stage_id) if isinstance(stage_id, int) else None
    if stage is None:
        raise invalid("stage_id", "unknown", "is no stage", stage_id)
    return stage


def _refs(change: Change) -> list[int]:
    single = (change.contact_id, change.referrer_id, change.agent_id)
    refs = [found for found in single if isinstance(found, int)]
    return refs + (list(change.members) if change.members is not UNSET else [])


def _team(change: Change) -> int | None:
    return change.team_id if isinstance(change.team_id, int) else None


def with_template(db: Database, change: Change) -> Change:
    """Return a change whose description, where none is given, is what its kind has for notes."""
    if not isinstance(change.kind_id, int) or (change.description is not UNSET and change.description):
        return change
    kind = db.rules.kinds.get(change.kind_id)
    template = kind.values["notes_template"] if kind else None
    return replace(change, description=template) if template else change


def _check(db: Database, actor: Actor, change: Change, loaded: Loaded) -> None:
    """Refuse what points at records that are not there; a contact out of sight is missing, unless it stays."""
    deal = loaded.deal
    problems = [
        Problem(name, "unknown", "is no contact", wanted)
        for name in ("contact_id", "referrer_id", "agent_id")
        if isinstance(wanted := getattr(change, name), int)
        and wanted != getattr(deal.opportunity, name)
        and not _seen(loaded, wanted, actor)
    ]
    if _team(change) not in (None, deal.opportunity.team_id) and not loaded.team_found:
        problems.append(Problem("team_id", "unknown", "is no team", change.team_id))
    problems += _list_problems(db, change)
    if problems:
        raise Invalid(*problems)


def _seen(loaded: Loaded, contact_id: int, actor: Actor) -> bool:
    brief = loaded.refs.get(contact_id)
    return brief is not None and brief.seen_by(actor)


def _list_problems(db: Database, change: Change) -> list[Problem]:
    rules, problems = db.rules, []
    if isinstance(change.kind_id, int) and change.kind_id not in rules.kinds:
        problems.append(Problem("kind_id", "unknown", "is no opportunity type", change.kind_id))
    if isinstance(change.currency, str) and change.currency not in rules.currencies:
        problems.append(Problem("currency", "unknown", "is no currency", change.currency))
    for name in ("loss_reason", "lead_source"):
        number = getattr(change, name)
        if isinstance(number, int) and number not in rules.numbers_of(name):
            problems.append(Problem(name, "unknown", "is not in the list", number))
    return problems


async def move(
    db: Database,
    actor: Actor,
    opportunity_id: int,
    stage_id: int,
    position: int | None = None,
    version: int | None = None,
) -> Deal:
    """Move a deal to a stage: the stage's probability and closing follow. Refuses as `change` does."""
    said = Change(stage_id=stage_id)
    if position is not None:
        said.position = position
    return await change(db, actor, opportunity_id, said, version)


async def win(db: Database, actor: Actor, opportunity_id: int, version: int | None = None) -> Deal:
    """Win a deal: a move to its pipeline's won stage, or the outcome set in place where there is none."""
    return await _close(db, actor, opportunity_id, Change(), Outcome.WON, version)


async def lose(
    db: Database, actor: Actor, opportunity_id: int, reason: int | None = None, version: int | None = None
) -> Deal:
    """Lose a deal, with a reason from the list of loss reasons; otherwise as `win`."""
    said = Change() if reason is None else Change(loss_reason=reason)
    return await _close(db, actor, opportunity_id, said, Outcome.LOST, version)


async def _close(
    db: Database, actor: Actor, opportunity_id: int, said: Change, outcome: Outcome, version: int | None
) -> Deal:
    actor.require(EDIT)
    deal = await store.read(db, actor, opportunity_id)
    pipeline = db.rules.stages[deal.opportunity.stage_id].pipeline_id
    stage = closing_stage(db.rules.stages_of(pipeline), outcome)
    if stage is not None and stage.id != deal.opportunity.stage_id:
        return await change(db, actor, opportunity_id, replace(said, stage_id=stage.id), version)
    placed = replace(said, outcome=outcome, completed=True)
    if outcome is Outcome.WON:
        placed.closed_at = placed.won_at = deal.opportunity.won_at or now()
    else:
        placed.closed_at = placed.lost_at = deal.opportunity.lost_at or now()
    return await change(db, actor, opportunity_id, placed, version)


async def share(db: Database, actor: Actor, opportunity_id: int, sharing: Sharing) -> Deal:
    """Set who may see a deal; Forbidden unless the caller is a CRM administrator or its creator."""
    actor.require(EDIT)
    deal = await store.read(db, actor, opportunity_id)
    if not may_share(actor, deal):
        raise Forbidden("only CRM administrators and the creator may share this deal")
    return await change(db, actor, opportunity_id, Change(sharing=sharing))


def may_share(actor: Actor, deal: Deal) -> bool:
    """Tell whether this person may set who sees a deal."""
    return actor.is_crm_admin or deal.opportunity.created_by == actor.id


async def add_member(db: Database, actor: Actor, opportunity_id: int, contact_id: int) -> Deal:
    """Make a contact a participant; one that is one already stays one. NotFound when the contact is out of sight."""
    return await _members(db, actor, opportunity_id, contact_id, present=True)


async def remove_member(db: Database, actor: Actor, opportunity_id: int, contact_id: int) -> Deal:
    """Take a contact off the participants. NotFound when the contact is out of sight."""
    return await _members(db, actor, opportunity_id, contact_id, present=False)


async def _members(db: Database, actor: Actor, opportunity_id: int, contact_id: int, present: bool) -> Deal:
    actor.require(EDIT)

    async def deed(crowded: int) -> Deal:
        loaded = await store.load(db, actor, opportunity_id, [contact_id], None, None, None)
        if not _seen(loaded, contact_id, actor):
            raise NotFound("contact")
        ids = [brief.id for brief in loaded.deal.members if brief.id != contact_id]
        said = Change(members=[*ids, contact_id] if present else ids)
        stage = db.rules.stages[loaded.deal.opportunity.stage_id]
        known = replace(loaded, refs={**{brief.id: brief for brief in loaded.deal.members}, **loaded.refs})
        decision = await decide(db, actor, known, said, stage, now(), crowded)
        await _apply(db, actor, decision)
        return decision.deal

    async with db.turns.of("opportunity", opportunity_id):
        return await attempted(deed)


async def delete(db: Database, actor: Actor, opportunity_id: int, version: int | None = None) -> Deal:
    """Move a deal to the trash with its tasks; return it as it was.

    Refuses with Forbidden, NotFound and, unless `version` is the present one or None, with Outdated.
    """
    actor.require(DELETE)

    async def deed(_: int) -> Deal:
        deal = await store.read(db, actor, opportunity_id)
        _expect(deal, version)
        await _apply(db, actor, decide_removal(actor, deal, now()))
        return deal

    async with db.turns.of("opportunity", opportunity_id):
        return await attempted(deed)


async def restore(db: Database, actor: Actor, opportunity_id: int, stage_id: int | None = None) -> Deal:
    """Take a deal back from the trash, to the end of its stage; a stage must be named where the old one is gone."""
    actor.require(DELETE)

    async def deed(crowded: int) -> Deal:
        deal, since = await store.read_trashed(db, actor, opportunity_id)
        stage = _stage(db, stage_id or deal.opportunity.stage_id or UNSET)
        around = (await store.prepare(db, actor, [], None, stage.id, None)).around
        await _apply(db, actor, decide_return(actor, deal, since, stage, at_end(around.last, crowded), now()))
        return await store.read(db, actor, opportunity_id)

    return await attempted(deed)


async def delete_many(db: Database, actor: Actor, ids: Sequence[int]) -> Done[Deal]:
    """Move deals to the trash, any number, and return those that were there for this person, as they were.

    Refuses with Forbidden and Conflict.
    """
    actor.require(DELETE)

    async def deed(chunk: Sequence[int], shows: bool) -> list[Deal] | int:
        deals = await store.read_many(db, actor, chunk) if shows else []
        event = happened(actor, now(), "opportunity", ["opportunity.deleted"])
        gone = await swept(db, actor, going(sight_of(actor)), chunk, event)
        return [deal for deal in deals if deal.opportunity.id in gone] if shows else len(gone)

    return await in_chunks(ids, deed)


async def share_many(db: Database, actor: Actor, ids: Sequence[int], sharing: Sharing) -> Done[Deal]:
    """Set who may see deals, any number, and return those that are this person's to share; others are passed over.

    Refuses with Forbidden and Conflict.
    """
    actor.require(EDIT)
    wanted = sharing.by(actor.uid)

    async def deed(chunk: Sequence[int], shows: bool) -> list[Deal] | int:
        event = happened(actor, now(), "opportunity", ["opportunity.changed", "opportunity.shared"])
        said = shares.given(wanted.private, wanted.users)
        done = await swept(db, actor, shares.of_deals(sight_of(actor)), chunk, event, **said)
        if not shows:
            return len(done)
        return [deal for deal in await store.read_many(db, actor, chunk) if may_share(actor, deal)]

    return await in_chunks(ids, deed)


async def set_dates(
    db: Database,
    actor: Actor,
    opportunity_id: int,
    created_at: datetime | None = None,
    updated_at: datetime | None = None,
) -> Deal:
    """Set when a deal was made or last touched: for imports that bring their own dates."""
    said = Change()
    if created_at is not None:
        said.created_at = created_at
    if updated_at is not None:
        said.updated_at = updated_at
    return await change(db, actor, opportunity_id, said)
