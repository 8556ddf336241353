"""Teams: groups of customers (related, Team)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from dealwright.actions import teams
from dealwright.dialects.nexudus.entities.teams import TEAM
from dealwright.dialects.nexudus.entity import Verb
from dealwright.dialects.nexudus.enums import name_of
from dealwright.dialects.nexudus.handling import Call, Done, Handler
from dealwright.dialects.nexudus.keeping import kept_changes, known
from dealwright.dialects.nexudus.reading import Body
from dealwright.dialects.nexudus.shown import Values, standard
from dealwright.dialects.nexudus.sources import Tables
from dealwright.domain.actor import Actor
from dealwright.domain.contact import Brief
from dealwright.domain.team import TeamChange
from dealwright.storage import teams as store
from dealwright.storage.rules import Rules
from dealwright.storage.teams import FullTeam


def _seen(full: FullTeam, actor: Actor) -> FullTeam:
    """Return a team with those of its customers that somebody may see."""
    members = tuple(card for card in full.members if card.seen_by(actor))
    return replace(full, members=members, administrators=tuple(c for c in full.administrators if c.seen_by(actor)))


async def _one(call: Call, record_id: int) -> FullTeam:
    return _seen(await store.read(call.db, call.actor, record_id), call.actor)


async def _gone(call: Call, record_id: int) -> FullTeam:
    return _seen(await store.read_trashed(call.db, call.actor, record_id), call.actor)


async def _many(call: Call, ids: Sequence[int]) -> list[FullTeam]:
    return [_seen(full, call.actor) for full in await store.read_many(call.db, call.actor, ids)]


def shown(rules: Rules, full: FullTeam) -> Values:
    """Return a team in our words, with everything that we only keep."""
    team = full.team
    kept = known(TEAM, team.extra)
    payer = next((card for card in full.members if card.id == kept.get("PayingMemberId")), None)
    names = ",".join(card.display_name for card in full.members) or None
    return {
        **kept,
        **_paying(payer),
        **standard(rules, team.id, team.uid, team.system_id, (team.created_at, team.updated_at, team.updated_by)),
        "location_id": team.location_id,
        "location.name": rules.locations[team.location_id].name,
        "name": team.name,
        "description": team.description,
        "profile_website": team.profile_website,
        "members": [card.id for card in full.members],
        "administrators": [card.id for card in full.administrators],
        "CoworkerIds": ",".join(str(card.id) for card in full.members) or None,
        "CoworkerFullNames": names,
        "CoworkerBillingNames": names,
    }


def _paying(card: Brief | None) -> Values:
    return {
        "PayingMemberFullName": card.display_name if card else None,
        "PayingMemberCoworkerType": name_of("eCoworkerType", 1 + card.is_company) if card else None,
        "PayingMemberCompanyName": card.company_name if card else None,
    }


def _change(body: Body) -> TeamChange:
    said: dict[str, Any] = {name: value for name, value in body.values.items() if name != "custom"}
    for name in ("members", "administrators"):
        collection = body.collections.get(name)
        if collection is not None:
            said[f"added_{name}"], said[f"removed_{name}"] = collection.added, collection.removed
            said |= {} if collection.whole is None else {name: collection.whole}
    return TeamChange(**said, extra=kept_changes(TEAM, body, {}))


async def create(call: Call, body: Body) -> Done:
    """Make a team; see actions.teams.create."""
    team = (await teams.create(call.db, call.actor, _change(body))).team
    return Done(team.id, team.updated_at)


async def change(call: Call, body: Body) -> Done:
    """Replace a team; see actions.teams.change. Its customers stay unless the body names them."""
    team = (await teams.change(call.db, call.actor, body.id, _change(body))).team
    return Done(team.id, team.updated_at)


async def remove(call: Call, record_id: int) -> Done:
    """Move a team to the trash; see actions.teams.delete."""
    team = (await teams.delete(call.db, call.actor, record_id)).team
    return Done(team.id, team.updated_at)


TEAMS: Final = Handler(
    entity=TEAM,
    source=Tables(TEAM, "team", _one, _many, shown, gone=_gone),
    create=create,
    change=change,
    remove=remove,
    checked=frozenset({Verb.CREATE, Verb.UPDATE, Verb.DELETE}),
)
