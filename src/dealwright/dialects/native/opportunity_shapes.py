"""Opportunities and the board as they go over the wire."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.dialects.native.reading import Body
from dealwright.dialects.native.shapes import (
    BillingName,
    ContactCard,
    CurrencyCode,
    FieldId,
    Id,
    Instant,
    Listing,
    Money,
    MoneySaid,
    Name,
    OutcomeName,
    Percent,
    Person,
    Pipeline,
    Stage,
    Utm,
    UtmSaid,
    Whole,
)


class Opportunity(Struct, kw_only=True):
    """The thing we sell. Related records stand here by id; `include` puts them in as objects beside the ids.

    `shared_with` is null where everybody sees the opportunity. `responsible_uid` stays when that person is removed.
    """

    id: int
    uid: str
    version: int
    title: str | None
    description: str | None
    stage_id: int
    outcome: OutcomeName
    completed: bool
    contact_id: int | None
    member_ids: list[int]
    team_id: int | None
    kind_id: int | None
    responsible_id: int | None
    responsible_uid: str | None
    referrer_id: int | None
    agent_id: int | None
    amount: Money | None
    billing: BillingName | Literal["other"]
    periods: int
    probability: int
    expected_close_on: date | None
    closed_at: Instant | None
    won_at: Instant | None
    lost_at: Instant | None
    moved_at: Instant
    loss_reason_id: int | None
    lead_source_id: int | None
    follow_up_at: Instant | None
    reminded: bool
    utm: Utm
    shared_with: list[int] | None
    tags: list[str]
    custom: dict[str, str]
    system_id: str | None
    created_at: Instant
    created_by: int | None
    updated_at: Instant
    updated_by: int | None
    stage: Stage | UnsetType = UNSET
    contact: ContactCard | UnsetType | None = UNSET
    responsible: Person | UnsetType | None = UNSET


INCLUDES: Final = ("stage", "contact", "responsible")
MEMBERS: Final = tuple(name for name in Opportunity.__struct_fields__ if name not in INCLUDES)
"""What `fields` can name."""


class OpportunityPatch(Body):
    """What to change about an opportunity (RFC 7396): absent members stay, null clears.

    Member ids that are no contacts you can see are left out. `custom` maps ids of custom fields to values.
    """

    title: Name | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    stage_id: Id | UnsetType = UNSET
    contact_id: Id | UnsetType | None = UNSET
    member_ids: list[Id] | UnsetType = UNSET
    team_id: Id | UnsetType | None = UNSET
    kind_id: Id | UnsetType | None = UNSET
    responsible_id: Id | UnsetType | None = UNSET
    referrer_id: Id | UnsetType | None = UNSET
    agent_id: Id | UnsetType | None = UNSET
    amount: MoneySaid | UnsetType | None = UNSET
    billing: BillingName | UnsetType = UNSET
    periods: Whole | UnsetType = UNSET
    probability: Percent | UnsetType = UNSET
    expected_close_on: date | UnsetType | None = UNSET
    closed_at: Instant | UnsetType | None = UNSET
    won_at: Instant | UnsetType | None = UNSET
    lost_at: Instant | UnsetType | None = UNSET
    loss_reason_id: Id | UnsetType | None = UNSET
    lead_source_id: Id | UnsetType | None = UNSET
    follow_up_at: Instant | UnsetType | None = UNSET
    reminded: bool | UnsetType = UNSET
    utm: UtmSaid | UnsetType | None = UNSET
    shared_with: Annotated[list[Id], Meta(min_length=1)] | UnsetType | None = UNSET
    custom: dict[FieldId, str | None] | UnsetType = UNSET
    system_id: str | UnsetType | None = UNSET


class OpportunityDraft(OpportunityPatch, kw_only=True):
    """A new opportunity; it needs a stage. An amount without a currency is in the currency of the location."""

    stage_id: Id


class Move(Body):
    """Where to: a stage, and there before or after a card or at a position; to the end where none is named.

    `values` are further changes that come with the move, such as what the stage requires.
    """

    stage_id: Id
    before: Id | UnsetType = UNSET
    after: Id | UnsetType = UNSET
    position: Whole | UnsetType = UNSET
    values: OpportunityPatch | UnsetType = UNSET


class Lose(Body):
    """Why it was lost: a number of the list of loss reasons."""

    reason_id: Id | UnsetType | None = UNSET


class Win(Body):
    """Nothing needs to be said to win."""


class Restore(Body):
    """Where to put what comes back; needed only where its stage is gone."""

    stage_id: Id | UnsetType = UNSET


# The board --------------------------------------------------------------------------------------------------


class Total(Struct, kw_only=True):
    """The exact sum of the priced opportunities in one currency."""

    amount: Annotated[str, Meta(pattern=r"^-?[0-9]+(\.[0-9]{1,9})?$")]
    currency: CurrencyCode


class StageTotals(Struct, kw_only=True):
    """What stands in a stage: all that you see, those with a price, their sums, those to be followed up by now."""

    stage_id: int
    count: int
    priced_count: int
    due_count: int
    amounts: list[Total]


class Card(Struct, kw_only=True):
    """An opportunity as a card on the board; `position` says where it stands in its stage."""

    id: int
    uid: str
    version: int
    title: str | None
    stage_id: int
    position: int | None
    outcome: OutcomeName
    contact: ContactCard | None
    responsible_id: int | None
    amount: Money | None
    probability: int
    expected_close_on: date | None
    follow_up_at: Instant | None
    tags: list[str]


class Column(Struct, kw_only=True):
    """One stage on the board, with its first cards; `page.next_cursor` goes on in the list of opportunities."""

    stage: Stage
    totals: StageTotals
    cards: Listing[Card]


class Board(Struct, kw_only=True):
    """A pipeline with all its stages and the first cards of each."""

    pipeline: Pipeline
    columns: list[Column]


class Moved(Struct, kw_only=True):
    """A card after a move, and the totals of the stages it left and entered."""

    opportunity: Opportunity
    totals: list[StageTotals]
