"""Members that we only keep and give back: what is stored of them after a body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dealwright.dialects.nexudus.entity import WRITE_ONLY, Entity
from dealwright.dialects.nexudus.reading import Body
from dealwright.dialects.nexudus.writing import kept, writer
from dealwright.domain.errors import Invalid, Problem
from dealwright.storage.rules import Rules


def kept_changes(entity: Entity, body: Body, present: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a body changes in what is kept of a record; None for what becomes its default again."""
    blanks = writer(entity).blanks
    said = {name: value for name, value in body.extras.items() if entity.by_name[name].kind is not WRITE_ONLY}
    changes = {name: None if value == blanks[name] else value for name, value in kept(said).items()}
    for member in entity.collections:
        collection = None if member.ours else body.collections.get(member.key)
        if collection is not None:
            changes[member.name] = list(collection.over(present.get(member.name) or ())) or None
    return changes


def kept_after(entity: Entity, body: Body, present: Mapping[str, Any]) -> dict[str, Any]:
    """Return all that is kept of a record after a body; defaults are not stored."""
    after = {**present, **kept_changes(entity, body, present)}
    return {name: value for name, value in after.items() if value is not None}


def known(entity: Entity, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the kept members that belong to an entity: the others are somebody else's."""
    blanks = writer(entity).blanks
    return {name: value for name, value in extra.items() if name in blanks}


def locations_after(rules: Rules, body: Body, extra: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of a record with the locations it belongs to after a body (`Businesses`).

    Refuses with Invalid locations that are not there.
    """
    collection = body.collections.get("locations")
    if collection is None:
        return extra
    wanted = collection.over(extra.get("Businesses") or ())
    unknown = [one for one in (*(collection.whole or ()), *collection.added) if one not in rules.locations]
    if unknown:
        raise Invalid(*(Problem("locations", "unknown", "is no location", one) for one in unknown))
    return {**extra, "Businesses": list(wanted)}
