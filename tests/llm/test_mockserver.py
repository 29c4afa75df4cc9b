"""The mock server that other tests and the benchmark rely on."""

import asyncio

import httpx2
import pytest

from tests.mockserver import MockServer, burst, randomly, scripted
from tests.tokens import tokens

pytestmark = pytest.mark.block_network(allowed_hosts=["127.0.0.1", "localhost"])


async def post(server: MockServer, calls: int) -> list[httpx2.Response]:
    """So many calls at once."""
    body = {"model": "m", "messages": [{"role": "user", "content": "Who took Aleppo?"}]}
    async with httpx2.AsyncClient() as client:
        sent = [client.post(f"{server.url}/chat/completions", json=body) for _ in range(calls)]
        return await asyncio.gather(*sent)


@pytest.mark.parametrize(("over", "statuses"), [("queue", {200: 6}), ("reject", {200: 2, 429: 4})])
async def test_calls_over_the_limit_wait_or_are_rejected(over: str, statuses: dict[int, int]) -> None:
    """Never more than two are served at once; who is rejected is told when to come back."""
    with MockServer(lambda messages, body: "{}", latency=0.1, concurrency=2, over=over, retry_after=1.5) as server:  # type: ignore[arg-type]
        answers = await post(server, 6)
    assert {status: sum(a.status_code == status for a in answers) for status in statuses} == statuses
    assert server.peak == 2
    assert {a.headers["Retry-After"] for a in answers if a.status_code == 429} <= {"1.5"}


async def test_calls_and_tokens_are_counted() -> None:
    """Failed calls count as calls; tokens are those of calls that were answered."""
    with MockServer(lambda messages, body: '{"who": "rebels"}', fault=scripted("500", None)) as server:
        await post(server, 2)
    assert server.calls == 2
    assert server.prompt_tokens == tokens("Who took Aleppo?")
    assert server.completion_tokens == tokens('{"who": "rebels"}')
    assert sorted(call.status for call in server.log) == [200, 500]


def test_random_faults_can_be_repeated() -> None:
    """The same seed fails the same calls, in about the share asked for."""
    plans = [randomly({"500": 0.1, "empty": 0.1}, seed=4) for _ in range(2)]
    drawn = [[plan(number, 0.0) for number in range(1, 501)] for plan in plans]
    assert drawn[0] == drawn[1]
    assert 30 < drawn[0].count("500") < 70


def test_a_burst_lasts_from_one_moment_to_another() -> None:
    """Calls before and after it are well."""
    plan = burst("429", 1.5, 6.5)
    assert [plan(1, since) for since in (0.0, 1.5, 6.4, 6.5)] == [None, "429", "429", None]


def test_tokens_are_counted_as_the_field_counts_them() -> None:
    """By cl100k, without a network."""
    assert tokens("Rebels took the airport of Aleppo.") == 9
