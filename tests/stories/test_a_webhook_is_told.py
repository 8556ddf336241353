"""A webhook is told: deals are made, the server dies in the middle of telling, and everything is told in its order."""

from __future__ import annotations

import asyncio

import httpx

from tests.conftest import StartServer
from tests.support.doorbell import doorbell
from tests.support.servers import OWNER_EMAIL, OWNER_PASSWORD
from tests.support.waiting import until

DEALS = 30
SETTINGS = {"DEALWRIGHT_FETCH_PRIVATE": "on"}


async def test_a_webhook_is_told(database_url: str, server: StartServer) -> None:
    running = await asyncio.to_thread(server, database_url, settings=SETTINGS)
    async with (
        doorbell() as bell,
        httpx.AsyncClient(
            base_url=running.base_url, auth=(OWNER_EMAIL, OWNER_PASSWORD), timeout=60, verify=False
        ) as http,
    ):
        stage = (await http.get("/api/crm/crmboardcolumns")).json()["Records"][0]
        person = {"FullName": "Ann Lee", "Email": "ann@example.com"}
        ann = (await http.post("/api/spaces/coworkers", json=person)).json()["Value"]["Id"]
        hook = {"BusinessId": stage["CrmBoardBusinessId"], "Name": "Bell", "Action": 1000, "URL": bell.url}
        made = await http.post("/api/sys/webhooks", json={**hook, "Active": True})
        assert made.json()["WasSuccessful"], made.text

        bell.hears = 3
        deals = []
        for _ in range(DEALS):
            said = {"CrmBoardColumnId": stage["Id"], "CoworkerId": ann, "Position": 1}
            deals.append((await http.post("/api/crm/crmopportunities", json=said)).json()["Value"]["Id"])
        await until(lambda: len(bell.rings) == 4)
        await asyncio.to_thread(running.kill)

        bell.release()
        await asyncio.to_thread(running.restart)
        await until(lambda: bell.rings[-1].record["Id"] == deals[-1])

        told = [ring.record["Id"] for ring in bell.rings]
        assert list(dict.fromkeys(told)) == deals
        assert told == sorted(told)
        assert len({ring.headers["webhook-id"] for ring in bell.rings}) == DEALS
        record = (await http.get(f"/api/sys/webhooks/{made.json()['Value']['Id']}")).json()
        assert (record["Active"], record["ErrorCount"]) == (True, 0)
