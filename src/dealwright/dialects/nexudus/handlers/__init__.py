"""Who serves which entity; adding one is a file of hooks here and its name in `HANDLERS`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dealwright.dialects.nexudus.handlers.businesses import BUSINESSES, CURRENCIES
from dealwright.dialects.nexudus.handlers.coworkerdatafiles import DATA_FILES, IMPORT_FILES
from dealwright.dialects.nexudus.handlers.coworkernotes import NOTES
from dealwright.dialects.nexudus.handlers.coworkers import COWORKERS
from dealwright.dialects.nexudus.handlers.coworkertasks import TASKS
from dealwright.dialects.nexudus.handlers.crmboards import BOARDS, COLUMNS
from dealwright.dialects.nexudus.handlers.crmopportunities import OPPORTUNITIES
from dealwright.dialects.nexudus.handlers.crmopportunityhistories import HISTORIES
from dealwright.dialects.nexudus.handlers.customfields import CUSTOM_FIELDS
from dealwright.dialects.nexudus.handlers.plainrecords import (
    BUSINESS_SETTINGS,
    CALENDAR_EVENTS,
    FORM_PAGE_REQUESTS,
    FORM_PAGES,
    MESSAGES,
    REMINDERS,
)
from dealwright.dialects.nexudus.handlers.proposals import PROPOSALS
from dealwright.dialects.nexudus.handlers.smallrecords import (
    CANNED_RESPONSES,
    OPPORTUNITY_TYPES,
    TASK_ITEMS,
    TASK_LISTS,
)
from dealwright.dialects.nexudus.handlers.teams import TEAMS
from dealwright.dialects.nexudus.handlers.users import ROLES, USERS
from dealwright.dialects.nexudus.handlers.webhooks import WEBHOOKS
from dealwright.dialects.nexudus.handling import Handler

HANDLERS: Final[Mapping[str, Handler]] = {
    handler.entity.name: handler
    for handler in (
        *(BOARDS, COLUMNS, OPPORTUNITIES, HISTORIES, OPPORTUNITY_TYPES),
        *(TASKS, CANNED_RESPONSES, TASK_LISTS, TASK_ITEMS, CUSTOM_FIELDS),
        *(COWORKERS, TEAMS, USERS, ROLES, BUSINESSES, CURRENCIES),
        *(NOTES, MESSAGES, DATA_FILES, IMPORT_FILES, REMINDERS, BUSINESS_SETTINGS, WEBHOOKS),
        *(PROPOSALS, FORM_PAGES, FORM_PAGE_REQUESTS, CALENDAR_EVENTS),
    )
}
