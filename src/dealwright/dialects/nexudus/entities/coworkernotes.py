"""Notes about a customer (related, CoworkerNote)."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.nexudus.entity import READ_ONLY, REQUIRED, Entity, Member, first

COWORKER_NOTE: Final = Entity(
    "CoworkerNote",
    "coworkernotes",
    "spaces",
    (
        Member("CoworkerId", "int", REQUIRED, "contact_id", to="Coworker"),
        Member("Notes", "str", REQUIRED, "content"),
        # Who wrote a note is known; nobody else can be named.
        Member("AddedBy", "str?", READ_ONLY, "author.name"),
    ),
    label=first("Notes"),
)
