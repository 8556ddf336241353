"""Every entity this dialect knows; adding one is a table in a file here and its name in `ENTITIES`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dealwright.dialects.nexudus.entities.businesses import BUSINESS, CURRENCY
from dealwright.dialects.nexudus.entities.cannedresponses import CANNED_RESPONSE
from dealwright.dialects.nexudus.entities.coworkers import COWORKER
from dealwright.dialects.nexudus.entities.coworkertasks import COWORKER_TASK, TASK_ITEM, TASK_LIST
from dealwright.dialects.nexudus.entities.crmboards import CRM_BOARD, CRM_BOARD_COLUMN
from dealwright.dialects.nexudus.entities.crmopportunities import (
    CRM_OPPORTUNITY,
    CRM_OPPORTUNITY_HISTORY,
    OPPORTUNITY_TYPE,
)
from dealwright.dialects.nexudus.entities.customfields import CUSTOM_FIELD
from dealwright.dialects.nexudus.entities.teams import TEAM
from dealwright.dialects.nexudus.entities.users import ROLE, USER
from dealwright.dialects.nexudus.entity import Entity

ENTITIES: Final[tuple[Entity, ...]] = (
    *(CRM_BOARD, CRM_BOARD_COLUMN, CRM_OPPORTUNITY, CRM_OPPORTUNITY_HISTORY, OPPORTUNITY_TYPE),
    *(COWORKER_TASK, CANNED_RESPONSE, TASK_LIST, TASK_ITEM, CUSTOM_FIELD),
    *(COWORKER, TEAM, USER, ROLE, BUSINESS, CURRENCY),
)
BY_PLURAL: Final[Mapping[str, Entity]] = {entity.plural: entity for entity in ENTITIES}
BY_NAME: Final[Mapping[str, Entity]] = {entity.name: entity for entity in ENTITIES}
