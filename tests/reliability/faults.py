"""A hundred checks while the model fails in one way or another: what becomes of each, and of each claim?"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from schemas.article import Article
from service.bootstrap import open_service
from service.jobs.queue import Kind
from service.settings import Settings
from tests.mockserver import MockServer, Plan, always, randomly
from tests.reliability.accounts import missing
from tests.reliability.article import answer, small_articles
from tests.reliability.databases import databases
from tests.reliability.markdown import head, row
from tests.reliability.watching import ended, told

AT_ONCE = 8
REQUEST_SECONDS = 2.0
LATENCY = 0.05
_DEADLINE = 600
_GARBAGE = ("truncated", "prose", "wrong_schema", "empty", "refusal", "bad_body")


@dataclass(frozen=True)
class Behaviour:
    """How the model behaves, by its name in the table."""

    name: str
    plan: Plan
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What became of the checks of a row. `missing`: what a check does not account for."""

    behaviour: Behaviour
    checks: list[dict[str, Any]]
    missing: list[str]
    calls: int
    faults: int
    seconds: float


def bursts(every: float, lasting: float) -> Plan:
    """All calls of a stretch of `lasting` seconds, one such stretch `every` so many, get 429."""
    return lambda number, since: "429" if since % every < lasting else None


def all_at_once(seed: int) -> Plan:
    """Bursts of 429, and of the other calls a fifth fails, in all ways."""
    burst = bursts(6, 1)
    shares = {"500": 0.04, "reset": 0.04, "hang": 0.02} | dict.fromkeys(_GARBAGE, 0.02)
    other = randomly(shares, seed)
    return lambda number, since: burst(number, since) or other(number, since)


def behaviours() -> Iterator[Behaviour]:
    """The rows of the table."""
    yield Behaviour("none", randomly({}))
    yield Behaviour("429 for 2 s of every 5 s, Retry-After 1", bursts(5, 2))
    for nth, fault in enumerate(("500", "reset", *_GARBAGE), start=1):
        yield Behaviour(f"10 % {fault}", randomly({fault: 0.1}, seed=nth))
    yield Behaviour(f"5 % hang, given up after {REQUEST_SECONDS:g} s", randomly({"hang": 0.05}, seed=20))
    yield Behaviour("all of these at once", all_at_once(seed=21))
    yield Behaviour("50 % refusal", randomly({"refusal": 0.5}, seed=22))
    yield Behaviour("50 % 500, tried twice", randomly({"500": 0.5}, seed=23), {"attempts": 2})
    yield Behaviour("always 500, tried twice", always("500"), {"attempts": 2})


def run(behaviour: Behaviour, url: str, articles: list[Article]) -> Outcome:
    """Checks the articles, several at once."""
    with MockServer(answer, latency=LATENCY, fault=behaviour.plan) as model:
        started = time.monotonic()
        checks = asyncio.run(_checked(behaviour, url, model.url, articles))
        unaccounted = [
            fault for article, check in zip(articles, checks, strict=True) for fault in missing(article, check)
        ]
        faults = sum(call.fault is not None for call in model.log)
        return Outcome(behaviour, checks, unaccounted, len(model.log), faults, time.monotonic() - started)


def table(kind: str, count: int) -> Iterator[str]:
    """Lines of Markdown, one for each way to fail."""
    yield f"{count} checks of {AT_ONCE} claims each, {AT_ONCE} checks at once, {LATENCY * 1000:.0f} ms a call.\n"
    found = ("claims judged", "not assessed", "sentences unread", "not accounted for")
    yield head("the model's fault", "calls", "told of", "faults", "checks done", "failed", *found, "s")
    articles = small_articles(count)
    with databases(kind) as fresh:
        for behaviour in behaviours():
            yield _line(run(behaviour, fresh(), articles))


def _line(outcome: Outcome) -> str:
    reports = [check["report"] for check in outcome.checks if check["report"]]
    claims = [claim for report in reports for claim in report["claims"]]
    failed = Counter(check["check"]["failure"]["code"] for check in outcome.checks if check["check"]["failure"])
    open_ones = Counter(claim["failure"]["code"] for claim in claims if claim["failure"])
    return row(
        outcome.behaviour.name,
        outcome.calls,
        sum(stage["calls"] for check in outcome.checks for stage in check["check"]["usage"]),
        outcome.faults,
        len(reports),
        _counted(failed),
        sum(claim["failure"] is None for claim in claims),
        _counted(open_ones),
        sum(len(one["quote"]["sentences"]) for report in reports for one in report["unread"]),
        len(outcome.missing),
        f"{outcome.seconds:.0f}",
    )


def _counted(codes: Counter[str]) -> str:
    return ", ".join(f"{count} {code}" for code, count in sorted(codes.items())) or "0"


async def _checked(behaviour: Behaviour, url: str, model_url: str, articles: list[Article]) -> list[dict[str, Any]]:
    settings = Settings(
        **{
            "model": "openai/mock",
            "api_key": "none",
            "base_url": model_url,
            "database_url": url,
            "worker_checks": AT_ONCE,
            "request_seconds": REQUEST_SECONDS,
            "standing": 0,
            **behaviour.settings,
        }
    )
    async with open_service(settings) as service:
        for article in articles:
            await service.desk.corpus.add(article)
        asked = [(await service.checks.ask(article.id, settings.model)).id for article in articles]
        await service.dispatch.send(Kind.CHECK, *asked)
        async with asyncio.timeout(_DEADLINE):
            return [await told(service, await ended(service, check_id)) for check_id in asked]
