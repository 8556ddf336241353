"""Cases as answers of this dialect: single, in rows or just deleted (contacts-tasks-cases §6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from dealwright.actions.cases import EDIT
from dealwright.actions.many import Done
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, everything, one
from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.portal import Portal
from dealwright.dialects.onlyoffice.values import moment
from dealwright.dialects.onlyoffice.writing import contact_base, custom_fields, maker, person
from dealwright.domain.actor import Actor
from dealwright.storage.cases import FullCase

KIND: Final = "case"
"""What the list parameter `type` calls a case (conventions §7)."""


def single(call: Call, full: FullCase) -> Answer:
    """Answer one case (contacts-tasks-cases §6)."""
    return one(case(call.portal, call.actor, full))


def deleted(call: Call, full: FullCase) -> Answer:
    """Answer a case that was just deleted: nothing hangs on it any more, as with opportunities."""
    return single(call, _bare(full))


def all_deleted(call: Call, done: Done[FullCase]) -> Answer:
    """Answer cases that were just deleted together."""
    return everything(rows(call, map(_bare, done.shown)), done.count)


def all_changed(call: Call, done: Done[FullCase]) -> Answer:
    """Answer cases that were just changed together."""
    return everything(rows(call, done.shown), done.count)


def rows(call: Call, found: Iterable[FullCase]) -> list[Shown]:
    """Return cases in their list form, which is the single one (contacts-tasks-cases §6)."""
    return [case(call.portal, call.actor, full) for full in found]


def case(portal: Portal, actor: Actor, full: FullCase) -> Shown:
    """Return a case: participants that the caller sees, the access list of a private one alone (§6)."""
    own = full.case
    shown: Shown = {
        "members": [contact_base(portal, actor, brief) for brief in full.members if brief.seen_by(actor)],
        "createBy": maker(portal, own.created_by),
        "created": moment(own.created_at, portal.zone),
        "title": own.title,
        "isClosed": own.closed,
        "isPrivate": own.private,
    }
    if own.private:
        shown["accessList"] = [person(portal, uid) for uid in full.shared_with]
    return shown | {
        "canEdit": actor.may(EDIT),
        "customFields": custom_fields(portal, own.id, full.custom, "case"),
        "id": own.id,
    }


def _bare(full: FullCase) -> FullCase:
    return FullCase(replace(full.case, private=False))
