"""Contacts on their way to the trash and back: what lets go of them, what goes along, what takes them up again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from sqlalchemy import and_, not_

from dealwright.domain.contact import Contact
from dealwright.domain.event import Event
from dealwright.domain.text import search_words
from dealwright.domain.values import micros
from dealwright.storage.query import any_number
from dealwright.storage.schema import contact, contact_left, note, task
from dealwright.storage.sight import contact_editable_to, is_invoiced
from dealwright.storage.sweeping import STAMPED, TOLD, Parts, Picking, Swept, joined, named, stamps, unworded
from dealwright.storage.writes import Change, Hold, Index, InsertMany, Made, Sweep, Write, versioned

_LEAVING: Final = "(SELECT id FROM leaving_contacts)"
_APART: Final = "<> CAST(:apart AS BIGINT)"
_CASES: Final = f"SELECT case_id FROM case_member WHERE contact_id IN {_LEAVING}"
_PEOPLE: Final = f"company_id IN {_LEAVING} AND id NOT IN {_LEAVING}"
_TEAMS: Final = f"SELECT team_id FROM team_contact WHERE contact_id IN {_LEAVING} AND (is_member OR is_administrator)"
_PRIMARY: Final = f"FROM opportunity WHERE contact_id IN {_LEAVING} AND id {_APART}"
_MEMBER: Final = f"FROM opportunity_member WHERE contact_id IN {_LEAVING} AND opportunity_id {_APART}"
_DEALS: Final = f"SELECT id {_PRIMARY} UNION SELECT opportunity_id {_MEMBER}"
_REMEMBERED: Final = f"""INSERT INTO contact_left (contact_id, relation, record_id, role)
    SELECT contact_id, 'primary', id, '' {_PRIMARY}
    UNION ALL SELECT contact_id, 'member', opportunity_id, role {_MEMBER}
    UNION ALL SELECT contact_id, 'case', case_id, '' FROM case_member WHERE contact_id IN {_LEAVING}
    UNION ALL SELECT company_id, 'person', id, '' FROM contact WHERE {_PEOPLE} ON CONFLICT DO NOTHING"""
NO_DEAL: Final = 0


def _named(name: str, column: str, links: str, key: str, postgres: bool) -> str:
    """Return what an event says of those who leave a record: one, or several."""
    gone = f"FROM {links} AS l WHERE l.{key} = r.id AND l.{column} IN {_LEAVING}"
    numbers = joined(f"l.{column}", postgres)
    return f"""(SELECT CASE count(*) WHEN 1 THEN '{{"{name}_id":' || {numbers} || '}}'
        ELSE '{{"{name}_ids":[' || {numbers} || ']}}' END {gone})"""


def _left(postgres: bool) -> Parts:
    """Return the statements that take the contacts out of everything that points at them, each with its event."""
    member = _named("member", "contact_id", "opportunity_member", "opportunity_id", postgres)
    in_case = _named("member", "contact_id", "case_member", "case_id", postgres)
    in_team = _named("member", "contact_id", "team_contact", "team_id", postgres)
    hanging = f"contact_id IN {_LEAVING} AND deleted_at IS NULL"
    return {
        "links_remembered": _REMEMBERED,
        "deals_told": f"""{TOLD}, 'opportunity', r.id,
            CASE WHEN r.contact_id IN {_LEAVING} THEN 'opportunity.changed' ELSE 'opportunity.unlinked' END,
            CASE WHEN r.contact_id IN {_LEAVING} THEN '{{"contact_id":' || r.contact_id || '}}' ELSE {member} END,
            CASE WHEN r.contact_id IN {_LEAVING} THEN '{{"contact_id":null}}' ELSE '{{"member_id":null}}' END
            FROM opportunity AS r WHERE r.id IN ({_DEALS})""",
        "deals_left": f"""UPDATE opportunity SET {STAMPED},
            contact_id = CASE WHEN contact_id IN {_LEAVING} THEN NULL ELSE contact_id END WHERE id IN ({_DEALS})""",
        "members_left": f"DELETE {_MEMBER}",
        "cases_told": f"""{TOLD}, 'case', r.id, 'case.unlinked', {in_case}, '{{"member_id":null}}'
            FROM cases AS r WHERE r.id IN ({_CASES})""",
        "cases_left": f"UPDATE cases SET {STAMPED} WHERE id IN ({_CASES})",
        "case_members_left": f"DELETE FROM case_member WHERE contact_id IN {_LEAVING}",
        "teams_told": f"""{TOLD}, 'team', r.id, 'team.changed', {in_team}, '{{"member_id":null}}'
            FROM team AS r WHERE r.deleted_at IS NULL AND r.id IN ({_TEAMS})""",
        "teams_left": f"UPDATE team SET {STAMPED} WHERE deleted_at IS NULL AND id IN ({_TEAMS})",
        "people_told": f"""{TOLD}, 'contact', id, 'contact.changed', '{{"company_id":' || company_id || '}}',
            '{{"company_id":null}}' FROM contact WHERE {_PEOPLE}""",
        "people_left": f"UPDATE contact SET company_id = NULL, {STAMPED} WHERE {_PEOPLE}",
        "tasks_left": f"UPDATE task SET deleted_at = CAST(:at AS BIGINT) WHERE {hanging}",
        "notes_left": f"UPDATE note SET deleted_at = CAST(:at AS BIGINT) WHERE {hanging}",
    }


def left_by(gone: int, deed: Event, apart: int = NO_DEAL) -> Sweep:
    """Return the write that takes a contact out of its deals, cases and teams and people out of their company.

    Each of those has its event of the deed; tasks and notes go to the trash too. What the company was called stays
    with its people as a text. The deal `apart` is left to who else writes it at the same time.
    """
    sqlite = [
        "CREATE TEMP TABLE IF NOT EXISTS leaving_contacts (id INTEGER PRIMARY KEY, was_version)",
        "DELETE FROM leaving_contacts",
        "INSERT INTO leaving_contacts (id) VALUES (:id)",
        *_left(postgres=False).values(),
    ]
    only = "leaving_contacts AS MATERIALIZED (SELECT CAST(:id AS BIGINT) AS id WHERE {guard})"
    return Sweep(sqlite, [only, *named(_left(postgres=True))], {"id": gone, "apart": apart, **stamps(deed)})


def trashed(whole: Contact, version: int, deed: Event) -> list[Write]:
    """Return the writes that move a contact to the trash; it gives up its e-mail of its own and its words."""
    return [
        versioned(contact, _gone_at(deed), whole.id, version),
        Index("contact", whole.id, ()),
        left_by(whole.id, deed),
    ]


def _gone_at(deed: Event) -> dict[str, Any]:
    at = micros(deed.at)
    return {"deleted_at": at, "email_claim": None, "updated_at": at, "updated_by": deed.actor_id}


def trashed_beside(whole: Contact, deed: Event, deal: int | Made, was: Iterable[str]) -> list[Write]:
    """Return the writes that move a contact to the trash in a deed on a deal, which lets go of it by itself.

    `was` says what the contact was to the deal ("primary", "member"), so that it finds it again when it comes back.
    """
    columns = ("contact_id", "relation", "record_id")
    rows = [(whole.id, relation, deal) for relation in was]
    return [
        Hold(contact, {"id": whole.id, "version": whole.version, "deleted_at": None}),
        Change(contact, _gone_at(deed), {"id": whole.id}, add={"version": 1}),
        Index("contact", whole.id, ()),
        left_by(whole.id, deed, deal if isinstance(deal, int) else NO_DEAL),
        *([InsertMany(contact_left, columns, rows, keys=columns)] if rows else []),
    ]


_GOING: Final = Picking(
    "leaving_contacts",
    contact,
    lambda _: {},
    f"deleted_at = CAST(:at AS BIGINT), email_claim = NULL, {STAMPED}",
)


def _gone(postgres: bool) -> Parts:
    return {
        "contacts_told": f"{TOLD}, 'contact', id, 'contact.deleted', '{{}}', '{{}}' FROM leaving_contacts",
        **_left(postgres),
        "contacts_unworded": unworded("contact", "leaving_contacts", postgres),
    }


@cache
def going(sight: str) -> Swept:
    """Return the statements that move those of the contacts `ids` to the trash that this sight may change.

    A contact that an invoice names stays.
    """
    free = not_(is_invoiced())
    return _GOING.swept(and_(any_number(contact.c.id, "ids"), contact_editable_to(sight), free), _gone)


# And back ----------------------------------------------------------------------------------------------------


_ID: Final = "(SELECT id FROM returning_contact)"


def _of(relation: str) -> str:
    return f"(SELECT record_id FROM contact_left WHERE contact_id = {_ID} AND relation = '{relation}')"


_FREE: Final = f"id IN {_of('primary')} AND contact_id IS NULL"
_LONELY: Final = f"id IN {_of('person')} AND company_id IS NULL AND NOT is_company"
_AGAIN: Final = f"""(({_FREE}) OR id IN {_of("member")})"""
_RETURNED: Final[Mapping[str, str]] = {
    "deals_told_again": f"""{TOLD}, 'opportunity', id,
        CASE WHEN {_FREE} THEN 'opportunity.changed' ELSE 'opportunity.linked' END,
        CASE WHEN {_FREE} THEN '{{"contact_id":null}}' ELSE '{{"member_id":null}}' END,
        CASE WHEN {_FREE} THEN '{{"contact_id":' ELSE '{{"member_id":' END || {_ID} || '}}'
        FROM opportunity WHERE {_AGAIN}""",
    "deals_again": f"""UPDATE opportunity SET {STAMPED},
        contact_id = CASE WHEN {_FREE} THEN {_ID} ELSE contact_id END WHERE {_AGAIN}""",
    "members_again": f"""INSERT INTO opportunity_member (opportunity_id, contact_id, role)
        SELECT record_id, contact_id, role FROM contact_left WHERE contact_id = {_ID} AND relation = 'member'
        ON CONFLICT DO NOTHING""",
    "cases_told_again": f"""{TOLD}, 'case', id, 'case.linked', '{{"member_id":null}}',
        '{{"member_id":' || {_ID} || '}}'
        FROM cases WHERE id IN {_of("case")}""",
    "cases_again": f"UPDATE cases SET {STAMPED} WHERE id IN {_of('case')}",
    "case_members_again": f"""INSERT INTO case_member (case_id, contact_id)
        SELECT record_id, contact_id FROM contact_left WHERE contact_id = {_ID} AND relation = 'case'
        ON CONFLICT DO NOTHING""",
    "teams_told_again": f"""{TOLD}, 'team', id, 'team.changed', '{{"member_id":null}}',
        '{{"member_id":' || {_ID} || '}}'
        FROM team WHERE deleted_at IS NULL AND id IN (
            SELECT team_id FROM team_contact WHERE contact_id = {_ID} AND (is_member OR is_administrator))""",
    "teams_again": f"""UPDATE team SET {STAMPED} WHERE deleted_at IS NULL AND id IN (
        SELECT team_id FROM team_contact WHERE contact_id = {_ID} AND (is_member OR is_administrator))""",
    "people_told_again": f"""{TOLD}, 'contact', id, 'contact.changed', '{{"company_id":null}}',
        '{{"company_id":' || {_ID} || '}}' FROM contact WHERE {_LONELY}""",
    "people_again": f"""UPDATE contact SET company_id = {_ID}, company_name = CAST(:name AS TEXT), {STAMPED}
        WHERE {_LONELY}""",
    "company_remembered": """INSERT INTO contact_left (contact_id, relation, record_id)
        SELECT CAST(:company AS BIGINT), 'person', id FROM returning_contact
        WHERE CAST(:company AS BIGINT) IS NOT NULL ON CONFLICT DO NOTHING""",
    "links_forgotten": f"DELETE FROM contact_left WHERE contact_id = {_ID}",
}


def returned(whole: Contact, version: int, since: int, lost_company: int | None, deed: Event) -> list[Write]:
    """Return the writes that take a contact back from the trash with all that went there with it at that moment.

    Deals and people that found another contact or company meanwhile keep it. `lost_company` is the contact's own
    company where that is in the trash: it will take the person up again when it comes back itself.
    """
    back = {"deleted_at": None, "updated_at": micros(deed.at), "updated_by": deed.actor_id}
    own = {**back, "company_id": None} if lost_company else back
    hanging = {"contact_id": whole.id, "deleted_at": since}
    given = {"id": whole.id, "name": whole.display_name, "company": lost_company, **stamps(deed)}
    return [
        versioned(contact, own, whole.id, version),
        *(Change(table, {"deleted_at": None}, hanging) for table in (task, note)),
        Index("contact", whole.id, search_words(whole.display_name)),
        _linked_again(given),
    ]


def _linked_again(given: Mapping[str, Any]) -> Sweep:
    sqlite = [
        "CREATE TEMP TABLE IF NOT EXISTS returning_contact (id INTEGER PRIMARY KEY)",
        "DELETE FROM returning_contact",
        "INSERT INTO returning_contact VALUES (:id)",
        *_RETURNED.values(),
    ]
    only = "returning_contact AS MATERIALIZED (SELECT CAST(:id AS BIGINT) AS id WHERE {guard})"
    return Sweep(sqlite, [only, *named(_RETURNED)], given)
