"""Canned responses: the placeholders of their texts, and what stands for them in a letter to a contact."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from html import escape
from typing import Final

from dealwright.domain.contact import Contact
from dealwright.domain.contact_info import Infos
from dealwright.domain.mailing import Words, words_of

_TOKEN: Final = re.compile(r"\{([A-Za-z]\w{0,63})\}")
_PAGE: Final = re.compile(
    r"<(?:!doctype|/?(?:html|body|head|p|div|span|br|a|b|i|u|em|strong|ul|ol|li|table|h[1-6])\b)", re.IGNORECASE
)


def placeholders(
    contact: Contact, infos: Infos, custom: Mapping[str, str], teams: Iterable[str], place: str, today: date
) -> dict[str, str]:
    """Return what the placeholders stand for in a letter to a contact, by their names in small letters without spaces.

    `custom` are its custom values by label, `place` the name of the location that writes.
    """
    found = {name.lower(): _said(value) for name, value in contact.extra.items()}
    found |= {name.replace(" ", ""): value for name, value in words_of(contact, infos, custom).items()}
    own = {
        "fullname": contact.display_name,
        "firstname": contact.first_name or contact.display_name,
        "companyname": contact.display_name if contact.is_company else contact.company_name,
        "email": contact.email,
        "position": contact.job_title,
        "businessname": place,
        "date": today.isoformat(),
        "teamnames": ", ".join(teams),
    }
    return found | {name: value or "" for name, value in own.items()}


def _said(value: object) -> str:
    return str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""


def filled(template: str, words: Words, *, as_page: bool) -> str:
    """Return a template with its placeholders, such as `{firstname}`, replaced; one that means nothing goes.

    In a page what is put in is text, whatever it looks like.
    """

    def said(token: re.Match[str]) -> str:
        value = words.get(token[1].lower(), "")
        return escape(value) if as_page else value

    return _TOKEN.sub(said, template)


def page_of(template: str) -> str:
    """Return the template of a page: a text that is none yet is escaped, its lines kept."""
    return template if _PAGE.search(template) else "<br>\n".join(escape(template, quote=False).splitlines())
