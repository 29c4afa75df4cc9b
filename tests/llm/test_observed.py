"""What is told of a call to a model: figures and a span, and nothing of what was said."""

import asyncio
from decimal import Decimal

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from schemas.usage import Stage
from service.errors import ModelError, NoModel, RateLimited
from service.llm.observed import Observed, provider_and_model
from service.llm.prices import Price
from service.llm.protocol import Backend, Finish, Reply, Request
from service.llm.scripted import Line, Scripted
from service.telemetry.metrics import Metrics
from tests.llm.asking import SECRET, request
from tests.telemetry.test_metrics import figures

PRICE = Price(Decimal("0.001"), Decimal("0.002"))
TOLD = Reply(f'{{"city": "{SECRET}"}}', "m-1-2026", prompt_tokens=10, completion_tokens=5)


class Watched:
    """A model that answers by a script, what is told of it, and the spans that it left."""

    def __init__(self, backend: Backend, price: Price | None = PRICE) -> None:
        provider, self._spans, self.metrics = TracerProvider(), InMemorySpanExporter(), Metrics()
        provider.add_span_processor(SimpleSpanProcessor(self._spans))
        self.backend = Observed(backend, self.metrics, price, tracer=provider.get_tracer("test"))

    def figure(self, name: str) -> float | None:
        """A figure by name and labels; None where there is none."""
        return figures(self.metrics).get(f"secondsource_{name}")

    def span(self) -> ReadableSpan:
        """The only span."""
        (span,) = self._spans.get_finished_spans()
        return span


def watched(*lines: Line, name: str = "openai/m-1", price: Price | None = PRICE) -> Watched:
    """A watched script."""
    return Watched(Scripted(lines, name), price)


async def test_an_answer_is_a_span_of_the_conventions() -> None:
    """Its name and attributes are those of OpenTelemetry's GenAI conventions, and nothing that was said is in it."""
    asked = watched(TOLD)
    assert await asked.backend.complete(request(stage=Stage.JUDGE)) is TOLD
    span = asked.span()
    assert (span.name, span.kind, span.status.status_code) == ("chat m-1", SpanKind.CLIENT, StatusCode.UNSET)
    assert dict(span.attributes or {}) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "m-1",
        "gen_ai.request.max_tokens": 40,
        "gen_ai.response.model": "m-1-2026",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 5,
        "secondsource.stage": "judge",
    }
    assert SECRET not in span.to_json()


async def test_a_failure_is_told_by_its_code() -> None:
    """The provider's words are in neither the span nor the figures."""
    asked = watched(RateLimited(SECRET))
    with pytest.raises(RateLimited):
        await asked.backend.complete(request())
    span = asked.span()
    assert (span.attributes or {})["error.type"] == "rate_limited"
    assert (span.status.status_code, span.status.description, span.events) == (StatusCode.ERROR, None, ())
    assert asked.figure("model_calls_total{outcome=rate_limited,stage=extract}") == 1
    assert SECRET not in asked.metrics.text().decode()


@pytest.mark.parametrize(
    ("finish", "outcome"), [(Finish.STOP, "answered"), (Finish.LENGTH, "cut_off"), (Finish.REFUSED, "refused")]
)
async def test_a_reply_is_counted_by_how_it_ended(finish: Finish, outcome: str) -> None:
    """Calls, tokens and dollars are counted whatever the reply is good for: they were paid."""
    asked = watched(Reply("", "m", finish, prompt_tokens=10, completion_tokens=5))
    await asked.backend.complete(request())
    assert asked.figure(f"model_calls_total{{outcome={outcome},stage=extract}}") == 1
    assert asked.figure("model_tokens_total{kind=completion,stage=extract}") == 5
    assert asked.figure("model_cost_dollars_total{stage=extract}") == pytest.approx(0.02)
    assert asked.figure("model_call_duration_seconds_count{stage=extract}") == 1


@pytest.mark.parametrize(("reply", "price"), [(TOLD, None), (Reply("{}", "m"), PRICE)], ids=["price", "tokens"])
async def test_what_is_not_known_is_not_free(reply: Reply, price: Price | None) -> None:
    """Without a price or token counts the call is told as unpriced."""
    asked = watched(reply, price=price)
    await asked.backend.complete(request())
    assert asked.figure("model_calls_unpriced_total{stage=extract}") == 1
    assert asked.figure("model_cost_dollars_total{stage=extract}") == 0


async def test_no_model_is_no_call() -> None:
    """Nothing was asked of anybody, so nothing is counted."""
    asked = watched(NoModel("None is set."))
    with pytest.raises(ModelError):
        await asked.backend.complete(request())
    assert asked.figure("model_calls_total{outcome=no_model,stage=extract}") is None
    assert asked.figure("model_call_duration_seconds_count{stage=extract}") is None


class _Endless(Scripted):
    async def complete(self, request: Request) -> Reply:
        await asyncio.Event().wait()
        raise AssertionError


class _Faulty(Scripted):
    async def complete(self, request: Request) -> Reply:
        raise ValueError(SECRET)


async def test_a_call_called_off_is_counted() -> None:
    """It was asked, and may have been paid."""
    asked = Watched(_Endless([]))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await asked.backend.complete(request())
    assert asked.figure("model_calls_total{outcome=cancelled,stage=extract}") == 1


async def test_a_fault_of_ours_is_counted_without_its_words() -> None:
    """An error that is not ours goes on as it is."""
    asked = Watched(_Faulty([]))
    with pytest.raises(ValueError, match=SECRET):
        await asked.backend.complete(request())
    assert (asked.span().attributes or {})["error.type"] == "unforeseen"
    assert SECRET not in asked.span().to_json()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("openai/gpt-5-mini", ("openai", "gpt-5-mini")),
        ("litellm/anthropic/claude-sonnet-4-5", ("anthropic", "claude-sonnet-4-5")),
        ("litellm/bedrock/us.meta.llama-4", ("aws.bedrock", "us.meta.llama-4")),
        ("litellm/openrouter/meta/llama", ("openrouter", "meta/llama")),
        ("scripted", ("scripted", "scripted")),
    ],
)
def test_a_model_has_a_provider(name: str, told: tuple[str, str]) -> None:
    """The provider is named as the conventions name it, where they do."""
    assert provider_and_model(name) == told


async def test_the_rest_is_the_backends() -> None:
    """Its name, and its end."""
    asked = watched(TOLD)
    assert asked.backend.name == "openai/m-1"
    await asked.backend.aclose()
    await asked.backend.aclose()
