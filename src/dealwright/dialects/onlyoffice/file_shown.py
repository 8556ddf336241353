"""Files as this dialect's objects (contacts-tasks-cases §7, file)."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.portal import Portal
from dealwright.dialects.onlyoffice.values import moment
from dealwright.dialects.onlyoffice.writing import maker
from dealwright.domain.file import File

ROOT: Final = 1
"""The folder in which all files of the CRM are."""
HANDLER: Final = "/Products/Files/HttpHandlers/filehandler.ashx"
BUNCH: Final = 2
"""What the contract calls the kind of that folder."""

_UNITS: Final = ("bytes", "KB", "MB", "GB", "TB")
_KINDS: Final = {"archive": 1, "video": 2, "audio": 3, "image": 4, "spreadsheet": 5, "presentation": 6, "document": 7}
_ENDINGS: Final = {
    "archive": ("zip", "gz", "7z", "rar", "tar", "tgz", "bz2"),
    "video": ("mp4", "webm", "avi", "mov", "mkv", "mpg", "mpeg"),
    "audio": ("mp3", "wav", "ogg", "flac", "m4a"),
    "image": ("png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff", "svg"),
    "spreadsheet": ("xls", "xlsx", "ods", "csv"),
    "presentation": ("ppt", "pptx", "odp"),
    "document": ("doc", "docx", "odt", "rtf", "txt", "html", "htm", "pdf", "md", "xml"),
}
_KIND_OF: Final = {ending: _KINDS[kind] for kind, endings in _ENDINGS.items() for ending in endings}


def file_shown(portal: Portal, file: File) -> Shown:
    """Return a file: `viewUrl` downloads it, `webUrl` shows it where that is safe; every member is always there."""
    address = f"{portal.url}{HANDLER}?action={{}}&fileid={file.id}"
    return {
        "folderId": ROOT,
        "version": file.version,
        "versionGroup": 1,
        "contentLength": size_text(file.size),
        "pureContentLength": file.size,
        "fileStatus": 0,
        "viewUrl": address.format("download"),
        "webUrl": address.format("view"),
        "fileType": _KIND_OF.get(file.extension, 0),
        "fileExst": f".{file.extension}" if file.extension else "",
        "comment": "",
        "title": file.title,
        "access": 0,
        "shared": False,
        "created": moment(file.created_at, portal.zone),
        "createdBy": maker(portal, file.created_by),
        "updated": moment(file.updated_at, portal.zone),
        "updatedBy": maker(portal, file.updated_by),
        "rootFolderType": BUNCH,
        "id": file.id,
    }


def size_text(size: int) -> str:
    """Return a number of bytes as people read it: `512 bytes`, `12 KB`, `1.5 MB`."""
    amount, power = float(size), 0
    while amount >= 1024 and power < len(_UNITS) - 1:
        amount, power = amount / 1024, power + 1
    return f"{amount:,.2f}".rstrip("0").rstrip(".") + f" {_UNITS[power]}"
