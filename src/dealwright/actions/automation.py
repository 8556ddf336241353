"""What brings a contact into a stage by itself: something happens for it, and a stage waits for just that.

Deeds note what happened in their own transaction (`expected` gives the writes), so nothing is forgotten. The deal is
made right after (`settle`), or else by the jobs, once.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from dealwright.actions.deal_writes import decide_creation
from dealwright.actions.deed import ATTEMPTS, attempted, new_uid, now, posted, written
from dealwright.domain.actor import Actor
from dealwright.domain.automation import Trigger, nobody, waiting
from dealwright.domain.errors import Conflict, Invalid, RulesMoved
from dealwright.domain.opportunity import Change, Sharing
from dealwright.domain.pipeline import Pipeline
from dealwright.storage import automation as store
from dealwright.storage import opportunities
from dealwright.storage.database import Database
from dealwright.storage.writes import Clash, Insert, Lost

ASSIGN: Final = "automation.assign"
SPACE: Final = uuid.UUID("9c0f5d0e-6f3c-4e0b-8a53-0d4b6a5f2c71")
"""The namespace of the identities that deals made by a stage get."""
UTM: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A contact (by uid) that is to come into a stage. `about` names its parcel in the outbox.

    `by` (uid) is whose deed it was: they see the deal of a contact that is shared with nobody and has no managers.
    """

    about: str
    stage_id: int
    contact_uid: str
    trigger: str
    by: str = ""
    responsible: str | None = None
    utm: Mapping[str, str]

    @property
    def posted(self) -> Insert:
        """The write that notes it."""
        return posted(ASSIGN, asdict(self), now(), self.about)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What else is known of something that happened.

    With a location only the stages of its pipelines wait. `responsible` (uid) will own the deals; `utm` (`utm_source`
    …) tells where the contact came from.
    """

    location_id: int | None = None
    responsible: str | None = None
    utm: Mapping[str, str] = field(default_factory=dict)


NOTHING_ELSE: Final = Circumstances()


async def expected(
    db: Database, actor: Actor, trigger: Trigger, contact_id: int, known: Circumstances = NOTHING_ELSE
) -> list[Expected]:
    """Return the stages that a contact comes into when this happens for it; where there are none nothing is read.

    Put what each of them `posted` among the writes of the deed and `settle` them afterwards.
    """
    stages = [
        stage
        for stage in waiting(db.rules.stages.values(), trigger)
        if _is_concerned(db.rules.pipelines[stage.pipeline_id], known.location_id)
    ]
    uid = await store.uid_of(db, contact_id) if stages else None
    if uid is None:
        return []
    utm = {name: value for name, value in known.utm.items() if name in UTM and value}
    said = Expected(
        contact_uid=uid,
        trigger=trigger.name,
        by=actor.uid,
        responsible=known.responsible,
        utm=utm,
        about="",
        stage_id=0,
    )
    return [replace(said, about=f"assign {new_uid()}", stage_id=stage.id) for stage in stages]


def _is_concerned(pipeline: Pipeline, location_id: int | None) -> bool:
    return not pipeline.archived and location_id in (None, pipeline.location_id)


async def happened(
    db: Database, actor: Actor, trigger: Trigger, contact_id: int, known: Circumstances = NOTHING_ELSE
) -> None:
    """Do what follows from something that happened for a contact; for deeds that cannot note it as they write."""
    found = await expected(db, actor, trigger, contact_id, known)
    if found:
        await db.apply([one.posted for one in found])
        await settle(db, found)


async def settle(db: Database, found: Sequence[Expected]) -> None:
    """Bring contacts into their stages as the deed that noted it is through; what fails now is left to the jobs."""
    for one in found:
        try:
            await assign(db, asdict(one))
        except Exception as error:
            _log.warning("A contact comes into stage %d later: %s", one.stage_id, error)


async def assign(db: Database, said: Mapping[str, Any]) -> None:
    """Make the deal that was noted, unless it is made already or one of the contact is open in the stage."""
    one = Expected(**said)
    async with db.turns.of(f"assign {one.contact_uid}", one.stage_id):
        for _ in range(ATTEMPTS):
            try:
                return await attempted(lambda crowded: _assign(db, one, crowded))
            except RulesMoved:
                await db.refresh()
            except Clash as clash:
                if "uid" not in clash.key:
                    raise
            except Invalid as refusal:  # a stage may ask for what nobody can tell by itself
                _log.warning("A contact made no deal in stage %d: %s", one.stage_id, refusal)
                return None
    raise Conflict("others bring the same contact into the same stage")


async def _assign(db: Database, one: Expected, crowded: int) -> None:
    stage, actor = db.rules.stages.get(one.stage_id), nobody(db.rules.stamp)
    known = await store.standing(db, one.contact_uid, one.stage_id)
    if stage is None or known is None or known.is_there:
        return
    change = Change(stage_id=stage.id, contact_id=known.contact_id, responsible=one.responsible, **_told(one, known))
    loaded = await opportunities.prepare(db, actor, [known.contact_id], None, stage.id, None)
    if known.contact_id not in loaded.refs:  # gone this moment
        return
    decision = await decide_creation(db, actor, loaded, change, stage, now(), crowded, _identity(stage.uid, one, known))
    deal = decision.deal.opportunity
    try:
        await written(db, [*store.taken_up(one.about), *decision.writes], actor)
    except Lost:
        if not await store.is_waiting(db, one.about):
            return
        raise
    finally:
        db.places.settle(deal.stage_id, deal.position)
    _log.info("Stage “%s” took up a contact by itself (%s)", stage.title, one.trigger.lower())


def _told(one: Expected, known: store.Standing) -> dict[str, Any]:
    private = known.managers or ((one.by,) if one.by else ())
    sharing = {"sharing": Sharing(True, private)} if known.private and private else {}
    return {**one.utm, **sharing}


def _identity(stage_uid: str, one: Expected, known: store.Standing) -> str:
    """Return the next identity of a deal of this contact in this stage: of two at once only one can have it."""
    names = (str(uuid.uuid5(SPACE, f"{stage_uid} {one.contact_uid} {place}")) for place in range(len(known.uids) + 1))
    return next(name for name in names if name not in known.uids)


__all__ = ["ASSIGN", "Circumstances", "Expected", "Trigger", "assign", "expected", "happened", "settle"]
