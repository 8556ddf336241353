"""The rules of a portal as one snapshot: everything small that changes rarely, valid for one rules stamp."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from dealwright.domain.actor import Actor, rights_of
from dealwright.domain.currency import Currency, Rates
from dealwright.domain.custom_field import CustomField
from dealwright.domain.people import Role, User
from dealwright.domain.pipeline import Location, Pipeline, Stage, Stamps
from dealwright.domain.text import fold

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry of a managed list (loss reasons, lead sources, statuses, types, categories)."""

    id: int
    list: str
    number: int | None
    title: str
    description: str
    color: str
    image: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A small record that a vendor keeps (an opportunity type, a canned response, a task list or item)."""

    id: int
    uid: str
    system_id: str | None
    stamps: Stamps
    values: Record


@dataclass(frozen=True)
class Rules:
    """A snapshot. Look things up by id; the properties are the orders that people see."""

    stamp: int
    settings: Mapping[str, str]
    users: Mapping[int, User]
    passwords: Mapping[int, str | None]
    roles: Mapping[int, Role]
    locations: Mapping[int, Location]
    pipelines: Mapping[int, Pipeline]
    stages: Mapping[int, Stage]
    fields: Mapping[int, CustomField]
    currencies: Mapping[str, Currency]
    rates: Rates
    items: Mapping[int, Item]
    kinds: Mapping[int, Plain]
    canned_responses: Mapping[int, Plain]
    task_lists: Mapping[int, Plain]
    task_items: Mapping[int, Plain]
    _memo: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def users_by_uid(self) -> Mapping[str, User]:
        """Everybody by uid."""
        return {user.uid: user for user in self.users.values()}

    @cached_property
    def logins(self) -> Mapping[str, User]:
        """Everybody active by each name that signs in: folded e-mail, user name, uid."""
        found: dict[str, User] = {}
        for user in self.users.values():
            if user.active:
                found.update({user.uid: user, user.user_name: user, fold(user.email): user})
        return found

    @cached_property
    def location(self) -> Location:
        """The first location: its time zone is the portal's."""
        return self.locations[min(self.locations)]

    @cached_property
    def zone(self) -> ZoneInfo:
        """The portal's time zone."""
        return ZoneInfo(self.location.time_zone)

    @property
    def default_currency(self) -> str:
        """The portal's currency code."""
        return self.settings.get("currency", "USD")

    @cached_property
    def default_pipeline(self) -> Pipeline:
        """The pipeline that faces without pipelines show."""
        return self.pipelines[int(self.settings["default_pipeline"])]

    @cached_property
    def _ordered_stages(self) -> Mapping[int, Sequence[Stage]]:
        found: dict[int, list[Stage]] = {}
        for stage in sorted(self.stages.values(), key=lambda stage: (stage.position, stage.id)):
            found.setdefault(stage.pipeline_id, []).append(stage)
        return found

    def stages_of(self, pipeline_id: int) -> Sequence[Stage]:
        """Return the stages of a pipeline in their order."""
        return self._ordered_stages.get(pipeline_id, ())

    def fields_of(self, *subjects: str) -> Sequence[CustomField]:
        """Return the custom fields of these kinds of record in their order."""
        key = "fields " + " ".join(subjects)
        if key not in self._memo:
            chosen = [field for field in self.fields.values() if field.subject in subjects]
            self._memo[key] = sorted(chosen, key=lambda field: (field.position, field.id))
        found: Sequence[CustomField] = self._memo[key]
        return found

    def items_of(self, name: str) -> Sequence[Item]:
        """Return the entries of a managed list in their order."""
        chosen = [item for item in self.items.values() if item.list == name]
        return sorted(chosen, key=lambda item: (item.position, item.id))

    def numbers_of(self, name: str) -> frozenset[int]:
        """Return the vendor numbers of a managed list."""
        key = "numbers " + name
        if key not in self._memo:
            self._memo[key] = frozenset(item.number for item in self.items_of(name) if item.number is not None)
        found: frozenset[int] = self._memo[key]
        return found

    def location_of_stage(self, stage_id: int) -> Location:
        """Return the location to which a stage's pipeline belongs."""
        return self.locations[self.pipelines[self.stages[stage_id].pipeline_id].location_id]

    def actor(self, user_id: int, via: str = "") -> Actor | None:
        """Return somebody as an actor, None when unknown or no longer active."""
        user = self.users.get(user_id)
        if user is None or not user.active:
            return None
        granted = frozenset(right for role in user.role_ids for right in self.roles[role].rights)
        return Actor(
            id=user.id,
            uid=user.uid,
            email=user.email,
            name=user.name,
            standing=user.standing,
            rights=rights_of(user.standing, granted),
            stamp=self.stamp,
            sight=user.sight,
            via=via,
            api_access=user.api_access,
            teams=user.team_ids,
        )
