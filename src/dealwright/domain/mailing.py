"""Letters to contacts: the tags of a template, what stands for each of them, and the text of a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape
from typing import Final

from dealwright.domain.contact import Contact
from dealwright.domain.contact_info import Info, Infos, address_of, first_of

SUBJECT_LENGTH: Final = 255
BODY_LENGTH: Final = 1_000_000
RECIPIENTS: Final = 10_000
FILES_SIZE: Final = 10 * 2**20
"""Bytes of all files of a letter together: what mail servers take."""

_TAG: Final = re.compile(r"\$\((Person|Company)\.([^()<>]{1,255})\)", re.IGNORECASE)
_SILENT: Final = re.compile(r"<(script|style|head)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_BREAK: Final = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^>]*>", re.IGNORECASE)
_MARK: Final = re.compile(r"<[^<>]*>")

Words = Mapping[str, str]
"""What stands for the tags of one side of a template, by their names in small letters."""


def words_of(contact: Contact, infos: Infos, custom: Mapping[str, str]) -> dict[str, str]:
    """Return what the tags of a contact stand for; `custom` are its values of custom fields by their labels."""
    found = {label.lower(): value for label, value in custom.items()}
    for kind in Info:
        if kind is not Info.ADDRESS and (info := first_of(infos, kind)):
            found[kind.name.lower()] = info.data
    address = address_of(infos)
    found |= address
    found["zip code"] = address.get("zip", "")
    found["address"] = ", ".join(address.values())
    own = {"about": contact.about, "industry": contact.industry}
    if contact.is_company:
        own["company name"] = contact.display_name
    else:
        own |= {"first name": contact.first_name, "last name": contact.last_name}
        own |= {"full name": contact.display_name, "job title": contact.job_title}
    return found | {name: value or "" for name, value in own.items()}


def rendered(template: str, person: Words, company: Words, html: bool) -> str:
    """Return a template with its tags, such as `$(Person.First Name)`, replaced; one that means nothing goes.

    In a page (`html`) what is put in is text, whatever it looks like.
    """

    def said(tag: re.Match[str]) -> str:
        words = person if tag[1].lower() == "person" else company
        value = words.get(tag[2].strip().lower(), "")
        return escape(value) if html else value

    return _TAG.sub(said, template)


def text_of(page: str) -> str:
    """Return a page as plain text: without marks, a line for each paragraph."""
    plain = _MARK.sub("", _BREAK.sub("\n", _SILENT.sub("", page)))
    lines = (" ".join(line.split()) for line in unescape(plain).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
