"""The fixture that starts servers starts real ones, and ends them."""

from __future__ import annotations

from importlib.util import find_spec

import httpx
import pytest

from tests.conftest import StartServer

pytestmark = pytest.mark.skipif(find_spec("dealwright.cli") is None, reason="there is no `dealwright serve` yet")


def test_a_server_that_was_killed_comes_back_on_its_port_with_its_database(
    server: StartServer, database_url: str
) -> None:
    running = server(database_url)
    assert running.client.get("/healthz").status_code == 200
    running.kill()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{running.base_url}/healthz")
    running.restart()
    assert running.client.get("/readyz").status_code == 200
    assert running.stop() == 0


def test_a_server_that_cannot_start_says_why(server: StartServer) -> None:
    with pytest.raises(RuntimeError, match="dealwright serve ended with"):
        server("oracle:///nowhere")
