"""Who sees many records at once: deals, cases and contacts, in statements over the whole set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, Table, and_, exists, func, not_, or_, select

from dealwright.domain.contact import Share
from dealwright.storage import deal_sums
from dealwright.storage.deal_sums import Side
from dealwright.storage.query import any_number, any_text, flag, listed, number
from dealwright.storage.schema import case, case_share, contact, contact_manager, opportunity, opportunity_share
from dealwright.storage.sight import EVERYTHING, case_visible_to, contact_editable_to, visible_to
from dealwright.storage.sweeping import STAMPED, TOLD, Parts, Picking, Swept


@dataclass(frozen=True, slots=True)
class _Shared:
    """How a kind of record is shared: a mark of its own and a list of users; `names` is what events call the two."""

    table: Table
    mark: str
    links: Table
    names: tuple[str, str]
    kinds: str

    @property
    def _subject(self) -> str:
        return self.kinds.partition(".")[0]

    @property
    def _key(self) -> str:
        return f"{self._subject}_id"

    @property
    def _rows(self) -> str:
        return f"shared_{self._subject}"

    @property
    def _is_flag(self) -> bool:
        return isinstance(self.table.c[self.mark].type, Boolean)

    @property
    def _wanted(self) -> str:
        return f"CAST(:mark AS {'BOOLEAN' if self._is_flag else 'INTEGER'})"

    def differs(self) -> ColumnElement[bool]:
        """Whether a record is not shared yet as it is to be."""
        links, mark = self.links, self.table.c[self.mark]
        mine = links.c[self._key] == self.table.c.id
        count = select(func.count()).where(mine).correlate(self.table).scalar_subquery()
        others = exists(select(links.c[self._key]).where(mine, not_(any_text(links.c.user_uid, "users"))))
        marked = mark != (flag("mark") if self._is_flag else number("mark"))
        return or_(marked, count != number("user_count"), others.correlate(self.table))

    def _columns(self, postgres: bool) -> Mapping[str, str]:
        """Return the mark as it was, and the users as they were, with commas between."""
        mine = f"FROM {self.links.name} AS l WHERE l.{self._key} = {self.table.name}.id"
        if postgres:
            users = f"(SELECT string_agg(l.user_uid, ',' ORDER BY l.user_uid) {mine})"
        else:
            users = f"(SELECT group_concat(user_uid, ',') FROM (SELECT l.user_uid {mine} ORDER BY l.user_uid))"
        columns = {"was_mark": f"{self.table.name}.{self.mark}", "was_users": f"coalesce({users}, '')"}
        return {**columns, **(deal_sums.COLUMNS if self.table is opportunity else {})}

    def swept(self, where: ColumnElement[bool]) -> Swept:
        """Return the statements that share those of the records `ids` that a condition allows and that differ."""
        picking = Picking(self._rows, self.table, self._columns, f"{self.mark} = {self._wanted}, {STAMPED}")
        return picking.swept(and_(any_number(self.table.c.id, "ids"), where, self.differs()), self._parts)

    def _parts(self, postgres: bool) -> Parts:
        links, key, rows = self.links.name, self._key, self._rows
        wanted = "json_array_elements_text(CAST(:users AS json))" if postgres else "json_each(:users)"
        parts = {
            f"{rows}_told": f"{TOLD}, '{self._subject}', id, '{self.kinds}', {self._event(rows)} FROM {rows}",
            f"{rows}_hidden": f"""DELETE FROM {links} WHERE {key} IN (SELECT id FROM {rows})
                AND user_uid NOT IN (SELECT u.value FROM {wanted} AS u)""",
            f"{rows}_shown": f"""INSERT INTO {links} ({key}, user_uid)
                SELECT r.id, u.value FROM {rows} AS r, {wanted} AS u WHERE true ON CONFLICT DO NOTHING""",
        }
        return {**parts, **(_recounted(rows) if self.table is opportunity else {})}

    def _event(self, rows: str) -> str:
        """Return what the events say of before and after: of the mark and of the users, where they differ."""
        marked, listed_ = f"{rows}.was_mark <> {self._wanted}", f"{rows}.was_users <> CAST(:users_text AS TEXT)"
        comma = f"CASE WHEN {marked} AND {listed_} THEN ',' ELSE '' END"
        sides = []
        for mark, users in ((f"{rows}.was_mark", f"{rows}.was_users"), (self._wanted, "CAST(:users_text AS TEXT)")):
            said = f"""'"{self.names[0]}":' || {self._json(mark)}"""
            quoted = f"""CASE {users} WHEN '' THEN 'null' ELSE '["' || replace({users}, ',', '","') || '"]' END"""
            list_ = f"""'"{self.names[1]}":' || {quoted}"""
            sides.append(
                f"'{{' || CASE WHEN {marked} THEN {said} ELSE '' END || {comma}"
                f" || CASE WHEN {listed_} THEN {list_} ELSE '' END || '}}'"
            )
        return ", ".join(sides)

    def _json(self, mark: str) -> str:
        return f"CASE WHEN {mark} THEN 'true' ELSE 'false' END" if self._is_flag else f"CAST({mark} AS TEXT)"


def _recounted(rows: str) -> Parts:
    """Return the statements that take deals out of the sums of one privacy and into those of the other."""
    turned = f"(SELECT * FROM {rows} WHERE was_mark <> CAST(:mark AS BOOLEAN)) AS turned"
    before, after = "NOT CAST(:mark AS BOOLEAN)", "CAST(:mark AS BOOLEAN)"
    return deal_sums.carried(rows, Side(turned, "-", before), Side(turned, "", after))


_DEALS: Final = _Shared(
    *(opportunity, "private", opportunity_share),
    names=("private", "shared_with"),
    kinds="opportunity.changed,opportunity.shared",
)
_CASES: Final = _Shared(
    *(case, "private", case_share), names=("private", "shared_with"), kinds="case.changed,case.shared"
)
_CONTACTS: Final = _Shared(
    *(contact, "sharing", contact_manager), names=("sharing", "managers"), kinds="contact.changed"
)


@cache
def of_deals(sight: str) -> Swept:
    """Return the statements that share those of the deals `ids` that are there for this sight and its to share."""
    seen = visible_to(sight)
    return _DEALS.swept(seen if sight == EVERYTHING else and_(seen, opportunity.c.created_by == number("me_id")))


@cache
def of_cases(sight: str) -> Swept:
    """Return the statements that share those of the cases `ids` that are there for this sight and its to share."""
    seen = case_visible_to(sight)
    return _CASES.swept(seen if sight == EVERYTHING else and_(seen, case.c.created_by == number("me_id")))


@cache
def of_contacts(sight: str) -> Swept:
    """Return the statements that share those of the contacts `ids` that this sight may change."""
    return _CONTACTS.swept(contact_editable_to(sight))


def given(mark: bool | Share, users: Sequence[str]) -> dict[str, Any]:
    """Return the parameters: the mark, and the users who see the records beside it."""
    ordered = sorted(set(users))
    said = {"users": listed(ordered), "users_text": ",".join(ordered), "user_count": len(ordered)}
    return {"mark": int(mark) if isinstance(mark, Share) else mark, **said}
