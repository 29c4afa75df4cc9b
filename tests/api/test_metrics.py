"""What `GET /metrics` answers."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from schemas.check import CheckState
from service.api import metrics as resource
from service.api.health import Counts
from service.api.journal import Journal
from service.errors import StoreError
from service.telemetry.metrics import Metrics


def _told(counts: Counts) -> list[str]:
    """The lines of a scrape, the second of two."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        yield {"counts": counts}

    app = FastAPI(lifespan=lifespan)
    app.state.metrics = Metrics("1.2")
    app.include_router(resource.router)
    app.add_middleware(Journal, metrics=app.state.metrics)
    with TestClient(app) as client:
        client.get("/metrics")
        answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return answer.text.splitlines()


def test_a_scrape_tells_what_was_served_and_what_waits() -> None:
    """The queue is read from the store when it is asked for; what has ended is no part of it."""

    async def counts() -> Mapping[CheckState, int]:
        return {CheckState.QUEUED: 7, CheckState.DONE: 99}

    told = _told(counts)
    assert "secondsource_checks_queued 7.0" in told
    assert "secondsource_checks_running 0.0" in told
    assert 'secondsource_http_requests_total{method="GET",route="/metrics",status="200"} 1.0' in told
    assert 'secondsource_build_info{version="1.2"} 1.0' in told


def test_a_failing_store_does_not_fail_the_scrape() -> None:
    """The queue is then unknown, not empty; the other figures are told."""

    async def counts() -> Mapping[CheckState, int]:
        raise StoreError("The disk is full.")

    told = _told(counts)
    assert "secondsource_checks_queued NaN" in told
    assert 'secondsource_build_info{version="1.2"} 1.0' in told
