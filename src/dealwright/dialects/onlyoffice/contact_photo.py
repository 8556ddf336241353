"""The photo of a contact (contacts-tasks-cases §2): changed by a form or by an address, and taken away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import UploadFile

from dealwright.actions import contacts, photos
from dealwright.actions.contacts import EDIT
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, text
from dealwright.dialects.onlyoffice.failures import Failure, bad_argument, broken, missing, not_now
from dealwright.dialects.onlyoffice.opportunity import ident
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.dialects.onlyoffice.writing import photo_address
from dealwright.domain.contact import Brief
from dealwright.domain.errors import Conflict, Forbidden, Invalid, NotFound, RulesMoved
from dealwright.domain.photo import LARGEST_UPLOAD, Picture, Size
from dealwright.fetching import Bounds, Unfetchable, fetch

ONE: Final = "crm/contact/{contactid:[0-9]+}"
FETCH_SECONDS: Final = 20.0
PEOPLE: Final = "people"

Pictures = Mapping[Size, Picture]


@routes.put(f"{ONE}/changephoto", right=EDIT)
async def put_photo(call: Call) -> Answer:
    """Take the picture of a form as the photo and answer its address.

    Refuses with 400 without a picture, 404 a contact out of sight, 403 somebody else's contact and what is no picture,
    500 one that is too large.
    """
    number, part = ident(call, "contactid"), sent(call)
    await contacts.get(call.db, call.actor, number)
    if part is None:
        raise bad_argument()
    return await _put(call, number, await pictures_of(await _bytes(part)))


@routes.put(f"{ONE}/changephotobyurl", right=EDIT)
async def put_photo_by_address(call: Call) -> Answer:
    """Fetch a picture, take it as the photo and answer its address.

    Refuses as `put_photo`, and with 400 an address that is not fetched or does not answer.
    """
    number, address = ident(call, "contactid"), call.bag.text("photourl") or ""
    await contacts.get(call.db, call.actor, number)
    if not address.strip():
        raise bad_argument()
    bounds = Bounds(LARGEST_UPLOAD, FETCH_SECONDS, call.portal.fetch_private)
    try:
        data = await fetch(address, bounds)
    except Unfetchable as error:
        raise bad_argument(str(error)) from None
    return await _put(call, number, await pictures_of(data))


@routes.delete(f"{ONE}/avatar", right=EDIT)
async def delete_photo(call: Call) -> Answer:
    """Take a contact's photo away and answer the address of the picture that stands for it.

    For id 0 and with `uploadOnly` nothing is taken away. Refuses with 404 a contact out of sight or not the caller's.
    """
    number, only_upload = call.bag.integer("contactid"), call.bag.boolean("uploadOnly")
    if number == 0:
        is_company = (call.bag.text("contactType") or "").lower() != PEOPLE
        return text(photo_address(call.portal.url, 0, is_company, Size.MEDIUM))
    full = await contacts.get(call.db, call.actor, number)
    if not full.brief.edited_by(call.actor):
        raise missing()
    if not only_upload:
        await photos.put(call.db, call.actor, number, {})
    return text(photo_address(call.portal.url, number, full.brief.is_company, Size.MEDIUM))


async def _put(call: Call, number: int, pictures: Pictures) -> Answer:
    full = await photos.put(call.db, call.actor, number, pictures)
    brief: Brief = full.brief
    address = photo_address(call.portal.url, brief.id, brief.is_company, Size.BIG)
    return text(f"{address}&v={full.contact.version}")


# The photo of a new contact ----------------------------------------------------------------------------------


def sent(call: Call) -> UploadFile | None:
    """Return the picture in a form; None where there is none, or an empty one as browsers send it."""
    return next((part for part in call.bag.files("photo") if part.size), None)


async def sent_pictures(call: Call) -> Pictures:
    """Return the photo that a new contact comes with, none if there is none; refuses as `put_photo`."""
    part = sent(call)
    return {} if part is None else await pictures_of(await _bytes(part))


async def put_sent(call: Call, number: int, pictures: Pictures) -> None:
    """Give a contact that was just made the photo that came with it; one that may not be changed stays without."""
    if not pictures:
        return
    try:
        await photos.put(call.db, call.actor, number, pictures)
    except (Forbidden, NotFound):
        return
    except RulesMoved:
        # The request must not be repeated from its start: the contact is made.
        raise Conflict("the portal's rules changed meanwhile; the contact is made without its photo") from None


async def _bytes(part: UploadFile) -> bytes:
    await part.seek(0)
    return await part.read(LARGEST_UPLOAD + 1)


async def pictures_of(data: bytes) -> Pictures:
    """Return a picture in all sizes; refuses with 403 what is no picture, with 500 what is too large (§2)."""
    try:
        return await photos.decoded(data)
    except Invalid as refusal:
        raise _in_the_vendors_voice(refusal) from None


def _in_the_vendors_voice(refusal: Invalid) -> Failure:
    if refusal.problems[0].code == "too_long":
        return broken("The size of the image is too large.")
    return not_now("The file is not an image.")
