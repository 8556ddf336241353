"""Every entity this dialect knows; adding one is a table in a file here and its name in `ENTITIES`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dealwright.dialects.nexudus.entities.businesses import BUSINESS, CURRENCY
from dealwright.dialects.nexudus.entities.businesssettings import BUSINESS_SETTING
from dealwright.dialects.nexudus.entities.calendarevents import CALENDAR_EVENT
from dealwright.dialects.nexudus.entities.cannedresponses import CANNED_RESPONSE
from dealwright.dialects.nexudus.entities.coworkerdatafiles import COWORKER_DATA_FILE
from dealwright.dialects.nexudus.entities.coworkermessages import COWORKER_MESSAGE
from dealwright.dialects.nexudus.entities.coworkernotes import COWORKER_NOTE
from dealwright.dialects.nexudus.entities.coworkers import COWORKER
from dealwright.dialects.nexudus.entities.coworkertasks import COWORKER_TASK, TASK_ITEM, TASK_LIST
from dealwright.dialects.nexudus.entities.crmboards import CRM_BOARD, CRM_BOARD_COLUMN
from dealwright.dialects.nexudus.entities.crmopportunities import (
    CRM_OPPORTUNITY,
    CRM_OPPORTUNITY_HISTORY,
    OPPORTUNITY_TYPE,
)
from dealwright.dialects.nexudus.entities.crmopportunityimportfiles import CRM_OPPORTUNITY_IMPORT_FILE
from dealwright.dialects.nexudus.entities.customfields import CUSTOM_FIELD
from dealwright.dialects.nexudus.entities.formpages import FORM_PAGE, FORM_PAGE_REQUEST
from dealwright.dialects.nexudus.entities.proposals import PROPOSAL
from dealwright.dialects.nexudus.entities.reminders import REMINDER
from dealwright.dialects.nexudus.entities.teams import TEAM
from dealwright.dialects.nexudus.entities.users import ROLE, USER
from dealwright.dialects.nexudus.entities.webhooks import WEB_HOOK
from dealwright.dialects.nexudus.entity import Entity

ENTITIES: Final[tuple[Entity, ...]] = (
    *(CRM_BOARD, CRM_BOARD_COLUMN, CRM_OPPORTUNITY, CRM_OPPORTUNITY_HISTORY, CRM_OPPORTUNITY_IMPORT_FILE),
    *(OPPORTUNITY_TYPE, COWORKER_TASK, CANNED_RESPONSE, TASK_LIST, TASK_ITEM, REMINDER, CUSTOM_FIELD),
    *(COWORKER, TEAM, COWORKER_NOTE, COWORKER_MESSAGE, COWORKER_DATA_FILE),
    *(USER, ROLE, BUSINESS, CURRENCY, WEB_HOOK, BUSINESS_SETTING),
    *(PROPOSAL, FORM_PAGE, FORM_PAGE_REQUEST, CALENDAR_EVENT),
)
BY_PLURAL: Final[Mapping[str, Entity]] = {entity.plural: entity for entity in ENTITIES}
BY_NAME: Final[Mapping[str, Entity]] = {entity.name: entity for entity in ENTITIES}
