"""Photos of contacts over the wire (contacts-tasks-cases §2), and the addresses that show them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from dealwright.actions import photos
from dealwright.actions.files import Sweeper
from dealwright.config import Settings
from dealwright.dialects.onlyoffice.face import face
from dealwright.domain.photo import LARGEST_UPLOAD, Size
from dealwright.storage.database import Database
from tests.actions.about_contacts import events
from tests.dialects.onlyoffice.clerk import UNKNOWN, Clerk, hired, ok, refused

BAD = (400, "Value does not fall within the expected range.")
MISSING = (404, "Not found")
DENIED = (403, "Access Denied")
NO_IMAGE = (403, "The file is not an image.")


@pytest.fixture
async def clerk(staffed: Database) -> AsyncIterator[Clerk]:
    """The company at work."""
    async with hired(staffed) as found:
        yield found


def picture(colour: str = "red", kind: str = "PNG") -> bytes:
    """A picture of one colour."""
    kept = BytesIO()
    Image.new("RGB", (300, 300), colour).save(kept, kind)
    return kept.getvalue()


async def put(clerk: Clerk, contact: int, data: bytes, by: str = "olga", name: str = "photo") -> httpx.Response:
    """Send a picture as the photo of a contact."""
    files, headers = {name: ("me.png", data, "image/png")}, {"Authorization": clerk.tokens[by]}
    return await clerk.http.put(f"crm/contact/{contact}/changephoto", files=files, headers=headers)


async def shown(clerk: Clerk, address: str, by: str = "olga") -> httpx.Response:
    """Follow an address in an answer."""
    headers = {"Authorization": clerk.tokens[by]}
    return await clerk.http.get(address.replace("http://crm.example.com", "http://host"), headers=headers)


async def seen(clerk: Clerk, address: str, by: str = "olga") -> tuple[str, int]:
    """What an address shows: red, blue or another colour, and its width."""
    reply = await shown(clerk, address, by)
    assert reply.status_code == 200
    assert reply.headers["content-type"] in {"image/png", "image/jpeg"}
    assert reply.headers["x-content-type-options"] == "nosniff"
    image = Image.open(BytesIO(reply.content)).convert("RGB")
    red, _, blue = image.getpixel((image.width // 2, image.height // 2))  # type: ignore[misc]
    return ("red" if red > 200 > 80 > blue else "blue" if blue > 200 > 80 > red else "other"), image.width


async def test_a_photo_is_shown_at_the_addresses_of_the_contact(clerk: Clerk) -> None:
    """In the sizes that they name; the answer is the address of the largest."""
    ann = await clerk.person()
    address = ok(await put(clerk, ann["id"], picture()))
    handler = "http://crm.example.com/Products/CRM/HttpHandlers/filehandler.ashx?action=contactphotoulr"
    assert address == f"{handler}&cid={ann['id']}&isc=False&ps=3&v=2"
    assert await seen(clerk, address) == ("red", 200)
    assert await seen(clerk, ann["mediumFotoUrl"]) == ("red", 82)
    assert await seen(clerk, ann["smallFotoUrl"]) == ("red", 40)


async def test_a_new_photo_takes_the_place_of_the_old(clerk: Clerk) -> None:
    """And the old one's bytes are not kept for ever."""
    company = await clerk.company()
    await put(clerk, company["id"], picture("red"))
    await put(clerk, company["id"], picture("blue", "JPEG"), name="anything")
    assert await seen(clerk, company["smallFotoUrl"]) == ("blue", 40)
    rows = await clerk.db.text("SELECT count(*) FROM file WHERE purpose = 'photo' AND deleted_at IS NOT NULL")
    assert rows[0][0] == 3
    assert [kind for kind, _, _ in await events(clerk.db, "contact", company["id"])] == [
        *("contact.created", "contact.changed", "contact.changed"),
    ]


async def test_a_photo_is_taken_away(clerk: Clerk) -> None:
    """`uploadOnly` takes nothing away, and for id 0 there is nothing to take."""
    ann, none = await clerk.person(), {"contactType": "people"}
    await put(clerk, ann["id"], picture())
    path = f"crm/contact/{ann['id']}/avatar"
    assert await clerk.delete(path, uploadOnly=True) == ann["mediumFotoUrl"]
    assert await seen(clerk, ann["mediumFotoUrl"]) == ("red", 82)
    assert await clerk.delete(path) == ann["mediumFotoUrl"]
    assert await seen(clerk, ann["mediumFotoUrl"]) == ("other", 82)
    assert await clerk.delete(path) == ann["mediumFotoUrl"]
    assert "cid=0&isc=False&ps=2" in await clerk.delete("crm/contact/0/avatar", **none)
    assert "cid=0&isc=True&ps=2" in await clerk.delete("crm/contact/0/avatar")


async def test_something_stands_for_who_has_no_photo(clerk: Clerk) -> None:
    """Another picture for a company than for a person; the same where there is nobody or nobody to be seen."""
    ann, company = await clerk.person(), await clerk.company()
    hidden = await clerk.person("mia", shareType=0)
    await put(clerk, hidden["id"], picture(), "mia")
    assert await seen(clerk, hidden["smallFotoUrl"], "mia") == ("red", 40)
    person = (await shown(clerk, ann["smallFotoUrl"])).content
    assert (await shown(clerk, hidden["smallFotoUrl"], "noah")).content == person
    assert (await shown(clerk, company["smallFotoUrl"])).content != person
    for query in ("cid=999999&isc=False&ps=1", "cid=x&isc=false&ps=1", "ps=1"):
        address = f"http://host/products/crm/httphandlers/filehandler.ashx?action=contactphotoulr&{query}"
        assert (await shown(clerk, address)).content == person


async def test_photos_are_shown_to_who_is_signed_in(clerk: Clerk) -> None:
    """With the right to read contacts."""
    address = (await clerk.person())["smallFotoUrl"].replace("http://crm.example.com", "http://host")
    assert (await clerk.http.get(address)).status_code == 401
    assert (await shown(clerk, address, "rita")).status_code == 403
    assert (await shown(clerk, address, "gus")).status_code == 403


@pytest.mark.parametrize("data", [b"words", picture()[:200], picture(kind="BMP")], ids=["words", "half", "bmp"])
async def test_what_is_no_picture_is_refused(clerk: Clerk, data: bytes) -> None:
    """With 403 as the contract has it, whatever the part is called."""
    ann = await clerk.person()
    assert refused(await put(clerk, ann["id"], data)) == NO_IMAGE
    assert not await clerk.db.text("SELECT id FROM file")


async def test_photos_have_their_refusals(clerk: Clerk) -> None:
    """No picture 400, too large 500, no such contact 404, somebody else's contact 403."""
    ann, mine = await clerk.person(), await clerk.person("mia", shareType=2)
    hidden = await clerk.person("mia", shareType=0)
    assert refused(await put(clerk, ann["id"], b"")) == BAD
    assert await clerk.no("PUT", f"crm/contact/{ann['id']}/changephoto") == BAD
    assert refused(await put(clerk, ann["id"], b"x" * (LARGEST_UPLOAD + 1)))[0] == 500
    assert refused(await put(clerk, 0, picture())) == BAD
    for by, number, no in (
        *(("olga", UNKNOWN, MISSING), ("noah", hidden["id"], MISSING), ("noah", mine["id"], DENIED)),
        ("rita", ann["id"], DENIED),
    ):
        assert refused(await put(clerk, number, picture(), by)) == no
    assert await clerk.no("DELETE", f"crm/contact/{mine['id']}/avatar", "noah") == MISSING
    assert await clerk.no("DELETE", f"crm/contact/{UNKNOWN}/avatar") == MISSING
    await Sweeper(clerk.db).sweep()
    days = await clerk.db.blobs.days()
    assert [key for day in days for key in await clerk.db.blobs.keys_of(day)] == []


@pytest.mark.parametrize(("kind", "name"), [("person", "firstName"), ("company", "companyName")])
async def test_a_contact_is_made_with_its_photo(clerk: Clerk, kind: str, name: str) -> None:
    """A form without one, or with an empty one as browsers send it, makes it without."""
    data = {name: "Ann", "lastName": "Lee", "shareType": "1"}
    headers = {"Authorization": clerk.tokens["olga"]}
    for photo, colour in ((picture(), "red"), (b"", "other")):
        files = {"photo": ("me.png", photo, "image/png")}
        made = ok(await clerk.http.post(f"crm/contact/{kind}", data=data, files=files, headers=headers))
        assert (await seen(clerk, made["smallFotoUrl"]))[0] == colour


async def test_no_contact_is_made_with_a_photo_that_is_none(clerk: Clerk) -> None:
    """It is refused before anything is made."""
    headers = {"Authorization": clerk.tokens["olga"]}
    files = {"photo": ("me.png", b"words", "image/png")}
    data = {"firstName": "Ann", "lastName": "Lee"}
    assert refused(await clerk.http.post("crm/contact/person", data=data, files=files, headers=headers)) == NO_IMAGE
    assert await clerk.get("crm/contact/filter") == []


# By address --------------------------------------------------------------------------------------------------


@asynccontextmanager
async def served(body: bytes) -> AsyncIterator[str]:
    """Serve these bytes to everybody."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/me.png"


@asynccontextmanager
async def trusting(clerk: Clerk) -> AsyncIterator[Clerk]:
    """The same company where addresses in private networks may be fetched."""
    app: Any = face(clerk.db, Settings(public_url="http://crm.example.com", fetch_private=True))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://host/api/2.0/") as http:
        yield Clerk(clerk.db, clerk.cast, http, clerk.tokens)


async def test_a_photo_is_fetched_from_an_address(clerk: Clerk) -> None:
    """Where the portal may reach it; what lies there must be a picture."""
    ann = await clerk.person()
    path = f"crm/contact/{ann['id']}/changephotobyurl"
    async with trusting(clerk) as trustful, served(picture()) as address, served(b"words") as other:
        assert "ps=3" in await trustful.put(path, photourl=address)
        assert await seen(clerk, ann["smallFotoUrl"]) == ("red", 40)
        assert await trustful.no("PUT", path, photourl=other) == NO_IMAGE
        status, message = await clerk.no("PUT", path, photourl=address)
        assert (status, message) == (400, "The address lies in a network that is not fetched from.")


async def test_an_address_has_its_refusals(clerk: Clerk) -> None:
    """None, none of the web, none for a contact out of sight: that is not even fetched."""
    ann = await clerk.person()
    path = f"crm/contact/{ann['id']}/changephotobyurl"
    for address in ("", None, "file:///etc/passwd", "ftp://example.com/me.png", "me.png"):
        assert (await clerk.no("PUT", path, photourl=address))[0] == 400
    assert await clerk.no("PUT", f"crm/contact/{UNKNOWN}/changephotobyurl", photourl="http://x/") == MISSING


async def test_a_photo_whose_bytes_are_lost_is_stood_for(clerk: Clerk) -> None:
    """An answer with a picture is better than one without."""
    ann = await clerk.person()
    await put(clerk, ann["id"], picture())
    for day in await clerk.db.blobs.days():
        for key in await clerk.db.blobs.keys_of(day):
            await clerk.db.blobs.delete(key)
    assert (await photos.shown(clerk.db, clerk.cast.olga, ann["id"], Size.BIG)).media_type == "image/png"
    assert await seen(clerk, ann["smallFotoUrl"]) == ("other", 40)
