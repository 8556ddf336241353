"""Files: what is known of bytes that are kept elsewhere, what they are for, and how they may be shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from dealwright.domain.actor import Actor

TITLE_LENGTH: Final = 255
UNKNOWN_TYPE: Final = "application/octet-stream"

MEDIA_TYPES: Final[Mapping[str, str]] = {
    **{"txt": "text/plain", "log": "text/plain", "md": "text/markdown", "csv": "text/csv", "xml": "text/xml"},
    **{"html": "text/html", "htm": "text/html", "json": "application/json", "ics": "text/calendar"},
    **{"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"},
    **{"svg": "image/svg+xml", "bmp": "image/bmp", "tif": "image/tiff", "tiff": "image/tiff"},
    **{"pdf": "application/pdf", "rtf": "application/rtf", "doc": "application/msword"},
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    **{"zip": "application/zip", "gz": "application/gzip", "7z": "application/x-7z-compressed"},
    **{"mp3": "audio/mpeg", "wav": "audio/wav", "ogg": "audio/ogg", "mp4": "video/mp4", "webm": "video/webm"},
    **{"eml": "message/rfc822", "msg": "application/vnd.ms-outlook"},
}
"""The media type of each extension that is known here; what a client says about a file is not believed."""

SHOWN_IN_PLACE: Final = frozenset(
    ("image/png", "image/jpeg", "image/gif", "image/webp", "text/plain", "application/pdf")
)
"""What a browser may show instead of saving it: nothing in it can act in our name."""

_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Purpose(StrEnum):
    """What a file is kept for; the words are stored."""

    ATTACHMENT = "attachment"
    PHOTO = "photo"
    LOGO = "logo"
    REPORT = "report"
    EXPORT = "export"
    IMPORT = "import"
    INVOICE = "invoice"
    DOCUMENT = "document"


@dataclass(slots=True, kw_only=True)
class File:
    """One file: its name, its size in bytes and `key`, under which the file store has its bytes."""

    id: int
    uid: str
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: int | None = None
    updated_by: int | None = None
    system_id: str | None = None
    purpose: Purpose = Purpose.ATTACHMENT
    title: str = ""
    media_type: str = UNKNOWN_TYPE
    size: int = 0
    key: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def extension(self) -> str:
        """The lower-case ending of the name without its dot, "" where it has none."""
        return extension_of(self.title)

    @property
    def is_shown_in_place(self) -> bool:
        """Whether a browser may show it instead of saving it."""
        return self.media_type in SHOWN_IN_PLACE

    def edited_by(self, actor: Actor) -> bool:
        """Tell whether this person may remove the file: who made it, administrators."""
        return actor.is_crm_admin or self.created_by == actor.id


def titled(name: str) -> str:
    """Return a file name as it is kept: without folders and characters that act, 255 characters at most."""
    bare = _ODD.sub("", re.split(r"[/\\]", name)[-1]).encode("utf-8", "replace").decode().strip().lstrip(".")
    if len(bare) <= TITLE_LENGTH:
        return bare or "file"
    ending = f".{extension_of(bare)}" if extension_of(bare) else ""
    return bare[: TITLE_LENGTH - len(ending)] + ending


def extension_of(name: str) -> str:
    """Return the lower-case ending of a name without its dot, "" where it has none that looks like one."""
    found = re.search(r"\.([A-Za-z0-9]{1,16})$", name)
    return found[1].lower() if found else ""


def media_type_of(name: str) -> str:
    """Return the media type that the ending of a name tells."""
    return MEDIA_TYPES.get(extension_of(name), UNKNOWN_TYPE)
