"""Pictures that strangers send: what is taken, how it comes out, and what is not unfolded."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from dealwright.domain.photo import Size
from dealwright.imaging import MOST_PIXELS, NotAPicture, photos_of, stand_in


def picture(kind: str = "PNG", size: tuple[int, int] = (400, 200), mode: str = "RGB", **saved: object) -> bytes:
    """A picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    kept = BytesIO()
    image.convert(mode).save(kept, kind, **saved)
    return kept.getvalue()


def opened(data: bytes) -> Image.Image:
    """A picture, unfolded."""
    image = Image.open(BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_comes_out_in_every_size(kind: str) -> None:
    """As wide as it was to its height."""
    made = photos_of(picture(kind))
    assert {size: opened(each.data).size for size, each in made.items()} == {
        Size.SMALL: (40, 20),
        Size.MEDIUM: (82, 41),
        Size.BIG: (200, 100),
    }
    red, _, blue = opened(made[Size.BIG].data).convert("RGB").getpixel((10, 50))  # type: ignore[misc]
    assert red > 200 > 60 > blue


def test_a_small_picture_is_not_made_larger() -> None:
    """It would only be blurred."""
    assert opened(photos_of(picture(size=(30, 60)))[Size.BIG].data).size == (30, 60)


def test_a_picture_is_turned_as_its_camera_said_and_tells_nothing_else() -> None:
    """Where it was taken is nobody's business."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x8825] = 6, "Camera of Olga", {1: "N"}
    made = photos_of(picture("JPEG", exif=exif, comment=b"secret", icc_profile=b"profile"))[Size.BIG]
    image = opened(made.data)
    assert image.size == (100, 200)
    assert not image.getexif()
    assert not {"exif", "comment", "icc_profile"} & set(image.info)
    assert b"Camera of Olga" not in made.data
    assert b"secret" not in made.data


def test_what_is_seen_through_stays_so() -> None:
    """As a PNG; everything else is a JPEG."""
    image = Image.new("RGBA", (100, 100), (255, 0, 0, 0))
    kept = BytesIO()
    image.save(kept, "PNG")
    made = photos_of(kept.getvalue())[Size.SMALL]
    assert made.media_type == "image/png"
    assert opened(made.data).getpixel((5, 5))[3] == 0  # type: ignore[index]
    assert photos_of(picture())[Size.SMALL].media_type == "image/jpeg"


@pytest.mark.parametrize("mode", ["L", "P", "1", "CMYK", "I;16", "LA"])
def test_colours_of_every_kind_are_understood(mode: str) -> None:
    """Print colours and grey ones as well."""
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert opened(photos_of(picture(kind, mode=mode))[Size.SMALL].data).size == (40, 20)


def _claiming(width: int, height: int) -> bytes:
    """A tiny PNG that says it is large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"words", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture()[:100], picture("JPEG")[:300]),
        *(picture("BMP"), picture("TIFF"), picture("PDF"), b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n"),
        *(_claiming(100_000, 100_000), _claiming(MOST_PIXELS // 4000 + 1, 4000), _claiming(0, 0)),
    ],
    ids=["nothing", "words", "svg", "half png", "half jpeg", "bmp", "tiff", "pdf", "eps", "bomb", "large", "empty"],
)
def test_what_is_no_picture_of_ours_is_not_taken(data: bytes) -> None:
    """Nor one that would unfold to far more than it seems."""
    with pytest.raises(NotAPicture):
        photos_of(data)


def test_a_large_photograph_is_unfolded_small() -> None:
    """As telephones make them today."""
    made = photos_of(picture("JPEG", size=(8000, 6000)))
    assert opened(made[Size.BIG].data).size == (200, 150)


@pytest.mark.parametrize("size", list(Size))
def test_a_picture_stands_for_who_has_none(size: Size) -> None:
    """One for people, another one for companies."""
    person, company = stand_in(size, is_company=False), stand_in(size, is_company=True)
    assert person.data != company.data
    assert opened(person.data).size == opened(company.data).size == (size, size)
    assert len(opened(person.data).convert("RGB").getcolors(10_000) or ()) > 1
