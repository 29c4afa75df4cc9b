"""The HTTP interface, put together: resources, problems, the journal, and the parts that a check works with."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from schemas.article import ArticleSubmission
from schemas.check import Event
from schemas.problem import Problem
from service.api import articles, checks, events, health, models, reports
from service.api.journal import Journal
from service.api.problems import answer_problems
from service.bootstrap import CODE_VERSION, Service, open_service
from service.settings import Settings
from service.telemetry.metrics import Metrics

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
                asked = health.readiness(opened.desk, opened.checks.counts, settings.queue)
                yield {"service": opened, "readiness": asked}
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
    )
    app.openapi_version = "3.2.0"  # which can say what an event of a stream is
    app.state.settings, app.state.metrics = settings, metrics
    app.add_middleware(Journal, metrics=metrics)
    answer_problems(app)
    for resource in (articles, checks, events, reports, models):
        app.include_router(resource.router, prefix="/v1")
    app.include_router(health.router)
    return app
