"""The records of our own API as they go over the wire; what comes in is stricter than what goes out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Generic, Literal, TypeVar

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.dialects.native.reading import Body

T = TypeVar("T")

# What members are made of -----------------------------------------------------------------------------------

Id = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Whole = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Instant = Annotated[datetime, Meta(tz=True)]
Name = Annotated[str, Meta(max_length=255)]
Percent = Annotated[int, Meta(ge=0, le=100)]
Amount = Annotated[
    str, Meta(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,9})?$", description="A decimal number.", examples=["1234.50"])
]
CurrencyCode = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217.", examples=["EUR"])]
FieldId = Annotated[str, Meta(pattern="^[1-9][0-9]{0,9}$", description="The id of a custom field.")]
OutcomeName = Literal["open", "won", "lost"]
BillingName = Literal["fixed", "hour", "day", "week", "month", "year"]
LIMIT: Final = 50
LARGEST_LIMIT: Final = 200
Limit = Annotated[int, Meta(ge=1, le=LARGEST_LIMIT, description="How many records at most.")]
Cursor = Annotated[str, Meta(min_length=1, max_length=4000, description="`next_cursor` of the page before.")]
Somebody = Annotated[str, Meta(max_length=64, description="`me`, or a user's id or uid.")]
Tags = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=255)]], Meta(max_length=20, description="All of these tags.")
]
TotalName = Annotated[Literal["none", "exact"], Meta(description="Whether to count all records that match.")]


class Page(Struct, kw_only=True, omit_defaults=True):
    """Where a list goes on. `total` is there where it was asked for."""

    next_cursor: str | None
    has_more: bool
    total: int | UnsetType = UNSET


class Listing(Struct, Generic[T], kw_only=True):
    """One page of records."""

    data: list[T]
    page: Page


class Money(Struct, kw_only=True):
    """An amount in a currency."""

    amount: Amount
    currency: CurrencyCode


class MoneySaid(Body):
    """An amount as a client says it; without a currency the present one stays, or the location's is meant."""

    amount: Amount | UnsetType = UNSET
    currency: CurrencyCode | UnsetType = UNSET


class Utm(Struct, kw_only=True):
    """Where somebody came from."""

    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    content: str | None = None
    term: str | None = None


class UtmSaid(Body):
    """Where somebody came from, as a client says it."""

    source: str | UnsetType | None = UNSET
    medium: str | UnsetType | None = UNSET
    campaign: str | UnsetType | None = UNSET
    content: str | UnsetType | None = UNSET
    term: str | UnsetType | None = UNSET


# Pipelines and stages ---------------------------------------------------------------------------------------


class Pipeline(Struct, kw_only=True):
    """An ordered set of stages in a location; `is_default` is the one that is shown first."""

    id: int
    uid: str
    name: str
    location_id: int
    currency: CurrencyCode
    time_zone: str
    is_default: bool
    archived: bool
    system_id: str | None
    created_at: Instant
    updated_at: Instant


class PipelinePatch(Body):
    """What to change about a pipeline; `is_default` makes it the default, in place of the one that was."""

    name: Name | UnsetType = UNSET
    location_id: Id | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    is_default: Literal[True] | UnsetType = UNSET
    system_id: str | UnsetType | None = UNSET


class PipelineDraft(Body):
    """A new pipeline."""

    name: Annotated[str, Meta(min_length=1, max_length=255)]
    location_id: Id | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    system_id: str | UnsetType | None = UNSET


class Stage(Struct, kw_only=True):
    """A place in a pipeline. `required_fields` are the members that a deal needs to enter it."""

    id: int
    uid: str
    pipeline_id: int
    title: str
    description: str
    color: str
    position: int
    probability: Percent
    outcome: OutcomeName
    expected_days: int | None
    required_fields: list[str]
    system_id: str | None
    created_at: Instant
    updated_at: Instant


class StagePatch(Body):
    """What to change about a stage. `position` is the place asked for among the stages of the pipeline."""

    title: Name | UnsetType = UNSET
    description: str | UnsetType = UNSET
    color: Annotated[str, Meta(max_length=32)] | UnsetType = UNSET
    pipeline_id: Id | UnsetType = UNSET
    position: Whole | UnsetType = UNSET
    probability: Percent | UnsetType = UNSET
    outcome: OutcomeName | UnsetType = UNSET
    expected_days: Annotated[int, Meta(ge=0, le=36_500)] | UnsetType | None = UNSET
    required_fields: list[str] | UnsetType = UNSET
    system_id: str | UnsetType | None = UNSET


class StageDraft(StagePatch, kw_only=True):
    """A new stage; without a pipeline it comes into the default one, without a position to the end."""

    title: Annotated[str, Meta(min_length=1, max_length=255)]


# People and contacts on cards -------------------------------------------------------------------------------


class ContactCard(Struct, kw_only=True):
    """What everybody who sees an opportunity sees of its primary contact."""

    id: int
    kind: Literal["person", "company"]
    name: str
    email: str | None


class Person(Struct, kw_only=True):
    """Somebody who signs in."""

    id: int
    uid: str
    name: str
    email: str


# People -----------------------------------------------------------------------------------------------------


class Me(Struct, kw_only=True):
    """Who is signed in; `rights` are those of this request, which a token may narrow."""

    id: int
    uid: str
    name: str
    email: str
    standing: Literal["owner", "admin", "crm_admin", "member", "limited", "guest"]
    sight: Literal["all", "team", "own"]
    rights: list[str]


class Token(Struct, kw_only=True):
    """A token of yours; `scope` is null where it has all your rights."""

    id: int
    label: str
    scope: list[str] | None
    created_at: Instant
    expires_at: Instant | None


class NewToken(Struct, kw_only=True):
    """A new token; this is the only time its secret is known."""

    id: int
    label: str
    scope: list[str] | None
    expires_at: Instant | None
    secret: str


class TokenDraft(Body):
    """A new token: what it is for, and if you like what it may do and how long it lives."""

    label: Annotated[str, Meta(min_length=1, max_length=255)]
    scope: list[str] | UnsetType | None = UNSET
    expires_at: Instant | UnsetType | None = UNSET
