"""The table of foreign exceptions."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import httpx
import openai
import pytest

from service import errors
from service.llm.faults import FOREIGN, retry_after, translate
from tests.llm.asking import SECRET

NOW = datetime(2024, 12, 1, 12, 0, tzinfo=UTC)
_SDKS = ("openai", "litellm")
ROOTS = {"openai.OpenAIError", "openai.APIError"}
"""What everything descends from: only these classes themselves may rest on these rows."""


def qualified(kind: type) -> str:
    """A class as the table names it."""
    return f"{kind.__module__}.{kind.__qualname__}"


def exported(*modules: ModuleType) -> Iterator[type[BaseException]]:
    """The exception classes of an SDK that its modules hold, without waking what they load lazily."""
    for kind in [held for module in modules for held in vars(module).values()]:
        if isinstance(kind, type) and issubclass(kind, BaseException) and kind.__module__.startswith(_SDKS):
            yield kind


def assert_all_have_a_row(kinds: Iterator[type[BaseException]]) -> None:
    """Each class has a row of its own or one of an ancestor that means something."""
    without = set()
    for kind in kinds:
        own, *ancestors = [qualified(kin) for kin in kind.__mro__]
        if not {own, *(set(ancestors) - ROOTS)} & FOREIGN.keys():
            without.add(own)
    assert without == set()


def test_every_exception_of_openai_has_its_row() -> None:
    """None falls through to the root by oversight."""
    assert_all_have_a_row(exported(openai, openai._exceptions))


def test_every_exception_of_litellm_has_its_row() -> None:
    """None falls through to the root by oversight."""
    import litellm

    assert_all_have_a_row(exported(litellm, litellm.exceptions))


def test_the_table_names_no_class_that_is_gone() -> None:
    """Every row of an SDK names a class that exists, or one of its aliases by release."""
    import litellm

    known = {qualified(kind) for kind in exported(openai, openai._exceptions, litellm, litellm.exceptions)}
    rows = {name for name in FOREIGN if name.startswith(("openai", "litellm"))}
    assert rows - known == set()


def refused(status: int, message: str, code: str | None = None, **headers: str) -> openai.APIStatusError:
    """What the openai SDK raises for such an answer."""
    body = {"message": message, "type": code, "param": None, "code": code}
    response = httpx.Response(
        status, json={"error": body}, headers=headers, request=httpx.Request("POST", "http://x/v1")
    )
    client = openai.OpenAI(api_key="k", base_url="http://x/v1")
    try:
        return client._make_status_error_from_response(response)
    finally:
        client.close()


ANSWERS: list[tuple[int, str, str | None, type[errors.ModelError]]] = [
    (400, "Unrecognized request argument supplied: foo", None, errors.RequestRefused),
    (400, "This model's maximum context length is 8192 tokens.", "context_length_exceeded", errors.PromptTooLong),
    (400, "request (9031 tokens) exceeds the available context size (8192 tokens)", None, errors.PromptTooLong),
    (400, "prompt is too long: 210000 tokens > 200000 maximum", None, errors.PromptTooLong),
    (400, "Invalid schema for response_format 'City': 'maxLength' is not permitted.", None, errors.FormatRefused),
    (400, "'response_format.type' must be 'json_schema' or 'text'", None, errors.FormatRefused),
    (400, "Failed to parse grammar", None, errors.FormatRefused),
    (400, "JSON schema error at #: unrecognized type strang", None, errors.FormatRefused),
    (400, "No such thing", "content_policy_violation", errors.Refused),
    (400, "The response was filtered due to Azure OpenAI's content management policy.", None, errors.Refused),
    (400, "Your credit balance is too low to access the API.", None, errors.PaymentRequired),
    (400, "gpt-9 is not a valid model ID", None, errors.ModelNotFound),
    (401, "Incorrect API key provided", "invalid_api_key", errors.Unauthorized),
    (402, "Insufficient credits", None, errors.PaymentRequired),
    (403, "Country not supported", None, errors.Unauthorized),
    (403, "Your input was flagged", None, errors.Refused),
    (404, "The model `gpt-9` does not exist", "model_not_found", errors.ModelNotFound),
    (404, "No endpoints found that support structured outputs", None, errors.FormatRefused),
    (408, "Timeout", None, errors.TimedOut),
    (409, "Conflict", None, errors.ServerFault),
    (413, "Request entity too large", None, errors.PromptTooLong),
    (418, "I'm a teapot", None, errors.RequestRefused),
    (422, "Unprocessable", None, errors.RequestRefused),
    (422, "guided decoding: json_schema is not supported", None, errors.FormatRefused),
    (422, "[{'loc': ('body', 'response_format'), 'msg': 'bad', 'input': 'x'}]", None, errors.FormatRefused),
    (422, "[{'loc': ('body', 'seed'), 'input': 'An article on grammar'}]", None, errors.RequestRefused),
    (400, "Bad value in 'messages': 'An article on grammar and context size'", None, errors.RequestRefused),
    (429, "Rate limit reached for requests", "rate_limit_exceeded", errors.RateLimited),
    (429, "You exceeded your current quota", "insufficient_quota", errors.PaymentRequired),
    (429, "Request too large for gpt-4o on tokens per min", "rate_limit_exceeded", errors.PromptTooLong),
    (500, "The server had an error", None, errors.ServerFault),
    (501, "response_format is not implemented", None, errors.FormatRefused),
    (503, "Overloaded", None, errors.ServerFault),
    (529, "Overloaded", None, errors.ServerFault),
]


@pytest.mark.parametrize(("status", "message", "code", "expected"), ANSWERS)
def test_an_answer_is_told_by_its_status_and_words(
    status: int, message: str, code: str | None, expected: type[errors.ModelError]
) -> None:
    """Each status has its error; what the provider says decides where the status leaves it open."""
    error = translate(refused(status, message, code))
    assert type(error) is expected
    assert str(error).endswith(".")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (openai.APIConnectionError(request=httpx.Request("POST", "http://x")), errors.Unreachable),
        (openai.APITimeoutError(httpx.Request("POST", "http://x")), errors.TimedOut),
        (TimeoutError(), errors.TimedOut),
        (ConnectionResetError("reset"), errors.Unreachable),
        (httpx.ReadTimeout("slow"), errors.TimedOut),
        (httpx.ConnectError("refused"), errors.Unreachable),
        (json.JSONDecodeError("Unterminated string", SECRET, 3), errors.ServerFault),
        (openai.OpenAIError(SECRET[:0]), errors.BackendError),
        (KeyError(SECRET), errors.BackendError),
    ],
)
def test_without_an_answer_the_class_decides(error: Exception, expected: type[errors.ModelError]) -> None:
    """What the SDKs and the layers below raise is told by class; a stranger is a BackendError, its text left out."""
    translated = translate(error)
    assert type(translated) is expected
    assert SECRET not in str(translated)


@pytest.mark.parametrize(
    "leak",
    [
        "Incorrect API key provided: sk-proj-a1B2c3D4e5F6. You can find it in your settings.",
        "Bearer abcdefghijklmnop was refused",
        "key-0123456789abcdef0123 unknown",
        "token 0123456789abcdef0123456789abcdef0123 unknown",
    ],
)
def test_keys_are_masked(leak: str) -> None:
    """No key that a provider echoes reaches a message."""
    told = str(translate(refused(401, leak)))
    assert "***" in told
    assert not any(part in told for part in ("a1B2c3", "abcdefghijklmnop", "0123456789"))


@pytest.mark.parametrize(
    "echo",
    [
        f"Value error\n{SECRET}",
        f"[{{'type': 'extra_forbidden', 'loc': ('body', 'x'), 'input': '{SECRET}'}}]",
        f"Invalid body: {{'messages': [{{'content': '{SECRET}'}}]}}",
        "x" * 250 + SECRET,
    ],
)
def test_what_a_provider_echoes_of_the_request_is_left_out(echo: str) -> None:
    """Only the first 200 characters before anything structured are told."""
    told = str(translate(refused(422, echo)))
    assert SECRET not in told
    assert len(told) < 300


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "2"}, 2.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"Retry-After": "-3"}, 0.0),
        ({"Retry-After": "2", "retry-after-ms": "1500"}, 1.5),
        ({"Retry-After": "Sun, 01 Dec 2024 12:00:30 GMT"}, 30.0),
        ({"Retry-After": "Sun, 01 Dec 2024 11:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(headers: dict[str, str], seconds: float | None) -> None:
    """As RFC 9110 has it, with the milliseconds that some providers add; nonsense is nothing."""
    assert retry_after(headers, NOW) == seconds


@pytest.mark.parametrize(("status", "kind"), [(429, errors.RateLimited), (503, errors.ServerFault)])
def test_the_wait_that_is_asked_for_goes_with_the_error(status: int, kind: type[Any]) -> None:
    """RateLimited and ServerFault carry it."""
    error = translate(refused(status, "Later", None, **{"retry-after": "2"}))
    assert isinstance(error, kind)
    assert error.retry_after == 2.0
