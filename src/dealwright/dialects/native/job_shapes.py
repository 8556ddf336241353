"""How long work is written in our own API: jobs, imports and exports, and what starts them."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.dialects.native.reading import Body
from dealwright.dialects.native.shapes import Id, Instant, OutcomeName
from dealwright.domain.importing import FIELDS

StateName = Literal["waiting", "running", "done", "failed", "cancelled"]
ImportSubject = Literal["contact", "opportunity", "lead", "case", "task"]
ExportSubject = Literal["contact", "opportunity", "case", "task", "history", "invoice", "invoice_item", "everything"]
MissingName = Literal["status", "type", "category"]
Place = Annotated[int, Meta(ge=0, le=999)]
Character = Annotated[str, Meta(max_length=1)]
Tag = Annotated[str, Meta(min_length=1, max_length=255)]
_COLUMNS: Final = (
    "For each field the places (from 0) of the cells that say it. Fields are "
    + "; ".join(f"of a {subject}: {', '.join(sorted(names))}" for subject, names in FIELDS.items())
    + "; `custom.<id>` for a custom field and, of a contact, `info.<kind>.<category>`, for an address "
    "`info.address.<category>.<street|city|state|zip|country>`."
)


class Job(Struct, kw_only=True):
    """A piece of long work. Counts are rows or records; `file_id` is what it made, once it is done."""

    id: int
    uid: str
    kind: str
    state: StateName
    cancelled: bool
    percentage: float
    total: int
    done: int
    failed: int
    error: str | None
    file_id: int | None
    content: str | None
    created_at: Instant
    created_by: int | None
    updated_at: Instant
    finished_at: Instant | None


class RowProblem(Struct, kw_only=True):
    """Why a row was left out; its number is what a spreadsheet shows."""

    row: int
    field: str
    code: str
    detail: str
    value: str


class Import(Job, kw_only=True):
    """An import, with the first thousand problems of its rows. A dry run tells what the import would come to."""

    subject: ImportSubject
    dry_run: bool
    imported: int
    skipped: int
    overwritten: int
    problems: list[RowProblem]


class ImportDraft(Body, kw_only=True):
    """What is to be imported: from a file of yours (`POST /files` uploads one) or from an address.

    A table is CSV, of which `delimiter`, `quote` and `encoding` tell, or a workbook (.xlsx).
    """

    subject: ImportSubject
    columns: Annotated[
        dict[Annotated[str, Meta(max_length=100)], Annotated[list[Place], Meta(min_length=1, max_length=50)]],
        Meta(min_length=1, max_length=200, description=_COLUMNS),
    ]
    file_id: Id | UnsetType = UNSET
    address: Annotated[str, Meta(max_length=2048, description="Of a table on the web.")] | UnsetType = UNSET
    sheet: Annotated[str, Meta(max_length=255, description="Of a workbook; empty: its first.")] = ""
    has_header: bool = True
    delimiter: Annotated[Character, Meta(min_length=1)] = ","
    quote: Annotated[Character, Meta(description="Empty: nothing is quoted.")] = '"'
    encoding: Annotated[str, Meta(max_length=40, description="A byte order mark counts more.")] = "utf-8"
    day_first: Annotated[bool, Meta(description="03/04/2027 is the 3rd of April.")] = False
    duplicates: Annotated[
        Literal["skip", "overwrite", "clone"], Meta(description="For a contact whose e-mail is there already.")
    ] = "skip"
    tags: Annotated[list[Tag], Meta(max_length=100)] | UnsetType = UNSET
    create_missing: Annotated[
        list[MissingName], Meta(max_length=3, description="Lists to which what they lack is added; for administrators.")
    ] = []  # noqa: RUF012 - msgspec copies it
    dry_run: Annotated[bool, Meta(description="Every row is looked at, nothing is written.")] = False
    shared_with: (
        Annotated[list[Id], Meta(max_length=1000, description="Users who alone see the records.")] | UnsetType
    ) = UNSET


class ExportFilter(Body, kw_only=True):
    """What narrows an export; each kind of record knows some of these."""

    q: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    tag: Annotated[list[Tag], Meta(max_length=20)] | UnsetType = UNSET
    kind: Annotated[Literal["person", "company"], Meta(description="Of contacts.")] | UnsetType = UNSET
    stage_id: Annotated[list[Id], Meta(max_length=100, description="Of opportunities.")] | UnsetType = UNSET
    outcome: Annotated[OutcomeName, Meta(description="Of opportunities.")] | UnsetType = UNSET
    responsible_id: Annotated[Id, Meta(description="A user; of opportunities and tasks.")] | UnsetType = UNSET
    closed: Annotated[bool, Meta(description="Of cases and tasks.")] | UnsetType = UNSET


class ExportDraft(Body, kw_only=True):
    """What is to be exported; `everything` is an archive of all tables."""

    subject: ExportSubject
    filter: ExportFilter | UnsetType = UNSET


class JobCancelling(Body):
    """Nothing need be said."""
