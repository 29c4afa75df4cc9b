"""The HTTP interface, put together: resources, problems, the journal, and the parts that a check works with."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI
from pydantic.json_schema import models_json_schema

from schemas.article import ArticleSubmission
from schemas.check import CheckState, Event
from schemas.key import Scope
from schemas.problem import Problem
from service.api import articles, checks, claims, events, health, models, reports, webhooks
from service.api import metrics as figures
from service.api.auth import allowed, said_at_start
from service.api.gate import REFUSALS, Gate, counted
from service.api.journal import Journal
from service.api.limits import Bounded, most_bytes
from service.api.origins import allow_origins
from service.api.problems import answer_problems, responses
from service.api.rates import rate
from service.bootstrap import CODE_VERSION, Service, open_service
from service.jobs.keys import Keys
from service.settings import Settings
from service.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

_DESCRIPTION = """\
POST an article: the claims in it come back, each with the evidence for and against it from the *other* articles that
are held, every quote verbatim. A check goes on by itself; follow its events, look at it, or wait for it with `Prefer:
wait=SECONDS`. Errors are problem documents (RFC 9457) with a stable `code`. A 4xx answer has stored nothing.
"""
_TAGS = [
    {
        "name": "articles",
        "description": "Texts, stored once and never changed, each a source for the checks of others.",
    },
    {"name": "checks", "description": "Runs over one article, and their reports."},
    {"name": "claims", "description": "What has been claimed, what is said of it now, and how that changed."},
    {"name": "webhooks", "description": "Who is told when a check has ended or a claim has changed."},
    {"name": "service", "description": "What is configured, and whether it works."},
]


class Application(FastAPI):
    """FastAPI whose OpenAPI document also has the shapes that no parameter or answer is declared with."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        document = super().openapi()
        _, more = models_json_schema(
            [(Problem, "serialization"), (ArticleSubmission, "validation"), (Event, "serialization")],
            ref_template="#/components/schemas/{model}",
        )
        document["components"]["schemas"].update(more["$defs"])
        return document


Opener = Callable[[Settings, Metrics], AbstractAsyncContextManager[Service]]


def create_app(settings: Settings, *, service: Opener = open_service) -> FastAPI:
    """The application. `service` opens what it works with, when the server starts, and closes it at the end.

    Where opening fails, the error is kept as `app.state.failure` for whoever runs the server.
    """

    metrics = Metrics(CODE_VERSION)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        try:
            async with service(settings, metrics) as opened:
                app.state.stop = opened.bell.close
                keys = Keys(opened.store)
                log.info(said_at_start(settings.host, key_needed=await keys.needed()))
                yield {
                    "service": opened,
                    "courier": opened.courier,
                    "counts": opened.checks.counts,
                    "readiness": _readiness(opened, settings),
                    "gate": _gate(opened, settings, keys),
                }
        except Exception as error:
            app.state.failure = error
            raise

    app = Application(
        title="Second Source",
        version=CODE_VERSION,
        summary="Checks the claims of a news article against the other articles that a newsroom holds.",
        description=_DESCRIPTION,
        openapi_tags=_TAGS,
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,  # FastAPI's pages load scripts from elsewhere; /openapi.json is all that a viewer needs
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # they would hold queries and messages
    )
    app.openapi_version = "3.2.0"  # which can say what an event of a stream is
    app.state.settings, app.state.metrics = settings, metrics
    # The last that is added is met first.
    app.add_middleware(Bounded, most=most_bytes(settings.max_characters))
    allow_origins(app, settings.origins)
    app.add_middleware(Journal, metrics=metrics)
    answer_problems(app)
    _include(app)
    return app


def _include(app: FastAPI) -> None:
    """The resources, each behind what lets a request in."""
    guarded: dict[str, Any] = {"prefix": "/v1", "responses": responses(*REFUSALS)}
    for resource in (articles, checks, events, reports, claims, models):
        app.include_router(resource.router, dependencies=[Depends(allowed()), Depends(counted)], **guarded)
    app.include_router(webhooks.router, dependencies=[Depends(allowed(Scope.ADMIN)), Depends(counted)], **guarded)
    app.include_router(figures.router, dependencies=[Depends(allowed(Scope.READ))])
    app.include_router(health.router)


def _gate(opened: Service, settings: Settings, keys: Keys) -> Gate:
    async def queued() -> int:
        return (await opened.checks.counts())[CheckState.QUEUED]

    rates = rate(settings.rate, "rate"), rate(settings.check_rate, "check_rate")
    return Gate(keys, *rates, settings.queue, queued, frozenset(settings.origins))


def _readiness(opened: Service, settings: Settings) -> health.Readiness:
    async def worker() -> tuple[bool, str]:
        return health.alive(await opened.workers())

    return health.readiness(opened.desk, opened.checks.counts, settings.queue, {"worker": worker})
