"""Conditional requests (RFC 9110 §13): entity tags from versions, and what If-Match and If-None-Match ask for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from dealwright.dialects.native.problems import Wrong
from dealwright.domain.errors import Outdated

T = TypeVar("T")
TAGS: Final = 20

_TAG: Final = re.compile(r'\s*(W/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*(?:,|$)')
_VERSION: Final = re.compile(r"v(\d{1,9})")


def tag_of(version: int) -> str:
    """Return the strong entity tag of a version."""
    return f'"v{version}"'


def tag_of_content(content: bytes) -> str:
    """Return the strong entity tag of a record that counts no versions: another one for every other content."""
    return f'"{hashlib.sha256(content).hexdigest()[:24]}"'


def _tags(header: str, name: str) -> list[tuple[bool, str]]:
    """Return the tags of a condition, each with whether it is weak; refuses with 400 what is no list of tags."""
    found: list[tuple[bool, str]] = []
    at = 0
    while at < len(header):
        tag = _TAG.match(header, at)
        if tag is None or len(found) >= TAGS:
            raise Wrong(400, "bad_condition", f"{name} takes * or at most {TAGS} entity tags.", extras={"limit": TAGS})
        found.append((bool(tag.group(1)), tag.group(2)))
        at = tag.end()
    return found


def versions_wanted(if_match: str | None) -> Sequence[int] | None:
    """Return the versions that If-Match accepts; None means any. A weak or foreign tag accepts nothing."""
    if if_match is None or if_match.strip() == "*":
        return None
    matches = [_VERSION.fullmatch(text) for weak, text in _tags(if_match, "If-Match") if not weak]
    return [int(found.group(1)) for found in matches if found]


def accepts(if_match: str | None, tag: str) -> bool:
    """Tell whether If-Match accepts a record with this tag; a weak tag accepts nothing."""
    if if_match is None or if_match.strip() == "*":
        return True
    return any(f'"{text}"' == tag for weak, text in _tags(if_match, "If-Match") if not weak)


def is_known(if_none_match: str | None, tag: str) -> bool:
    """Tell whether If-None-Match names the tag, so that the client has the body already."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == "*":
        return True
    return any(f'"{text}"' == tag for _, text in _tags(if_none_match, "If-None-Match"))


async def guarded(if_match: str | None, deed: Callable[[int | None], Awaitable[T]]) -> T:
    """Do a deed on a version that If-Match accepts; Outdated when the present one is none of them."""
    wanted = versions_wanted(if_match)
    if wanted is None:
        return await deed(None)
    for version in wanted:
        try:
            return await deed(version)
        except Outdated:
            continue
    raise Outdated("the present version is none of those that If-Match names")
