"""Pages of deals in the order of stages, stage after stage: each has an index in the order inside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, func, select

from dealwright.domain.actor import Actor
from dealwright.domain.pipeline import Outcome, Stage
from dealwright.domain.values import EPOCH
from dealwright.storage.database import Database
from dealwright.storage.plenty import Matching
from dealwright.storage.query import Page, Query, any_text, counted, listed, number, turned, words
from dealwright.storage.schema import opportunity as o
from dealwright.storage.schema import opportunity_tag, tag
from dealwright.storage.search import probed, searched
from dealwright.storage.sight import EVERYTHING, seeing, sight_of, visible_to
from dealwright.storage.totals import EVERY, Some, by_stage

DEEPEST: Final = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Which deals are met on the way: those of some stages, of a responsible, with all of some tags, with words.

    `words` is the match that search takes, of common ones; `outcome` is that of the stages.
    """

    stage_ids: Sequence[int] | None = None
    outcome: Outcome | None = None
    responsible: str | None = None
    tags: frozenset[str] = frozenset()
    words: str | None = None

    @property
    def looks(self) -> bool:
        """Whether one has to look at the deals on the way to know which match."""
        return bool(self.tags) or self.words is not None

    @property
    def given(self) -> dict[str, Any]:
        """The parameters of its queries."""
        tags = {"tags": listed(sorted(self.tags)), "tag_count": len(self.tags)}
        return {**tags, "responsible": self.responsible, "words": self.words}


def within(descending: bool) -> list[Any]:
    """The order inside a stage or a person: contact, latest close, earliest expectation, title."""
    inner = [turned(o.c.contact_id, descending), turned(o.c.closed_at, not descending)]
    inner += [turned(o.c.expected_close, descending), turned(o.c.title_fold, descending)]
    return [*inner, o.c.id.desc() if descending else o.c.id]


async def deals_by_stage(db: Database, actor: Actor, walk: Walk) -> list[tuple[Stage, int]]:
    """Return the stages on the way in their order, with how many deals stand there, whatever is probed."""
    kept = [
        found
        for found in db.rules.stages.values()
        if (walk.stage_ids is None or found.id in walk.stage_ids) and walk.outcome in (None, found.outcome)
    ]
    # Nothing was due at the beginning of time, so nothing is counted for it.
    some = EVERY if walk.responsible is None else Some(responsibles=frozenset({walk.responsible}))
    totals = await by_stage(db, actor, [found.id for found in kept], EPOCH, some)
    ordered = sorted(kept, key=lambda found: (found.position, found.id))
    return [(found, totals[found.id].deals) for found in ordered if totals[found.id].deals]


async def walked(db: Database, actor: Actor, walk: Walk, descending: bool, page: Page) -> list[int]:
    """Return the ids of a page."""
    if walk.looks:  # only by going there one learns how many match on the way
        return (await _gone(db, actor, walk, descending, Page(0, page.offset + page.limit)))[page.offset :]
    return await _gone(db, actor, walk, descending, page)


async def _gone(db: Database, actor: Actor, walk: Walk, descending: bool, page: Page) -> list[int]:
    stages = await deals_by_stage(db, actor, walk)
    query = _in_stage(
        sight_of(actor), bool(walk.tags), walk.words is not None, walk.responsible is not None, descending
    )
    given = {**walk.given, **seeing(actor)}
    ids, skipped = list[int](), page.offset
    for found, deals in reversed(stages) if descending else stages:
        if skipped >= deals:
            skipped -= deals
            continue
        part = {"stage": found.id, "page_limit": page.limit - len(ids), "page_offset": skipped}
        ids += [row[0] for row in await db.rows(query, **given, **part)]
        skipped = 0
        if len(ids) >= page.limit:
            break
    return ids


@cache
def _in_stage(sight: str, tagged: bool, worded: bool, owned: bool, descending: bool) -> Query:
    here = select(o.c.id).where(visible_to(sight), o.c.stage_id == number("stage"))
    if owned:
        here = here.where(o.c.responsible == words("responsible"))
    if tagged:
        here = here.where(_has_tags())
    if worded:
        here = here.where(probed(o.c.id, "opportunity", "words"))
    here = here.order_by(*within(descending))
    return Query(here.limit(number("page_limit")).offset(number("page_offset")), heavy=True)


def _has_tags() -> ColumnElement[bool]:
    found = (
        select(func.count())
        .select_from(opportunity_tag.join(tag, tag.c.id == opportunity_tag.c.tag_id))
        .where(opportunity_tag.c.opportunity_id == o.c.id, any_text(tag.c.title_fold, "tags"))
    )
    return found.correlate(o).scalar_subquery() == number("tag_count")


def _bearers() -> Select[Any]:
    """One row for each deal that has one of the tags."""
    wanted = select(tag.c.id).where(tag.c.subject == "opportunity", any_text(tag.c.title_fold, "tags"))
    return select(opportunity_tag.c.opportunity_id).where(opportunity_tag.c.tag_id.in_(wanted))


_BEARING: Final = Matching(_bearers())


def _all() -> Select[Any]:
    """How many deals have the only tag, and how many of these are in the trash, where they keep it."""
    has = exists(_bearers().where(opportunity_tag.c.opportunity_id == o.c.id).correlate(o))
    trashed = select(func.count()).select_from(o).where(o.c.deleted_at.is_not(None), has)
    return select(counted(_bearers()).scalar_subquery(), trashed.scalar_subquery())


_TAGGED: Final = Query(_all(), heavy=True)
_FOUND: Final = Query(counted(searched("opportunity", "words")), heavy=True)


def is_deep(page: Page) -> bool:
    """Tell whether it is better to put in order what matches than to walk so far, however much that is."""
    return page.offset + page.limit > DEEPEST


async def is_shorter(db: Database, walk: Walk, page: Page) -> bool:
    """Tell whether it is better to walk than to put in order what matches: much does, or nothing is to be looked at."""
    if not walk.looks:
        return True
    return not is_deep(page) and (not walk.tags or await _BEARING.are_many(db, **walk.given))


async def counted_ahead(db: Database, actor: Actor, walk: Walk) -> int | None:
    """Return how many deals are met on a walk, where summaries and indexes know; None where one has to look."""
    if not walk.looks:
        return sum(deals for _, deals in await deals_by_stage(db, actor, walk))
    if sight_of(actor) != EVERYTHING:
        return None
    if walk == Walk(words=walk.words):
        row = await db.first(_FOUND, **walk.given)
        return None if row is None else int(row[0])
    if walk == Walk(tags=walk.tags) and len(walk.tags) == 1:
        row = await db.first(_TAGGED, **walk.given)
        return None if row is None else int(row[0] - row[1])
    return None
