"""From the data of an invoice to a PDF, by typst; it blocks, so it is run in a thread."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

TEMPLATE: Final = Path(__file__).with_name("invoice.typ")
Data = Mapping[str, Any]


def pdf(data: Data, logo: bytes | None, at: datetime) -> bytes:
    """Return an invoice as PDF; `logo` is a PNG, `at` the instant that the document says it was made.

    The data is what `document.data_of` returns. The same data makes the same bytes.
    """
    made = _compiled(data, logo, at, "pdf")
    assert isinstance(made, bytes)
    return made


def pictures(data: Data, logo: bytes | None, at: datetime) -> list[bytes]:
    """Return the pages of an invoice as PNG pictures: for eyes and tests."""
    made = _compiled(data, logo, at, "png")
    return [made] if isinstance(made, bytes) else list(made)


def fingerprint(data: Data, logo_id: int) -> str:
    """Return what tells an invoice on paper from another: all that stands on it, and the template itself."""
    content = json.dumps([data, logo_id], sort_keys=True, ensure_ascii=False).encode("utf-8", "replace")
    return hashlib.sha256(_template_digest() + content).hexdigest()


def _compiled(data: Data, logo: bytes | None, at: datetime, form: Literal["pdf", "png"]) -> bytes | list[bytes]:
    import typst  # noqa: PLC0415 - large, and seldom needed

    with tempfile.TemporaryDirectory(prefix="dealwright-invoice-") as folder:
        root = Path(folder)
        shutil.copyfile(TEMPLATE, root / TEMPLATE.name)
        (root / "data.json").write_text(json.dumps({**data, "logo": logo is not None}), "utf-8")
        if logo is not None:
            (root / "logo.png").write_bytes(logo)
        source, moment = str(root / TEMPLATE.name), int(at.timestamp())
        made = typst.compile(source, root=folder, format=form, font_paths=_fonts(), timestamp=moment)
    assert made is not None
    return made


@cache
def _fonts() -> Any:  # noqa: ANN401
    """Return the fonts that typst brings along, and those of the machine for scripts that these lack."""
    import typst  # noqa: PLC0415

    return typst.Fonts(include_system_fonts=True)


@cache
def _template_digest() -> bytes:
    return hashlib.sha256(TEMPLATE.read_bytes()).digest()
