"""The documentation as pages: the Markdown files of the repository, rendered when first asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from markdown_it.token import Token

# In an installed package the files lie beside this one, in a working copy at its root.
FOLDERS: Final = (Path(__file__).parent / "docs", Path(__file__).parents[3] / "docs")


_COMMENT: Final = re.compile(r"<!--.*?-->\n?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Document:
    """One page: its name in the address, its title, its body as HTML."""

    name: str
    title: str
    html: str


def names() -> list[str]:
    """Return the names of all documents in order."""
    return sorted(_files())


@cache
def document(name: str) -> Document | None:
    """Return a document, None when there is none of that name."""
    path = _files().get(name)
    if path is None:
        return None
    text = path.read_text(encoding="utf-8")
    heading = re.search(r"^# (.+)$", text, re.MULTILINE)
    return Document(name, heading.group(1).strip() if heading else name, rendered(text))


@cache
def _files() -> dict[str, Path]:
    folder = next((one for one in FOLDERS if one.is_dir()), None)
    if folder is None:
        return {}
    return {str(path.relative_to(folder).with_suffix("")): path for path in folder.rglob("*.md")}


def rendered(text: str) -> str:
    """Return Markdown as HTML; raw HTML in it is shown, not obeyed, comments are not, and links are our own."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - nobody may ever ask for a page

    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(_COMMENT.sub("", text))
    for token in tokens:
        if token.type == "heading_open":
            token.attrSet("id", _anchor(tokens[tokens.index(token) + 1].content))
        for child in token.children or ():
            _point(child)
    return str(markdown.renderer.render(tokens, markdown.options, {}))


def _anchor(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


def _point(token: Token) -> None:
    """Turn a link to `name.md` into one to its page."""
    target = token.attrGet("href")
    if isinstance(target, str) and re.fullmatch(r"[\w./-]+\.md(#.*)?", target):
        token.attrSet("href", target.replace(".md", "", 1))
