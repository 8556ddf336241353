"""Files: the names they are kept under and what their endings tell."""

from __future__ import annotations

import pytest

from dealwright.domain.file import UNKNOWN_TYPE, media_type_of, titled


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("offer.pdf", "offer.pdf"),
        ("Ängebot – 1.pdf", "Ängebot – 1.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\olga\\offer.pdf", "offer.pdf"),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie: x.txt"),
        ("fdp.\u202eexe", "fdp.exe"),
        ("..", "file"),
        (".htaccess", "htaccess"),
        ("", "file"),
        ("lone \ud800.txt", "lone ?.txt"),
    ],
)
def test_a_name_is_kept_without_what_could_act(sent: str, kept: str) -> None:
    """Folders, line ends and turned writing are left out."""
    assert titled(sent) == kept


def test_a_long_name_keeps_its_ending() -> None:
    """255 characters is what there is."""
    assert titled("x" * 400 + ".pdf") == "x" * 251 + ".pdf"


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.PDF", "application/pdf"),
        ("a.html", "text/html"),
        ("a", UNKNOWN_TYPE),
        ("a.exe", UNKNOWN_TYPE),
    ],
)
def test_the_ending_tells_the_media_type(name: str, media_type: str) -> None:
    """Whatever a client says about it."""
    assert media_type_of(name) == media_type
