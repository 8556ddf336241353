"""Who sees what, through every face alike: one record, a list, a count and a search never disagree."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from dealwright.actions import cases, contacts, invoices, people
from dealwright.actions import opportunities as deals
from dealwright.actions.sign_in import API, issue
from dealwright.domain.actor import Sight
from dealwright.domain.case import CaseChange
from dealwright.domain.contact import ContactChange, Share
from dealwright.domain.opportunity import Change, Sharing
from dealwright.domain.people import UserChange
from dealwright.storage.database import Database
from tests.actions.about_contacts import firm
from tests.actions.about_invoices import draft
from tests.cast import hire, role
from tests.office import FACES, Office, opened

PEOPLE = ("olga", "carl", "mia", "noah", "rita", "otto")
WORD = "Zeppelin"

# Which of the deals a person sees: mia made all of them; the private one is shared with noah; rita and otto are
# role-limited, otto sees his own alone.
SEES = {
    "olga": {"public", "private", "otto's"},
    "carl": {"public", "private", "otto's"},
    "mia": {"public", "private", "otto's"},
    "noah": {"public", "private", "otto's"},
    "rita": {"public", "otto's"},
    "otto": {"otto's"},
}


@pytest.fixture
async def office(staffed: Database) -> AsyncIterator[Office]:
    async with opened(staffed) as found:
        yield found


@pytest.fixture
async def made(office: Office) -> dict[str, int]:
    """Three deals of Mia's: public, private, and one for which Otto is responsible."""
    db = office.db
    rights = [role(db, f"CrmOpportunity-{verb}") for verb in ("List", "Read")]
    office.cast.ids["otto"] = await hire(db, "otto", role_ids=rights, sight=Sight.OWN)
    office.tokens["otto"] = (await issue(db, office.cast.ids["otto"], API, None)).secret
    mia, noah, otto = office.cast.mia, office.cast.noah, office.cast.actor("otto")
    base = Change(stage_id=office.stage(0), title=f"{WORD} hangar")
    said = {
        "public": base,
        "private": replace(base, sharing=Sharing(True, (noah.uid,))),
        "otto's": replace(base, responsible=otto.uid),
    }
    return {name: (await deals.create(db, mia, change)).opportunity.id for name, change in said.items()}


async def one(office: Office, face: str, name: str, ident: int) -> int:
    """Ask a face for one deal; return the status."""
    paths = {
        "onlyoffice": f"/api/2.0/crm/opportunity/{ident}",
        "nexudus": f"/api/crm/crmopportunities/{ident}",
        "native": f"/api/v1/opportunities/{ident}",
    }
    return (await office.send(name, "GET", paths[face])).status_code


async def listed(office: Office, face: str, name: str, search: bool) -> tuple[set[int], int]:
    """List all deals, or those that match the word; return the ids and the count that the face tells."""
    if face == "onlyoffice":
        params: Any = {"filterValue": WORD.lower()} if search else {"sortBy": "Id"}
        body = (await office.send(name, "GET", "/api/2.0/crm/opportunity/filter", params=params)).json()
        return {row["id"] for row in body["response"]}, body["total"]
    if face == "nexudus":
        params = {"CrmOpportunity_Name": WORD.lower()} if search else {}
        body = (await office.send(name, "GET", "/api/crm/crmopportunities", params=params)).json()
        return {row["Id"] for row in body["Records"]}, body["TotalItems"]
    params = {"total": "exact", **({"q": WORD.lower()} if search else {})}
    body = (await office.send(name, "GET", "/api/v1/opportunities", params=params)).json()
    return {row["id"] for row in body["data"]}, body["page"]["total"]


@pytest.mark.parametrize("face", FACES)
async def test_everybody_sees_the_same_deals_however_they_ask(office: Office, made: dict[str, int], face: str) -> None:
    for name in PEOPLE:
        expected = {made[deal] for deal in SEES[name]}
        for deal, ident in made.items():
            assert await one(office, face, name, ident) == (200 if deal in SEES[name] else 404), (name, deal)
        for search in (False, True):
            assert await listed(office, face, name, search) == (expected, len(expected)), (name, search)


@pytest.mark.parametrize("face", FACES)
async def test_a_guest_and_a_stranger_get_nothing(office: Office, made: dict[str, int], face: str) -> None:
    office.tokens["nobody"] = "dw_" + "x" * 46
    assert await one(office, face, "gus", made["public"]) in (401, 403)
    assert await one(office, face, "nobody", made["public"]) == 401


@pytest.mark.parametrize("face", FACES)
async def test_a_right_that_is_taken_is_gone_at_once(office: Office, made: dict[str, int], face: str) -> None:
    assert await one(office, face, "rita", made["public"]) == 200
    await people.change_user(office.db, None, office.cast.ids["rita"], UserChange(role_ids=[]))
    assert await one(office, face, "rita", made["public"]) in (401, 403)


@pytest.mark.parametrize("face", FACES)
async def test_somebody_who_is_let_go_is_signed_out_everywhere(office: Office, made: dict[str, int], face: str) -> None:
    assert await one(office, face, "noah", made["public"]) == 200
    await people.change_user(office.db, None, office.cast.ids["noah"], UserChange(active=False))
    assert await one(office, face, "noah", made["public"]) == 401


# Cases: Mia made the public one and the private one, which is shared with Noah; Otto, who sees his own alone, made his.
SEES_CASES = {
    "olga": {"public", "private", "otto's"},
    "carl": {"public", "private", "otto's"},
    "mia": {"public", "private", "otto's"},
    "noah": {"public", "private", "otto's"},
    "rita": {"public", "otto's"},
    "otto": {"otto's"},
}
CASE_FACES = ("onlyoffice", "native")
PATHS = {"onlyoffice": "/api/2.0/crm/case", "native": "/api/v1/cases"}


@pytest.fixture
async def cases_made(office: Office) -> dict[str, int]:
    """The three cases; Rita may read all, Otto do everything with his own."""
    db, ids = office.db, office.cast.ids
    rights = [role(db, f"Case-{verb}") for verb in ("List", "Read", "Create", "Edit", "Delete")]
    await people.change_user(db, None, ids["rita"], UserChange(role_ids=rights[:2]))
    ids["otto"] = await hire(db, "otto", role_ids=rights, sight=Sight.OWN)
    office.tokens["otto"] = (await issue(db, ids["otto"], API, None)).secret
    mia, noah, otto = office.cast.mia, office.cast.noah, office.cast.actor("otto")
    said = CaseChange(title=f"{WORD} hangar")
    hidden = replace(said, sharing=Sharing(True, (noah.uid,)))
    made = {"public": (mia, said), "private": (mia, hidden), "otto's": (otto, said)}
    return {name: (await cases.create(db, actor, change)).case.id for name, (actor, change) in made.items()}


async def cases_listed(office: Office, face: str, name: str, search: bool) -> tuple[set[int], int]:
    """List all cases, or those that match the word; return the ids and the count that the face tells."""
    if face == "onlyoffice":
        params: Any = {"filterValue": WORD.lower()} if search else {}
        body = (await office.send(name, "GET", f"{PATHS[face]}/filter", params=params)).json()
        return {row["id"] for row in body["response"]}, body["total"]
    params = {"total": "exact", **({"q": WORD.lower()} if search else {})}
    body = (await office.send(name, "GET", PATHS[face], params=params)).json()
    return {row["id"] for row in body["data"]}, body["page"]["total"]


@pytest.mark.parametrize("face", CASE_FACES)
async def test_everybody_sees_the_same_cases_however_they_ask(
    office: Office, cases_made: dict[str, int], face: str
) -> None:
    for name, seen in SEES_CASES.items():
        expected = {cases_made[case] for case in seen}
        for case, ident in cases_made.items():
            answer = await office.send(name, "GET", f"{PATHS[face]}/{ident}")
            assert answer.status_code == (200 if case in seen else 404), (name, case)
        for search in (False, True):
            assert await cases_listed(office, face, name, search) == (expected, len(expected)), (name, search)


@pytest.mark.parametrize("face", CASE_FACES)
async def test_who_may_only_read_cases_changes_none(office: Office, cases_made: dict[str, int], face: str) -> None:
    ident = cases_made["public"]
    for method, path in (("DELETE", f"{PATHS[face]}/{ident}"), ("POST", PATHS[face])):
        assert (await office.send("rita", method, path, {"title": "x"})).status_code == 403
    closing = ("PUT", "close") if face == "onlyoffice" else ("POST", "close")
    assert (await office.send("rita", closing[0], f"{PATHS[face]}/{ident}/{closing[1]}")).status_code == 403
    assert (await cases.get(office.db, office.cast.mia, ident)).case.version == 1


@pytest.mark.parametrize("face", CASE_FACES)
async def test_a_guest_has_no_cases(office: Office, cases_made: dict[str, int], face: str) -> None:
    assert (await office.send("gus", "GET", f"{PATHS[face]}/{cases_made['public']}")).status_code in (401, 403)


@pytest.mark.parametrize("face", CASE_FACES)
async def test_only_who_may_share_a_case_does(office: Office, cases_made: dict[str, int], face: str) -> None:
    ident, noah = cases_made["public"], office.cast.noah
    for name, status in (("noah", 403), ("carl", 200), ("mia", 404)):
        if face == "onlyoffice":
            body: Any = {"isPrivate": "true", "accessList[]": noah.uid}
            answer = await office.send(name, "PUT", f"{PATHS[face]}/{ident}/access", body)
        else:
            answer = await office.send(name, "PATCH", f"{PATHS[face]}/{ident}", {"shared_with": [noah.id]})
        assert answer.status_code == status, name


# Invoices: Mia made one to a contact that everybody sees, one to a contact of her own; Noah one to hers while he saw
# it. Who made an invoice or sees its contact sees it.
SEES_INVOICES = {
    "olga": {"public", "private", "noah's"},
    "carl": {"public", "private", "noah's"},
    "mia": {"public", "private", "noah's"},
    "noah": {"public", "noah's"},
    "rita": {"public"},
    "otto": {"public"},
}
INVOICE_FACES = {"onlyoffice": "/api/2.0/crm/invoice", "native": "/api/v1/invoices"}


@pytest.fixture
async def invoices_made(office: Office) -> dict[str, int]:
    """The three invoices; Rita may read all that she sees, Otto, whose sight is his own, do everything with it."""
    db, ids = office.db, office.cast.ids
    rights = [role(db, f"Invoice-{verb}") for verb in ("List", "Read", "Create", "Edit", "Delete")]
    await people.change_user(db, None, ids["rita"], UserChange(role_ids=rights[:2]))
    ids["otto"] = await hire(db, "otto", role_ids=rights, sight=Sight.OWN)
    office.tokens["otto"] = (await issue(db, ids["otto"], API, None)).secret
    mia, noah = office.cast.mia, office.cast.noah
    public = (await firm(db, mia, f"{WORD} Ltd")).contact.id
    private = (await firm(db, mia, f"{WORD} & Co")).contact.id
    made = {"public": (mia, public), "private": (mia, private), "noah's": (noah, private)}
    found = {name: (await draft(db, actor, contact)).invoice.id for name, (actor, contact) in made.items()}
    await contacts.change(db, mia, private, ContactChange(sharing=Share.NOBODY, managers=[mia.uid]))
    return found


async def invoices_listed(office: Office, face: str, name: str, search: bool) -> tuple[set[int], int]:
    """List all invoices, or those that match the word; return the ids and the count that the face tells."""
    if face == "onlyoffice":
        params: Any = {"filterValue": WORD.lower()} if search else {}
        body = (await office.send(name, "GET", f"{INVOICE_FACES[face]}/filter", params=params)).json()
        return {row["id"] for row in body["response"]}, body["total"]
    params = {"total": "exact", **({"q": WORD.lower()} if search else {})}
    body = (await office.send(name, "GET", INVOICE_FACES[face], params=params)).json()
    return {row["id"] for row in body["data"]}, body["page"]["total"]


@pytest.mark.parametrize("face", INVOICE_FACES)
async def test_everybody_sees_the_same_invoices_however_they_ask(
    office: Office, invoices_made: dict[str, int], face: str
) -> None:
    hidden = 403 if face == "onlyoffice" else 404
    for name, seen in SEES_INVOICES.items():
        for invoice, ident in invoices_made.items():
            for path in ("", "/pdf"):
                answer = await office.send(name, "GET", f"{INVOICE_FACES[face]}/{ident}{path}")
                assert answer.status_code == (200 if invoice in seen else hidden), (name, invoice, path)
        expected = {invoices_made[invoice] for invoice in seen}
        for search in (False, True):
            assert await invoices_listed(office, face, name, search) == (expected, len(expected)), (name, search)


@pytest.mark.parametrize("face", INVOICE_FACES)
async def test_who_may_only_read_invoices_changes_none(
    office: Office, invoices_made: dict[str, int], face: str
) -> None:
    path, ident = INVOICE_FACES[face], invoices_made["public"]
    for method, where, body in (
        ("DELETE", f"{path}/{ident}", None),
        ("PUT" if face == "onlyoffice" else "PATCH", f"{path}/{ident}", {"terms": "x"}),
        ("POST", path, {"contact_id": 1, "lines": [{"description": "x", "price": "1"}]}),
    ):
        assert (await office.send("rita", method, where, body)).status_code == 403, method
    assert (await invoices.get(office.db, office.cast.mia, ident)).invoice.version == 1


@pytest.mark.parametrize("face", INVOICE_FACES)
async def test_only_who_made_an_invoice_and_administrators_move_it(
    office: Office, invoices_made: dict[str, int], face: str
) -> None:
    ident = invoices_made["public"]
    for name, moves in (("noah", False), ("otto", False), ("mia", True)):
        if face == "onlyoffice":
            path, body = f"{INVOICE_FACES[face]}/status/Sent", {"invoiceids[]": ident}
            answer = await office.send(name, "PUT", path, body)
            assert bool(answer.json()["response"]["key"]) is moves, name
        else:
            answer = await office.send(name, "POST", f"{INVOICE_FACES[face]}/{ident}/status", {"status": "sent"})
            assert answer.status_code == (200 if moves else 403), name


@pytest.mark.parametrize("face", INVOICE_FACES)
async def test_a_guest_has_no_invoices(office: Office, invoices_made: dict[str, int], face: str) -> None:
    every = "/filter" if face == "onlyoffice" else ""
    for path in (every, f"/{invoices_made['public']}", f"/{invoices_made['public']}/pdf"):
        assert (await office.send("gus", "GET", f"{INVOICE_FACES[face]}{path}")).status_code in (401, 403), path
