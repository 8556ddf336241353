"""Long work in our own API: imports, exports, and every job of the caller's."""

from __future__ import annotations

from typing import Any, Final

from msgspec import UNSET, UnsetType

from dealwright.actions import exports, imports, work
from dealwright.dialects.native import pages
from dealwright.dialects.native.job_shapes import (
    ExportDraft,
    ExportFilter,
    Import,
    ImportDraft,
    Job,
    JobCancelling,
    RowProblem,
)
from dealwright.dialects.native.reading import Query
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.shapes import LIMIT, Cursor, Limit, Listing
from dealwright.domain.contact import Share
from dealwright.domain.errors import Invalid, NotFound, Problem, invalid
from dealwright.domain.importing import Duplicates, Order
from dealwright.domain.pipeline import Outcome
from dealwright.domain.table import Dialect
from dealwright.domain.text import fold, search_words
from dealwright.domain.work import Work
from dealwright.storage.query import Page
from dealwright.storage.rules import Rules

PROBLEMS: Final = Page(0, 1000)
IMPORTS: Final = frozenset(imports.KINDS)
EXPORTS: Final = frozenset(exports.WORKERS)
EVERYTHING: Final = "everything"
KNOWN: Final = {
    "contact": frozenset(("q", "tag", "kind")),
    "opportunity": frozenset(("q", "tag", "stage_id", "outcome", "responsible_id")),
    "case": frozenset(("q", "tag", "closed")),
    "task": frozenset(("q", "closed", "responsible_id")),
}
"""What narrows an export of each kind of record."""
OUTCOMES: Final = {outcome.name.lower(): outcome for outcome in Outcome}


class JobListQuery(Query):
    """Where the list goes on."""

    limit: Limit = LIMIT
    cursor: Cursor | UnsetType = UNSET


async def list_jobs(call: Call, query: JobListQuery) -> Reply[Listing[Job]]:
    """List jobs, the newest first: your own, and to administrators of the CRM everybody's."""
    rules, this = call.db.rules, pages.about("jobs", [], call.actor.id)
    after = pages.after_of(query.cursor, this, rules)
    before = work.NEWEST if after is None else int(after[-1] or 0)
    found = await work.list_for(call.db, call.actor, before, query.limit + 1)
    page = pages.page_of(this, rules, pages.last_of([(one.id,) for one in found], query.limit))
    return Reply(Listing(data=[written(call, one) for one in found[: query.limit]], page=page))


async def get_job(call: Call) -> Reply[Job]:
    """Get how far a job is."""
    return Reply(written(call, await work.status(call.db, call.actor, call.id)))


async def cancel_job(call: Call, body: JobCancelling) -> Reply[Job]:
    """End a job as soon as it can be; what it has done stays."""
    return Reply(written(call, await work.cancel(call.db, call.actor, call.id)))


async def create_import(call: Call, body: ImportDraft) -> Reply[Import]:
    """Start an import."""
    if (body.file_id is UNSET) is (body.address is UNSET):
        raise invalid("file_id", "required", "say either a file or an address")
    source = body.file_id if body.address is UNSET else body.address
    assert isinstance(source, int | str)
    try:
        found = await imports.start(call.db, call.actor, order_of(body, call.db.rules), source)
    except NotFound:
        raise invalid("file_id", "unknown", "is no file of yours", source) from None
    return Reply(await _import(call, found), None, f"/imports/{found.id}")


async def get_import(call: Call) -> Reply[Import]:
    """Get how far an import is, and what was wrong with its rows."""
    return Reply(await _import(call, await _of(call, IMPORTS, "import")))


async def cancel_import(call: Call, body: JobCancelling) -> Reply[Import]:
    """End an import as soon as it can be; what it has imported stays."""
    await _of(call, IMPORTS, "import")
    return Reply(await _import(call, await work.cancel(call.db, call.actor, call.id)))


async def create_export(call: Call, body: ExportDraft) -> Reply[Job]:
    """Start an export of what you see.

    While an export of `everything` is being made for you, that one is answered.
    """
    if body.subject == EVERYTHING:
        if body.filter is not UNSET:
            raise invalid("filter", "not_allowed", "everything cannot be narrowed")
        found = await exports.start_whole(call.db, call.actor)
    else:
        said = ExportFilter() if body.filter is UNSET else body.filter
        criteria = criteria_of(body.subject, said, call.db.rules)
        found = await exports.start(call.db, call.actor, body.subject, criteria)
    return Reply(written(call, found), None, f"/exports/{found.id}")


async def get_export(call: Call) -> Reply[Job]:
    """Get how far an export is; `content` is the path of its file, once there is one."""
    return Reply(written(call, await _of(call, EXPORTS, "export")))


async def cancel_export(call: Call, body: JobCancelling) -> Reply[Job]:
    """End an export as soon as it can be."""
    await _of(call, EXPORTS, "export")
    return Reply(written(call, await work.cancel(call.db, call.actor, call.id)))


async def _of(call: Call, kinds: frozenset[str], what: str) -> Work:
    found = await work.status(call.db, call.actor, call.id)
    if found.kind not in kinds:
        raise NotFound(what)
    return found


async def _import(call: Call, found: Work) -> Import:
    problems = await work.problems(call.db, call.actor, found.id, PROBLEMS)
    counts: dict[str, Any] = {name: found.cursor.get(name, 0) for name in ("imported", "skipped", "overwritten")}
    return Import(
        **_members(call, found),
        **counts,
        subject=found.kind.removeprefix("import."),  # type: ignore[arg-type]
        dry_run=bool(found.input.get("order", {}).get("is_trial")),
        problems=[
            RowProblem(row=one.row, field=one.field, code=one.code, detail=one.message, value=one.value)
            for one in problems
        ],
    )


def written(call: Call, found: Work) -> Job:
    """Return a job as it goes over the wire."""
    return Job(**_members(call, found))


def _members(call: Call, found: Work) -> dict[str, Any]:
    file_id = found.result.get("file_id")
    names = ("id", "uid", "kind", "cancelled", "percentage", "total", "done", "failed", "error")
    stamps = ("created_at", "created_by", "updated_at", "finished_at")
    return {
        **{name: getattr(found, name) for name in (*names, *stamps)},
        "state": str(found.state),
        "file_id": file_id,
        "content": None if file_id is None else f"{call.base}/files/{file_id}/content",
    }


def order_of(body: ImportDraft, rules: Rules) -> Order:
    """Return what is to be imported. Refuses with Invalid people that are not there."""
    people = () if body.shared_with is UNSET else tuple(body.shared_with)
    if unknown := [one for one in people if one not in rules.users]:
        raise Invalid(*(Problem("shared_with", "unknown", f"{one} is no user") for one in unknown))
    uids, private = tuple(rules.users[one].uid for one in people), bool(people)
    return Order(
        subject=body.subject,
        columns=tuple((name, tuple(places)) for name, places in body.columns.items()),
        dialect=Dialect(body.encoding, body.delimiter, body.quote, body.has_header, body.sheet),
        duplicates=Duplicates(body.duplicates),
        day_first=body.day_first,
        tags=() if body.tags is UNSET else tuple(body.tags),
        sharing=Share.NOBODY if private else Share.WRITE,
        managers=uids,
        private=private,
        shared_with=uids,
        makes=tuple(body.create_missing),
        is_trial=body.dry_run,
    )


def criteria_of(subject: str, said: ExportFilter, rules: Rules) -> object:
    """Return what an export is narrowed by. Refuses with Invalid what its kind of record does not know."""
    given = {name: value for name in said.__struct_fields__ if (value := getattr(said, name)) is not UNSET}
    if unknown := [name for name in given if name not in KNOWN.get(subject, ())]:
        raise Invalid(*(Problem(f"filter.{name}", "not_allowed", f"no {subject} is found by it") for name in unknown))
    criteria = exports.SUBJECTS[subject].criteria
    return criteria(**{key: value for name in given for key, value in _criterion(subject, name, given[name], rules)})


def _criterion(subject: str, name: str, value: Any, rules: Rules) -> list[tuple[str, object]]:  # noqa: ANN401
    if name == "q" and subject in ("contact", "case"):
        return [("text", value)]
    if name == "q":
        key, words = ("words", search_words(value)) if subject == "opportunity" else ("title_part", value)
        return [(key, words)] if words else [("ids", [])]
    if name == "responsible_id":
        user = rules.users.get(value)
        return [("responsible", user.uid if user else "?")]
    known = {"tag": ("tags", value), "kind": ("is_company", value == "company"), "stage_id": ("stage_ids", value)}
    if name == "tag":
        return [("tags", [fold(tag) for tag in value])]
    if name == "outcome":
        return [("outcome", OUTCOMES[value])]
    return [known.get(name, (name, value))]


_NAMES: Final = {"managers": "shared_with"}

ROUTES: Final = (
    Route("GET", "/jobs", list_jobs),
    Route("GET", "/jobs/{id}", get_job),
    Route("POST", "/jobs/{id}/cancel", cancel_job, bodiless=True),
    Route("POST", "/imports", create_import, 202, names=_NAMES),
    Route("GET", "/imports/{id}", get_import),
    Route("POST", "/imports/{id}/cancel", cancel_import, bodiless=True),
    Route("POST", "/exports", create_export, 202, names=_NAMES),
    Route("GET", "/exports/{id}", get_export),
    Route("POST", "/exports/{id}/cancel", cancel_export, bodiless=True),
)
