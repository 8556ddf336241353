"""What a deed on a case comes to: the case as it will be and the writes that make it so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dealwright.actions.deed import happened, new_uid, posted, recorded, values_of
from dealwright.domain.actor import Actor
from dealwright.domain.case import Case, CaseChange, changed, differences, kinds_of_change
from dealwright.domain.contact import Brief
from dealwright.domain.custom_field import values_after
from dealwright.domain.opportunity import Sharing
from dealwright.domain.values import UNSET
from dealwright.storage import case_rows as rows
from dealwright.storage.cases import FullCase, Loaded
from dealwright.storage.rules import Rules
from dealwright.storage.writes import Made, Write


@dataclass(slots=True)
class Decision:
    """The case as it will be, and the writes that make it so (none: nothing differs)."""

    full: FullCase
    writes: list[Write] = field(default_factory=list)


def decide(rules: Rules, actor: Actor, loaded: Loaded, change: CaseChange, at: datetime) -> Decision:
    """Return what a change of a loaded case comes to. Refuses with Invalid (title, custom values)."""
    old, new = loaded.full, _after(rules, actor, loaded, change)
    before, after = _differing(old, new)
    if not after and change.updated_at is UNSET:
        return Decision(old)
    own, version = new.case, old.case.version
    own.version = version + 1
    _stamp(own, actor, change, at)
    names = differences(old.case, own)
    writes: list[Write] = [rows.updated(own, names, version), *_link_writes(own.id, old, new)]
    if "title" in names:
        writes.append(rows.searchable(own, own.id))
    event = happened(actor, at, "case", _kinds(old, new, list(after)), before, after)
    return Decision(new, [*writes, *_mails(actor, old, change, new, at), recorded(event, own.id)])


def decide_creation(rules: Rules, actor: Actor, loaded: Loaded, change: CaseChange, at: datetime) -> Decision:
    """Return what the creation of a case comes to. Refuses as `decide`."""
    blank = replace(loaded.full.case, uid=new_uid(), created_at=at, created_by=actor.id)
    empty = replace(loaded, full=FullCase(blank))
    new = _after(rules, actor, empty, change)
    _stamp(new.case, actor, change, at)
    _, facts = _differing(empty.full, new)
    writes: list[Write] = [rows.inserted(new.case), *_link_writes(rows.NEW, empty.full, new)]
    writes += [rows.searchable(new.case, rows.NEW), *_mails(actor, empty.full, change, new, at)]
    return Decision(new, [*writes, recorded(happened(actor, at, "case", ["case.created"], None, facts), rows.NEW)])


def decide_removal(actor: Actor, full: FullCase, at: datetime) -> Decision:
    """Return what moving a case to the trash comes to."""
    gone = replace(full.case, updated_by=actor.id)
    event = happened(actor, at, "case", ["case.deleted"])
    return Decision(full, [*rows.trashed(gone, gone.version, at), recorded(event, gone.id)])


def decide_return(actor: Actor, full: FullCase, since: int, at: datetime) -> Decision:
    """Return what taking a case back from the trash comes to; `since` is the stored moment it went there."""
    back = replace(full.case, updated_at=at, updated_by=actor.id)
    writes = rows.returned(back, back.version, since)
    back.version += 1
    event = happened(actor, at, "case", ["case.restored"])
    return Decision(replace(full, case=back), [*writes, recorded(event, back.id)])


def _after(rules: Rules, actor: Actor, loaded: Loaded, change: CaseChange) -> FullCase:
    old, own = loaded.full, changed(loaded.full.case, change)
    sharing = Sharing(own.private, old.shared_with)
    if change.sharing is not UNSET and _shares(actor, old, change):
        sharing = change.sharing.by(actor.uid)
    own.private = sharing.private
    return FullCase(
        own,
        members=_members(actor, loaded, change),
        shared_with=tuple(sorted(sharing.users)),
        custom=values_after(rules.fields, {"case"}, old.custom, change.custom, change.keeps_values),
        tags=old.tags,
    )


def _shares(actor: Actor, old: FullCase, change: CaseChange) -> bool:
    """Tell whether a change says who sees the case, and whether this person may say so."""
    return change.sharing is not UNSET and old.case.shared_by(actor)


def _members(actor: Actor, loaded: Loaded, change: CaseChange) -> tuple[Brief, ...]:
    """Return who takes part: of those named the ones that already do, and the new ones that this person sees."""
    present = {brief.id: brief for brief in loaded.full.members}
    if change.members is UNSET:
        return loaded.full.members
    seen = {key: brief for key, brief in loaded.refs.items() if brief.seen_by(actor)} | present
    return tuple(seen[one] for one in sorted(set(change.members) & seen.keys()))


def _stamp(own: Case, actor: Actor, change: CaseChange, at: datetime) -> None:
    own.updated_by = actor.id
    own.updated_at = at if change.updated_at is UNSET else change.updated_at


def _link_writes(ident: int | Made, old: FullCase, new: FullCase) -> list[Write]:
    before, after = (brief.id for brief in old.members), (brief.id for brief in new.members)
    return [
        *rows.linked(ident, before, after),
        *rows.shared(ident, old.shared_with, new.shared_with),
        *rows.valued(ident, old.custom, new.custom),
    ]


def _differing(old: FullCase, new: FullCase) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields and links that differ, as they were and as they are."""
    names = differences(old.case, new.case)
    before, after = values_of(old.case, names), values_of(new.case, names)
    links_before, links_after = _links_of(old), _links_of(new)
    for name, value in links_after.items():
        if links_before[name] != value:
            before[name], after[name] = links_before[name], value
    return before, after


def _links_of(full: FullCase) -> Mapping[str, Any]:
    return {
        "members": [brief.id for brief in full.members] or None,
        "shared_with": list(full.shared_with) or None,
        "custom": {str(key): value for key, value in full.custom.items()} or None,
    }


def _kinds(old: FullCase, new: FullCase, names: list[str]) -> list[str]:
    kinds = kinds_of_change(names, old.case, new.case)
    before, after = ({brief.id for brief in full.members} for full in (old, new))
    kinds += ["case.linked"] if after - before else []
    return kinds + (["case.unlinked"] if before - after else [])


def _mails(actor: Actor, old: FullCase, change: CaseChange, new: FullCase, at: datetime) -> list[Write]:
    if not (change.notify and new.case.private and _shares(actor, old, change)):
        return []
    payload = {"title": new.case.title, "uid": new.case.uid, "by": actor.name}
    return [posted("mail.case_shared", {**payload, "to_uid": uid}, at) for uid in new.shared_with if uid != actor.uid]
