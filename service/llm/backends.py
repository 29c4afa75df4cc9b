"""From the one string that names a model to the backend that answers."""

from pathlib import Path

from service.errors import ConfigurationError, NoModel
from service.llm.embedded import MODEL, EmbeddedBackend
from service.llm.litellm_backend import LiteLLMBackend
from service.llm.openai_backend import OpenAIBackend
from service.llm.protocol import Backend, Reply, Request
from service.llm.replay import ReplayBackend

FORMS = f"openai/NAME, litellm/PROVIDER/NAME, embedded/{MODEL}, replay/PATH or none"
"""How a model may be named."""


class NoBackend:
    """Stands where no model is set: every request is refused."""

    name = "none"

    async def complete(self, request: Request) -> Reply:
        """Never answers.

        Raises:
            NoModel: always.
        """
        raise NoModel(f"No model is set; set SECONDSOURCE_MODEL to one of {FORMS.removesuffix(' or none')}.")

    async def aclose(self) -> None:
        """Nothing is held."""


def backend(model: str, *, base_url: str | None = None, api_key: str | None = None, timeout: float = 120) -> Backend:
    """The backend that a model string names. Nothing is imported, started or connected before its first request.

    Args:
        model: one of `FORMS`.
        base_url: where a compatible server answers, for `openai/` and `litellm/`.
        api_key: the key; without it, the provider's own environment variable.
        timeout: the seconds that one request may take.

    Raises:
        ConfigurationError: there is no such form. ExtraMissing: it needs an optional package.
    """
    kind, _, name = model.partition("/")
    match kind:
        case "openai" if name:
            return OpenAIBackend(name, base_url=base_url, api_key=api_key, timeout=timeout)
        case "litellm" if "/" in name.strip("/"):
            return LiteLLMBackend(name, base_url=base_url, api_key=api_key, timeout=timeout)
        case "embedded" if name == MODEL:
            return EmbeddedBackend(timeout=timeout)
        case "replay" if name:
            return ReplayBackend(Path(name))
        case "none" if model == "none":
            return NoBackend()
    raise ConfigurationError(f"SECONDSOURCE_MODEL is {model!r}; it takes {FORMS}.")
