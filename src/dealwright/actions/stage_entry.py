"""What entering a stage sets off beside the deal itself: tasks, a letter to the contact, the contact's account.

It belongs to the deed that moved the deal, on the contact too: nobody's rights are asked for, the stage acts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from dealwright.actions.canned_letters import canned, letter
from dealwright.actions.deed import recorded
from dealwright.actions.task_lists import Subject, tasks_of
from dealwright.domain.actor import Actor
from dealwright.domain.automation import VIA, Account, Entry, entry_of
from dealwright.domain.event import Event
from dealwright.domain.opportunity import Opportunity
from dealwright.domain.pipeline import Stage
from dealwright.domain.values import micros
from dealwright.storage import contact_trash as trash
from dealwright.storage import contacts
from dealwright.storage.contacts import FullContact
from dealwright.storage.database import Database
from dealwright.storage.opportunities import Deal
from dealwright.storage.rules import Rules
from dealwright.storage.schema import contact as contact_table
from dealwright.storage.writes import Change, Hold, Made, Write


@dataclass(frozen=True, slots=True)
class Entering:
    """A deal on its way into a stage that sets something off; `person` is its contact where that matters.

    `was` says what the contact was to the deal before, where the deal lets go of it.
    """

    stage: Stage
    entry: Entry
    person: FullContact | None
    was: tuple[str, ...] = ()

    @property
    def ends_contact(self) -> bool:
        """Whether the contact goes to the trash; one that an invoice names stays."""
        return self.entry.account is Account.DELETE and self.person is not None and not self.person.invoiced

    def freed(self, before: Deal, after: Deal) -> Entering:
        """Take a contact that goes off the deal as it will be."""
        if self.person is None or not self.ends_contact:
            return self
        own, ident = after.opportunity, self.person.contact.id
        member = any(brief.id == ident for brief in (*before.members, *after.members))
        own.contact_id, after.contact = None, None
        after.members = tuple(brief for brief in after.members if brief.id != ident)
        return replace(self, was=("primary", *(("member",) if member else ())))


async def entering(db: Database, stage: Stage, contact_id: int | None) -> Entering | None:
    """Return what a stage sets off for a deal of a contact; None, and nothing read, where that is nothing."""
    entry = entry_of(stage)
    if entry is None:
        return None
    known = entry.is_about_contact and contact_id is not None
    return Entering(stage, entry, await contacts.read_known(db, contact_id) if known and contact_id else None)


def set_off(rules: Rules, actor: Actor, on: Entering, deal: Opportunity, ident: int | Made, deed: Event) -> list[Write]:
    """Return the writes of all that a stage sets off when a deal enters it, as part of the deed.

    `ident` is the deal's id, known or yet to be made.
    """
    owner = rules.users_by_uid.get(deal.responsible or "")
    rule = replace(actor, uid="", via=VIA, name=f"The stage “{on.stage.title}”", email=owner.email if owner else "")
    said = replace(deed, via=VIA, before={}, after={})
    return [
        *_tasks(rules, rule, on, deal, ident, said),
        *_letter(rules, rule, on, said),
        *_account(on, ident, said),
    ]


def _tasks(rules: Rules, rule: Actor, on: Entering, deal: Opportunity, ident: int | Made, deed: Event) -> list[Write]:
    if on.entry.task_list_id is None:
        return []
    owned = not on.entry.own_responsibles and deal.responsible in rules.users_by_uid
    subject = Subject(
        contact_id=deal.contact_id,
        opportunity_id=ident,
        owner=deal.responsible if owned else None,
        location_id=rules.location_of_stage(on.stage.id).id,
    )
    return tasks_of(rules, rule, on.entry.task_list_id, subject, deed, deed.at)


def _letter(rules: Rules, rule: Actor, on: Entering, deed: Event) -> Iterator[Write]:
    template = canned(rules, on.entry.canned_response_id, rules.location_of_stage(on.stage.id))
    if template is not None and on.person is not None:
        yield from letter(rules, rule, on.person, template, deed)


def _account(on: Entering, ident: int | Made, deed: Event) -> list[Write]:
    """Return the writes of what becomes of the contact; they hold only while it is as it was read."""
    account, person = on.entry.account, on.person
    if account is None or person is None:
        return []
    own = person.contact
    told = replace(deed, subject="contact", kinds=["contact.changed"])
    if account is Account.DELETE:
        gone = replace(told, kinds=["contact.deleted"])
        trashed = trash.trashed_beside(own, gone, ident, on.was) if on.ends_contact else []
        return [*trashed, recorded(gone, own.id)] if trashed else []
    active = account is Account.ACTIVATE
    if own.active is active:
        return []
    told = replace(told, before={"active": own.active}, after={"active": active})
    stamp = {"updated_at": micros(deed.at), "updated_by": deed.actor_id}
    return [
        Hold(contact_table, {"id": own.id, "version": own.version, "deleted_at": None}),
        Change(contact_table, {"active": active, **stamp}, {"id": own.id}, add={"version": 1}),
        recorded(told, own.id),
    ]
