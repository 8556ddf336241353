"""A deal is won: a form makes it, a script prices it, a colleague wins it; all three see one truth."""

from __future__ import annotations

from contextlib import closing

import httpx

from tests.conftest import StartServer
from tests.support.servers import OWNER_EMAIL, OWNER_PASSWORD


def onlyoffice(base_url: str) -> httpx.Client:
    """An unmodified ONLYOFFICE client, signed in."""
    http = httpx.Client(base_url=f"{base_url}/api/2.0/")
    answer = http.post("authentication.json", data={"userName": OWNER_EMAIL, "password": OWNER_PASSWORD})
    http.headers["Authorization"] = answer.json()["response"]["token"]
    return http


def nexudus(base_url: str) -> httpx.Client:
    """An unmodified Nexudus client, signed in."""
    http = httpx.Client(base_url=base_url)
    form = {"grant_type": "password", "username": OWNER_EMAIL, "password": OWNER_PASSWORD}
    http.headers["Authorization"] = f"Bearer {http.post('/api/token', data=form).json()['access_token']}"
    return http


def native(base_url: str, token: str) -> httpx.Client:
    """Our own API with the same token."""
    return httpx.Client(base_url=f"{base_url}/api/v1", headers={"Authorization": f"Bearer {token}"})


def test_a_deal_is_won(database_url: str, server: StartServer) -> None:
    running = server(database_url)
    with closing(onlyoffice(running.base_url)) as form, closing(nexudus(running.base_url)) as script:
        me = form.get("people/@self.json").json()["response"]
        first = form.get("crm/opportunity/stage.json").json()["response"][0]

        # A script brings the customer.
        customer = script.post(
            "/api/spaces/coworkers", json={"FullName": "Ann Lee", "Email": "ann@example.com"}
        ).json()["Value"]

        # A form on the website makes the deal.
        fields = {
            "title": "Ten desks",
            "responsibleid": me["id"],
            "stageid": first["id"],
            "bidCurrencyAbbr": "USD",
            "contactid": customer["Id"],
        }
        deal = form.post("crm/opportunity.json", data=fields).json()["response"]
        assert deal["contact"]["displayName"] == "Ann Lee"

        # The script prices it.
        card = script.get(f"/api/crm/crmopportunities/{deal['id']}").json()
        assert (card["Name"], card["CoworkerEmail"], card["Status"]) == ("Ten desks", "ann@example.com", 1)
        answer = script.put("/api/crm/crmopportunities", json=card | {"Value": 1250.5})
        assert answer.json()["Message"] == "CrmOpportunity was successfully updated."

        # A colleague wins it.
        with closing(native(running.base_url, form.headers["Authorization"])) as own:
            won = own.post(f"/opportunities/{deal['id']}/win")
            assert won.status_code == 200, won.text
            assert won.json()["outcome"] == "won"
            assert (
                won.json()["amount"] == {"amount": "1250.50", "currency": "USD"}
                or won.json()["amount"]["amount"].rstrip("0") == "1250.5"
            )

        # Everybody sees it, and how it came about.
        seen = form.get(f"crm/opportunity/{deal['id']}.json").json()["response"]
        assert (seen["stage"]["stageType"], seen["bidValue"], seen["successProbability"]) == (1, 1250.5, 100)
        card = script.get(f"/api/crm/crmopportunities/{deal['id']}").json()
        assert (card["Status"], card["Completed"]) == (2, True)
        history = script.get(
            "/api/crm/crmopportunityhistories", params={"CrmOpportunityHistory_CrmOpportunity": deal["id"]}
        ).json()["Records"]
        assert [row["OldCrmBoardColumnId"] for row in history] == [None, first["id"]]
        running.restart()
        again = form.get(f"crm/opportunity/{deal['id']}.json").json()["response"]
        assert again == seen
