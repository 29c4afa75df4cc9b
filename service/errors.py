"""Every error this service raises, each with a stable code. Knows no HTTP.

SecondSourceError
├── InputError               what was handed in cannot be taken; nothing was stored
│   ├── EmptyText            no text at all
│   ├── NoSentences          text, but nothing an article is made of: only a menu
│   ├── TextTooLarge         more characters than the configured limit
│   ├── NotText              NUL bytes, lone surrogates, bytes that are not UTF-8
│   ├── UnsupportedLanguage  a language that is not configured
│   ├── PublishedInFuture    a date that has not come yet
│   └── UrlRefused           a URL that leads where this service does not go
├── FetchFailed              a page could not be had, or a webhook not reached
├── KeyReused                an Idempotency-Key was sent with another request before
├── Unforeseen               a fault of this program
├── NotFound                 nothing is held under this id
├── CheckError               a check is not what it was
│   ├── Cancelled            somebody ended it
│   ├── VersionChanged       another version of the program began it
│   ├── Withdrawn            its article was withdrawn
│   └── Superseded           another worker has taken it up
├── ConfigurationError       a setting is missing or wrong
│   ├── WrongSetting         a setting has no such value, or there is no such setting
│   └── ExtraMissing         an optional package is not installed
└── ModelError               the model gave no usable answer
    ├── NoModel              none is configured
    ├── BackendError         the request brought no reply
    │   ├── Unreachable *    no connection, or it broke
    │   ├── TimedOut *       no reply in time
    │   ├── RateLimited *    too many requests; may say when to come back
    │   ├── ServerFault *    the provider failed (5xx)
    │   ├── Unauthorized     no key, a wrong key, or no permission
    │   ├── ModelNotFound    the provider does not know the model
    │   ├── PromptTooLong    more tokens than the model takes
    │   ├── PaymentRequired  the account has no credit left
    │   ├── FormatRefused    the server takes no such response format
    │   ├── RequestRefused   the provider refused the request for another reason
    │   └── RecordingMissing no recording answers this prompt
    ├── ReplyError           a reply came and cannot be used
    │   ├── Refused          the model or its filter declined
    │   ├── CutOff           the reply ended at the token limit
    │   ├── EmptyReply       nothing in it
    │   ├── Unreadable       not JSON
    │   └── Invalid          JSON of another shape, or citing what is not there
    ├── BudgetSpent          the check's calls, tokens or money are used up
    └── DeadlinePassed       the check's time is used up

* worth another attempt
"""

from typing import ClassVar


class SecondSourceError(Exception):
    """The root. `str(error)` is a sentence that a person can act on."""

    code: ClassVar[str] = "internal"


class Unforeseen(SecondSourceError):
    """A fault of this program, told by its kind alone: its text may hold what was read."""

    code = "unforeseen"

    @classmethod
    def of(cls, error: Exception) -> "Unforeseen":
        """An error that is not ours, as one that is."""
        return cls(f"A fault of this program ({type(error).__name__}); please report it with the article.")


class InputError(SecondSourceError):
    """What was handed in cannot be taken."""

    code = "bad_input"


class EmptyText(InputError):
    code = "empty_text"


class NoSentences(InputError):
    code = "no_sentences"


class TextTooLarge(InputError):
    code = "text_too_large"


class NotText(InputError):
    code = "not_text"


class UnsupportedLanguage(InputError):
    code = "unsupported_language"


class PublishedInFuture(InputError):
    code = "published_in_future"


class UrlRefused(InputError):
    code = "url_refused"


class FetchFailed(SecondSourceError):
    """A page could not be had, or a webhook not reached."""

    code = "fetch_failed"


class KeyReused(SecondSourceError):
    """A client sent two different requests under one key of its own."""

    code = "key_reused"


class NotFound(SecondSourceError):
    """Nothing is held under this id."""

    code = "not_found"


class CheckError(SecondSourceError):
    """A check cannot go on as it was begun."""

    code = "check"


class Cancelled(CheckError):
    code = "cancelled"


class VersionChanged(CheckError):
    code = "version_changed"


class Withdrawn(CheckError):
    code = "withdrawn"


class Superseded(CheckError):
    code = "superseded"


class StoreError(SecondSourceError):
    """The database failed."""

    code = "store"


class ConfigurationError(SecondSourceError):
    """A setting is missing or wrong."""

    code = "configuration"


class WrongSetting(ConfigurationError):
    """`setting`: its name as a field of `service.settings.Settings`."""

    code = "wrong_setting"

    def __init__(self, message: str, setting: str) -> None:
        super().__init__(message)
        self.setting = setting


class ExtraMissing(ConfigurationError):
    code = "extra_missing"


class ModelError(SecondSourceError):
    """The model gave no usable answer. What depends on it is not assessed, with this code as the reason."""

    code = "model"


class NoModel(ModelError):
    code = "no_model"


class BackendError(ModelError):
    """The request brought no reply."""

    code = "backend"
    retryable: ClassVar[bool] = False


class Unreachable(BackendError):
    code = "unreachable"
    retryable = True


class TimedOut(BackendError):
    code = "timed_out"
    retryable = True


class RateLimited(BackendError):
    """`retry_after`: the seconds the provider asks to wait, None where it does not say."""

    code = "rate_limited"
    retryable = True

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ServerFault(BackendError):
    """`retry_after`: the seconds the provider asks to wait, None where it does not say."""

    code = "server_fault"
    retryable = True

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unauthorized(BackendError):
    code = "unauthorized"


class ModelNotFound(BackendError):
    code = "model_not_found"


class PromptTooLong(BackendError):
    code = "prompt_too_long"


class PaymentRequired(BackendError):
    code = "payment_required"


class FormatRefused(BackendError):
    code = "format_refused"


class RequestRefused(BackendError):
    code = "request_refused"


class RecordingMissing(BackendError):
    code = "recording_missing"


class ReplyError(ModelError):
    """A reply came and cannot be used."""

    code = "reply"


class Refused(ReplyError):
    code = "refused"


class CutOff(ReplyError):
    code = "cut_off"


class EmptyReply(ReplyError):
    code = "empty_reply"


class Unreadable(ReplyError):
    code = "unreadable"


class Invalid(ReplyError):
    code = "invalid"


class BudgetSpent(ModelError):
    code = "budget"


class DeadlinePassed(ModelError):
    code = "deadline"
