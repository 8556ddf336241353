"""Events of a calendar, as far as stages need to name them (related, CalendarEvent)."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.nexudus.entity import READ_ONLY, READING, Entity, Member

CALENDAR_EVENT: Final = Entity(
    "CalendarEvent", "calendarevents", "content", (Member("Name", "str", READ_ONLY, "name"),), verbs=READING
)
