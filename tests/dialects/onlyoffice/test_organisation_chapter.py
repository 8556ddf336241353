"""The organisation that sends invoices over HTTP (invoices-reports-voip §3)."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from PIL import Image

from dealwright.storage.database import Database
from tests.dialects.onlyoffice.clerk import Clerk, hired, ok, refused
from tests.dialects.onlyoffice.desk import BAD, DENIED, MISSING

LOGO = "crm/settings/organisation/logo"


@pytest.fixture
async def clerk(staffed: Database) -> AsyncIterator[Clerk]:
    async with hired(staffed) as found:
        yield found


async def send(clerk: Clerk, by: str, data: bytes) -> httpx.Response:
    """Send a picture as a file part; return the answer."""
    headers = {"Authorization": clerk.tokens[by]}
    return await clerk.http.put(LOGO, files={"file": ("logo.gif", data, "image/gif")}, headers=headers)


async def test_name_and_address_are_answered_and_kept(clerk: Clerk) -> None:
    assert await clerk.put("crm/settings/organisation/base", companyName="Desk Ltd") == "Desk Ltd"
    said = await clerk.put("crm/settings/organisation/address", street="High Street 1", city="Riga", zip="1001")
    assert json.loads(said) == {
        **{"type": "Billing", "street": "High Street 1", "city": "Riga", "state": "", "zip": "1001", "country": ""},
    }
    settings = await clerk.get("crm/invoice/settings")
    assert (settings["companyName"], settings["companyAddress"]) == ("Desk Ltd", said)
    assert await clerk.put("crm/settings/organisation/base") == ""


async def test_a_logo_is_kept_shown_and_taken_away(clerk: Clerk) -> None:
    out = io.BytesIO()
    Image.new("RGB", (30, 10), (1, 2, 3)).save(out, "GIF")
    assert await clerk.get(LOGO) == ""
    ident = ok(await send(clerk, "olga", out.getvalue()))
    assert (await clerk.get("crm/invoice/settings"))["companyLogoID"] == ident
    kept = base64.b64decode(await clerk.get(LOGO, id=ident))
    assert Image.open(io.BytesIO(kept)).size == (30, 10)
    assert await clerk.no("GET", LOGO, id=ident + 1) == MISSING
    assert await clerk.put(LOGO, reset=True) == 0
    assert await clerk.get(LOGO) == ""


async def test_only_an_administrator_sends_a_picture_and_only_a_picture(clerk: Clerk) -> None:
    assert refused(await send(clerk, "mia", b"x")) == DENIED
    assert refused(await send(clerk, "olga", b"x")) == BAD
    assert await clerk.no("PUT", LOGO) == BAD
    assert await clerk.no("PUT", LOGO, "mia", reset=True) == DENIED
    for path in ("base", "address"):
        assert await clerk.no("PUT", f"crm/settings/organisation/{path}", "mia") == DENIED
