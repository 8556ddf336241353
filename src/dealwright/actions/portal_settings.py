"""Deeds on the settings of the portal that are switches and keys; all is read from `db.rules`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Final

from dealwright.actions.deed import happened, now, recorded
from dealwright.domain.actor import Actor
from dealwright.domain.errors import Forbidden
from dealwright.storage import settings as store
from dealwright.storage.database import Database
from dealwright.storage.rules import Rules

CONFIGURED: Final = "configured"
FORM_KEY: Final = "web_form_key"
SECRET: Final = frozenset({FORM_KEY})
"""Settings whose values no event may tell."""
PORTAL: Final = 1
"""The record that a change of settings is about."""


def form_key(rules: Rules) -> str | None:
    """Return the key of the public form, None before there is one."""
    return rules.settings.get(FORM_KEY) or None


def is_on(rules: Rules, name: str) -> bool | None:
    """Return a switch, None where nobody has said anything."""
    return {"true": True, "false": False}.get(rules.settings.get(name, ""))


async def configure(db: Database, actor: Actor, configured: bool, key: str | None) -> bool:
    """Say whether the portal is set up and, if you like, the key of its public form; return the former.

    A portal without a key gets one. Refuses with Forbidden unless a CRM administrator asks.
    """
    said = {CONFIGURED: _word(configured)}
    if key or not form_key(db.rules):
        said[FORM_KEY] = key or str(uuid.uuid4())
    await keep(db, actor, said)
    return configured


async def new_form_key(db: Database, actor: Actor) -> str:
    """Give the public form a new key and return it; the old one leads nowhere from now on. Refuses with Forbidden."""
    key = str(uuid.uuid4())
    await keep(db, actor, {FORM_KEY: key})
    return key


async def switch(db: Database, actor: Actor, name: str, on: bool | None) -> bool | None:
    """Turn a switch on, off, or back to nobody having said anything (None); return it. Refuses with Forbidden."""
    await keep(db, actor, {name: "" if on is None else _word(on)})
    return on


async def keep(db: Database, actor: Actor, said: Mapping[str, str]) -> None:
    """Keep settings as they are said; what is so already writes nothing. Refuses with Forbidden."""
    if not actor.is_crm_admin:
        raise Forbidden("only CRM administrators change the settings")
    present = db.rules.settings
    new = {name: value for name, value in said.items() if present.get(name, "") != value}
    if not new:
        return
    told = [name for name in new if name not in SECRET]
    before, after = {name: present.get(name, "") for name in told}, {name: new[name] for name in told}
    event = happened(actor, now(), "portal", ["portal.configured"], before, after)
    await db.apply_rules([store.kept(new), recorded(event, PORTAL)], actor.stamp)


def _word(on: bool) -> str:
    return "true" if on else "false"
