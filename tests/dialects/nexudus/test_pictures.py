"""The avatar and the banner of a customer: fetched, named, sent, taken down (related, Coworker; conventions §3.1)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO

import httpx
import pytest
from PIL import Image

from dealwright.config import Settings
from dealwright.dialects.nexudus.face import face
from dealwright.domain.photo import BANNER_SIDE
from tests.actions.about_contacts import events
from tests.dialects.nexudus.counter import Counter, Json, path_of
from tests.support.shelf import shelf


@pytest.fixture
async def counter(counter: Counter) -> AsyncIterator[Counter]:
    """A counter that fetches from this machine too."""
    transport = httpx.ASGITransport(face(counter.db, Settings(fetch_private=True)))
    async with httpx.AsyncClient(transport=transport, base_url=counter.http.base_url) as http:
        yield replace(counter, http=http)


def picture(colour: str, size: tuple[int, int] = (300, 200), kind: str = "PNG") -> bytes:
    """A picture of one colour."""
    kept = BytesIO()
    Image.new("RGB", size, colour).save(kept, kind)
    return kept.getvalue()


FILES = {
    "me.webp": picture("red", kind="WEBP"),
    "wide%20view.png": picture("blue", (4000, 1000)),
    "words.txt": b"no picture",
}


async def sent(counter: Counter, ident: int, part: str, name: str = "mia") -> httpx.Response:
    """Ask for a picture."""
    return await counter.send(name, "GET", f"{path_of('Coworker', ident)}/{part}")


def looks(reply: httpx.Response) -> tuple[str, tuple[int, int]]:
    """The main colour of a picture that was sent, and its size."""
    assert reply.status_code == 200, reply.text
    image = Image.open(BytesIO(reply.content)).convert("RGB")
    red, _, blue = image.resize((1, 1)).getpixel((0, 0))  # type: ignore[misc]
    return ("red" if red > blue else "blue"), image.size


async def test_a_new_customer_has_the_pictures_of_its_addresses(counter: Counter) -> None:
    async with shelf(**FILES) as at:
        ann = await counter.customer(NewAvatarUrl=f"{at}/me.webp", NewBannerImageUrl=f"{at}/wide%20view.png")
    ann = await counter.get("Coworker", ann["Id"])
    assert (ann["AvatarFileName"], ann["BannerImageFileName"]) == ("me.jpg", "wide view.jpg")
    assert "NewAvatarUrl" not in ann or ann["NewAvatarUrl"] is None
    avatar = await sent(counter, ann["Id"], "avatar")
    assert avatar.headers["content-type"] == "image/jpeg"
    assert looks(avatar) == ("red", (200, 133))
    assert looks(await sent(counter, ann["Id"], "BannerImage/")) == ("blue", (BANNER_SIDE, 400))
    [row] = await counter.rows("Coworker", Coworker_Id=ann["Id"])
    assert (row["AvatarFileName"], row["BannerImageFileName"]) == ("me.jpg", "wide view.jpg")


async def test_a_put_replaces_keeps_and_clears_them(counter: Counter) -> None:
    async with shelf(**FILES) as at:
        ann = await counter.customer(NewAvatarUrl=f"{at}/me.webp", NewBannerImageUrl=f"{at}/me.webp")
        told = {name: ann[name] for name in ("Id", "FullName", "Email")}
        kept = await counter.put("Coworker", told)
        assert (kept["AvatarFileName"], kept["BannerImageFileName"]) == ("me.jpg", "me.jpg")
        both = {"ClearAvatarFile": True, "NewAvatarUrl": f"{at}/wide view.png"}
        assert (await counter.put("Coworker", {**told, **both}))["AvatarFileName"] == "wide view.jpg"
        assert looks(await sent(counter, ann["Id"], "avatar"))[0] == "blue"
    gone = await counter.put("Coworker", {**told, "ClearAvatarFile": "true", "ClearBannerImageFile": True})
    assert (gone["AvatarFileName"], gone["BannerImageFileName"]) == (None, None)
    for part in ("avatar", "bannerimage"):
        assert (await sent(counter, ann["Id"], part)).status_code == 404
    (kinds, before, after) = (await events(counter.db, "contact", ann["Id"]))[-1]
    assert (kinds, len(before["banner"]), after) == ("contact.changed", 1, {"banner": []})


@pytest.mark.parametrize(
    "members",
    [
        {"NewAvatarUrl": "{at}/words.txt"},
        {"NewBannerImageUrl": "{at}/words.txt"},
        {"NewAvatarUrl": "http://127.0.0.1:1/x"},
        {"NewBannerImageUrl": "data:image/png;base64,AAAA"},
        {"NewAvatarUrl": "no address"},
    ],
)
async def test_what_cannot_be_fetched_or_is_no_picture_is_named_and_nothing_is_made(
    counter: Counter, members: Json
) -> None:
    async with shelf(**FILES) as at:
        body = {"FullName": "Ann Lee", "Email": "ann@example.com"}
        said = {name: value.format(at=at) for name, value in members.items()}
        assert await counter.refused("Coworker", "POST", {**body, **said}) == list(members)
        assert await counter.rows("Coworker") == []
        ann = await counter.customer()
        assert await counter.refused("Coworker", "PUT", {**ann, "FullName": "Bob Ray", **said}) == list(members)
    assert (await counter.get("Coworker", ann["Id"]))["FullName"] == "Ann Lee"


async def test_private_networks_are_not_fetched_from_unless_that_is_allowed(counter: Counter) -> None:
    transport = httpx.ASGITransport(face(counter.db, Settings()))
    async with shelf(**FILES) as at, httpx.AsyncClient(transport=transport, base_url="http://spaces.test") as http:
        body = {"FullName": "Ann Lee", "Email": "ann@example.com", "NewAvatarUrl": f"{at}/me.webp"}
        assert await replace(counter, http=http).refused("Coworker", "POST", body) == ["NewAvatarUrl"]


async def test_whoever_may_not_see_the_customer_does_not_see_the_picture(counter: Counter) -> None:
    async with shelf(**FILES) as at:
        ann = await counter.customer(NewAvatarUrl=f"{at}/me.webp")
    assert (await sent(counter, ann["Id"], "avatar", "gus")).status_code == 401
    assert (await sent(counter, ann["Id"], "avatar", "rita")).status_code == 401
    assert (await sent(counter, 999, "avatar")).status_code == 404
    assert (await sent(counter, ann["Id"], "filedata")).status_code == 404
