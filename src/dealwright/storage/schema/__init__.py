"""The one description of what is stored: SQLAlchemy Core tables for both databases, a file for each chapter.

Instants are BIGINT microseconds since 1970 (UTC). Amounts are an integer pair, `*_units` (the floor) and
`*_nanos` (billionths above it), because that is exact, sorts and sums the same way on both databases.
Text that is compared, sorted or unique has a folded twin `*_fold` in byte order.
"""

from __future__ import annotations

from dealwright.storage.schema.calls import call
from dealwright.storage.schema.cases import case, case_member, case_share, case_tag, case_value, file, note, note_file
from dealwright.storage.schema.columns import metadata
from dealwright.storage.schema.contacts import (
    contact,
    contact_info,
    contact_left,
    contact_manager,
    contact_tag,
    contact_value,
    team,
    team_contact,
    team_user,
)
from dealwright.storage.schema.events import event, lease, outbox, webhook, webhook_call
from dealwright.storage.schema.invoices import invoice, invoice_item, invoice_line, invoice_tax
from dealwright.storage.schema.leads import (
    WRITING,
    calendar_event,
    document,
    form_page,
    form_request,
    message,
    proposal,
    reminder,
)
from dealwright.storage.schema.long_work import import_file, work, work_problem
from dealwright.storage.schema.opportunities import (
    REMINDING,
    opportunity,
    opportunity_member,
    opportunity_share,
    opportunity_tag,
    opportunity_value,
    stage_total,
    stage_total_delta,
    stage_visit,
)
from dealwright.storage.schema.people import role, role_right, sign_in_failure, token, user, user_role
from dealwright.storage.schema.portal import (
    business_setting,
    canned_response,
    currency,
    custom_field,
    kind,
    list_item,
    location,
    pipeline,
    rate,
    rate_value,
    rules,
    setting,
    stage,
    tag,
    task_item,
    task_list,
)
from dealwright.storage.schema.tasks import task, task_template, task_template_container

__all__ = [
    "REMINDING",
    "WRITING",
    "business_setting",
    "calendar_event",
    "call",
    "canned_response",
    "case",
    "case_member",
    "case_share",
    "case_tag",
    "case_value",
    "contact",
    "contact_info",
    "contact_left",
    "contact_manager",
    "contact_tag",
    "contact_value",
    "currency",
    "custom_field",
    "document",
    "event",
    "file",
    "form_page",
    "form_request",
    "import_file",
    "invoice",
    "invoice_item",
    "invoice_line",
    "invoice_tax",
    "kind",
    "lease",
    "list_item",
    "location",
    "message",
    "metadata",
    "note",
    "note_file",
    "opportunity",
    "opportunity_member",
    "opportunity_share",
    "opportunity_tag",
    "opportunity_value",
    "outbox",
    "pipeline",
    "proposal",
    "rate",
    "rate_value",
    "reminder",
    "role",
    "role_right",
    "rules",
    "setting",
    "sign_in_failure",
    "stage",
    "stage_total",
    "stage_total_delta",
    "stage_visit",
    "tag",
    "task",
    "task_item",
    "task_list",
    "task_template",
    "task_template_container",
    "team",
    "team_contact",
    "team_user",
    "token",
    "user",
    "user_role",
    "webhook",
    "webhook_call",
    "work",
    "work_problem",
]
