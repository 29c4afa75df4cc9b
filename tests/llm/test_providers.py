"""The openai SDK and LiteLLM against a server that fails in every way it can."""

import asyncio

import pytest

from service import errors
from service.llm.backends import backend
from service.llm.protocol import Backend, Finish
from tests.llm.asking import SECRET, request
from tests.mockserver import MockServer, always, scripted

pytestmark = [
    pytest.mark.block_network(allowed_hosts=["127.0.0.1", "localhost"]),
    # litellm sets this filter itself when it is imported; pytest takes it back after the test that imported it.
    pytest.mark.filterwarnings("ignore:.*`ReadOnly` qualifier:UserWarning"),
]

SDKS = ["openai/m", "litellm/openai/m"]
KEY = "sk-0123456789abcdef"
ANSWER = '{"city": "Aleppo on the road to Damascus"}'

ERRORS: list[tuple[str, type[errors.ModelError]]] = [
    ("400_format", errors.FormatRefused),
    ("400_length", errors.PromptTooLong),
    ("401", errors.Unauthorized),
    ("402", errors.PaymentRequired),
    ("404", errors.ModelNotFound),
    ("429", errors.RateLimited),
    ("429_quota", errors.PaymentRequired),
    ("500", errors.ServerFault),
    ("503", errors.ServerFault),
    ("reset", errors.Unreachable),
    ("bad_body", errors.ServerFault),
]
REPLIES: list[tuple[str, str, Finish]] = [
    ("truncated", ANSWER[: len(ANSWER) // 2], Finish.LENGTH),
    ("empty", "", Finish.STOP),
    ("refusal", "I'm sorry, but I can't help with that request.", Finish.REFUSED),
]


def asking(model: str, server: MockServer, timeout: float = 30) -> Backend:
    """A backend that asks the server."""
    return backend(model, base_url=server.url, api_key=KEY, timeout=timeout)


@pytest.mark.parametrize("model", SDKS)
@pytest.mark.parametrize(("fault", "expected"), ERRORS)
async def test_every_failure_is_an_error_of_ours(model: str, fault: str, expected: type[errors.ModelError]) -> None:
    """One request is sent, one error raised, and its sentence holds neither the key nor the article."""
    with MockServer(lambda messages, body: ANSWER, fault=always(fault), retry_after=3) as server:
        answering = asking(model, server)
        with pytest.raises(errors.ModelError) as caught:
            await answering.complete(request())
        await answering.aclose()
    assert type(caught.value) is expected
    assert KEY not in str(caught.value)
    assert SECRET not in str(caught.value)
    assert server.calls == 1
    if fault in {"429", "503"}:
        assert getattr(caught.value, "retry_after", None) == 3


@pytest.mark.parametrize("model", SDKS)
@pytest.mark.parametrize(("fault", "text", "finish"), REPLIES)
async def test_a_bad_reply_is_a_reply(model: str, fault: str, text: str, finish: Finish) -> None:
    """What was cut, empty or declined comes back as it is, with the reason it ended."""
    with MockServer(lambda messages, body: ANSWER, fault=always(fault)) as server:
        answering = asking(model, server)
        reply = await answering.complete(request())
        await answering.aclose()
    assert (reply.text, reply.finish) == (text, finish)


@pytest.mark.parametrize("model", SDKS)
async def test_a_server_that_hangs_is_given_up(model: str) -> None:
    """No reply in time is TimedOut, whoever notices it first."""
    with MockServer(lambda messages, body: ANSWER, fault=always("hang")) as server:
        answering = asking(model, server, timeout=0.1)
        with pytest.raises(errors.TimedOut):
            await answering.complete(request())
        await answering.aclose()


@pytest.mark.parametrize("model", SDKS)
async def test_a_deadline_from_outside_stays_one(model: str) -> None:
    """A caller's time limit ends the call as the caller's, not as a fault of the model."""
    with MockServer(lambda messages, body: ANSWER, fault=scripted(None, "hang")) as server:
        answering = asking(model, server)
        await answering.complete(request())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await answering.complete(request())
        await answering.aclose()


@pytest.mark.parametrize("model", SDKS)
async def test_no_server_is_unreachable(model: str) -> None:
    """A port where nobody listens is Unreachable."""
    with MockServer(lambda messages, body: ANSWER) as server:
        answering = asking(model, server)
    with pytest.raises(errors.Unreachable):
        await answering.complete(request())
    await answering.aclose()


@pytest.mark.parametrize("model", SDKS)
async def test_the_body_is_sent_as_rendered(model: str) -> None:
    """Messages, schema and limits arrive whole; twelve calls run at once."""
    with MockServer(lambda messages, body: ANSWER, latency=0.5) as server:
        answering = asking(model, server)
        await answering.complete(request())
        await asyncio.gather(*(answering.complete(request()) for _ in range(12)))
        await answering.aclose()
    body = server.log[0].body
    assert body["messages"][1] == {"role": "user", "content": SECRET}
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("m", 0, 40)
    assert body["response_format"]["json_schema"]["strict"] is True
    assert body["response_format"]["json_schema"]["schema"]["properties"]["city"]["maxLength"] == 12
    assert server.peak == 12


async def test_openai_itself_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one nothing is sent, and the error says what to set."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(errors.Unauthorized, match="OPENAI_API_KEY"):
        await backend("openai/gpt-5-mini").complete(request())


async def test_the_sdks_own_variables_are_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    """OPENAI_BASE_URL and OPENAI_API_KEY say where to go and with what."""
    with MockServer(lambda messages, body: ANSWER) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        answering = backend("openai/m")
        await answering.complete(request())
        await answering.aclose()
    assert server.log[0].authorization == f"Bearer {KEY}"
