"""The serving process itself: its socket, its signals, its workers; knows uvicorn and no portal."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Final

from dealwright import logs
from dealwright.config import BadSetting, Settings, exported

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

KEEP_ALIVE_SECONDS: Final = 75
FROM_INPUT: Final = "-"


def with_password_read(settings: Settings, stream: IO[str]) -> Settings:
    """Return the settings with the first line of a stream for a first password of `-`."""
    if settings.admin_password != FROM_INPUT:
        return settings
    word = stream.readline().rstrip("\r\n")
    if not word:
        raise BadSetting("DEALWRIGHT_ADMIN_PASSWORD is - but standard input holds no password.")
    return replace(settings, admin_password=word)


@contextmanager
def bound(settings: Settings) -> Iterator[socket.socket]:
    """Take the address and port, not yet listening; OSError becomes BadSetting with a sentence."""
    try:
        family, kind, _, _, place = socket.getaddrinfo(
            settings.host or None, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
    except OSError as error:
        raise BadSetting(f"{settings.host}:{settings.port} cannot be listened on: {error.strerror}.") from error
    with listener:
        listener.set_inheritable(True)
        yield listener


def prepared(settings: Settings, listener: socket.socket) -> Settings:
    """Return the settings with the port that was really taken; the log and the workers' environment follow them."""
    settings = replace(settings, port=listener.getsockname()[1])
    os.environ.update(exported(settings))
    logs.configure(settings.log_level, settings.log_format)
    return settings


def serve(settings: Settings, listener: socket.socket, app: ASGIApp | str) -> bool:
    """Serve until told to stop; tell whether it went well.

    `app` is an application, or for several workers the import path of a function that returns one. On SIGTERM or
    SIGINT nothing new is accepted and what was accepted is finished.
    """
    import uvicorn  # noqa: PLC0415 - most commands do not serve
    from uvicorn.supervisors import Multiprocess  # noqa: PLC0415

    config = _config(settings, app)
    # uvicorn repeats the signal when it is done; a stop that was asked for and done is no failure.
    signal.signal(signal.SIGTERM, _done)
    signal.signal(signal.SIGINT, _done)
    if settings.workers > 1:
        supervisor = Multiprocess(config, sockets=[listener])
        supervisor.run()
        return all(process.exitcode in {0, -signal.SIGTERM} for process in supervisor.processes)
    server = uvicorn.Server(config)
    server.run(sockets=[listener])
    return server.started


def _config(settings: Settings, app: ASGIApp | str) -> uvicorn.Config:
    import uvicorn  # noqa: PLC0415

    from dealwright.connections import Connection  # noqa: PLC0415

    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        factory=isinstance(app, str),
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.stop_seconds,
        ssl_certfile=settings.tls_cert or None,
        ssl_keyfile=settings.tls_key or None,
    )


def _done(*_: object) -> None:
    """Nothing is left to do."""
