"""Figures for Prometheus: what was checked, asked, spent and served, since the process started.

Names follow https://prometheus.io/docs/practices/naming/: base units, `_total` for what only grows.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
    start_http_server,
)

from schemas.check import CheckState
from schemas.report import Verdict
from schemas.usage import Stage
from schemas.webhook import DeliveryState
from service.errors import WrongSetting

MEDIA_TYPE = CONTENT_TYPE_LATEST

_NAMESPACE = "secondsource"
_OF_REQUESTS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_OF_CALLS = (0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120)
_OF_CHECKS = (1, 2, 5, 10, 20, 40, 80, 160, 320, 640)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_UNKNOWN = float("nan")


class Metrics:
    """The figures of one application, in a registry of their own: a process may hold several applications."""

    def __init__(self, version: str = "unknown") -> None:
        """`version`: of the code, told as `secondsource_build_info`."""
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        Info("build", "The code that runs.", namespace=_NAMESPACE, registry=self.registry).info({"version": version})
        self._checks()
        self._model()
        self._served()

    def _checks(self) -> None:
        self._started = self._counter("checks_started", "Checks that a worker took up, again after a restart too.")
        self._ended = self._counter("checks_ended", "Checks that ended, by how.", "state")
        self._lasted = self._histogram(
            "check_duration_seconds", "From being asked for to its end, of a check, however it ended.", _OF_CHECKS
        )
        self._claims = self._counter("claims", "Claims reported, by verdict.", "verdict")
        self._waiting = self._gauge("checks_queued", "Checks that wait for a worker, over the whole database.")
        self._running = self._gauge("checks_running", "Checks that run, over the whole database.")
        for state in CheckState:
            if state.ended:
                self._ended.labels(state)
        for verdict in Verdict:
            self._claims.labels(verdict)

    def _model(self) -> None:
        self._calls = self._counter("model_calls", "Requests to the model, by how they ended.", "stage", "outcome")
        self._took = self._histogram("model_call_duration_seconds", "Waiting for the model.", _OF_CALLS, "stage")
        self._tokens = self._counter("model_tokens", "Tokens that replies told of.", "stage", "kind")
        self._dollars = self._counter("model_cost_dollars", "US dollars at list prices, where known.", "stage")
        self._unpriced = self._counter("model_calls_unpriced", "Calls whose cost is unknown, not nothing.", "stage")
        self._reused = self._counter("replies_reused", "Questions answered by a reply that was kept: no call.")
        for stage in Stage:
            self._calls.labels(stage, "answered")
            self._dollars.labels(stage)
            self._unpriced.labels(stage)
            for kind in ("prompt", "completion"):
                self._tokens.labels(stage, kind)

    def _served(self) -> None:
        self._requests = self._counter("http_requests", "Requests answered.", "method", "route", "status")
        self._answered = self._histogram(
            "http_request_duration_seconds", "Until the answer began.", _OF_REQUESTS, "method", "route"
        )
        self._deliveries = self._counter(
            "webhook_attempts", "Attempts at webhooks, by what the message is now.", "state"
        )
        for state in DeliveryState:
            self._deliveries.labels(state)

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(name, told, labels, namespace=_NAMESPACE, registry=self.registry)

    def _gauge(self, name: str, told: str) -> Gauge:
        gauge = Gauge(name, told, namespace=_NAMESPACE, registry=self.registry)
        gauge.set(_UNKNOWN)
        return gauge

    def _histogram(self, name: str, told: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(name, told, labels, namespace=_NAMESPACE, registry=self.registry, buckets=buckets)

    def check_started(self) -> None:
        """A worker took a check up."""
        self._started.inc()

    def check_ended(self, state: CheckState, seconds: float | None = None, verdicts: Iterable[Verdict] = ()) -> None:
        """A check ended. `seconds`: since it was asked for; None leaves the duration out."""
        self._ended.labels(state).inc()
        if seconds is not None:
            self._lasted.observe(seconds)
        for verdict in verdicts:
            self._claims.labels(verdict).inc()

    def model_call(self, stage: Stage, outcome: str, seconds: float, dollars: Decimal | None) -> None:
        """A request to the model ended. `outcome`: `answered`, or a code of ours. `dollars`: None is unknown."""
        self._calls.labels(stage, outcome).inc()
        self._took.labels(stage).observe(seconds)
        if dollars is None:
            self._unpriced.labels(stage).inc()
        else:
            self._dollars.labels(stage).inc(float(dollars))

    def model_tokens(self, stage: Stage, prompt: int | None, completion: int | None) -> None:
        """What a reply said it took; None is not told."""
        self._tokens.labels(stage, "prompt").inc(prompt or 0)
        self._tokens.labels(stage, "completion").inc(completion or 0)

    def reply_reused(self) -> None:
        """A kept reply answered a question."""
        self._reused.inc()

    def request_answered(self, method: str, route: str, status: str, seconds: float) -> None:
        """An HTTP request was answered. `route`: the template, never the path. `seconds`: until the answer began."""
        method = method if method in _METHODS else "other"
        self._requests.labels(method, route, status).inc()
        self._answered.labels(method, route).observe(seconds)

    def delivery(self, state: DeliveryState) -> None:
        """An attempt at a webhook ended. `state`: the message's now; while it waits, it is tried again."""
        self._deliveries.labels(state).inc()

    def queue(self, queued: int | None, running: int | None) -> None:
        """How much waits and runs now, as the store tells; None is unknown."""
        self._waiting.set(_UNKNOWN if queued is None else queued)
        self._running.set(_UNKNOWN if running is None else running)

    def text(self) -> bytes:
        """Everything in Prometheus' text form, whose media type is `MEDIA_TYPE`."""
        return generate_latest(self.registry)

    @contextmanager
    def told_at(self, host: str, port: int) -> Iterator[None]:
        """Answers `GET /metrics` on a port of its own, for a worker, which serves nothing else.

        Raises:
            WrongSetting: the address is taken, or is none of this machine.
        """
        try:
            server, thread = start_http_server(port, host, self.registry)
        except OSError as error:
            raise WrongSetting(
                f"SECONDSOURCE_METRICS_PORT: {host} port {port} cannot be listened on, {error.strerror or 'it fails'}. "
                "Name a port that is free, another for each worker of this machine.",
                "metrics_port",
            ) from None
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
