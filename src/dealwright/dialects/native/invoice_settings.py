"""How invoices are numbered and what they begin with, and the organisation that sends them, in our own API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.actions import invoice_settings as deeds
from dealwright.actions import logos
from dealwright.actions.invoice_settings import SettingsChange
from dealwright.dialects.native.invoice_shapes import InvoiceAddress, InvoiceAddressSaid
from dealwright.dialects.native.reading import Body, Upload
from dealwright.dialects.native.routing import Call, Download, Reply, Route
from dealwright.dialects.native.shapes import Name
from dealwright.domain.contact_info import ADDRESS_PARTS
from dealwright.domain.errors import NotFound
from dealwright.domain.values import UNSET as UNSAID

READ, EDIT = "Invoice-Read", "Invoice-Edit"
_SETTINGS: Final = "/invoice-settings"
_ORGANISATION: Final = "/organisation"
_LOGO: Final = "/organisation/logo"
_NAMES: Final = {"number": "first_number", "company_name": "name"}
"""Where our fields stand in the documents of this face."""
_HEADERS: Final = {
    "Content-Type": "image/png",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-cache",
}
Prefix = Annotated[str, Meta(max_length=50, examples=["INV-"])]
Digits = Annotated[str, Meta(pattern="^[0-9]{1,15}$", description="Its width is that of every number.")]
Terms = Annotated[str, Meta(max_length=20_000)]


class InvoiceSettings(Struct, kw_only=True):
    """How new invoices are numbered, and the terms that they begin with.

    With `automatic` numbers an invoice without one gets the prefix and the digits behind the highest; `first_number`
    are the digits of the first.
    """

    automatic: bool
    prefix: str
    first_number: str
    terms: str


class InvoiceSettingsPatch(Body):
    """What to change about it; absent members stay."""

    automatic: bool | UnsetType = UNSET
    prefix: Prefix | UnsetType = UNSET
    first_number: Digits | UnsetType = UNSET
    terms: Terms | UnsetType = UNSET


class Organisation(Struct, kw_only=True):
    """Who sends the invoices; `logo` is the path of a PNG."""

    name: str
    address: InvoiceAddress | None
    logo: str | None


class OrganisationPatch(Body):
    """What to change about the organisation; absent members stay, null clears, of an address the whole is said."""

    name: Name | UnsetType = UNSET
    address: InvoiceAddressSaid | UnsetType | None = UNSET


async def get_invoice_settings(call: Call) -> Reply[InvoiceSettings]:
    """Get how invoices are numbered and what they begin with."""
    call.actor.require(READ)
    return Reply(_settings(call))


async def change_invoice_settings(call: Call, body: InvoiceSettingsPatch) -> Reply[InvoiceSettings]:
    """Change how new invoices are numbered and what they begin with; for CRM administrators."""
    call.actor.require(EDIT)
    said = SettingsChange(
        automatic=UNSAID if body.automatic is UNSET else body.automatic,
        prefix=UNSAID if body.prefix is UNSET else body.prefix,
        first=UNSAID if body.first_number is UNSET else body.first_number,
        terms=UNSAID if body.terms is UNSET else body.terms,
    )
    await deeds.change(call.db, call.actor, said)
    return Reply(_settings(call))


def _settings(call: Call) -> InvoiceSettings:
    numbering = deeds.numbering(call.db.rules)
    return InvoiceSettings(
        automatic=numbering.automatic,
        prefix=numbering.prefix,
        first_number=numbering.first,
        terms=deeds.terms(call.db.rules),
    )


async def get_organisation(call: Call) -> Reply[Organisation]:
    """Get the organisation that sends the invoices."""
    call.actor.require(READ)
    return Reply(_organisation(call))


async def change_organisation(call: Call, body: OrganisationPatch) -> Reply[Organisation]:
    """Change what the organisation is called and where it is; for CRM administrators."""
    call.actor.require(EDIT)
    address = {name: getattr(body.address, name, "") for name in ADDRESS_PARTS}
    said = SettingsChange(
        name=UNSAID if body.name is UNSET else body.name, address=UNSAID if body.address is UNSET else address
    )
    await deeds.change(call.db, call.actor, said)
    return Reply(_organisation(call))


def _organisation(call: Call) -> Organisation:
    own = deeds.organisation(call.db.rules)
    parts = {name: own.address.get(name, "") for name in ADDRESS_PARTS}
    return Organisation(
        name=own.name,
        address=InvoiceAddress(**parts) if any(parts.values()) else None,
        logo=f"{call.base}{_LOGO}" if own.logo_id else None,
    )


async def get_organisation_logo(call: Call) -> Reply[Download]:
    """Get the organisation's logo as PNG; 404 where there is none."""
    call.actor.require(READ)
    picture = await logos.picture(call.db)
    if picture is None:
        raise NotFound("logo")
    return Reply(Download({**_HEADERS, "Content-Length": str(len(picture))}, _whole(picture)))


async def set_organisation_logo(call: Call, body: Upload) -> Reply[Organisation]:
    """Set the organisation's logo: the body is a picture as it is, PNG, JPEG, GIF, WebP, BMP or TIFF.

    It is kept as a PNG of at most 1200 by 600 pixels. For CRM administrators.
    """
    call.actor.require(EDIT)
    logos.check_may_set(call.actor)
    await logos.keep(call.db, call.actor, await _read(body))
    return Reply(_organisation(call))


async def delete_organisation_logo(call: Call) -> Reply[None]:
    """Take the organisation's logo away; for CRM administrators."""
    call.actor.require(EDIT)
    await logos.reset(call.db, call.actor)
    return Reply(None)


async def _whole(picture: bytes) -> AsyncIterator[bytes]:
    yield picture


async def _read(body: Upload) -> bytes:
    """Return what is sent, and no more of it than shows that it is too large."""
    data = bytearray()
    async for piece in body.pieces():
        data += piece
        if len(data) > logos.LARGEST:
            break
    return bytes(data)


ROUTES: Final = (
    Route("GET", _SETTINGS, get_invoice_settings, right=READ),
    Route("PATCH", _SETTINGS, change_invoice_settings, right=EDIT, names=_NAMES),
    Route("GET", _ORGANISATION, get_organisation, right=READ),
    Route("PATCH", _ORGANISATION, change_organisation, right=EDIT, names=_NAMES),
    Route("GET", _LOGO, get_organisation_logo, right=READ),
    Route("POST", _LOGO, set_organisation_logo, right=EDIT),
    Route("DELETE", _LOGO, delete_organisation_logo, 204, right=EDIT),
)
