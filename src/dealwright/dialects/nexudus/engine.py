"""One engine for all entities: from a call that the caller may make to the answer (conventions §3 and §7)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from starlette.responses import Response

from dealwright.actions.deed import now
from dealwright.dialects.nexudus import envelope, listing, reading
from dealwright.dialects.nexudus.entity import Record, Verb
from dealwright.dialects.nexudus.handling import Call, Done, Handler
from dealwright.dialects.nexudus.listing import Pairs
from dealwright.domain.errors import Conflict, RulesMoved

_TRIES: Final = 5


class Sent(NamedTuple):
    """What came with a call: the record's id in the path (0: none that can be), the query, the body, a file's name."""

    id: int
    pairs: Pairs
    raw: bytes
    content_type: str
    part: str = ""


Answer = Callable[[Call, Handler, Sent], Awaitable[Response]]


async def answered(call: Call, handler: Handler, verb: Verb, sent: Sent) -> Response:
    """Return the answer to a verb on an entity.

    The right comes first, then the body, then whether the record is there. Refuses as the deeds do.
    """
    call.actor.require(handler.entity.right(verb))
    return await _ANSWERS[verb](call, handler, sent)


async def _list(call: Call, handler: Handler, sent: Sent) -> Response:
    query = listing.read_query(handler.entity, sent.pairs)
    rows, total = await handler.source.page(call, query)
    return envelope.answer(listing.list_envelope(query, total, rows))


async def _read(call: Call, handler: Handler, sent: Sent) -> Response:
    if sent.part and handler.download is not None:
        return envelope.file(*await handler.download(call, sent.id, sent.part))
    return envelope.answer(await handler.source.one(call, sent.id))


async def _batch(call: Call, handler: Handler, sent: Sent) -> Response:
    return envelope.answer(await handler.source.batch(call, listing.read_batch(sent.pairs)))


async def _create(call: Call, handler: Handler, sent: Sent) -> Response:
    assert handler.create is not None
    done = await handler.create(call, reading.read(handler.entity, Verb.CREATE, sent.raw, sent.content_type))
    return envelope.created(handler.entity, await _made(call, handler, done), done.at, call.actor.email)


async def _made(call: Call, handler: Handler, done: Done) -> Record:
    """Return the record that was just made. The rules may have moved with it; that must not make it twice."""
    for _ in range(_TRIES):
        try:
            present = call._replace(actor=replace(call.actor, stamp=call.db.rules.stamp))
            return await handler.source.one(present, done.id)
        except RulesMoved:
            await call.db.refresh()
    raise Conflict("the record was made, but the portal's rules are changing right now")


async def _update(call: Call, handler: Handler, sent: Sent) -> Response:
    assert handler.change is not None
    body = reading.read(handler.entity, Verb.UPDATE, sent.raw, sent.content_type, sent.id)
    done = await handler.change(call, body)
    return envelope.updated(handler.entity, done.id, done.at, call.actor.email)


async def _delete(call: Call, handler: Handler, sent: Sent) -> Response:
    assert handler.remove is not None
    done = await handler.remove(call, sent.id)
    return envelope.deleted(handler.entity, done.id, done.at, call.actor.email)


async def _commands(_: Call, handler: Handler, __: Sent) -> Response:
    return envelope.answer([listed.record(order) for order, listed in enumerate(handler.commands.values())])


async def _run(call: Call, handler: Handler, sent: Sent) -> Response:
    command = reading.read_command(sent.raw, sent.content_type)
    listed = handler.commands.get(command.key.upper())
    if listed is None:
        return envelope.blocked(f"There is no command {command.key[:80]!r} here.")
    if not command.ids:
        return envelope.blocked(f"The command {listed.key} needs records to run on.")
    message = await listed.run(call, command)
    return envelope.done(message, None, now(), call.actor.email)


_ANSWERS: Final[Mapping[Verb, Answer]] = {
    Verb.LIST: _list,
    Verb.READ: _read,
    Verb.BATCH: _batch,
    Verb.CREATE: _create,
    Verb.UPDATE: _update,
    Verb.DELETE: _delete,
    Verb.COMMANDS: _commands,
    Verb.RUN: _run,
}
