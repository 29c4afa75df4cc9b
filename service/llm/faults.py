"""What goes wrong at a provider, in our words: every exception of the openai and litellm SDKs has its place here.

Classes are told by their qualified names, nearest ancestor first, so that neither SDK need be imported. Where a class
only says "the request failed", the HTTP status decides; where the status leaves it open, the provider's words do.
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from json import JSONDecodeError
from types import MappingProxyType

from service.errors import (
    BackendError,
    CutOff,
    FormatRefused,
    Invalid,
    ModelError,
    ModelNotFound,
    PaymentRequired,
    PromptTooLong,
    RateLimited,
    Refused,
    RequestRefused,
    ServerFault,
    TimedOut,
    Unauthorized,
    Unreachable,
)

_LITELLM = "litellm.exceptions."

FOREIGN: Mapping[str, type[ModelError]] = MappingProxyType(
    {
        # The roots: BackendError means that the status decides, and that it stays a BackendError where there is none.
        "openai.OpenAIError": BackendError,
        "openai.APIError": BackendError,
        "openai.APIStatusError": BackendError,
        _LITELLM + "OpenAIError": BackendError,
        _LITELLM + "APIError": BackendError,
        _LITELLM + "MockException": BackendError,
        # No connection, no answer, no JSON.
        "openai.APIConnectionError": Unreachable,
        "openai.APITimeoutError": TimedOut,
        "openai.APIResponseValidationError": ServerFault,
        _LITELLM + "JSONSchemaValidationError": Invalid,
        "builtins.TimeoutError": TimedOut,
        "builtins.OSError": Unreachable,
        "builtins.UnicodeDecodeError": ServerFault,
        "json.decoder.JSONDecodeError": ServerFault,
        "httpx.TimeoutException": TimedOut,
        "httpx.HTTPError": Unreachable,
        "httpx2.TimeoutException": TimedOut,
        "httpx2.HTTPError": Unreachable,
        "aiohttp.client_exceptions.ClientError": Unreachable,
        # One class for one status.
        "openai.AuthenticationError": Unauthorized,
        "openai.PermissionDeniedError": Unauthorized,
        "openai.NotFoundError": ModelNotFound,
        "openai.BadRequestError": RequestRefused,
        "openai.UnprocessableEntityError": RequestRefused,
        "openai.ConflictError": ServerFault,
        "openai.RateLimitError": RateLimited,
        "openai.InternalServerError": ServerFault,
        _LITELLM + "BadGatewayError": ServerFault,
        _LITELLM + "ServiceUnavailableError": ServerFault,
        _LITELLM + "PaymentRequiredError": PaymentRequired,
        "litellm.types.router.RouterRateLimitError": RateLimited,
        "litellm.types.router.RouterRateLimitErrorBasic": RateLimited,
        # What the prompt or the model is.
        _LITELLM + "ContextWindowExceededError": PromptTooLong,
        _LITELLM + "LiteLLMUnknownProvider": ModelNotFound,
        _LITELLM + "ModelNotMappedError": ModelNotFound,
        _LITELLM + "BudgetExceededError": PaymentRequired,
        # Declined, or cut.
        "openai.ContentFilterFinishReasonError": Refused,
        "openai.LengthFinishReasonError": CutOff,
        _LITELLM + "ContentPolicyViolationError": Refused,
        _LITELLM + "RejectedRequestError": Refused,
        _LITELLM + "GuardrailRaisedException": Refused,
        _LITELLM + "BlockedPiiEntityError": Refused,
        _LITELLM + "ModifyResponseException": Refused,
        _LITELLM + "SensitiveDataRouteException": Refused,
        # Of parts of the SDKs that are not used here.
        "openai.InvalidWebhookSignatureError": BackendError,
        "openai.WebSocketConnectionClosedError": Unreachable,
        "openai.WebSocketQueueFullError": BackendError,
        "openai._AmbiguousModuleClientUsageError": BackendError,
        "openai._exceptions.SubjectTokenProviderError": Unauthorized,
        "litellm.tool_loop.ToolLoopMaxRoundsExceeded": BackendError,
    }
)

_BY_STATUS: Mapping[int, type[ModelError]] = MappingProxyType(
    {
        401: Unauthorized,
        402: PaymentRequired,
        403: Unauthorized,
        404: ModelNotFound,
        408: TimedOut,
        409: ServerFault,
        413: PromptTooLong,
        429: RateLimited,
    }
)

_TELLING: tuple[tuple[type[ModelError], tuple[int, ...], str], ...] = (
    (PaymentRequired, (400, 403, 429), r"insufficient[ _](quota|credit|balance|funds)|credit balance"),
    (PromptTooLong, (400, 422, 429), r"context[ _](length|size|window)|prompt is too long|too many tokens|input token"),
    (PromptTooLong, (429,), r"request too large"),
    (Refused, (400, 403), r"content[ _](policy|filter|management)|was flagged|responsible ?ai"),
    (FormatRefused, (400, 404, 422, 501), r"response[ _]?(format|schema|mime)|json[ _](schema|object|mode)"),
    (FormatRefused, (400, 404, 422, 501), r"structured[ _]output|grammar"),
    (ModelNotFound, (400, 403), r"model[ _]not[ _]found|not a valid model|unknown model|provider not provided"),
    # 500 is the status that litellm makes up for what failed before an answer came.
    (Unauthorized, (500,), r"missing credentials"),
    (Unreachable, (500,), r"exception - (connection error|cannot connect)"),
)
"""What providers say, and the statuses under which they say it."""

_SENTENCES: Mapping[type[ModelError], str] = MappingProxyType(
    {
        BackendError: "The call of the model failed",
        Unreachable: "The model server could not be reached, or the connection broke",
        TimedOut: "The model did not answer in time",
        RateLimited: "The provider asks for fewer requests",
        ServerFault: "The provider failed",
        Unauthorized: "The provider refused the key; check SECONDSOURCE_API_KEY or the provider's own variable",
        ModelNotFound: "The provider has no such model or address; check SECONDSOURCE_MODEL and SECONDSOURCE_BASE_URL",
        PromptTooLong: "The prompt has more tokens than the model takes",
        PaymentRequired: "The provider's account has no credit left",
        FormatRefused: "The server takes no such response format",
        RequestRefused: "The provider refused the request",
        Refused: "The provider's content filter declined the request",
        CutOff: "The reply was cut off at its length limit",
        Invalid: "The reply does not fit the schema",
    }
)

_MESSAGE_IN_JSON = re.compile(r"""["']message["']\s*:\s*(["'])(.+?)(?<!\\)\1""")
_ECHO = re.compile(r"""["'](?:input|messages|content|prompt)["']\s*:|\n""")
"""Where servers that validate bodies (FastAPI, vLLM) begin to repeat what they were sent."""
_STRUCTURED = re.compile(r"[\n{\[]")
_CLASS_NAMES = re.compile(r"^(?:(?:litellm\.)?\w*(?:Error|Timeout|Exception)(?::| -) )+")
_KEYS = re.compile(r"\b(?:sk|pk|gsk|hf|xai|pplx|nvapi|key)[-_][\w*.-]{6,}|\bAIza[\w-]{8,}|(?i:bearer) \S+|\b\w{32,}\b")


def translate(error: BaseException) -> ModelError:
    """A foreign exception as one of ours, its message one sentence with the provider's own words cut short.

    Mostly a BackendError; a ReplyError where a content filter declined or the SDK itself rejected the reply.
    """
    kind, detail = _kind(error), _detail(error)
    sentence = f"{_SENTENCES[kind]}: {detail}" if detail else f"{_SENTENCES[kind]}."
    if issubclass(kind, RateLimited | ServerFault):
        return kind(sentence, retry_after(_headers(error), datetime.now(UTC)))
    return kind(sentence)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds a provider asks to wait; None where it asks for nothing that can be read.

    `retry-after-ms` (OpenAI, Azure) goes before `Retry-After`, which holds seconds or a date (RFC 9110, 10.2.3).
    """
    told = {name.lower(): value for name, value in headers.items()}
    asked = (
        _seconds(told.get("retry-after-ms"), 0.001),
        _seconds(told.get("retry-after")),
        _seconds_until(told.get("retry-after", ""), now),
    )
    return next((seconds for seconds in asked if seconds is not None), None)


def _seconds(written: str | None, unit: float = 1) -> float | None:
    try:
        seconds = float(written or "") * unit
    except ValueError:
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _seconds_until(date: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
        return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
    except (ValueError, OverflowError):
        return None


def _kind(error: BaseException) -> type[ModelError]:
    names = (f"{kin.__module__}.{kin.__qualname__}" for kin in type(error).__mro__)
    kind = next((FOREIGN[name] for name in names if name in FOREIGN), BackendError)
    status = getattr(error, "status_code", None)
    if not isinstance(status, int):
        return kind
    words = _words(error).lower()
    told = (told for told, statuses, pattern in _TELLING if status in statuses and re.search(pattern, words))
    return next(told, _of_status(status) if kind is BackendError else kind)


def _of_status(status: int) -> type[ModelError]:
    return _BY_STATUS.get(status, ServerFault if status >= 500 else RequestRefused)


def _headers(error: BaseException) -> Mapping[str, str]:
    """The response's headers; litellm keeps them apart from the response it makes up."""
    apart = getattr(error, "litellm_response_headers", None)
    found = apart or getattr(getattr(error, "response", None), "headers", None)
    return found if isinstance(found, Mapping) else {}


def _detail(error: BaseException) -> str:
    """The provider's short message in at most 200 characters, without keys.

    Of an exception that is not an SDK's own only the class is told: its text may hold anything.
    """
    if isinstance(error, JSONDecodeError | UnicodeDecodeError):
        return "its answer is cut or not JSON."
    if not type(error).__module__.startswith(("openai", "litellm")):
        return "" if isinstance(error, TimeoutError) else f"{type(error).__name__}."
    plain = _STRUCTURED.split(_message(error), maxsplit=1)[0].strip().rstrip(".:,;- ")
    return f"{_KEYS.sub('***', plain)[:200].rstrip('. ')}." if plain else ""


def _words(error: BaseException) -> str:
    """What the provider says and how it names it; what it echoes of the request must not be taken for its words."""
    body = getattr(error, "body", None)
    names = [body.get(name) for name in ("code", "type", "param")] if isinstance(body, Mapping) else []
    return f"{_ECHO.split(str(error), maxsplit=1)[0]} {_ECHO.split(_message(error), maxsplit=1)[0]} {names}"


def _message(error: BaseException) -> str:
    """The provider's message; without one, what the SDK says, or what broke the connection."""
    body = getattr(error, "body", None)
    if isinstance(body, Mapping) and "message" in body:
        return str(body["message"])
    text = str(error.__cause__ or "") or str(error)
    quoted = _MESSAGE_IN_JSON.search(text)
    return quoted[2] if quoted else _CLASS_NAMES.sub("", text)
