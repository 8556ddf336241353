"""The full profile of a person (conventions §8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.portal import Portal
from dealwright.dialects.onlyoffice.values import moment, without_defaults
from dealwright.dialects.onlyoffice.writing import AVATAR, short_person
from dealwright.domain.actor import Actor, Standing
from dealwright.domain.people import User

PROFILE: Final = "profile"
"""Where a user's extra keeps what only a profile shows."""

CRM: Final = "crm"
NO_SPACE: Final = {"quotaLimit": 0, "usedSpace": 0, "docsSpace": 0, "mailSpace": 0, "talkSpace": 0}
"""Files of people are not counted here."""


def profile(portal: Portal, actor: Actor, user: User) -> Shown:
    """Return a full profile; a guest is told the e-mail of nobody else (§8)."""
    sees_private = actor.standing is not Standing.GUEST or actor.id == user.id
    return {
        **short_person(portal, user),
        "userName": user.user_name,
        "isVisitor": user.standing is Standing.GUEST,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "email": user.email if sees_private else None,
        "status": 1 if user.active else 2,
        "activationStatus": 1,
        "terminated": None if user.active else moment(user.stamps.updated_at, portal.zone),
        **(_personal(portal, user.extra.get(PROFILE, {})) if sees_private else {}),
        "avatar": AVATAR.format(82),
        "avatarMedium": AVATAR.format(48),
        **_rank(user),
        **NO_SPACE,
    }


def _rank(user: User) -> Shown:
    rank: Shown = {"isAdmin": user.standing <= Standing.ADMIN, "isLDAP": False}
    if user.standing is Standing.CRM_ADMIN:
        rank["listAdminModules"] = [CRM]
    return {**rank, "isOwner": user.standing is Standing.OWNER, "isSSO": False}


def _personal(portal: Portal, known: dict[str, Any]) -> Shown:
    """Return what somebody told about themselves; what is empty is left out."""
    days = {name: _day(portal, known.get(name)) for name in ("birthday", "workFrom")}
    plain = {name: known.get(name) or None for name in ("sex", "location", "notes", "lead")}
    contacts = [{"type": kind, "value": value} for kind, value in known.get("contacts", ())]
    return without_defaults({**days, **plain, "contacts": contacts or None})


def _day(portal: Portal, stored: str | None) -> str | None:
    return None if stored is None else moment(datetime.fromisoformat(stored), portal.zone)
