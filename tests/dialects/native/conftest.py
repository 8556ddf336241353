"""The company's portal behind our own API, and a client for each of its people."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import httpx
import pytest

from dealwright.config import Settings
from dealwright.dialects.native.face import face
from dealwright.storage.database import Database
from tests.cast import Cast, company, secrets_of

Client = httpx.AsyncClient
MakeClient = Callable[[str], Client]
LIMIT = 100_000


@pytest.fixture
async def cast(staffed: Database) -> Cast:
    """Everybody of the company, hired."""
    return await company(staffed)


@pytest.fixture
def stages(db: Database, cast: Cast) -> list[int]:
    """The stages of the default pipeline in their order; the last but one wins, the last loses."""
    return [stage.id for stage in db.rules.stages_of(db.rules.default_pipeline.id)]


@pytest.fixture
async def nobody(db: Database, cast: Cast) -> AsyncIterator[Client]:
    """A client that signs in as nobody."""
    transport = httpx.ASGITransport(face(db, Settings(body_limit=LIMIT)))
    async with Client(transport=transport, base_url="http://crm.example.com/api/v1") as client:
        yield client


@pytest.fixture
async def people(db: Database, cast: Cast, nobody: Client) -> AsyncIterator[dict[str, Client]]:
    """A signed-in client for each of the company."""
    async with AsyncExitStack() as stack:
        clients = {}
        for name, secret in (await secrets_of(cast)).items():
            client = Client(
                transport=nobody._transport,
                base_url=nobody.base_url,
                headers={"Authorization": f"Bearer {secret}"},
            )
            clients[name] = await stack.enter_async_context(client)
        yield clients


@pytest.fixture
def mia(people: dict[str, Client]) -> Client:
    """A member's client."""
    return people["mia"]


@pytest.fixture
def olga(people: dict[str, Client]) -> Client:
    """The portal owner's client."""
    return people["olga"]
