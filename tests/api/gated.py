"""A small application behind the gate, with the same parts as the real one and nothing behind them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from starlette.testclient import TestClient

from schemas.key import Scope
from service.api.auth import allowed
from service.api.gate import Gate, counted, may_start
from service.api.journal import Journal
from service.api.origins import allow_origins
from service.api.problems import answer_problems
from service.jobs.keys import Keys
from service.store.database import open_store

HERE = "http://127.0.0.1"


class Door(TestClient):
    """A client that can make keys."""

    keys: Keys

    def key(self, scope: Scope, name: str = "desk") -> str:
        """A new key."""
        assert self.portal
        _, secret = self.portal.call(self.keys.create, name, scope)
        return secret

    def revoke(self, secret: str) -> None:
        """Ends a key."""
        assert self.portal
        self.portal.call(self.keys.revoke, secret)


@contextmanager
def gated(
    *, address: str = "127.0.0.1", base: str = HERE, origins: tuple[str, ...] = (), **gate: Any
) -> Iterator[Door]:
    """A client at this address of an application with one operation for each scope. `gate`: fields of `Gate`."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Gate]]:
        async with open_store("sqlite://") as store:
            client.keys = Keys(store)
            yield {"gate": Gate(keys=client.keys, origins=frozenset(origins), **gate)}

    app = FastAPI(lifespan=lifespan)
    answer_problems(app)
    allow_origins(app, origins)
    app.add_middleware(Journal)

    @app.get("/page", dependencies=[Depends(allowed(Scope.READ)), Depends(counted)])
    async def page() -> Response:
        return Response("Made by hand.")

    @app.get("/read", dependencies=[Depends(allowed(Scope.READ)), Depends(counted)])
    @app.post("/write", dependencies=[Depends(allowed(Scope.WRITE)), Depends(counted)])
    @app.post("/start", dependencies=[Depends(allowed(Scope.WRITE)), Depends(counted), Depends(may_start)])
    @app.post("/admin", dependencies=[Depends(allowed(Scope.ADMIN)), Depends(counted)])
    @app.get("/metrics", dependencies=[Depends(allowed(Scope.READ))])
    async def owner(request: Request) -> str:
        told: str = request.state.owner
        return told

    client = Door(app, base_url=base, client=(address, 50000))
    with client:
        yield client
