"""Tasks, and the lists that they are made from (crm §8, §10 and §11)."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.nexudus.entity import (
    DELTA,
    EXPANDED,
    OPTIONAL,
    READ_ONLY,
    REQUIRED,
    Entity,
    Member,
    each,
)

COWORKER_TASK: Final = Entity(
    "CoworkerTask",
    "coworkertasks",
    "crm",
    (
        Member("BusinessId", "int", REQUIRED, "location_id", to="Business"),
        Member("BusinessName", "str", EXPANDED, "location.name"),
        Member("CoworkerId", "int", REQUIRED, "contact_id", to="Coworker", forgiven=True),
        Member("CoworkerFullName", "str", EXPANDED, "contact.display_name"),
        Member("CoworkerCompanyName", "str?", EXPANDED, "contact.company_name"),
        Member("CoworkerTeamNames", "str?", EXPANDED, "contact.team_names"),
        Member("Name", "str", REQUIRED, "title"),
        Member("Notes", "str?", OPTIONAL, "description"),
        Member("TaskListName", "str?", READ_ONLY, "task_list_name"),
        Member("TaskItemUniqueId", "str?", OPTIONAL, "task_item_uid"),
        Member("FormPageRequestUniqueId", "str?", READ_ONLY, "form_request_uid"),
        Member("Completed", "bool", OPTIONAL, "closed"),
        Member("DueDate", "dt?", OPTIONAL, "deadline"),
        Member("Reminded", "bool", OPTIONAL, "reminded"),
        Member("ResponsibleId", "int", REQUIRED, "responsible", to="User", forgiven=True),
        Member("ResponsibleFullName", "str", EXPANDED, "responsible.name"),
        Member("NotifyByEmail", "bool", OPTIONAL, "notify"),
        Member("DisplayToEveryone", "bool", OPTIONAL, "display_to_everyone"),
        Member("DueDateLocal", "dt?", OPTIONAL, "deadline_local"),
    ),
    order="DueDate",
)

TASK_LIST: Final = Entity(
    "TaskList",
    "tasklists",
    "crm",
    (
        Member("BusinessId", "int", REQUIRED, "location_id", to="Business"),
        Member("BusinessName", "str", EXPANDED, "location.name"),
        Member("Name", "str", REQUIRED, "name"),
        Member("Active", "bool", OPTIONAL, "active"),
        Member("Tariffs", "int[]"),
        *each("int[]?", "AddedTariffs", "RemovedTariffs", kind=DELTA),
        *each("bool", "AssignToNewContacts", "AssignToNewMembers", "AssignToCancellations"),
    ),
)

TASK_ITEM: Final = Entity(
    "TaskItem",
    "taskitems",
    "crm",
    (
        Member("TaskListId", "int", REQUIRED, "task_list_id", to="TaskList"),
        Member("ResponsibleId", "int", REQUIRED, "responsible_id", to="User"),
        Member("ResponsibleFullName", "str", EXPANDED, "responsible.name"),
        Member("Name", "str", REQUIRED, "name"),
        Member("Active", "bool", OPTIONAL, "active"),
        Member("NotifyByEmail", "bool", OPTIONAL, "notify"),
        Member("DisplayToEveryone", "bool", OPTIONAL, "display_to_everyone"),
        Member("DelayInHours", "int", REQUIRED, "delay_hours"),
    ),
    order="DelayInHours",
)
