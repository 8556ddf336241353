"""Two contacts made one: everything that points at the one comes to point at the other, in one sweep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dealwright.domain.contact import Contact
from dealwright.domain.event import Event
from dealwright.domain.values import micros
from dealwright.storage.schema import contact
from dealwright.storage.sweeping import STAMPED, TOLD, named, stamps
from dealwright.storage.writes import Change, Hold, Index, Sweep, Write

_FROM: Final = "(SELECT from_id FROM merging_contacts)"
_INTO: Final = "(SELECT into_id FROM merging_contacts)"
_MEMBER_OF: Final = f"SELECT opportunity_id FROM opportunity_member WHERE contact_id = {_FROM}"
_DEALS: Final = " UNION ".join(
    [_MEMBER_OF, *(f"SELECT id FROM opportunity WHERE {n}_id = {_FROM}" for n in ("contact", "referrer", "agent"))]
)
_CASES: Final = f"SELECT case_id FROM case_member WHERE contact_id = {_FROM}"
_TEAMS: Final = f"SELECT team_id FROM team_contact WHERE contact_id = {_FROM}"
_INVOICES: Final = f"""SELECT id FROM invoice WHERE contact_id = {_FROM}
    UNION SELECT id FROM invoice WHERE consignee_id = {_FROM}"""
_PEOPLE: Final = f"company_id = {_FROM} AND id <> {_INTO}"


def _said(name: str, ident: str) -> str:
    return f"""'{{"' || {name} || '":' || coalesce(CAST({ident} AS TEXT), 'null') || '}}'"""


def _told(subject: str, name: str, rest: str, into: str = _INTO) -> str:
    kinds = f"{subject}.changed"
    return f"{TOLD}, '{subject}', id, '{kinds}', {_said(name, _FROM)}, {_said(name, into)} {rest}"


def _turned(*columns: str) -> str:
    return ", ".join(f"{one} = CASE WHEN {one} = {_FROM} THEN {_INTO} ELSE {one} END" for one in columns)


_OF_DEAL: Final = f"""CASE WHEN contact_id = {_FROM} THEN 'contact_id' WHEN id IN ({_MEMBER_OF}) THEN 'member_id'
    WHEN referrer_id = {_FROM} THEN 'referrer_id' ELSE 'agent_id' END"""
_OF_INVOICE: Final = f"CASE WHEN contact_id = {_FROM} THEN 'contact_id' ELSE 'consignee_id' END"
_COMPANY: Final = f"CASE WHEN CAST(:of_companies AS BOOLEAN) THEN {_INTO} END"
_MOVED: Final[Mapping[str, str]] = {
    "deals_told": _told("opportunity", _OF_DEAL, f"FROM opportunity WHERE id IN ({_DEALS})"),
    "deals_moved": f"""UPDATE opportunity SET {STAMPED}, {_turned("contact_id", "referrer_id", "agent_id")}
        WHERE id IN ({_DEALS})""",
    "members_moved": f"""INSERT INTO opportunity_member (opportunity_id, contact_id, role)
        SELECT opportunity_id, {_INTO}, role FROM opportunity_member WHERE contact_id = {_FROM}
        ON CONFLICT DO NOTHING""",
    "members_gone": f"DELETE FROM opportunity_member WHERE contact_id = {_FROM}",
    "cases_told": _told("case", "'member_id'", f"FROM cases WHERE id IN ({_CASES})"),
    "cases_moved": f"UPDATE cases SET {STAMPED} WHERE id IN ({_CASES})",
    "case_members_moved": f"""INSERT INTO case_member (case_id, contact_id)
        SELECT case_id, {_INTO} FROM case_member WHERE contact_id = {_FROM} ON CONFLICT DO NOTHING""",
    "case_members_gone": f"DELETE FROM case_member WHERE contact_id = {_FROM}",
    "teams_told": _told("team", "'member_id'", f"FROM team WHERE deleted_at IS NULL AND id IN ({_TEAMS})"),
    "teams_moved": f"UPDATE team SET {STAMPED} WHERE id IN ({_TEAMS})",
    "team_members_moved": f"""INSERT INTO team_contact (team_id, contact_id, is_member, is_administrator)
        SELECT team_id, {_INTO}, is_member, is_administrator FROM team_contact WHERE contact_id = {_FROM}
        ON CONFLICT (team_id, contact_id) DO UPDATE SET is_member = team_contact.is_member OR excluded.is_member,
            is_administrator = team_contact.is_administrator OR excluded.is_administrator""",
    "team_members_gone": f"DELETE FROM team_contact WHERE contact_id = {_FROM}",
    "people_told": _told("contact", "'company_id'", f"FROM contact WHERE {_PEOPLE}", _COMPANY),
    "people_moved": f"""UPDATE contact SET {STAMPED}, company_id = {_COMPANY}, company_name = CASE
        WHEN CAST(:of_companies AS BOOLEAN) THEN CAST(:name AS TEXT) ELSE company_name END WHERE {_PEOPLE}""",
    "invoices_told": _told("invoice", _OF_INVOICE, f"FROM invoice WHERE id IN ({_INVOICES})"),
    "invoices_moved": f"""UPDATE invoice SET {STAMPED}, {_turned("contact_id", "consignee_id")}
        WHERE id IN ({_INVOICES})""",
    "calls_moved": f"UPDATE call SET contact_id = {_INTO} WHERE contact_id = {_FROM}",
    "messages_moved": f"UPDATE message SET contact_id = {_INTO} WHERE contact_id = {_FROM}",
    **{
        key: text
        for name in ("task", "note", "proposal", "document", "form_request", "reminder")
        for key, text in (
            (f"{name}s_told", _told(name, "'contact_id'", f"FROM {name} WHERE contact_id = {_FROM}")),
            (f"{name}s_moved", f"UPDATE {name} SET {STAMPED}, contact_id = {_INTO} WHERE contact_id = {_FROM}"),
        )
    },
}


def merged(gone: Contact, into: Contact, deed: Event) -> list[Write]:
    """Return the writes that move all that points at a contact to another one and the contact itself to the trash.

    They hold only while the contact that goes has the version it was loaded with. People of a company that becomes
    one with a person lose it. Each record that is moved has its event of the deed.
    """
    at = micros(deed.at)
    trashed = {"deleted_at": at, "email_claim": None, "updated_at": at, "updated_by": deed.actor_id}
    given = {"from_id": gone.id, "into_id": into.id, "name": into.display_name}
    given |= {"of_companies": gone.is_company and into.is_company, **stamps(deed)}
    return [
        Hold(contact, {"id": gone.id, "version": gone.version, "deleted_at": None}),
        Change(contact, trashed, {"id": gone.id}, add={"version": 1}),
        Index("contact", gone.id, ()),
        Sweep(_SQLITE, [_ONLY, *named(_MOVED)], given),
    ]


_ONLY: Final = """merging_contacts AS MATERIALIZED (
    SELECT CAST(:from_id AS BIGINT) AS from_id, CAST(:into_id AS BIGINT) AS into_id WHERE {guard})"""
_SQLITE: Final = (
    "CREATE TEMP TABLE IF NOT EXISTS merging_contacts (from_id, into_id)",
    "DELETE FROM merging_contacts",
    "INSERT INTO merging_contacts VALUES (:from_id, :into_id)",
    *_MOVED.values(),
)
