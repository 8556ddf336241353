"""Webhooks in our own API: list, get, make, change, delete, try out, and what came of each call."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from dealwright.actions import webhook_calls, webhook_replays
from dealwright.actions import webhooks as deeds
from dealwright.actions.plain_entities import WEBHOOK
from dealwright.dialects.native import pages
from dealwright.dialects.native.plain_records import ListQuery, PlainShelf, values_of
from dealwright.dialects.native.reading import Body, Query
from dealwright.dialects.native.routing import Call, Reply, Route
from dealwright.dialects.native.shapes import LIMIT, Cursor, Id, Instant, Limit, Listing
from dealwright.domain.errors import invalid
from dealwright.domain.webhook import GRACE_HOURS, LONGEST_GRACE_HOURS, LONGEST_URL
from dealwright.storage.plain_records import PlainRecord
from dealwright.storage.rules import Rules
from dealwright.storage.webhooks import Reply as CallReply

_PATH: Final = "/webhooks"
_ONE: Final = "/webhooks/{id}"
NEWEST: Final = 2**62
Name = Annotated[str, Meta(min_length=1, max_length=255)]
Url = Annotated[str, Meta(min_length=1, max_length=LONGEST_URL, description="http or https, without a name in it.")]
Action = Annotated[int, Meta(ge=1, le=9999, description="The number of what it is about; from 1000 on the CRM.")]


class Webhook(Struct, kw_only=True):
    """An address that is told of what happens, as far as its owner may see it. Its secret is never told."""

    id: int
    uid: str
    version: int
    name: str
    description: str | None
    url: str
    action: int
    active: bool
    has_secret: bool
    old_secret_until: Instant | None
    location_id: int
    owner_id: int
    error_count: int
    last_error: str | None
    last_at: Instant | None
    system_id: str | None
    created_at: Instant
    created_by: int | None
    updated_at: Instant
    updated_by: int | None


class WebhookPatch(Body):
    """What to change about a webhook (RFC 7396). `secret` is what its messages are signed with, null for nothing."""

    name: Name | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    url: Url | UnsetType = UNSET
    action: Action | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    secret: Annotated[str, Meta(max_length=255)] | UnsetType | None = UNSET
    location_id: Id | UnsetType = UNSET
    system_id: str | UnsetType | None = UNSET


class WebhookDraft(WebhookPatch, kw_only=True):
    """A new webhook; it is yours, and active unless told."""

    name: Name
    url: Url
    action: Action


def written(_: Rules, record: PlainRecord) -> Webhook:
    """Return a webhook as it goes over the wire."""
    values = record.values
    return Webhook(
        id=record.id,
        uid=record.uid,
        version=record.version,
        name=values["name"],
        description=values["description"],
        url=values["url"],
        action=values["action"],
        active=values["active"],
        has_secret=bool(values["secret"]),
        old_secret_until=values["old_secret_until"],
        location_id=values["location_id"],
        owner_id=values["owner_id"],
        error_count=values["error_count"],
        last_error=values["last_error"],
        last_at=values["last_at"],
        system_id=record.system_id,
        created_at=record.created_at,
        created_by=record.created_by,
        updated_at=record.updated_at,
        updated_by=record.updated_by,
    )


class WebhookCall(Struct, kw_only=True):
    """One message to a webhook. `event_seq` is the event it told of, null for a trial; no answer has no `status`."""

    id: int
    at: Instant
    event_seq: int | None
    status: int | None
    error: str | None
    milliseconds: int


class WebhookCallQuery(Query):
    """Where the list goes on."""

    limit: Limit = LIMIT
    cursor: Cursor | UnsetType = UNSET


class WebhookReplay(Body):
    """What is to be told again: the event of one call, or everything that was not taken in, in order, since a moment.

    Without a word it is everything since the first event that was told and never taken in.
    """

    call_id: Id | UnsetType = UNSET
    since: Annotated[Instant, Meta(description="In the last thirty days.")] | UnsetType = UNSET


class WebhookReplayBegun(Struct, kw_only=True):
    """Since when everything is told again, null for one call or where nothing had failed; where the calls will be."""

    since: Instant | None
    calls: str


class WebhookSecretDraft(Body):
    """Another secret: one of yours (ASCII without blanks), or one that is made."""

    secret: Annotated[str, Meta(min_length=1, max_length=255)] | UnsetType = UNSET
    grace_hours: Annotated[int, Meta(ge=0, le=LONGEST_GRACE_HOURS, description="How long the old one signs too.")] = (
        GRACE_HOURS
    )


class WebhookSecret(Struct, kw_only=True):
    """The new secret, told this once, and until when the old one signs too."""

    secret: str
    old_secret_until: Instant | None


class WebhookTrial(Body):
    """Nothing needs to be said to try a webhook out."""


class WebhookTrialBegun(Struct, kw_only=True):
    """Where the answer of the trial will be, in a moment: the newest call without an event."""

    calls: str


_SHELF: Final = PlainShelf(WEBHOOK, _PATH, written)


def _values(said: WebhookPatch) -> dict[str, Any]:
    values = values_of(said)
    return {**values, "secret": values["secret"] or ""} if "secret" in values else values


async def list_webhooks(call: Call, query: ListQuery) -> Reply[Listing[Webhook]]:
    """List webhooks: yours, and to CRM administrators everybody's."""
    return await _SHELF.page(call, query, {})


async def get_webhook(call: Call) -> Reply[Webhook]:
    """Get a webhook."""
    return await _SHELF.one(call)


async def create_webhook(call: Call, body: WebhookDraft) -> Reply[Webhook]:
    """Create a webhook."""
    return _SHELF.made(call, await deeds.create(call.db, call.actor, {"active": True, **_values(body)}))


async def change_webhook(call: Call, body: WebhookPatch) -> Reply[Webhook]:
    """Change a webhook by a merge patch; one that is switched on again begins without errors."""
    return await _SHELF.under(call, lambda v: deeds.change(call.db, call.actor, call.id, _values(body), v), body)


async def delete_webhook(call: Call) -> Reply[None]:
    """Delete a webhook with the log of its calls."""
    return await _SHELF.gone(call, lambda v: deeds.delete(call.db, call.actor, call.id, v))


async def list_webhook_calls(call: Call, query: WebhookCallQuery) -> Reply[Listing[WebhookCall]]:
    """List the calls of a webhook of the last thirty days, the newest first."""
    rules, this = call.db.rules, pages.about("webhook calls", [], call.id)
    after = pages.after_of(query.cursor, this, rules)
    before = NEWEST if after is None else int(after[-1] or 0)
    found = await webhook_calls.calls(call.db, call.actor, call.id, before, query.limit + 1)
    page = pages.page_of(this, rules, pages.last_of([(one.id,) for one in found], query.limit))
    return Reply(Listing(data=[_told(one) for one in found[: query.limit]], page=page))


async def test_webhook(call: Call, body: WebhookTrial) -> Reply[WebhookTrialBegun]:
    """Call a webhook with the newest record of its kind, whether it is active or not; it counts as no error."""
    await webhook_calls.test(call.db, call.actor, call.id)
    return Reply(WebhookTrialBegun(calls=f"{call.base}{_PATH}/{call.id}/calls"))


async def replay_webhook(call: Call, body: WebhookReplay) -> Reply[WebhookReplayBegun]:
    """Tell a webhook again of one event, on or off, or of everything that it did not take in since a moment."""
    since: datetime | None = None
    if body.call_id is UNSET:
        asked = None if body.since is UNSET else body.since
        since = await webhook_replays.anew(call.db, call.actor, call.id, asked)
    elif body.since is not UNSET:
        raise invalid("since", "not_allowed", "say either a call or a moment")
    else:
        await webhook_replays.again(call.db, call.actor, call.id, body.call_id)
    return Reply(WebhookReplayBegun(since=since, calls=f"{call.base}{_PATH}/{call.id}/calls"))


async def rotate_webhook_secret(call: Call, body: WebhookSecretDraft) -> Reply[WebhookSecret]:
    """Give a webhook another secret, while the old one signs on for a while."""
    chosen = None if body.secret is UNSET else body.secret
    record, secret = await deeds.rotate(call.db, call.actor, call.id, chosen, body.grace_hours)
    return Reply(WebhookSecret(secret=secret, old_secret_until=record.values["old_secret_until"]))


def _told(made: CallReply) -> WebhookCall:
    return WebhookCall(
        id=made.id,
        at=made.at,
        event_seq=made.seq,
        status=made.status,
        error=made.error,
        milliseconds=made.millis,
    )


ROUTES: Final = (
    Route("GET", _PATH, list_webhooks, right="WebHook-List"),
    Route("POST", _PATH, create_webhook, 201, right="WebHook-Create"),
    Route("GET", _ONE, get_webhook, right="WebHook-Read", checked=True),
    Route("PATCH", _ONE, change_webhook, right="WebHook-Edit", guarded=True),
    Route("DELETE", _ONE, delete_webhook, 204, right="WebHook-Delete", guarded=True),
    Route("GET", f"{_ONE}/calls", list_webhook_calls, right="WebHook-Read"),
    Route("POST", f"{_ONE}/replay", replay_webhook, 202, right="WebHook-Edit", bodiless=True),
    Route("POST", f"{_ONE}/secret", rotate_webhook_secret, right="WebHook-Edit", bodiless=True),
    Route("POST", f"{_ONE}/test", test_webhook, 202, right="WebHook-Edit", bodiless=True),
)
