"""What one person may make of another: nobody grants what they lack, nor takes over somebody who may more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from dealwright.domain.actor import Actor, Sight, Standing, rights_of
from dealwright.domain.errors import Forbidden
from dealwright.domain.people import User, UserChange
from dealwright.domain.text import fold
from dealwright.domain.values import UNSET
from dealwright.storage.rules import Rules

LACKING: Final = "nobody grants what they lack"
ABOVE: Final = "nobody makes, changes or removes somebody who may more than oneself"


@dataclass(frozen=True, slots=True)
class Reach:
    """What somebody may do, and how far that person sees."""

    rights: frozenset[str]
    sight: Sight
    team_ids: frozenset[int]

    def sees_more_than(self, actor: Actor) -> bool:
        """Tell whether deals are seen that somebody else does not see; private ones aside."""
        if actor.is_crm_admin or actor.sight is Sight.ALL:
            return False
        return self.sight < actor.sight or (self.sight is Sight.TEAM and not self.team_ids <= set(actor.teams))


NOTHING: Final = Reach(frozenset(), Sight.ALL, frozenset())


def check(rules: Rules, actor: Actor, change: UserChange, standing: Standing, before: User | None) -> None:
    """Refuse with Forbidden what somebody may not make of another; `before` is None for somebody new.

    A token with a scope counts as what it may: it hands on no more than that.
    """
    if standing is Standing.OWNER and before is None:
        raise Forbidden(ABOVE, "User-Edit")
    check_rank(actor, min(standing, before.standing) if before else standing, "User-Edit")
    come = set(() if change.role_ids is UNSET else change.role_ids) - set(before.role_ids if before else ())
    now, then = NOTHING if before is None else _present(rules, before), _wanted(rules, change, standing, before)
    gained = then.rights - now.rights
    if (gained | _granted(rules, come)) - actor.rights:
        raise Forbidden(LACKING, "User-Edit")
    is_wider = bool(gained) or (then.sight, then.team_ids) != (now.sight, now.team_ids)
    if is_wider and then.sees_more_than(actor):
        raise Forbidden("nobody lets others see what they do not see", "User-Edit")
    if before is not None and _takes_over(change, before) and (now.rights - actor.rights or now.sees_more_than(actor)):
        raise Forbidden(ABOVE, "User-Edit")


def check_rank(actor: Actor, standing: Standing, right: str) -> None:
    """Refuse with Forbidden a deed on somebody whose standing is above one's own."""
    if standing < actor.standing:
        raise Forbidden(ABOVE, right)


def _takes_over(change: UserChange, before: User) -> bool:
    """Tell whether somebody else could sign in as this person afterwards."""
    return change.password is not UNSET or (isinstance(change.email, str) and fold(change.email) != fold(before.email))


def _granted(rules: Rules, role_ids: Iterable[int]) -> frozenset[str]:
    return frozenset(right for one in role_ids for right in rules.roles[one].rights)


def _present(rules: Rules, user: User) -> Reach:
    rights = rights_of(user.standing, _granted(rules, user.role_ids)) if user.active else frozenset[str]()
    return Reach(rights, user.sight, frozenset(user.team_ids))


def _wanted(rules: Rules, change: UserChange, standing: Standing, before: User | None) -> Reach:
    """Return how far somebody reaches afterwards."""
    active = change.active if change.active is not UNSET else before is None or before.active
    roles = change.role_ids if change.role_ids is not UNSET else before.role_ids if before else ()
    teams = change.team_ids if change.team_ids is not UNSET else before.team_ids if before else ()
    sight = change.sight if change.sight is not UNSET else before.sight if before else Sight.ALL
    rights = rights_of(standing, _granted(rules, roles)) if active else frozenset[str]()
    return Reach(rights, sight, frozenset(teams))
