"""The kinds of records that are listed by SQL: their tables, who sees which, and their fields by dotted path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    and_,
    case,
    func,
    or_,
    select,
    union_all,
)

from dealwright.domain.actor import Sight
from dealwright.domain.contact_info import Info
from dealwright.storage.records_amount import Amount
from dealwright.storage.records_sql import Strung
from dealwright.storage.records_terms import Behind, Exact, Field, Flag, LocalTime, Number, Via, Words
from dealwright.storage.rules import Rules
from dealwright.storage.schema import (
    contact,
    contact_info,
    contact_tag,
    location,
    opportunity,
    stage_visit,
    tag,
    task,
    team,
    team_contact,
)
from dealwright.storage.sight import WIDE, contact_visible_to, listed_on, task_visible_to, visible_to
from dealwright.storage.stage_visits import visible
from dealwright.storage.tallies import DAYS

Visible = Callable[[str], ColumnElement[bool]]
Join = tuple[Any, ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of record: its table, the condition of who sees which, its fields and the joins that some need.

    `kept` is the JSON column of the members that a face only keeps. `visible_at_large` says the same as `visible`
    in a way that is cheaper for all records and dearer for a few. `hangs`: it is there only while what it hangs on is.
    """

    table: Table
    visible: Visible
    fields: Mapping[str, Field]
    joins: Mapping[str, Join]
    kept: ColumnElement[Any] | None = None
    visible_at_large: Visible | None = None
    hangs: bool = False


def of_stage(attribute: Callable[[Rules, int], Any]) -> Callable[[Rules], Mapping[Any, Any]]:
    """Return what makes, of an attribute of a stage, its values by the ids of the stages."""
    return lambda rules: {stage_id: attribute(rules, stage_id) for stage_id in rules.stages}


def _stage_fields(column: ColumnElement[Any], at: str) -> dict[str, Field]:
    """The fields of a stage that a column always points at, of its pipeline and of its location."""

    def place(rules: Rules, stage_id: int) -> Any:
        return rules.location_of_stage(stage_id)

    def board(rules: Rules, stage_id: int) -> Any:
        return rules.pipelines[rules.stages[stage_id].pipeline_id]

    walks: dict[str, Callable[[Rules, int], Any]] = {
        "title": lambda rules, one: rules.stages[one].title,
        "pipeline_id": lambda rules, one: rules.stages[one].pipeline_id,
        "pipeline.name": lambda rules, one: board(rules, one).name,
        "pipeline.location_id": lambda rules, one: board(rules, one).location_id,
        "pipeline.location.name": lambda rules, one: place(rules, one).name,
        "pipeline.location.currency.id": lambda rules, one: rules.currencies[place(rules, one).currency].id,
        "pipeline.location.currency.code": lambda rules, one: place(rules, one).currency,
    }
    return {f"{at}.{path}": Via(column, of_stage(walk), always=True) for path, walk in walks.items()}


def _user_ids(rules: Rules) -> Mapping[Any, Any]:
    return {user.uid: user.id for user in rules.users.values()}


def _user_names_by_uid(rules: Rules) -> Mapping[Any, Any]:
    return {user.uid: user.name for user in rules.users.values()}


def user_names(rules: Rules) -> Mapping[Any, Any]:
    """Return the names of users by id."""
    return {user.id: user.name for user in rules.users.values()}


def _user_emails(rules: Rules) -> Mapping[Any, Any]:
    return {user.id: user.email for user in rules.users.values()}


def location_names(rules: Rules) -> Mapping[Any, Any]:
    """Return the names of locations by id."""
    return {place.id: place.name for place in rules.locations.values()}


def _kind_names(rules: Rules) -> Mapping[Any, Any]:
    return {kind.id: kind.values["name"] for kind in rules.kinds.values()}


def record_fields(table: Table) -> dict[str, Field]:
    """Return the fields that every record has."""
    return {
        "id": Number(table.c.id),
        "uid": Exact(table.c.uid),
        "created_at": Number(table.c.created_at, indexed=True),
        "updated_at": Number(table.c.updated_at, indexed=True),
        "updated_by": Via(table.c.updated_by, _user_emails),
        "system_id": Words(table.c.system_id),
    }


def numbers(table: Table, *names: str) -> dict[str, Field]:
    """Return columns that hold whole numbers, or instants, as fields."""
    return {name: Number(table.c[name]) for name in names}


def flags(table: Table, *names: str) -> dict[str, Field]:
    """Return columns that hold yes or no as fields."""
    return {name: Flag(table.c[name]) for name in names}


def texts(table: Table, *names: str) -> dict[str, Field]:
    """Return columns that hold texts without a folded twin as fields."""
    return {name: Words(table.c[name]) for name in names}


def _responsible(table: Table) -> dict[str, Field]:
    column = table.c.responsible
    return {
        "responsible": Via(column, _user_ids, keys="text"),
        "responsible.name": Via(column, _user_names_by_uid, keys="text"),
    }


COMPANY_NAME: Final = func.coalesce(contact.c.company_name, case((contact.c.is_company, contact.c.display_name)))
"""What a contact's company is called: for a company that says nothing of it, its own name."""


def contact_fields(pointer: ColumnElement[Any]) -> dict[str, Field]:
    """Return the card of a record's contact as fields."""
    fields: dict[str, Field] = {
        "contact.display_name": Words(contact.c.display_name, contact.c.display_fold, "contact"),
        "contact.is_company": Flag(contact.c.is_company),
        "contact.company_name": Words(COMPANY_NAME),
        "contact.email": Words(contact.c.email, contact.c.email_fold),
    }
    return {path: behind(field, pointer, contact) for path, field in fields.items()}


def behind(field: Field, pointer: ColumnElement[Any], table: Table) -> Field:
    """Return a field of a living record that a column points at."""
    return Behind(field, pointer, table.name, table.c.id, table.c.deleted_at.is_(None))


def team_names(contact_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the names of a contact's teams, comma separated, in the order of their ids."""
    of_contact = and_(team_contact.c.contact_id == contact_id, team_contact.c.is_member, team.c.deleted_at.is_(None))
    joined = team_contact.join(team, team.c.id == team_contact.c.team_id)
    names: Select[Any] = select(team.c.name).select_from(joined).where(of_contact).order_by(team.c.id)
    named = names.correlate_except(team, team_contact).subquery()
    return select(Strung(named.c.name, ",")).scalar_subquery()


def _opportunities() -> Subject:
    o = opportunity
    fields: dict[str, Field] = {
        **record_fields(o),
        **numbers(o, "stage_id", "contact_id", "team_id", "kind_id", "referrer_id", "agent_id"),
        **numbers(o, "lead_source", "loss_reason", "outcome", "moved_at"),
        **{column.name: Number(column, indexed=True, facet=facet) for facet, column in DAYS.items()},
        **flags(o, "completed", "reminded"),
        **texts(o, "description", "utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"),
        **_responsible(o),
        **_stage_fields(o.c.stage_id, "stage"),
        **contact_fields(o.c.contact_id),
        "title": Words(o.c.title, o.c.title_fold, "opportunity"),
        "amount": Amount(),
        "position": Number(o.c.position, present=True),
        "kind.name": Via(o.c.kind_id, _kind_names),
        "team.name": behind(Words(team.c.name, team.c.name_fold), o.c.team_id, team),
        "team.description": behind(Words(team.c.description), o.c.team_id, team),
        "team.profile_website": behind(Words(team.c.profile_website), o.c.team_id, team),
    }
    joins: dict[str, Join] = {
        "contact": (contact, and_(contact.c.id == o.c.contact_id, contact.c.deleted_at.is_(None))),
        "team": (team, and_(team.c.id == o.c.team_id, team.c.deleted_at.is_(None))),
    }
    return Subject(o, visible_to, fields, joins)


def _visits_at_large(sight: str) -> ColumnElement[bool]:
    """Steps of deals that are there, and steps that belong to no deal.

    Who sees nearly everything sees all but the steps of a few deals, so not every deal is looked up.
    """
    if sight not in WIDE:
        return visible(sight)
    hidden = select(opportunity.c.id).where(opportunity.c.deleted_at.is_not(None))
    if sight == Sight.ALL.name:
        unshared = select(opportunity.c.id).where(opportunity.c.private, opportunity.c.id.not_in(listed_on()))
        hidden = select(union_all(hidden, unshared).subquery().c.id)
    return or_(stage_visit.c.opportunity_id.is_(None), stage_visit.c.opportunity_id.not_in(hidden))


def _visits() -> Subject:
    v = stage_visit
    fields: dict[str, Field] = {
        **record_fields(v),
        **numbers(v, "opportunity_id", "from_stage_id", "to_stage_id", "from_time", "to_time", "user_id"),
        "from_stage.title": Via(v.c.from_stage_id, of_stage(lambda rules, one: rules.stages[one].title)),
        "to_stage.title": Via(v.c.to_stage_id, of_stage(lambda rules, one: rules.stages[one].title)),
        "user.name": Via(v.c.user_id, user_names),
    }
    return Subject(v, visible, fields, {}, visible_at_large=_visits_at_large)


def _tasks() -> Subject:
    # A task without a location belongs to the portal's first one.
    place = func.coalesce(task.c.location_id, select(func.min(location.c.id)).scalar_subquery())
    fields: dict[str, Field] = {
        **record_fields(task),
        **numbers(task, "contact_id"),
        "deadline": Number(task.c.deadline, indexed=True),
        **flags(task, "closed", "reminded", "notify", "display_to_everyone"),
        **texts(task, "description", "task_list_name"),
        **_responsible(task),
        **contact_fields(task.c.contact_id),
        "title": Words(task.c.title, task.c.title_fold),
        "task_item_uid": Words(task.c.task_item_uid),
        "form_request_uid": Words(task.c.form_request_uid),
        "location_id": Number(place),
        "location.name": Via(place, location_names),
        "deadline_local": LocalTime(task.c.deadline, place),
        "contact.team_names": Words(team_names(task.c.contact_id)),
    }
    joins: dict[str, Join] = {
        "contact": (contact, and_(contact.c.id == task.c.contact_id, contact.c.deleted_at.is_(None)))
    }
    return Subject(task, task_visible_to, fields, joins)


def _visible_teams(_: str) -> ColumnElement[bool]:
    return team.c.deleted_at.is_(None)


def _teams() -> Subject:
    fields: dict[str, Field] = {
        **record_fields(team),
        **texts(team, "description", "profile_website"),
        "name": Words(team.c.name, team.c.name_fold),
        "location_id": Number(team.c.location_id),
        "location.name": Via(team.c.location_id, location_names),
    }
    return Subject(team, _visible_teams, fields, {}, kept=team.c.extra)


_FIRSTS: Final[Mapping[str, tuple[Info, int | None]]] = {
    "mobile_phone": (Info.PHONE, 2),
    "landline": (Info.PHONE, 1),
    "website": (Info.WEBSITE, None),
    "twitter": (Info.TWITTER, None),
    "facebook": (Info.FACEBOOK, None),
    "linkedin": (Info.LINKEDIN, None),
    "skype": (Info.SKYPE, None),
    # All parts of an address are one text, so each is found by what any of them holds.
    **dict.fromkeys(("street", "city", "state", "post_code"), (Info.ADDRESS, None)),
}
"""Fields of a contact that are its first information of a kind and category."""


def _first_info(kind: Info, category: int | None) -> ColumnElement[Any]:
    c = contact_info.c
    found = select(c.data).where(c.contact_id == contact.c.id, c.kind == int(kind))
    if category is not None:
        found = found.where(c.category == category)
    first = found.order_by(c.is_primary.desc(), c.id).limit(1)
    return first.correlate(contact).scalar_subquery()


def _tags() -> ColumnElement[Any]:
    joined = contact_tag.join(tag, tag.c.id == contact_tag.c.tag_id)
    titles = select(tag.c.title).select_from(joined).where(contact_tag.c.contact_id == contact.c.id)
    named = titles.order_by(tag.c.title_fold).correlate(contact).subquery()
    return select(Strung(named.c.title, ", ")).scalar_subquery()


def _contacts() -> Subject:
    fields: dict[str, Field] = {
        **record_fields(contact),
        **texts(contact, "job_title", "about", "industry", "notes"),
        **flags(contact, "is_company", "active", "archived"),
        "display_name": Words(contact.c.display_name, contact.c.display_fold, "contact"),
        "email": Words(contact.c.email, contact.c.email_fold),
        "company_name": Words(COMPANY_NAME),
        "team_names": Words(team_names(contact.c.id)),
        "tags": Words(_tags()),
        **{name: Words(_first_info(*kind)) for name, kind in _FIRSTS.items()},
    }
    return Subject(contact, contact_visible_to, fields, {}, kept=contact.c.extra)


SUBJECTS: Final[Mapping[str, Subject]] = {
    "opportunity": _opportunities(),
    "stage_visit": _visits(),
    "task": _tasks(),
    "team": _teams(),
    "contact": _contacts(),
}
