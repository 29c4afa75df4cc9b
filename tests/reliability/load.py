"""Many newsrooms at once: the real server, a model that takes a second, and POSTs that all come in one moment."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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
CHECKS_AT_ONCE = (4, 32)
"""Of the server's own worker: by default, and set higher."""
_SERVE = "from service.cli import main; main()"
_START_SECONDS = 60
_DEADLINE = 1200


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
    """Both waves over one server. `doubled`: POSTs that were sent twice at once, and how many checks that made."""

    few: Wave
    many: Wave
    peak_mb: float
    start_mb: float
    calls: int
    asked_twice: int
    recorded: int
    doubled: tuple[int, int]
    checks: int
    peak_calls: int


def loaded(url: str, count: int, at_once: int) -> Load:
    """Starts the server, and sends it one POST, then a few at once, then many."""
    first, *articles = small_articles(1 + FEW + count, seed=1)
    with MockServer(answer, latency=LATENCY) as model, _server(url, model.url, at_once) as (process, address):
        asyncio.run(_wave(address, url, [first], 0))
        start = _memory(process, "VmRSS")
        few, _ = asyncio.run(_wave(address, url, articles[:FEW], 0))
        many, doubled = asyncio.run(_wave(address, url, articles[FEW:], count // 10))
        asked = keys(model.log, "none")
        return Load(
            few=few,
            many=many,
            peak_mb=_memory(process, "VmHWM"),
            start_mb=start,
            calls=len(model.log),
            asked_twice=asked.total() - len(asked),
            recorded=rows(url, "SELECT count(*) FROM calls")[0][0],
            doubled=doubled,
            checks=rows(url, "SELECT count(*) FROM checks")[0][0],
            peak_calls=model.peak,
        )


def table(kind: str, count: int) -> Iterator[str]:
    """Lines of Markdown: the waves side by side, for each number of checks at once."""
    answered = ("202 after p50, ms", "p95, ms", "longest, ms")
    yield head("checks at once", "POSTs at once", *answered, "all ended after, s", "checks a second", "done")
    told = []
    for at_once in CHECKS_AT_ONCE:
        with databases(kind) as fresh:
            load = loaded(fresh(), count, at_once)
        for wave in (load.few, load.many):
            yield _waited(at_once, wave)
        yield _ratios(load)
        told.append(_rest(at_once, count, load))
    yield from ("", *told)


def _waited(at_once: int, wave: Wave) -> str:
    waits = (wave.percentile(0.5), wave.percentile(0.95), wave.accepted[-1])
    told = (f"{1000 * wait:,.0f}" for wait in waits)
    return row(at_once, len(wave.accepted), *told, f"{wave.seconds:.1f}", f"{wave.rate:.2f}", wave.done)


def _ratios(load: Load) -> str:
    few, many = load.few, load.many
    waits = [many.percentile(share) / few.percentile(share) for share in (0.5, 0.95, 1)]
    told = (*(f"x {ratio:.1f}" for ratio in waits), f"x {many.seconds / few.seconds:.1f}")
    return row("", "ratio", *told, f"x {many.rate / few.rate:.1f}", "")


def _rest(at_once: int, count: int, load: Load) -> str:
    sent, made = load.doubled
    return (
        f"{at_once} checks at once: memory {load.start_mb:.0f} MB after the first check, {load.peak_mb:.0f} MB at the "
        f"most; {load.calls:,} calls, at most {load.peak_calls} at once, {load.asked_twice} of them asked twice, "
        f"{load.recorded:,} in the journals; {sent} POSTs sent twice at once with one Idempotency-Key made {made} "
        f"checks; {load.checks} checks in all for {1 + FEW + count} articles.\n"
    )


async def _wave(address: str, url: str, articles: Sequence[Article], doubled: int) -> tuple[Wave, tuple[int, int]]:
    """Posts all at once, the first `doubled` of them twice, and waits until every check has ended."""
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx2.AsyncClient(base_url=address, timeout=_DEADLINE, limits=limits) as client:
        begun = time.monotonic()
        twice = [article for article in articles[:doubled] for _ in range(2)]
        answers = await asyncio.gather(*(_posted(client, article) for article in [*twice, *articles[doubled:]]))
    asked = {check for _, check in answers}
    while rows(url, "SELECT count(*) FROM checks WHERE ended_at IS NULL")[0][0]:
        await asyncio.sleep(0.1)
        if time.monotonic() - begun > _DEADLINE:
            raise TimeoutError("checks have not ended")
    seconds = time.monotonic() - begun
    done = [row[0] for row in rows(url, "SELECT id FROM checks WHERE state = 'done'")]
    wave = Wave(sorted(waited for waited, _ in answers), seconds, len(asked & set(done)))
    return wave, (doubled, len({check for _, check in answers[: 2 * doubled]}))


async def _posted(client: httpx2.AsyncClient, article: Article) -> tuple[float, str]:
    """The seconds until the answer, and the check."""
    begun = time.monotonic()
    body = {"text": article.text, "language": "en", "publisher": article.publisher}
    answer = await client.post("/v1/articles", json=body, headers={"idempotency-key": article.id})
    if answer.status_code != 202:
        raise AssertionError(f"{answer.status_code}: {answer.text}")
    return time.monotonic() - begun, answer.json()["id"]


@contextmanager
def _server(url: str, model_url: str, at_once: int) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ours = {"MODEL": "openai/mock", "BASE_URL": model_url, "API_KEY": "none", "DATABASE_URL": url, "PORT": str(port)}
    ours |= {"RATE": "off", "CHECK_RATE": "off", "STANDING": "0", "WORKER_CHECKS": str(at_once)}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SECONDSOURCE_")}
    environment |= {f"SECONDSOURCE_{name}": value for name, value in ours.items()}
    command = [sys.executable, "-c", _SERVE, "serve"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        _await(process, address)
        yield process, address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _await(process: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx2.get(f"{address}/healthz").is_success:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server did not come up")


def _memory(process: subprocess.Popen[bytes], name: str) -> float:
    """A figure of the process's memory in MB: VmRSS now, VmHWM at the most. Linux tells it."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    found = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else float("nan")
