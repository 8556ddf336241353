"""Importing contacts: companies first, then people with their companies; who is there already is found by e-mail."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from dealwright.actions import contacts
from dealwright.actions.contact_writes import Decision, decide_creation
from dealwright.actions.deed import now
from dealwright.actions.import_steps import Outcome, Step, breathing
from dealwright.actions.import_words import Said
from dealwright.domain.actor import Actor
from dealwright.domain.contact import Brief, ContactChange, checked
from dealwright.domain.contact_info import ADDRESS_PARTS, WORK, ContactInfo, Info
from dealwright.domain.errors import Invalid, Refusal, invalid
from dealwright.domain.importing import Duplicates, Order, info_of
from dealwright.domain.table import Row
from dealwright.domain.text import fold
from dealwright.domain.values import UNSET
from dealwright.storage import contacts as store
from dealwright.storage import lookups
from dealwright.storage.contacts import Loaded, Wanted
from dealwright.storage.database import Database
from dealwright.storage.merged import Ids

TURNS = 2
_OF_THIS_CHUNK, _OF_THIS_TRIAL = 0, -1
SINGLE = frozenset((Info.EMAIL, Info.PHONE, Info.ADDRESS))


def belongs(order: Order, row: Row, turn: int) -> bool:
    """Tell whether a row is for this turn: companies come in the first, people in the second."""
    said = order.said(row.cells)
    is_person = "first_name" in said or "last_name" in said
    return is_person is (turn == 1)


async def step(db: Database, actor: Actor, order: Order, rows: Sequence[Row], ids: Ids) -> Outcome:
    """Return what a chunk of rows comes to; contacts to be overwritten are so at once. Refuses with Forbidden."""
    actor.require(contacts.CREATE)
    chunk = _Chunk(db, actor, order, ids)
    said = await chunk.read(rows)
    known = await _known(chunk, said)
    tags = await chunk.tags("contact", [title for one in said for title in one.tags])
    blank = await store.prepare(db, actor, Wanted())
    fresh: list[tuple[Said, ContactChange]] = []
    async for one in breathing(said):
        if not await chunk.sort(one, known, fresh):
            chunk.outcome.stopped_before = one.row.number
            break
    await chunk.create(replace(blank, tags=tags), fresh)
    return chunk.finished()


async def _known(chunk: Step, said: Sequence[Said]) -> dict[str, int]:
    if chunk.order.duplicates is Duplicates.CLONE:
        return {}
    folds = {email for one in said for email in _emails(one)}
    return {
        **dict.fromkeys(folds & chunk.met, _OF_THIS_TRIAL),
        **await lookups.contacts_with_email(chunk.db, chunk.actor, folds),
    }


def _emails(said: Said) -> list[str]:
    """Return the folded e-mails of a row."""
    found = []
    for name, values in said.values.items():
        if name == "email" or (name.startswith("info.email.")):
            found += [fold(value) for value in values]
    return found


class _Chunk(Step):
    async def sort(self, said: Said, known: dict[str, int], fresh: list[tuple[Said, ContactChange]]) -> bool:
        """Skip a row, overwrite a contact with it, or put it among those that become new contacts.

        Returns False for a row that would overwrite one of this very chunk: it has to wait for the next.
        """
        emails = _emails(said)
        present = next((known[email] for email in emails if email in known), None)
        if present is not None and self.order.duplicates is Duplicates.SKIP:
            self.outcome.skipped += 1
            return True
        if present == _OF_THIS_CHUNK:
            return False
        try:
            change = self._change(said)
            if present is not None:
                await self._overwrite(present, change)
                return True
        except Refusal as refusal:
            self.outcome.refused(said.row, refusal)
            return True
        if self.order.duplicates is not Duplicates.CLONE:
            known.update(dict.fromkeys(emails, _OF_THIS_CHUNK))
        fresh.append((said, change))
        return True

    def _change(self, said: Said) -> ContactChange:
        change = change_of(said)
        if said.problems:
            raise Invalid(*said.problems)
        if change.is_company is UNSET:
            raise invalid("first_name", "required", "names nobody: neither a person nor a company")
        return checked(change)

    async def _overwrite(self, ident: int, change: ContactChange) -> None:
        if ident == _OF_THIS_TRIAL:
            self.outcome.overwritten += 1
            return
        full = await store.read(self.db, self.actor, ident)
        kept = change if change.tags is UNSET else replace(change, tags=[*full.tags, *change.tags])
        kept = replace(kept, is_company=UNSET, sharing=UNSET, managers=UNSET)
        await (contacts.tried if self.order.is_trial else contacts.change)(self.db, self.actor, ident, kept)
        self.outcome.overwritten += 1

    async def create(self, blank: Loaded, fresh: Sequence[tuple[Said, ContactChange]]) -> None:
        """Decide on the new contacts, and before them on the companies that their people say they belong to."""
        companies = await self._companies(blank, [change for _, change in fresh])
        decided: list[Decision] = []
        async for said, change in breathing(fresh):
            company = companies.get(fold(str(change.company_name))) if not change.is_company else None
            try:
                decided.append(self._decided(replace(blank, company=company), change))
                self.outcome.met.update(_emails(said))
            except Invalid as refusal:
                self.outcome.refused(said.row, refusal)
        await self.merger.add([decision.writes for decision in decided])
        self.outcome.done += len(decided)

    def _decided(self, loaded: Loaded, change: ContactChange) -> Decision:
        return decide_creation(self.db.rules, self.actor, loaded, change, now())

    async def _companies(self, blank: Loaded, changes: Iterable[ContactChange]) -> Mapping[str, Brief]:
        """Return the companies that people belong to, by folded name; those that are not there are made."""
        names: dict[str, str] = {}
        for change in changes:
            if not change.is_company and isinstance(change.company_name, str):
                names.setdefault(fold(change.company_name), change.company_name)
        found = await lookups.companies_named(self.db, self.actor, names.keys())
        new = [name for key, name in names.items() if key not in found]
        decided = [self._decided(blank, self._company(name)) async for name in breathing(new)]
        made = await self.merger.add([decision.writes for decision in decided])
        briefs = [decision.made(ids).brief for decision, ids in zip(decided, made, strict=True)]
        return {**found, **{fold(brief.display_name): brief for brief in briefs}}

    def _company(self, name: str) -> ContactChange:
        order = self.order
        return ContactChange(is_company=True, name=name, sharing=order.sharing, managers=order.managers)


def change_of(said: Said) -> ContactChange:
    """Return what a row says of a contact; `is_company` stays UNSET where it names nobody."""
    order, values = said.order, said.values
    is_person = "first_name" in values or "last_name" in values
    company = said.words("company_name")
    change = ContactChange(
        job_title=said.text("job_title"),
        about=said.text("about"),
        industry=said.text("industry"),
        notes=said.text("notes"),
        currency=said.currency(),
        status_id=said.item("status", "contact_status"),
        type_id=said.item("type", "contact_type"),
        infos=infos_of(said),
        custom=said.custom(),
        sharing=order.sharing,
        managers=order.managers,
    )
    change.tags = said.tags or UNSET
    if is_person:
        change.is_company = False
        change.first_name, change.last_name = said.words("first_name"), said.words("last_name")
        change.company_name = company or UNSET
    elif company:
        change.is_company, change.name = True, company
    return change


def infos_of(said: Said) -> Mapping[Info, Sequence[ContactInfo]]:
    """Return the e-mails, phones, addresses and links of a row; the first of a kind is the primary one."""
    found: dict[Info, list[ContactInfo]] = {}
    addresses: dict[int, dict[str, str]] = {}
    for name, values in said.values.items():
        kind, category, part = _meant(name)
        if kind is None:
            continue
        if part is not None:
            addresses.setdefault(category, {})[part] = ", ".join(values)
            continue
        for value in values:
            _put(found, ContactInfo(kind=kind, data=value, category=category))
    for category, parts in addresses.items():
        ordered = {name: parts[name] for name in ADDRESS_PARTS if name in parts}
        _put(found, ContactInfo(kind=Info.ADDRESS, data=json.dumps(ordered, ensure_ascii=False), category=category))
    return found


def _meant(name: str) -> tuple[Info | None, int, str | None]:
    if name in ("email", "phone"):
        return Info[name.upper()], WORK, None
    return (info_of(name) if name.startswith("info.") else None) or (None, 0, None)


def _put(found: dict[Info, list[ContactInfo]], info: ContactInfo) -> None:
    pieces = found.setdefault(info.kind, [])
    info.is_primary = info.kind in SINGLE and not pieces
    if all(info.data != one.data for one in pieces):
        pieces.append(info)
