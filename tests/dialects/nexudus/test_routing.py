"""Methods and paths to entities and verbs (conventions §1 and §3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwright.dialects.nexudus.entities import BY_NAME, ENTITIES
from dealwright.dialects.nexudus.entity import Entity, Verb
from dealwright.dialects.nexudus.routing import MODULES, Call, NotOffered, Special, find
from dealwright.domain.errors import NotFound

OPPORTUNITY = BY_NAME["CrmOpportunity"]
ROUTES = [
    ("GET", "", Verb.LIST),
    ("POST", "", Verb.CREATE),
    ("PUT", "", Verb.UPDATE),
    ("GET", "/commands", Verb.COMMANDS),
    ("POST", "/runcommand", Verb.RUN),
]


@pytest.mark.parametrize(("method", "rest", "verb"), ROUTES)
@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_an_entity_offers_exactly_the_verbs_of_its_table(entity: Entity, method: str, rest: str, verb: Verb) -> None:
    path = f"/api/{entity.module}/{entity.plural}{rest}"
    if verb in entity.verbs:
        assert find(method, path) == Call(entity, verb)
    else:
        with pytest.raises((NotOffered, NotFound)):
            find(method, path)


@pytest.mark.parametrize(
    ("method", "verb"), [("GET", Verb.READ), ("HEAD", Verb.READ), ("DELETE", Verb.DELETE), ("PUT", Verb.UPDATE)]
)
def test_a_record_is_found_by_its_id(method: str, verb: Verb) -> None:
    assert find(method, "/api/crm/crmopportunities/42") == Call(OPPORTUNITY, verb, 42)


@pytest.mark.parametrize(
    "path",
    [
        *("/api/crm/crmopportunities/", "/api/crm/CrmOpportunities", "/API/CRM/CRMOPPORTUNITIES/"),
        *(f"/api/{module}/crmopportunities" for module in sorted(MODULES)),
    ],
)
def test_case_a_trailing_slash_and_the_module_do_not_matter(path: str) -> None:
    assert find("GET", path) == Call(OPPORTUNITY, Verb.LIST)


def test_run_command_ignores_case() -> None:
    assert find("POST", "/api/spaces/coworkers/runCommand") == Call(BY_NAME["Coworker"], Verb.RUN)


@pytest.mark.parametrize("special", Special)
def test_what_is_no_entity_has_a_path_of_its_own(special: Special) -> None:
    method, path = special.value.split(" ")
    assert find(method, path) is special
    assert find(method, f"{path.upper()}/") is special


def test_a_special_path_does_not_offer_another_method() -> None:
    with pytest.raises(NotOffered) as refused:
        find("GET", "/api/token")
    assert refused.value.allowed == ("POST",)


@pytest.mark.parametrize(
    "path",
    [
        *("/api/crm/nosuchthings", "/api/nowhere/crmboards", "/api/crmboards", "/crm/crmboards", "/api", "/", ""),
        *("/api/crm/crmboards/x", "/api/crm/crmboards/-1", "/api/crm/crmboards/1/2", "/api/crm/crmboards/٣"),
        *("/api/crm//crmboards", "//api/crm/crmboards", "/api/sys/currencies/commands"),
        *("/x/api/crm/crmboards", "/api/crm/crmboards/commands/1", "/api/crm/crmboards/1.5"),
    ],
)
def test_an_unknown_path_is_not_found(path: str) -> None:
    with pytest.raises(NotFound):
        find("GET", path)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/spaces/coworkers/5", ("GET", "PUT")),
        ("DELETE", "/api/crm/crmboards", ("GET", "POST", "PUT")),
        ("POST", "/api/crm/crmboards/5", ("GET", "PUT", "DELETE")),
        ("PATCH", "/api/crm/crmboards", ("GET", "POST", "PUT")),
        ("POST", "/api/sys/businesses", ("GET", "PUT")),
        ("POST", "/api/sys/currencies", ("GET",)),
        ("POST", "/api/crm/crmboards/commands", ("GET",)),
        ("GET", "/api/crm/crmboards/runcommand", ("POST",)),
    ],
)
def test_a_verb_that_is_not_offered_tells_which_are(method: str, path: str, allowed: tuple[str, ...]) -> None:
    with pytest.raises(NotOffered) as refused:
        find(method, path)
    assert refused.value.allowed == allowed


@pytest.mark.parametrize("digits", ["0", "2147483648", "99999999999", "9" * 5000])
def test_an_id_no_record_can_have_is_the_id_no_record_has(digits: str) -> None:
    assert find("GET", f"/api/crm/crmboards/{digits}") == Call(BY_NAME["CrmBoard"], Verb.READ, 0)


@given(st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH"]), st.text(max_size=30), st.text(max_size=12))
def test_any_path_is_found_or_refused(method: str, text: str, rest: str) -> None:
    for path in (text, f"/api/{text}", f"/api/crm/{text}", f"/api/crm/crmboards/{rest}"):
        try:
            find(method, path)
        except (NotFound, NotOffered):
            continue
