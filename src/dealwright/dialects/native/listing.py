"""What a list of opportunities may be asked with, and what that means in our words."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from dealwright.dialects.native import pages
from dealwright.dialects.native.opportunity_shapes import MEMBERS, Opportunity
from dealwright.dialects.native.problems import bad_query
from dealwright.dialects.native.reading import Query
from dealwright.dialects.native.shapes import LIMIT, Cursor, Id, Limit, OutcomeName, Somebody, Tags, TotalName
from dealwright.dialects.native.written import OUTCOMES_BY_NAME
from dealwright.dialects.native.written import opportunity as written
from dealwright.domain.actor import Actor
from dealwright.domain.text import fold, search_words
from dealwright.storage.opportunities import Deal
from dealwright.storage.opportunity_lists import Criteria
from dealwright.storage.opportunity_pages import By, Key
from dealwright.storage.rules import Rules

ORDERS: Final = {
    "id": By.ID,
    "title": By.TITLE,
    "amount": By.AMOUNT,
    "expected_close_on": By.EXPECTED,
    "created_at": By.CREATED,
    "updated_at": By.UPDATED,
    "position": By.POSITION,
}
SORTS: Final = tuple(f"{sign}{name}" for name in ORDERS for sign in ("", "-"))
NOTHING: Final = Criteria(ids=())

SortName = Annotated[str, Meta(extra_json_schema={"enum": list(SORTS)})]
Member = Annotated[str, Meta(extra_json_schema={"enum": list(MEMBERS)})]
Included = Literal["stage", "contact", "responsible"]


class RecordQuery(Query):
    """What one opportunity may be asked with."""

    lists: ClassVar[frozenset[str]] = frozenset({"fields", "include"})

    fields: Annotated[list[Member], Meta(description="The members to answer with; all without it.")] | UnsetType = UNSET
    include: Annotated[list[Included], Meta(description="Related records to put in as objects.")] | UnsetType = UNSET


class ListQuery(RecordQuery):
    """What the list may be asked with; everything that is given must hold."""

    lists: ClassVar[frozenset[str]] = frozenset({"fields", "include", "sort"})

    limit: Limit = LIMIT
    cursor: Cursor | UnsetType = UNSET
    total: TotalName = "none"
    sort: Annotated[
        list[SortName],
        Meta(min_length=1, max_length=4, description="`-` turns an order round; `position` is for a single stage."),
    ] = msgspec.field(default_factory=lambda: ["id"])
    stage_id: Annotated[list[Id], Meta(max_length=100, description="Any of these stages.")] | UnsetType = UNSET
    responsible: Somebody | UnsetType = UNSET
    contact_id: Annotated[Id, Meta(description="The primary contact.")] | UnsetType = UNSET
    outcome: OutcomeName | UnsetType = UNSET
    q: (
        Annotated[str, Meta(max_length=200, description="Each of these begins a word of the title or description.")]
        | UnsetType
    ) = UNSET
    tag: Tags | UnsetType = UNSET


def shown(rules: Rules, deal: Deal, query: RecordQuery) -> Opportunity:
    """Return a deal as it was asked for; members that were not asked for are left out."""
    include = () if query.include is UNSET else query.include
    return pages.narrowed(written(rules, deal, include), query.fields, MEMBERS)


def is_default(query: RecordQuery) -> bool:
    """Tell whether the default body was asked for, the only one that has an entity tag."""
    return query.fields is UNSET and query.include is UNSET


def keys_of(query: ListQuery) -> tuple[Key, ...]:
    """Return what to order by; refuses with 400 an order there is none of."""
    keys: list[Key] = []
    for name in query.sort:
        if name not in SORTS:
            raise bad_query("sort", "not_allowed", f"there is no order by {name!r}")
        key = Key(ORDERS[name.lstrip("-")], name.startswith("-"))
        if key.by is By.POSITION and (query.stage_id is UNSET or len(query.stage_id) != 1):
            raise bad_query("sort", "not_allowed", "position is an order of the cards of one stage_id")
        if all(key.by is not other.by and other.by is not By.ID for other in keys):
            keys.append(key)
    return tuple(keys)


def criteria_of(query: ListQuery, rules: Rules, actor: Actor) -> Criteria:
    """Return which deals are asked for."""
    words = None if query.q is UNSET else search_words(query.q)
    tags = None if query.tag is UNSET else [fold(tag) for tag in query.tag]
    responsible = None if query.responsible is UNSET else uid_of(query.responsible, rules, actor)
    if words == [] or responsible == "":
        return NOTHING
    return Criteria(
        words=words,
        tags=tags,
        responsible=responsible,
        stage_ids=None if query.stage_id is UNSET else query.stage_id,
        contact_id=None if query.contact_id is UNSET else query.contact_id,
        outcome=None if query.outcome is UNSET else OUTCOMES_BY_NAME[query.outcome],
    )


def uid_of(said: str, rules: Rules, actor: Actor) -> str:
    """Return the uid that is meant; empty where an id is nobody's."""
    if said == "me":
        return actor.uid
    if said.isascii() and said.isdigit():
        user = rules.users.get(int(said))
        return user.uid if user else ""
    return said.lower()


def about(query: ListQuery, criteria: Criteria) -> str:
    """Return what makes the list the list it is."""
    return pages.about("opportunities", query.sort, {name: getattr(criteria, name) for name in criteria.shape})
