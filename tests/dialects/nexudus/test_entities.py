"""The tables of entities against what the vendor documents (crm, related, conventions §4 and §9)."""

from __future__ import annotations

import pytest

from dealwright.dialects.nexudus.entities import BY_NAME, ENTITIES
from dealwright.dialects.nexudus.entity import (
    DELTA,
    EXPANDED,
    READ_ONLY,
    REQUIRED,
    WRITE_ONLY,
    Entity,
    Verb,
)
from dealwright.dialects.nexudus.enums import ENUMS
from dealwright.dialects.nexudus.listing import Op, read_query
from dealwright.domain.actor import RIGHTS
from tests.dialects.nexudus.documented import FILTERS, MEMBERS, STANDARD

EVERY_ENTITY = pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
# Decided beside the documentation: a user's lists take deltas as every other list does.
OUR_OWN = {"AddedBusinesses", "RemovedBusinesses", "AddedUserRoles", "RemovedUserRoles"}
SAMPLES = {"int": "5", "bool": "true", "dec": "1.5", "dt": "2026-08-27T08:29", "str": "x", "enum": "1"}


@pytest.mark.parametrize("name", MEMBERS)
def test_a_table_has_the_documented_members_in_their_order(name: str) -> None:
    names = [member.name for member in BY_NAME[name].own]
    assert [each for each in names if name != "User" or each not in OUR_OWN] == MEMBERS[name]


@EVERY_ENTITY
def test_the_ten_standard_members_come_last(entity: Entity) -> None:
    assert [member.name for member in entity.members[-10:]] == list(STANDARD)


@EVERY_ENTITY
def test_no_two_members_share_a_name_a_key_or_a_name_in_queries(entity: Entity) -> None:
    for names in (
        [member.name.lower() for member in entity.members],
        [member.key for member in entity.members],
        [name for member in entity.members if member.is_single for name in member.names],
    ):
        assert len(names) == len(set(names))


@EVERY_ENTITY
def test_every_type_is_known(entity: Entity) -> None:
    for member in entity.members:
        assert member.base in {"str", "int", "bool", "dec", "dt", "enum", "int[]", "fields"}, member.name
        assert member.base != "enum" or member.enum in ENUMS, member.name


@EVERY_ENTITY
def test_every_writable_member_has_a_meaning_when_it_is_absent(entity: Entity) -> None:
    for member in entity.members:
        if member.is_written_by and member.kind is not REQUIRED:
            assert member.absent is not ..., member.name


@EVERY_ENTITY
def test_relations_point_to_entities_that_are_there(entity: Entity) -> None:
    assert {member.to for member in entity.members if member.to} <= BY_NAME.keys()


@EVERY_ENTITY
def test_deltas_belong_to_a_collection(entity: Entity) -> None:
    collections = {member.name for member in entity.collections}
    for member in entity.members:
        if member.kind is DELTA:
            assert member.name.removeprefix("Added").removeprefix("Removed") in collections


@EVERY_ENTITY
def test_an_expanded_member_begins_with_a_relation_of_its_entity(entity: Entity) -> None:
    relations = tuple(member.property_name for member in entity.members if member.is_reference)
    for member in entity.members:
        if member.kind is EXPANDED:
            assert member.name.startswith(relations), member.name


@EVERY_ENTITY
def test_every_verb_has_a_right_that_exists(entity: Entity) -> None:
    assert {entity.right(verb) for verb in entity.verbs} <= RIGHTS


@EVERY_ENTITY
def test_the_default_order_is_a_member_that_can_be_sorted_by(entity: Entity) -> None:
    assert entity.by_name[entity.order] in entity.sortable.values()


@EVERY_ENTITY
def test_secrets_are_neither_filters_nor_orders(entity: Entity) -> None:
    secrets = {"password", "newpassword", "passwordsalt", "accesstoken"}
    assert not secrets & entity.filterable.keys()
    assert all(member.kind is not WRITE_ONLY for member in entity.sortable.values())


def documented_conditions(entity: Entity) -> set[tuple[str, Op]]:
    found = set()
    for name in FILTERS[entity.name]:
        member = entity.filterable[
            name.split("_", 2 if name.startswith(("from_", "to_")) else 1)[-1].replace("_", "").lower()
        ]
        (condition,) = read_query(entity, [(name, SAMPLES[member.base])]).filters
        found.add((condition.member.name, condition.op))
    return found


def derived_conditions(entity: Entity) -> set[tuple[str, Op]]:
    members = set(entity.filterable.values())
    ranged = {(member.name, op) for member in members if member.has_range for op in (Op.GE, Op.LE)}
    return {(member.name, Op.EQ) for member in members} | ranged


@pytest.mark.parametrize("name", FILTERS)
def test_the_derived_filters_are_the_documented_ones_and_a_few_of_the_same_rules(name: str) -> None:
    entity = BY_NAME[name]
    documented, derived = documented_conditions(entity), derived_conditions(entity)
    assert documented <= derived
    for member, op in derived - documented:
        expanded = entity.by_name[member].kind is EXPANDED
        assert (
            member in {"Id", "UniqueId", "SystemId"}
            or (member in {"CreatedOn", "UpdatedOn"} and op is Op.EQ)
            or expanded
        )


@pytest.mark.parametrize("name", ["CrmOpportunity_CrmUpdatedOn", "from_CrmOpportunity_CrmUpdatedOn"])
def test_the_last_crm_change_is_no_filter(name: str) -> None:
    assert read_query(BY_NAME["CrmOpportunity"], [(name, "2026-01-01T00:00")]).filters == ()


@pytest.mark.parametrize(
    "name", ["CrmBoardColumn_OpportunitiesCount", "CrmBoardColumn_Products", "CrmBoardColumn_AddedProducts"]
)
def test_counts_and_lists_are_no_filters(name: str) -> None:
    assert read_query(BY_NAME["CrmBoardColumn"], [(name, "1")]).filters == ()


def test_customers_have_no_delete_and_currencies_are_only_read() -> None:
    assert Verb.DELETE not in BY_NAME["Coworker"].verbs
    assert BY_NAME["Currency"].verbs == {Verb.LIST, Verb.READ, Verb.BATCH}
    assert BY_NAME["Business"].verbs.isdisjoint({Verb.CREATE, Verb.DELETE})


def test_an_error_names_a_foreign_key_without_its_id() -> None:
    opportunity = BY_NAME["CrmOpportunity"]
    assert opportunity.property_of("stage_id") == "CrmBoardColumn"
    assert opportunity.property_of("CoworkerId") == "Coworker"
    assert opportunity.property_of("position") == "Position"
    assert opportunity.property_of("custom.7") == "CustomFields"
    assert BY_NAME["Coworker"].property_of("AccessCardId") == "AccessCardId"
    assert BY_NAME["Coworker"].property_of("CountryId") == "Country"


def test_an_error_about_a_field_no_member_holds_names_the_one_to_blame() -> None:
    assert BY_NAME["CrmBoardColumn"].property_of("outcome") == "LoseOpportunity"
    assert BY_NAME["Coworker"].property_of("last_name") == "FullName"


def test_an_error_about_a_field_this_vendor_does_not_have_keeps_our_name() -> None:
    assert BY_NAME["CrmOpportunity"].property_of("currency") == "currency"


def test_rights_are_named_after_entity_and_verb() -> None:
    board = BY_NAME["CrmBoard"]
    assert board.right(Verb.UPDATE) == "CrmBoard-Edit"
    assert board.right(Verb.BATCH) == board.right(Verb.READ) == "CrmBoard-Read"


def test_what_a_put_leaves_out_of_an_opportunity_and_who_owns_it() -> None:
    kinds = {member.name: member.kind for member in BY_NAME["CrmOpportunity"].own}
    assert [name for name, kind in kinds.items() if kind is REQUIRED] == ["CrmBoardColumnId", "CoworkerId", "Position"]
    assert [name for name, kind in kinds.items() if kind is READ_ONLY] == ["CrmUpdatedOn"]
