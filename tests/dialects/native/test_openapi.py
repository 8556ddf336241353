"""The description is the truth: every operation does what it says, and nothing that can be made up breaks anything."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from dealwright.actions import sign_in
from dealwright.config import Settings
from dealwright.dialects.native.examples import EXAMPLES
from dealwright.dialects.native.face import face
from dealwright.dialects.native.openapi import document
from dealwright.dialects.native.table import ROUTES
from dealwright.storage.database import connect
from tests.cast import company
from tests.dialects.native.conftest import Client

BASE = "/api/v1"
EXAMPLES_OF_ONE = 20
SCHEMA = schemathesis.openapi.from_dict(document(ROUTES))
OPERATIONS = {route.name: SCHEMA[BASE + route.path][route.method] for route in ROUTES}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

# In an order in which each finds what it needs; the first id of everything is 1.
SCENARIO: list[tuple[str, dict[str, Any], int]] = [
    ("get_openapi", {}, 200),
    ("get_me", {}, 200),
    ("create_token", {}, 201),
    ("list_tokens", {}, 200),
    ("get_token", {"id": "new"}, 200),
    ("delete_token", {"id": "new"}, 204),
    ("create_role", {}, 201),
    ("list_roles", {"params": {"total": "exact", "sort": "-name", "q": "scout"}}, 200),
    ("get_role", {"id": "new"}, 200),
    ("change_role", {"id": "new"}, 200),
    ("delete_role", {"id": "new"}, 204),
    ("create_user", {}, 201),
    ("list_users", {"params": {"total": "exact", "sort": "-name", "active": "true", "role_id": "1"}}, 200),
    ("get_user", {"id": "new"}, 200),
    ("change_user", {"id": "new"}, 200),
    ("delete_user", {"id": "new"}, 204),
    ("get_two_factor", {}, 200),
    ("start_two_factor", {}, 422),
    ("confirm_two_factor", {}, 404),
    ("renew_recovery_codes", {}, 404),
    ("disable_two_factor", {}, 404),
    ("reset_two_factor", {"id": 1}, 204),
    ("create_pipeline", {}, 201),
    ("list_pipelines", {}, 200),
    ("get_pipeline", {"id": 2}, 200),
    ("change_pipeline", {"id": 2}, 200),
    ("create_stage", {}, 201),
    ("list_stages", {}, 200),
    ("get_stage", {"id": 10}, 200),
    ("change_stage", {"id": 10}, 200),
    ("list_pipeline_stages", {"id": 1}, 200),
    ("create_contact", {}, 201),
    ("list_contacts", {"params": {"total": "exact", "fields": "id,email"}}, 200),
    ("get_contact", {"id": 1}, 200),
    ("change_contact", {"id": 1}, 200),
    ("create_file", {"params": {"title": "offer.pdf"}}, 201),
    ("list_files", {"params": {"total": "exact", "purpose": "attachment", "fields": "id,title"}}, 200),
    ("get_file", {"id": 1}, 200),
    ("get_file_content", {"id": 1, "params": {"inline": "true"}}, 200),
    ("create_import", {}, 202),
    ("get_import", {"id": 1}, 200),
    ("cancel_import", {"id": 1}, 200),
    ("create_export", {}, 202),
    ("get_export", {"id": 2}, 200),
    ("cancel_export", {"id": 2}, 200),
    ("list_jobs", {"params": {"limit": "1"}}, 200),
    ("get_job", {"id": 1}, 200),
    ("cancel_job", {"id": 1}, 200),
    ("create_message", {}, 201),
    ("list_messages", {"params": {"limit": "1", "contact_id": "1"}}, 200),
    ("get_message", {"id": 1}, 200),
    ("create_note", {}, 201),
    ("list_notes", {"params": {"total": "exact", "contact_id": "1", "sort": "created_at", "fields": "id"}}, 200),
    ("get_note", {"id": 1}, 200),
    ("change_note", {"id": 1}, 200),
    ("delete_note", {"id": 1}, 204),
    ("create_file", {"params": {"title": "offer.pdf"}}, 201),
    ("delete_file", {"id": 2}, 204),
    ("create_opportunity", {}, 201),
    ("list_opportunities", {"params": {"total": "exact", "sort": "-amount", "include": "stage,contact"}}, 200),
    ("list_opportunities", {"params": {"fields": "id,title", "include": "responsible"}}, 200),
    ("get_opportunity", {"id": 1}, 200),
    ("change_opportunity", {"id": 1}, 200),
    ("get_board", {"id": 1}, 200),
    ("move_opportunity", {"id": 1}, 200),
    ("win_opportunity", {"id": 1}, 200),
    ("lose_opportunity", {"id": 1}, 200),
    ("delete_opportunity", {"id": 1}, 204),
    ("restore_opportunity", {"id": 1}, 200),
    ("create_invoice_tax", {}, 201),
    ("list_invoice_taxes", {}, 200),
    ("get_invoice_tax", {"id": 1}, 200),
    ("change_invoice_tax", {"id": 1}, 200),
    ("create_invoice_item", {}, 201),
    ("list_invoice_items", {"params": {"total": "exact", "sort": "-title", "tracked": "true", "q": "desk"}}, 200),
    ("get_invoice_item", {"id": 1}, 200),
    ("change_invoice_item", {"id": 1}, 200),
    ("create_invoice", {}, 201),
    ("list_invoices", {"params": {"total": "exact", "sort": "-due_on", "status": "draft", "fields": "id,total"}}, 200),
    ("get_invoice", {"id": 1}, 200),
    ("change_invoice", {"id": 1}, 200),
    ("get_invoice_pdf", {"id": 1}, 200),
    ("move_invoice", {"id": 1}, 200),
    ("delete_invoice", {"id": 1}, 204),
    ("restore_invoice", {"id": 1}, 200),
    ("delete_invoice", {"id": 1}, 204),
    ("delete_invoice_item", {"id": 1}, 204),
    ("delete_invoice_tax", {"id": 1}, 204),
    ("create_case", {}, 201),
    ("list_cases", {"params": {"total": "exact", "sort": "-title", "closed": "false", "fields": "id,title"}}, 200),
    ("get_case", {"id": 1}, 200),
    ("change_case", {"id": 1}, 200),
    ("close_case", {"id": 1}, 200),
    ("reopen_case", {"id": 1}, 200),
    ("delete_case", {"id": 1}, 204),
    ("restore_case", {"id": 1}, 200),
    ("create_task", {}, 201),
    ("list_tasks", {"params": {"total": "exact", "sort": "-due_at", "responsible": "me", "fields": "id,title"}}, 200),
    ("get_task", {"id": 1}, 200),
    ("change_task", {"id": 1}, 200),
    ("close_task", {"id": 1}, 200),
    ("reopen_task", {"id": 1}, 200),
    ("delete_task", {"id": 1}, 204),
    ("restore_task", {"id": 1}, 200),
    ("create_tasks", {}, 200),
    ("create_task_template", {}, 201),
    ("list_task_templates", {"params": {"subject": "opportunity"}}, 200),
    ("get_task_template", {"id": 1}, 200),
    ("change_task_template", {"id": 1}, 200),
    ("apply_task_template", {"id": 1}, 200),
    ("delete_task_template", {"id": 1}, 204),
    ("create_list_item", {"list": "task_category"}, 201),
    ("list_list_items", {"list": "loss_reason"}, 200),
    ("get_list_item", {"list": "task_category", "id": "new"}, 200),
    ("change_list_item", {"list": "task_category", "id": "new"}, 200),
    ("order_list_items", {"list": "task_category"}, 200),
    ("delete_list_item", {"list": "task_category", "id": "new", "params": {"move_to": "13"}}, 204),
    ("create_custom_field", {}, 201),
    ("list_custom_fields", {"params": {"subject": "opportunity"}}, 200),
    ("get_custom_field", {"id": 1}, 200),
    ("change_custom_field", {"id": 1}, 200),
    ("order_custom_fields", {}, 200),
    ("delete_custom_field", {"id": 1}, 204),
    ("create_proposal", {}, 201),
    ("list_proposals", {"params": {"total": "exact", "status": "draft", "contact_id": "1", "sort": "-id"}}, 200),
    ("get_proposal", {"id": 1}, 200),
    ("change_proposal", {"id": 1}, 200),
    ("send_proposal", {"id": 1}, 200),
    ("accept_proposal", {"id": 1}, 200),
    ("delete_proposal", {"id": 1}, 204),
    ("restore_proposal", {"id": 1}, 200),
    ("create_form", {}, 201),
    ("list_forms", {"params": {"total": "exact", "stage_id": "1"}}, 200),
    ("get_form", {"id": 1}, 200),
    ("change_form", {"id": 1}, 200),
    ("delete_form", {"id": 1}, 204),
    ("restore_form", {"id": 1}, 200),
    ("create_webhook", {}, 201),
    ("list_webhooks", {"params": {"limit": "1"}}, 200),
    ("get_webhook", {"id": 1}, 200),
    ("replay_webhook", {"id": 1}, 202),
    ("rotate_webhook_secret", {"id": 1}, 200),
    ("change_webhook", {"id": 1}, 200),
    ("test_webhook", {"id": 1}, 202),
    ("list_webhook_calls", {"id": 1, "params": {"limit": "1"}}, 200),
    ("delete_webhook", {"id": 1}, 204),
    ("create_tag", {}, 201),
    ("list_tags", {}, 200),
    ("get_tag", {"id": "new"}, 200),
    ("change_tag", {"id": "new"}, 200),
    ("delete_tag", {"id": "new"}, 204),
    ("create_call", {}, 201),
    ("list_calls", {"params": {"total": "exact", "status": "answered", "number": "7946"}}, 200),
    ("get_call", {"id": 1}, 200),
    ("link_call", {"id": 1}, 200),
    ("list_reports", {}, 200),
    ("get_report_data", {"params": {"kind": "sales_funnel", "manager_id": "1"}}, 200),
    ("make_report", {}, 202),
    ("get_report_work", {}, 200),
    ("cancel_report", {}, 204),
    ("list_report_files", {}, 200),
    ("get_report_file", {"id": 99}, 404),
    ("delete_report_file", {"id": 99}, 404),
    ("create_team", {}, 201),
    ("list_teams", {"params": {"total": "exact", "sort": "-name", "q": "love", "contact_id": "1"}}, 200),
    ("get_team", {"id": 1}, 200),
    ("change_team", {"id": 1}, 200),
    ("change_team_members", {"id": 1}, 200),
    ("delete_team", {"id": 1}, 204),
    ("restore_team", {"id": 1}, 200),
    ("get_invoice_settings", {}, 200),
    ("change_invoice_settings", {}, 200),
    ("get_organisation", {}, 200),
    ("change_organisation", {}, 200),
    ("set_organisation_logo", {}, 422),
    ("get_organisation_logo", {}, 404),
    ("delete_organisation_logo", {}, 204),
    ("change_web_form_key", {}, 200),
    ("change_web_form", {}, 200),
    ("get_web_form", {}, 200),
    ("delete_contact", {"id": 1}, 204),
    ("restore_contact", {"id": 1}, 200),
    ("merge_contact", {"id": 1}, 404),
    ("delete_stage", {"id": 10}, 204),
    ("delete_pipeline", {"id": 2}, 204),
]


async def test_every_operation_does_what_its_description_says(olga: Client) -> None:
    made = 0
    for name, given_, status in SCENARIO:
        route = next(route for route in ROUTES if route.name == name)
        ident = made if given_.get("id") == "new" else given_.get("id")
        media = "application/merge-patch+json" if route.method == "PATCH" else "application/json"
        answer = await olga.request(
            route.method,
            route.path.replace("{id}", str(ident)).replace("{list}", given_.get("list", "")),
            params=given_.get("params"),
            content=httpx.Request("POST", "http://x", json=EXAMPLES[name]).content if name in EXAMPLES else None,
            headers={"Content-Type": media},
        )
        assert answer.status_code == status, (name, answer.text)
        OPERATIONS[name].validate_response(answer)
        if status == 201:
            there = await olga.get(answer.headers["location"].removeprefix(BASE))
            assert there.status_code == 200
            made = there.json()["id"]


def test_the_scenario_leaves_no_operation_out() -> None:
    assert {name for name, _, _ in SCENARIO} == set(OPERATIONS) == {route.name for route in ROUTES}


async def test_the_description_is_served_to_everybody(nobody: Client) -> None:
    answer = await nobody.get("/openapi.json")
    assert answer.json() == SCHEMA.raw_schema
    assert answer.json()["openapi"].startswith("3.1")


def test_every_operation_names_its_problems_and_its_right() -> None:
    for path, methods in document(ROUTES)["paths"].items():
        for method, operation in methods.items():
            assert {"400", "default"} <= set(operation["responses"])
            assert ("{id}" in path) == ("404" in operation["responses"])
            assert operation["summary"]
            assert operation["operationId"]
            if method in {"post", "patch"}:
                for media in operation["requestBody"]["content"].values():
                    assert "example" in media
    assert document(ROUTES)["paths"][f"{BASE}/opportunities"]["post"]["security"][0] == {
        "bearer": ["CrmOpportunity-Create"]
    }


class Portal:
    """A portal with a client, for tests whose requests are made up outside an event loop."""

    def __init__(self, runner: asyncio.Runner, url: str, files: str) -> None:
        self.runner = runner
        self.db = runner.run(connect(url, files))
        self.client = runner.run(self._open())

    async def _open(self) -> httpx.AsyncClient:
        self.owner = (await company(self.db)).ids["olga"]
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(face(self.db, Settings()), raise_app_exceptions=True),
            base_url="http://crm.example.com",
            headers={"Authorization": await self._token()},
        )
        for name in ("create_contact", "create_opportunity", "create_case"):
            await client.post(BASE + OPERATIONS[name].path.removeprefix(BASE), json=EXAMPLES[name])
        return client

    async def _token(self) -> str:
        return f"Bearer {(await sign_in.issue(self.db, self.owner, sign_in.API, None, 'tests')).secret}"

    def send(self, case: Case[Any]) -> httpx.Response:
        answer = self._sent(case)
        if answer.status_code == 401:  # a new password of the owner's ended the token
            self.client.headers["authorization"] = self.runner.run(self._token())
            answer = self._sent(case)
            assert answer.status_code != 401
        return answer

    def _sent(self, case: Case[Any]) -> httpx.Response:
        said = case.as_transport_kwargs(base_url="http://crm.example.com")
        made_up = {name.lower(): value for name, value in said.pop("headers").items()}
        pairs = {**made_up, "authorization": self.client.headers["authorization"]}.items()
        headers = [(name.encode("latin-1"), str(value).encode("latin-1")) for name, value in pairs]
        said.pop("cookies", None)
        if isinstance(said.get("data"), bytes):
            said["content"] = said.pop("data")
        return self.runner.run(self.client.request(**said, headers=headers))

    def close(self) -> None:
        self.runner.run(self.client.aclose())
        self.runner.run(self.db.close())


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def portal(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """One portal for all requests that are made up; the test runs once on each database."""
    with asyncio.Runner() as runner, ExitStack() as stack:
        if request.param == "sqlite":
            path = tmp_path_factory.mktemp("made_up") / "portal.db"
            shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
            url = f"sqlite:///{path}"
        else:
            databases = request.getfixturevalue("postgres_databases")
            url = databases.create(request.getfixturevalue("postgres_template"))
            stack.callback(databases.drop, url)
        made = Portal(runner, url, str(tmp_path_factory.mktemp("files")))
        stack.callback(made.close)
        yield made


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_nothing_that_can_be_made_up_breaks_anything(name: str, portal: Portal) -> None:
    modes = schemathesis.GenerationMode
    kinds = [OPERATIONS[name].as_strategy(generation_mode=mode) for mode in (modes.POSITIVE, modes.NEGATIVE)]

    @settings(max_examples=EXAMPLES_OF_ONE, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(case=st.one_of(kinds), known=st.booleans())
    def tried(case: Case[Any], known: bool) -> None:
        made_up = case.meta is not None and case.meta.generation.mode is modes.NEGATIVE
        if known and not made_up and "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = 1
        answer = portal.send(case)
        case.validate_response(answer, checks=[*CHECKS, *([negative_data_rejection] if made_up else [])])

    tried()
