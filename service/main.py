"""The server: `secondsource serve`, or `uvicorn service.main:app --factory`."""

import logging
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

from service.api.app import create_app
from service.settings import Settings, settings

_LAST_SECONDS = 5
"""How long a check that runs may go on when the server is told to end."""


def serve(settings: Settings) -> None:
    """Serves until it is interrupted, in one process.

    Raises:
        ConfigurationError: a setting is wrong, or the database cannot be used.
        SystemExit: the address is taken.
    """
    served = create_app(settings)
    logging.basicConfig(format="%(levelname)s:     %(message)s")
    logging.getLogger("service").setLevel(logging.INFO)
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # its errors are faults of the pages handed in
    # An error at the start is raised below, so nobody needs its traceback besides.
    logging.getLogger("uvicorn.error").addFilter(lambda record: not record.getMessage().startswith("Traceback"))
    config = uvicorn.Config(
        served,
        host=settings.host,
        port=settings.port,
        access_log=False,  # its lines hold the query, and that may hold a title; the journal's do not
        server_header=False,
        timeout_graceful_shutdown=_LAST_SECONDS,
    )
    try:
        with suppress(KeyboardInterrupt):  # Ctrl-C is how a server is ended
            uvicorn.Server(config).run()
    finally:
        if failure := getattr(served.state, "failure", None):
            raise failure from None


def app() -> FastAPI:
    """The application by the environment's settings."""
    return create_app(settings())
