"""XML bodies into plain trees, and answers as XML (conventions §2 and §6.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from dealwright.dialects.onlyoffice.failures import malformed

ROOT: Final = "result"
DEEPEST: Final = 64

_NAME = re.compile(r"[^\W\d][\w.-]*")
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_xml(body: bytes) -> dict[str, object]:
    """Return the children of the root as a tree of texts, dicts and, where a name repeats, lists.

    Refuses broken XML, document types (and so entities) and too deep nesting with 400.
    """
    if not body.strip():
        return {}
    if b"<!DOCTYPE" in body.replace(b"\x00", b"").upper():
        raise malformed("XML with a document type is not read.")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - without a document type there are no entities
    except (ElementTree.ParseError, ValueError, LookupError):
        raise malformed("The XML cannot be read.") from None
    tree = _tree(root, 0)
    return tree if isinstance(tree, dict) else {}


def _tree(element: ElementTree.Element, depth: int) -> object:
    if depth > DEEPEST:
        raise malformed(f"Elements are nested more than {DEEPEST} levels deep.")
    if len(element) == 0:
        return element.text or ""
    children: dict[str, list[object]] = {}
    for child in element:
        children.setdefault(child.tag.rpartition("}")[2], []).append(_tree(child, depth + 1))
    return {name: found[0] if len(found) == 1 else found for name, found in children.items()}


def write_xml(document: Mapping[str, object]) -> bytes:
    """Return a document under the root `result`: a list repeats its member's element, null is an empty element."""
    inner = "".join(_elements(document))
    return f'<?xml version="1.0" encoding="utf-8"?><{ROOT}>{inner}</{ROOT}>'.encode()


def _elements(members: Mapping[str, object]) -> Iterator[str]:
    for member, value in members.items():
        name = member if _NAME.fullmatch(member) else "item"
        for entry in value if isinstance(value, list | tuple) else (value,):
            yield f"<{name}>{_content(name, entry)}</{name}>"


def _content(name: str, value: object) -> str:
    if isinstance(value, Mapping):
        return "".join(_elements(value))
    if isinstance(value, list | tuple):
        return "".join(_elements({name: value}))
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else escape(_FORBIDDEN.sub("\ufffd", str(value)))
