"""The processes: `secondsource serve` and `work`, or `uvicorn service.main:app --factory`."""

import asyncio
import logging
import signal
import socket
from contextlib import nullcontext, suppress
from functools import partial

import uvicorn
from fastapi import FastAPI

from service.api.app import create_app
from service.bootstrap import CODE_VERSION, open_service
from service.settings import Settings, settings
from service.telemetry.logs import configure
from service.telemetry.metrics import Metrics

_LAST_SECONDS = 5
"""How long a request that is answered may go on when the server is told to end."""

log = logging.getLogger(__name__)


class _Server(uvicorn.Server):
    """Tells those who wait for a check that nobody waits any more, before it waits for them."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        stop = getattr(self._served.state, "stop", None)
        if stop:
            stop()
        await super().shutdown(sockets)

    def __init__(self, config: uvicorn.Config, served: FastAPI) -> None:
        super().__init__(config)
        self._served = served


def serve(settings: Settings, *, worker: bool = True) -> None:
    """Serves until it is interrupted, in one process; without `worker` others run the checks.

    Raises:
        ConfigurationError: a setting is wrong, or the database cannot be used.
        SystemExit: the address is taken.
    """
    configure(settings.logs)
    served = create_app(settings, service=partial(open_service, worker=worker))
    # An error at the start is raised below, so nobody needs its traceback besides.
    logging.getLogger("uvicorn.error").addFilter(lambda record: not record.getMessage().startswith("Traceback"))
    config = uvicorn.Config(
        served,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,  # its lines hold the query, and that may hold a title; the journal's do not
        server_header=False,
        timeout_graceful_shutdown=_LAST_SECONDS,
    )
    try:
        with suppress(KeyboardInterrupt):  # Ctrl-C is how a server is ended
            _Server(config, served).run()
    finally:
        if failure := getattr(served.state, "failure", None):
            raise failure from None


def work(settings: Settings) -> None:
    """Does the work of a database until the process is told to end. What runs then is taken up by another worker.

    Raises:
        ConfigurationError: a setting is wrong, or the database cannot be used.
    """
    configure(settings.logs)
    metrics = Metrics(CODE_VERSION)

    async def until_told() -> None:
        told = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, told.set)
        async with open_service(settings, metrics):
            log.info("working", extra={"checks_at_once": settings.worker_checks})
            await told.wait()

    with metrics.told_at(settings.host, settings.metrics_port) if settings.metrics_port else nullcontext():
        asyncio.run(until_told())


def app() -> FastAPI:
    """The application by the environment's settings."""
    wanted = settings()
    configure(wanted.logs)
    return create_app(wanted)
