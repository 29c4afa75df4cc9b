"""Every call to a model as figures for Prometheus and as a span of OpenTelemetry's GenAI conventions.

Source: https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/ (status "development"). Of what was asked and
answered nothing is told. Without an OpenTelemetry SDK in the process the spans go nowhere and cost next to nothing.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from decimal import Decimal

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer

from service.errors import NoModel, SecondSourceError, Unforeseen
from service.llm.prices import Price
from service.llm.protocol import Backend, Finish, Reply, Request
from service.telemetry.metrics import Metrics

_OUTCOMES = {Finish.STOP: "answered", Finish.LENGTH: "cut_off", Finish.REFUSED: "refused"}
_PROVIDERS = {
    "azure": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "vertex_ai": "gcp.vertex_ai",
    "xai": "x_ai",
}
"""litellm's names where the conventions have others."""


class Observed:
    """A backend whose every call is counted, timed and traced. `price`: the model's; None leaves its cost unknown."""

    def __init__(
        self,
        backend: Backend,
        metrics: Metrics,
        price: Price | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        tracer: Tracer | None = None,
    ) -> None:
        self._backend, self._metrics, self._price, self._clock = backend, metrics, price, clock
        self._tracer = tracer or trace.get_tracer("second-source")

    @property
    def name(self) -> str:
        """The backend's."""
        return self._backend.name

    async def complete(self, request: Request) -> Reply:
        """Sends the request, and tells what came of it.

        Raises:
            ModelError: the backend's.
        """
        began = self._clock()
        with self._span(request) as span:
            try:
                reply = await self._backend.complete(request)
            except NoModel:
                raise  # nothing was asked of anybody
            except BaseException as error:
                code = outcome(error)
                span.set_attribute("error.type", code)
                span.set_status(StatusCode.ERROR)
                self._metrics.model_call(request.stage, code, self._clock() - began, None)
                raise
            span.set_attributes(_answered(reply))
        self._count(request, reply, self._clock() - began)
        return reply

    async def aclose(self) -> None:
        """Closes the backend."""
        await self._backend.aclose()

    def _span(self, request: Request) -> AbstractContextManager[Span]:
        provider, model = provider_and_model(self.name)
        asked: Mapping[str, str | int] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": provider,
            "gen_ai.request.model": model,
            "gen_ai.request.max_tokens": request.max_tokens,
            "secondsource.stage": request.stage.value,
        }
        return self._tracer.start_as_current_span(
            f"chat {model}",
            kind=SpanKind.CLIENT,
            attributes=asked,
            record_exception=False,  # a message may hold the provider's words, and those may hold the article's
            set_status_on_exception=False,
        )

    def _count(self, request: Request, reply: Reply, seconds: float) -> None:
        self._metrics.model_call(request.stage, _OUTCOMES[reply.finish], seconds, self._dollars(reply))
        self._metrics.model_tokens(request.stage, reply.prompt_tokens, reply.completion_tokens)

    def _dollars(self, reply: Reply) -> Decimal | None:
        if self._price is None or reply.prompt_tokens is None or reply.completion_tokens is None:
            return None
        return self._price.cost(reply.prompt_tokens, reply.completion_tokens)


def outcome(error: BaseException) -> str:
    """An error by our stable code; `cancelled` where the call was called off."""
    if isinstance(error, SecondSourceError):
        return error.code
    return Unforeseen.code if isinstance(error, Exception) else "cancelled"


def provider_and_model(name: str) -> tuple[str, str]:
    """A configured name as OpenTelemetry tells it: `litellm/anthropic/m` is `m` by `anthropic`."""
    kind, _, model = name.partition("/")
    if kind == "litellm":
        kind, _, model = model.partition("/")
    return _PROVIDERS.get(kind, kind), model or name


def _answered(reply: Reply) -> Mapping[str, str | int | tuple[str, ...]]:
    told = {
        "gen_ai.response.model": reply.model or None,
        "gen_ai.response.finish_reasons": (reply.finish.value,),
        "gen_ai.usage.input_tokens": reply.prompt_tokens,
        "gen_ai.usage.output_tokens": reply.completion_tokens,
    }
    return {name: value for name, value in told.items() if value is not None}
