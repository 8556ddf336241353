"""The organisation that sends invoices: name, address, logo (invoices-reports-voip §3)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Final

from dealwright.actions import invoice_settings, logos
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, one, text
from dealwright.dialects.onlyoffice.failures import bad_argument
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.domain.contact_info import ADDRESS_PARTS

ORGANISATION: Final = "crm/settings/organisation"
READ: Final = "Invoice-Read"


@routes.put(f"{ORGANISATION}/base")
async def put_name(call: Call) -> Answer:
    """Say what the organisation is called and answer it (§3): 403."""
    return text(await invoice_settings.set_name(call.db, call.actor, call.bag.text("companyName") or ""))


@routes.put(f"{ORGANISATION}/address")
async def put_address(call: Call) -> Answer:
    """Say where the organisation is and answer the address as JSON text (§3): 403."""
    parts = {name: call.bag.text(name) or "" for name in ADDRESS_PARTS}
    return text(address_text(await invoice_settings.set_address(call.db, call.actor, parts)))


def address_text(address: Mapping[str, str]) -> str:
    """Return an address as the JSON text that the contract keeps in a member (§3)."""
    parts = {"type": "Billing", **{name: address.get(name, "") for name in ADDRESS_PARTS}}
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


@routes.put(f"{ORGANISATION}/logo")
async def put_logo(call: Call) -> Answer:
    """Take the logo away (`reset`), or keep the picture that is sent as a file; answer its id, 0 for none (§3).

    Refuses with 403, and with 400 without a picture that can be read.
    """
    if call.bag.boolean("reset"):
        return one(await logos.reset(call.db, call.actor))
    logos.check_may_set(call.actor)
    files = call.bag.files("logo")
    if not files:
        raise bad_argument()
    return one(await logos.keep(call.db, call.actor, await files[0].read(logos.LARGEST + 1)))


@routes.get(f"{ORGANISATION}/logo", right=READ)
async def get_logo(call: Call) -> Answer:
    """Answer the logo as Base64, "" where there is none; 404 for an `id` that is not the logo's (§3)."""
    picture = await logos.picture(call.db, call.bag.integer("id") or None)
    return text("" if picture is None else base64.b64encode(picture).decode())
