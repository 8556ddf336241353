"""Which handler a verb and a path belong to (conventions §1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, nothing
from dealwright.dialects.onlyoffice.routing import Found, Routes

TEMPLATES = [
    "crm/opportunity/{opportunityid:[0-9]+}",
    "crm/opportunity/filter",
    "crm/opportunity/{opportunityid:[0-9]+}/stage/{id:[0-9]+}",
    "crm/contact/{contactid:[0-9]+}/data/{id:[0-9]+}",
    "crm/contact/{contactid:[0-9]+}/data/{infoType}",
    "crm/contact/{contactid:[0-9]+}/tag",
    "crm/{entityType:(contact|opportunity|case)}/tag/{entityid:[0-9]+}",
    "crm/{entityType:(contact|opportunity|case)}/{entityid:[0-9]+}/files",
    "crm/{entityType:(contact|person|company|opportunity|case)}/{entityid:[0-9]+}/customfield",
    "crm/invoice/status/{status:[\\w\\d-]+}",
    "crm/voip/call/{callId:\\w+}",
    "crm/voip/call/missed",
    "people/@self",
    "people/{username}",
    "people/@search/{query}",
]


async def done(call: Call) -> Answer:
    return nothing()


@pytest.fixture(scope="module")
def routes() -> Routes:
    filled = Routes()
    for template in TEMPLATES:
        filled.get(template)(done)
    filled.put("crm/opportunity/{opportunityid:[0-9]+}", right="CrmOpportunity-Edit")(done)
    return filled


def found(routes: Routes, path: str, method: str = "GET") -> Found:
    hit = routes.find(method, path)
    assert hit, path
    return hit


@pytest.mark.parametrize(
    ("path", "template", "values"),
    [
        ("crm/opportunity/5", TEMPLATES[0], {"opportunityid": "5"}),
        ("CRM/Opportunity/5", TEMPLATES[0], {"opportunityid": "5"}),
        ("crm/opportunity/5/", TEMPLATES[0], {"opportunityid": "5"}),
        ("crm/opportunity/filter", TEMPLATES[1], {}),
        ("crm/opportunity/5/stage/6", TEMPLATES[2], {"opportunityid": "5", "id": "6"}),
        ("crm/contact/5/data/6", TEMPLATES[3], {"contactid": "5", "id": "6"}),
        ("crm/contact/5/data/Phone", TEMPLATES[4], {"contactid": "5", "infoType": "Phone"}),
        ("crm/contact/5/tag", TEMPLATES[5], {"contactid": "5"}),
        ("crm/contact/tag/5", TEMPLATES[6], {"entityType": "contact", "entityid": "5"}),
        ("crm/CASE/5/files", TEMPLATES[7], {"entityType": "case", "entityid": "5"}),
        ("crm/contact/5/files", TEMPLATES[7], {"entityType": "contact", "entityid": "5"}),
        ("crm/person/5/customfield", TEMPLATES[8], {"entityType": "person", "entityid": "5"}),
        ("crm/opportunity/5/customfield", TEMPLATES[8], {"entityType": "opportunity", "entityid": "5"}),
        ("crm/invoice/status/Sent-1", TEMPLATES[9], {"status": "Sent-1"}),
        ("crm/voip/call/CA12", TEMPLATES[10], {"callId": "CA12"}),
        ("crm/voip/call/missed", TEMPLATES[11], {}),
        ("people/@self", TEMPLATES[12], {}),
        ("people/%40self", TEMPLATES[12], {}),
        ("people/john.smith", TEMPLATES[13], {"username": "john.smith"}),
        ("people/@search/J%C3%BCrgen%20B", TEMPLATES[14], {"query": "Jürgen B"}),
        ("people/@search/J\xc3\xbcrgen", TEMPLATES[14], {"query": "Jürgen"}),
    ],
)
def test_a_path_leads_to_its_route(routes: Routes, path: str, template: str, values: dict[str, str]) -> None:
    hit = found(routes, path)
    assert (hit.route.template, hit.values) == (template, values)


@pytest.mark.parametrize("suffix", ["", ".json", ".JSON", ".xml", ".tml"])
def test_a_path_may_have_a_suffix(routes: Routes, suffix: str) -> None:
    for path in ("crm/opportunity/5", "crm/opportunity/filter", "people/john.smith"):
        assert found(routes, path + suffix).suffix == suffix.lower()
        assert "json" not in "".join(found(routes, path + suffix).values.values()).lower()


@pytest.mark.parametrize(
    "path",
    [
        *("", "/", "crm", "crm/nonsense", "crm/opportunity/five", "crm/opportunity/5x", "crm/opportunity/5.yaml"),
        *("crm/opportunity/٣", "crm/opportunity//", "crm/opportunity/5/nonsense", "crm/task/tag/5", "people/"),
        *("crm/opportunity/-5", "crm/opportunity/5%00", "people/%ff", "people/\xff", "people/😀", "crm/voip/call/a-b"),
        *("crm/opportunity/5//", "//", "crm//opportunity/5", "crm/invoice/status/a.b", "a/" * 10_000),
    ],
)
def test_another_path_leads_nowhere(routes: Routes, path: str) -> None:
    assert routes.find("GET", path) is None


@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH", "HEAD", ""])
def test_another_verb_leads_nowhere(routes: Routes, method: str) -> None:
    assert routes.find(method, "crm/opportunity/5") is None


def test_a_route_says_what_it_needs(routes: Routes) -> None:
    route = found(routes, "crm/opportunity/5", "PUT").route
    assert (route.method, route.right, route.anonymous) == ("PUT", "CrmOpportunity-Edit", False)
    assert route in list(routes)
    assert len(list(routes)) == len(TEMPLATES) + 1


@pytest.mark.parametrize(
    "template", ["crm/opportunity/{id:[0-9]+}", "CRM/opportunity/filter", "crm/{x:(lead|case)}/tag/{y:[0-9]+}"]
)
def test_two_handlers_cannot_share_a_route(routes: Routes, template: str) -> None:
    with pytest.raises(ValueError, match="there already"):
        routes.get(template)(done)


def test_a_literal_beats_a_choice_of_words() -> None:
    filled = Routes()
    filled.get("crm/{entityType:(contact|case)}/tag")(done)
    filled.get("crm/case/tag")(done)
    assert found(filled, "crm/case/tag").route.template == "crm/case/tag"
    assert found(filled, "crm/contact/tag").values == {"entityType": "contact"}


def test_a_place_is_bound_to_something_known() -> None:
    with pytest.raises(ValueError, match="constraint"):
        Routes().get("crm/{id:[a-f]+}")(done)


@given(st.text() | st.lists(st.sampled_from(["crm", "opportunity", "5", "%", "%00", "", "tag", "@self"])).map("/".join))
def test_no_path_breaks_the_lookup(path: str) -> None:
    filled = Routes()
    filled.get("crm/opportunity/{id:[0-9]+}")(done)
    filled.get("people/{username}")(done)
    hit = filled.find("GET", path)
    assert hit is None or all(hit.values.values())
