"""`make bench`: what a check costs beside its model's latency. Prints Markdown tables.

A mock model answers on loopback, in this process; every run is a process of its own. Walls are given over the
latency of one call, so that a slow machine shows only in the engine's own part.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.pipeline.desk import Limits
from tests.bench.article import CLAIMS, answer
from tests.mockserver import MockServer, Plan, burst, randomly, scripted
from tests.seeds import ROOT
from tests.tokens import tokens

FRUGAL: dict[str, Any] = {"window": 1000}
# As an installed service runs: with compiled modules kept. Some machines switch that off for all of Python.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Work:
    """One row of a table: how the model behaves and how the service is set."""

    name: str
    latency: float = 1.0
    per_token: float = 0.0
    concurrency: int | None = None
    rejects: bool = False
    retry_after: float = 1.0
    fault: Plan = field(default_factory=scripted)
    settings: dict[str, Any] = field(default_factory=dict)
    cores: int | None = None
    checks: int = 4


@dataclass(frozen=True)
class Measured:
    """What the client and the server saw of a row."""

    work: Work
    run: dict[str, Any]
    cold: dict[str, Any]
    peak_mb: float
    calls: int
    faults: int
    prompt_tokens: int
    unshared_tokens: int
    completion_tokens: int


def measure(work: Work) -> Measured:
    """Runs one row."""
    with MockServer(
        answer,
        latency=work.latency,
        per_token=work.per_token,
        concurrency=work.concurrency,
        over="reject" if work.rejects else "queue",
        retry_after=work.retry_after,
        fault=work.fault,
    ) as server:
        given = {"settings": {"base_url": server.url, **work.settings}, "cores": work.cores, "checks": work.checks}
        child = [sys.executable, "-m", "tests.bench.child", json.dumps(given)]
        seen = json.loads(subprocess.run(child, cwd=ROOT, env=_ENVIRONMENT, check=True, stdout=subprocess.PIPE).stdout)
        calls = server.log[len(server.log) // work.checks * (work.checks - 1) :]  # those of the last check
    answered = [call for call in calls if call.status == 200]
    return Measured(
        work=work,
        run=sorted(seen["runs"][1:] or seen["runs"], key=lambda run: run["wall"])[(len(seen["runs"]) - 1) // 2],
        cold=seen["runs"][0],
        peak_mb=seen["peak_mb"],
        calls=len(calls),
        faults=sum(call.fault is not None for call in calls),
        prompt_tokens=sum(call.prompt_tokens for call in answered),
        unshared_tokens=_unshared([call.body["messages"] for call in answered]),
        completion_tokens=sum(call.completion_tokens for call in answered),
    )


def _unshared(prompts: Sequence[Sequence[dict[str, str]]]) -> int:
    """Prompt tokens with what calls of one kind begin with in common counted once: a prompt cache serves the rest."""
    kinds: dict[str, list[str]] = {}
    for messages in prompts:
        text = "\n".join(message["content"] for message in messages)
        kinds.setdefault(messages[0]["content"], []).append(text)
    shared = sum((len(texts) - 1) * tokens(_beginning(texts)) for texts in kinds.values())
    return sum(tokens(text) for texts in kinds.values() for text in texts) - shared


def _beginning(texts: Sequence[str]) -> str:
    """What all of them begin with."""
    first, last = min(texts), max(texts)
    return next((first[:end] for end, char in enumerate(first) if last[end : end + 1] != char), first)


def costs() -> Iterator[Work]:
    """The rows of the first table."""
    for latency, per_token, model in ((1.0, 0.0, "1 s a call"), (0.5, 0.01, "0.5 s + 10 ms a token")):
        yield Work(f"{model}, unlimited", latency, per_token)
        yield Work(f"{model}, at most 8 at once", latency, per_token, concurrency=8)
        yield Work(f"{model}, one window", latency, per_token, settings=FRUGAL)
        yield Work(f"{model}, unlimited, 16 cores told", latency, per_token, cores=16)


def faults() -> Iterator[Work]:
    """The rows of the second table."""
    yield Work("none", 0.5, checks=1)
    for fault in ("500", "truncated", "prose", "empty", "refusal"):
        yield Work(f"10 % {fault}", 0.5, fault=randomly({fault: 0.1}, seed=2), checks=1)
    for fault in ("500", "truncated", "prose", "empty", "refusal"):
        yield Work(f"first call {fault}", 0.5, fault=scripted(fault), checks=1)
    yield Work("429 for 5 s from 0.4 s on, Retry-After 2", 0.5, fault=burst("429", 0.4, 5.4), retry_after=2, checks=1)
    yield Work("429 above 8 at once, Retry-After 1", 0.5, concurrency=8, rejects=True, checks=1)


def cost_table() -> Iterator[str]:
    """Cost and latency without faults: the median of three checks of a warm process, and the first beside it."""
    columns = ["model", "calls", "prompt tokens", "of them not shared", "completion tokens", "wall / latency", "cold"]
    columns += ["wall s", "first claim s", "CPU ms a claim", "peak MB"]
    yield f"| {' | '.join(columns)} |"
    yield "|---|" + "---:|" * (len(columns) - 1)
    for work in costs():
        seen = measure(work)
        run, cold = seen.run, seen.cold
        counts = (seen.calls, seen.prompt_tokens, seen.unshared_tokens, seen.completion_tokens)
        walls = (run["wall"] / work.latency, cold["wall"] / work.latency, run["wall"], run["first"])
        cells = (work.name, *(f"{count:,}" for count in counts), *(f"{wall:.2f}" for wall in walls))
        yield f"| {' | '.join(cells)} | {1000 * run['cpu'] / run['claims']:.0f} | {seen.peak_mb:.0f} |"


def fault_table() -> Iterator[str]:
    """What becomes of the claims when calls fail; every process is cold."""
    yield "| fault | calls | faults | claims accounted for | judged | not assessed, or unread | wall s |"
    yield "|---|---:|---:|---:|---:|---|---:|"
    for work in faults():
        seen = measure(work)
        run = seen.run
        lost = [*run["failed"], *["unread window"] * run["unread"]]
        yield (
            f"| {work.name} | {seen.calls} | {seen.faults} | {run['claims']} of {len(CLAIMS)} | {run['judged']} "
            f"| {', '.join(lost) or 'none'} | {run['wall']:.2f} |"
        )


def import_seconds() -> float:
    """The time that importing the CLI adds to the start of Python: the median of nine, each a new process."""

    def took(code: str) -> float:
        start = time.monotonic()
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=_ENVIRONMENT, check=True)
        return time.monotonic() - start

    return statistics.median(took("import service.cli") - took("pass") for _ in range(9))


def main() -> None:
    """Prints all."""
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    print(f"{len(CLAIMS)} claims, 4 sources, {Limits().passages} passages a claim\n")
    print(f"Importing the CLI: {import_seconds():.2f} s\n")
    for table in (cost_table, fault_table):
        for line in table():
            print(line, flush=True)
        print()


if __name__ == "__main__":
    main()
