"""What many rows at once point at by name: companies and contacts, tags, contacts who have an e-mail already."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

import msgspec
from sqlalchemy import select

from dealwright.domain.actor import Actor
from dealwright.domain.contact import Brief
from dealwright.domain.contact_info import Info
from dealwright.storage.database import Database
from dealwright.storage.opportunities import brief_of, brief_row
from dealwright.storage.query import Query, any_text, listed, words
from dealwright.storage.schema import contact, contact_info, tag
from dealwright.storage.sight import contact_visible_to, seeing, sight_of


@cache
def _named(sight: str, companies: bool) -> Query:
    conditions = [any_text(contact.c.display_fold, "folds"), contact_visible_to(sight)]
    if companies:
        conditions.append(contact.c.is_company)
    return Query(select(contact.c.display_fold, brief_row()).where(*conditions).order_by(contact.c.id))


@cache
def _with_email(sight: str) -> Query:
    joined = contact_info.join(contact, contact.c.id == contact_info.c.contact_id)
    return Query(
        select(contact_info.c.data_fold, contact.c.id)
        .select_from(joined)
        .where(contact_info.c.kind == int(Info.EMAIL), any_text(contact_info.c.data_fold, "folds"))
        .where(contact_visible_to(sight))
        .order_by(contact.c.id)
    )


_TAGS = Query(
    select(tag.c.title_fold, tag.c.id, tag.c.title).where(
        tag.c.subject == words("subject"), any_text(tag.c.title_fold, "folds")
    )
)


async def contacts_named(db: Database, actor: Actor, folds: Collection[str]) -> dict[str, Brief]:
    """Return the oldest contact of each folded name that this person sees."""
    return await _briefs(db, actor, _named(sight_of(actor), False), folds)


async def companies_named(db: Database, actor: Actor, folds: Collection[str]) -> dict[str, Brief]:
    """Return the oldest company of each folded name that this person sees."""
    return await _briefs(db, actor, _named(sight_of(actor), True), folds)


async def _briefs(db: Database, actor: Actor, query: Query, folds: Collection[str]) -> dict[str, Brief]:
    found: dict[str, Brief] = {}
    if folds:
        for fold, row in await db.rows(query, folds=listed(sorted(folds)), **seeing(actor)):
            found.setdefault(fold, brief_of(msgspec.json.decode(row)))
    return found


async def contacts_with_email(db: Database, actor: Actor, folds: Collection[str]) -> dict[str, int]:
    """Return the oldest contact that has each folded e-mail, primary or not, as far as this person sees it."""
    found: dict[str, int] = {}
    if folds:
        rows = await db.rows(_with_email(sight_of(actor)), folds=listed(sorted(folds)), **seeing(actor))
        for fold, ident in rows:
            found.setdefault(fold, ident)
    return found


async def tags_titled(db: Database, subject: str, folds: Collection[str]) -> Mapping[str, tuple[int, str]]:
    """Return id and title of each tag of a kind of record, by folded title."""
    if not folds:
        return {}
    rows = await db.rows(_TAGS, subject=subject, folds=listed(sorted(folds)))
    return {fold: (ident, title) for fold, ident, title in rows}
