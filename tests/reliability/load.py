"""Many newsrooms at once: the real server, a model that takes a second, and POSTs that all come in one moment."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import httpx2

from schemas.article import Article
from tests.mockserver import MockServer
from tests.reliability.article import answer, small_articles
from tests.reliability.databases import databases, rows
from tests.reliability.markdown import head, row
from tests.reliability.questions import keys
from tests.seeds import ROOT

LATENCY = 1.0
FEW = 10
_MAIN = "from service.cli import main; main()"
_START_SECONDS = 60
_DEADLINE = 1200


class Arrangement(NamedTuple):
    """Which processes there are. `apart`: the checks run in a worker's process, not in the server's."""

    apart: bool
    checks_at_once: int

    @property
    def name(self) -> str:
        """In the table."""
        who = "server, worker apart" if self.apart else "server alone"
        return f"{who}, {self.checks_at_once} checks at once"


ARRANGEMENTS = (Arrangement(apart=False, checks_at_once=4), Arrangement(apart=True, checks_at_once=32))
"""As it is set by default, and for many."""


@dataclass(frozen=True)
class Wave:
    """What became of POSTs that came at once. `accepted`: seconds until each was answered 202, sorted."""

    accepted: Sequence[float]
    seconds: float
    done: int

    @property
    def rate(self) -> float:
        """Checks a second, from the first POST until all had ended."""
        return len(self.accepted) / self.seconds

    def percentile(self, share: float) -> float:
        """The seconds within which this share of the POSTs was answered."""
        return self.accepted[min(int(share * len(self.accepted)), len(self.accepted) - 1)]


@dataclass(frozen=True)
class Load:
    """Both waves over one arrangement. `peaks`: the most memory of each process, in MB.

    `calls` are those that the model had, `told` those that the checks tell of, `asked_twice` those that were the same
    question again. `doubled`: POSTs that were sent twice at once, and how many checks that made.
    """

    few: Wave
    many: Wave
    peaks: Sequence[float]
    calls: int
    told: int
    asked_twice: int
    doubled: tuple[int, int]
    checks: int
    peak_calls: int


def loaded(url: str, count: int, arrangement: Arrangement) -> Load:
    """Starts the processes, and sends the server one POST, then a few at once, then many."""
    first, *articles = small_articles(1 + FEW + count, seed=1)
    with MockServer(answer, latency=LATENCY) as model, _processes(url, model.url, arrangement) as (started, address):
        asyncio.run(_wave(address, url, [first], 0))
        few, _ = asyncio.run(_wave(address, url, articles[:FEW], 0))
        many, doubled = asyncio.run(_wave(address, url, articles[FEW:], count // 10))
        asked = keys(model.log, "none")
        return Load(
            few=few,
            many=many,
            peaks=[_peak(process) for process in started],
            calls=len(model.log),
            told=_told(url),
            asked_twice=asked.total() - len(asked),
            doubled=doubled,
            checks=rows(url, "SELECT count(*) FROM checks")[0][0],
            peak_calls=model.peak,
        )


def table(kind: str, count: int) -> Iterator[str]:
    """Lines of Markdown: the waves side by side, for each arrangement."""
    answered = ("202 after p50, ms", "p95, ms", "longest, ms")
    yield head("processes", "POSTs at once", *answered, "all ended after, s", "checks a second", "done")
    rest = []
    for arrangement in ARRANGEMENTS:
        with databases(kind) as fresh:
            load = loaded(fresh(), count, arrangement)
        yield _waited(arrangement.name, load.few)
        yield _waited("", load.many)
        yield _ratios(load)
        rest.append(_rest(arrangement, load))
    yield from ("", *rest)


def _waited(name: str, wave: Wave) -> str:
    waits = (wave.percentile(0.5), wave.percentile(0.95), wave.accepted[-1])
    told = (f"{1000 * wait:,.0f}" for wait in waits)
    return row(name, len(wave.accepted), *told, f"{wave.seconds:.1f}", f"{wave.rate:.2f}", wave.done)


def _ratios(load: Load) -> str:
    few, many = load.few, load.many
    waits = [many.percentile(share) / few.percentile(share) for share in (0.5, 0.95, 1)]
    told = (*(f"x {ratio:.1f}" for ratio in waits), f"x {many.seconds / few.seconds:.1f}")
    return row("", "ratio", *told, f"x {many.rate / few.rate:.1f}", "")


def _rest(arrangement: Arrangement, load: Load) -> str:
    sent, made = load.doubled
    peaks = " and ".join(f"{peak:.0f}" for peak in load.peaks)
    return (
        f"{arrangement.name}: {peaks} MB at the most; {load.calls:,} calls of the model, at most {load.peak_calls} at "
        f"once, {load.told:,} told of by the checks, {load.asked_twice} asked twice; {sent} POSTs sent twice at once "
        f"with one Idempotency-Key made {made} checks; {load.checks} checks in all.\n"
    )


async def _wave(address: str, url: str, articles: Sequence[Article], doubled: int) -> tuple[Wave, tuple[int, int]]:
    """Posts all at once, the first `doubled` of them twice, and waits until every check has ended."""
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx2.AsyncClient(base_url=address, timeout=_DEADLINE, limits=limits) as client:
        begun = time.monotonic()
        twice = [article for article in articles[:doubled] for _ in range(2)]
        answers = await asyncio.gather(*(_posted(client, article) for article in [*twice, *articles[doubled:]]))
    while rows(url, "SELECT count(*) FROM checks WHERE ended_at IS NULL")[0][0]:
        await asyncio.sleep(0.1)
        if time.monotonic() - begun > _DEADLINE:
            raise TimeoutError("checks have not ended")
    seconds = time.monotonic() - begun
    done = {found[0] for found in rows(url, "SELECT id FROM checks WHERE state = 'done'")}
    wave = Wave(sorted(waited for waited, _ in answers), seconds, len(done & {check for _, check in answers}))
    return wave, (doubled, len({check for _, check in answers[: 2 * doubled]}))


async def _posted(client: httpx2.AsyncClient, article: Article) -> tuple[float, str]:
    """The seconds until the answer, and the check."""
    begun = time.monotonic()
    body = {"text": article.text, "language": "en", "publisher": article.publisher}
    answer = await client.post("/v1/articles", json=body, headers={"idempotency-key": article.id})
    if answer.status_code != 202:
        raise AssertionError(f"{answer.status_code}: {answer.text}")
    return time.monotonic() - begun, answer.json()["id"]


def _told(url: str) -> int:
    """How many calls the checks tell of."""
    usages = [found[0] for found in rows(url, "SELECT usage FROM checks")]
    stages = [stage for usage in usages for stage in (json.loads(usage) if isinstance(usage, str) else usage)]
    return sum(stage["calls"] for stage in stages)


@contextmanager
def _processes(
    url: str, model_url: str, arrangement: Arrangement
) -> Iterator[tuple[Sequence[subprocess.Popen[bytes]], str]]:
    """The server, and a worker where it is apart; and the server's address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ours = {"MODEL": "openai/mock", "BASE_URL": model_url, "API_KEY": "none", "DATABASE_URL": url, "PORT": str(port)}
    ours |= {"RATE": "off", "CHECK_RATE": "off", "STANDING": "0", "WORKER_CHECKS": str(arrangement.checks_at_once)}
    started = [_started(ours, "serve", *(["--no-worker"] if arrangement.apart else []))]
    try:
        address = f"http://127.0.0.1:{port}"
        _await(started[0], address)
        if arrangement.apart:
            started.append(_started(ours, "work"))
        yield started, address
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(60)


def _started(ours: Mapping[str, str], *command: str) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SECONDSOURCE_")}
    environment |= {f"SECONDSOURCE_{name}": value for name, value in ours.items()}
    python = [sys.executable, "-c", _MAIN, *command]
    return subprocess.Popen(python, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _await(process: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx2.get(f"{address}/healthz").is_success:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server did not come up")


def _peak(process: subprocess.Popen[bytes]) -> float:
    """The most memory that a process has had, in MB. Linux tells it."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else float("nan")
