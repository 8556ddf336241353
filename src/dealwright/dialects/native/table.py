"""The table of every operation of our own API, and the operation that describes them all."""

from __future__ import annotations

from functools import cache
from typing import Final

import msgspec

from dealwright.dialects.native import (
    board,
    calls,
    cases,
    contacts,
    custom_fields,
    files,
    forms,
    invoice_items,
    invoice_settings,
    invoices,
    jobs,
    lists,
    me,
    messages,
    notes,
    openapi,
    opportunities,
    pipelines,
    proposals,
    reports,
    roles,
    tags,
    task_templates,
    tasks,
    teams,
    two_factor,
    users,
    web_form,
    webhooks,
)
from dealwright.dialects.native.routing import Call, Reply, Route


async def get_openapi(call: Call) -> Reply[msgspec.Raw]:
    """Get this description; nobody needs to sign in for it."""
    return Reply(_described())


@cache
def _described() -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(openapi.document(ROUTES)))


ROUTES: Final[tuple[Route, ...]] = (
    *opportunities.ROUTES,
    *board.ROUTES,
    *pipelines.ROUTES,
    *contacts.ROUTES,
    *cases.ROUTES,
    *tasks.ROUTES,
    *invoices.ROUTES,
    *invoice_items.ROUTES,
    *invoice_settings.ROUTES,
    *task_templates.ROUTES,
    *teams.ROUTES,
    *lists.ROUTES,
    *custom_fields.ROUTES,
    *tags.ROUTES,
    *calls.ROUTES,
    *reports.ROUTES,
    *web_form.ROUTES,
    *proposals.ROUTES,
    *forms.ROUTES,
    *webhooks.ROUTES,
    *messages.ROUTES,
    *notes.ROUTES,
    *files.ROUTES,
    *jobs.ROUTES,
    *roles.ROUTES,
    *users.ROUTES,
    *me.ROUTES,
    *two_factor.ROUTES,
    Route("GET", "/openapi.json", get_openapi, open=True),
)
