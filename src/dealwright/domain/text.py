"""Text as people compare it: folded keys and search words, the same for both databases."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

KEY_LENGTH: Final = 255
WORD_LENGTH: Final = 64
WORDS: Final = 2000
_WORD: Final = re.compile(r"[^\W_]+")


def fold(text: str | None) -> str:
    """Return the key under which a text is compared, sorted and made unique: no case, no accents, one space."""
    if not text:
        return ""
    if text.isascii():
        return " ".join(text.lower().split())[:KEY_LENGTH]
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(bare.casefold().split())[:KEY_LENGTH]


def fold_all(text: str) -> str:
    """Return the key of a whole text, however long: what parts of it are looked for in."""
    return " ".join(_all_folded(text).split())


def search_words(*texts: str | None) -> list[str]:
    """Return the distinct words of the texts, folded, in their order: what full-text search is fed with."""
    folded = " ".join(_all_folded(text) for text in texts if text)
    return list(dict.fromkeys(part[:WORD_LENGTH] for part in _WORD.findall(folded)))[:WORDS]


def _all_folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return bare.casefold()


def is_storable(text: str) -> bool:
    """Tell whether both databases can keep the text: no NUL, no lone surrogate."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
