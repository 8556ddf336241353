"""The `jsonSettings` of an import (invoices-reports-voip §3): the vendor's words for columns, made an order of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from dealwright.dialects.onlyoffice.contact_shown import CATEGORIES
from dealwright.dialects.onlyoffice.failures import bad_argument, malformed
from dealwright.domain.contact import Share
from dealwright.domain.contact_info import ADDRESS_PARTS, Info
from dealwright.domain.importing import Duplicates, Order
from dealwright.domain.table import Dialect

FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "contact": {
        **{"firstname": "first_name", "lastname": "last_name", "companyname": "company_name", "title": "job_title"},
        **{"notes": "about", "contactstage": "status", "contacttype": "type", "tag": "tag", "tags": "tag"},
        **{"email": "email", "phone": "phone", "industry": "industry", "currency": "currency"},
    },
    "opportunity": {
        **{"title": "title", "description": "description", "responsible": "responsible", "client": "contact"},
        **{"member": "member", "tag": "tag", "tags": "tag", "bid_amount": "amount", "bid_currency": "currency"},
        **{"bid_type": "billing", "per_period_value": "periods", "probability_of_winning": "probability"},
        **{"deal_milestone": "stage", "expected_close_date": "expected_close", "actual_close_date": "closed_at"},
    },
    "case": {"title": "title", "member": "member", "tag": "tag", "tags": "tag", "closed": "closed"},
    "task": {
        **{"title": "title", "description": "description", "due_date": "deadline", "responsible": "responsible"},
        **{"taskcategory": "category", "contact": "contact", "alertvalue": "alert_minutes", "closed": "closed"},
    },
}
"""The vendor's names of fields, in lower case, and ours."""
DUPLICATES: Final = {1: Duplicates.SKIP, 2: Duplicates.OVERWRITE, 3: Duplicates.CLONE}
CODE_PAGES: Final = {
    **{65001: "utf-8", 65000: "utf-7", 1200: "utf-16-le", 1201: "utf-16-be", 12000: "utf-32-le", 12001: "utf-32-be"},
    **{20127: "ascii", 20866: "koi8-r", 21866: "koi8-u", 936: "gbk", 20936: "gb2312", 51936: "gb2312"},
    **{51932: "euc-jp", 51949: "euc-kr", 54936: "gb18030", 10000: "mac-roman", 10007: "mac-cyrillic"},
}
"""Numbers of code pages whose name in the world is not `cp` and the number."""
LATIN: Final = range(28591, 28607)
"""The code pages of ISO 8859-1 to 8859-16."""
NO_COLUMN: Final = ("", "-1")

_CUSTOM: Final = re.compile(r"customfield_(\d{1,9})", re.IGNORECASE)
_INFO: Final = re.compile(r"contactinfo_([a-z]+|\d+)_([a-z]+|\d+)(?:_([a-z]+|\d+))?", re.IGNORECASE)


def settings_of(text: str | None) -> Mapping[str, Any]:
    """Return the settings as they were sent, keys in lower case; refuses with 400 what is no JSON object."""
    if not (text or "").strip():
        raise bad_argument()
    try:
        found = msgspec.json.decode(text or "")
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        raise malformed("The settings are no JSON.") from None
    if not isinstance(found, dict):
        raise malformed("The settings are no JSON object.")
    return {str(name).lower(): value for name, value in found.items()}


def dialect_of(said: Mapping[str, Any]) -> Dialect:
    """Return how the table is written: by default UTF-8, commas, double quotes and a head. 400."""
    return Dialect(
        encoding=_encoding(said.get("encoding", 65001)),
        delimiter=_character(said.get("delimiter_character", 44)),
        quote=_character(said.get("quote_character", 34)),
        has_header=_flag(said.get("has_header", True)),
    )


def order_of(subject: str, said: Mapping[str, Any]) -> Order:
    """Return what is to be imported. 400 what cannot be read; unknown fields are for the deed to refuse."""
    access = said.get("private_info", said)
    if not isinstance(access, dict):
        raise bad_argument()
    share = said.get("share_type")
    return Order(
        subject=subject,
        columns=tuple(_columns(subject, said.get("column_mapping"))),
        dialect=dialect_of(said),
        duplicates=_duplicates(said.get("removing_duplicates_behavior", said.get("duplicate_record_rule", 3))),
        tags=_texts(said.get("tags")),
        sharing=Share.WRITE if share is None else _share(share),
        managers=_guids(said.get("contact_managers")),
        private=_flag(access.get("is_private", False)),
        shared_with=_guids(access.get("access_list")),
    )


def _columns(subject: str, mapping: object) -> Iterable[tuple[str, tuple[int, ...]]]:
    """Run through the columns, told as `{field: [places]}`, `{field: place}` or `{place: field}`."""
    if not isinstance(mapping, dict):
        raise bad_argument()
    for name, value in mapping.items():
        if isinstance(value, str) and name.isdecimal() and value not in NO_COLUMN:
            yield _field(subject, value), (_place(name),)
        elif name not in NO_COLUMN and value not in NO_COLUMN:
            places = value if isinstance(value, list) else [value]
            yield _field(subject, name), tuple(map(_place, places))


def _place(said: object) -> int:
    if isinstance(said, bool) or not isinstance(said, int | str):
        raise bad_argument()
    try:
        return int(said)
    except ValueError:
        raise bad_argument() from None


def _field(subject: str, name: str) -> str:
    if name.lower() in FIELDS[subject]:
        return FIELDS[subject][name.lower()]
    if custom := _CUSTOM.fullmatch(name):
        return f"custom.{int(custom[1])}"
    if info := _INFO.fullmatch(name):
        return _info(info[1], info[2], info[3]) or name
    return name


def _info(kind: str, category: str, part: str | None) -> str | None:
    found = _numbered(kind, [one.name for one in Info])
    if found is None:
        return None
    info = Info(found)
    names = CATEGORIES.get(info, ("Home", "Work", "Other"))
    number = int(category) if category.isdecimal() else _numbered(category, names)
    if number is None:
        return None
    place = None if part is None else _numbered(part, ADDRESS_PARTS)
    end = "" if place is None else f".{ADDRESS_PARTS[place]}"
    return f"info.{info.name.lower()}.{number}{end}"


def _numbered(said: str, names: Iterable[str]) -> int | None:
    """Return the place of a name among names, or the number that was said where there is such a place."""
    known = [name.lower() for name in names]
    if said.isdecimal():
        return int(said) if int(said) < len(known) else None
    return known.index(said.lower()) if said.lower() in known else None


def _character(said: object) -> str:
    """Return the character of a code, or the text itself; code 0 is none."""
    if isinstance(said, str) and not (len(said) > 1 and said.isdecimal()):
        return said
    number = _place(said)
    if not 0 <= number < 0xD800:
        raise bad_argument()
    return chr(number) if number else ""


def _encoding(said: object) -> str:
    if isinstance(said, str) and not said.isdecimal():
        return said
    number = _place(said)
    if number in LATIN:
        return f"iso8859-{number - LATIN.start + 1}"
    return CODE_PAGES.get(number, f"cp{number}")


def _flag(said: object) -> bool:
    if isinstance(said, bool):
        return said
    if str(said).lower() in {"true", "false", "1", "0"}:
        return str(said).lower() in {"true", "1"}
    raise bad_argument()


def _duplicates(said: object) -> Duplicates:
    named = str(said).lower()
    if named in list(Duplicates):
        return Duplicates(named)
    return DUPLICATES.get(_place(said), Duplicates.CLONE)


def _share(said: object) -> Share:
    try:
        return Share(_place(said))
    except ValueError:
        raise bad_argument() from None


def _texts(said: object) -> tuple[str, ...]:
    if said is None:
        return ()
    if not isinstance(said, list) or not all(isinstance(one, str) for one in said):
        raise bad_argument()
    return tuple(said)


def _guids(said: object) -> tuple[str, ...]:
    return tuple(one.strip("{}").lower() for one in _texts(said))
