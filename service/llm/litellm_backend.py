"""LiteLLM, for the providers that the openai SDK does not reach."""

import asyncio
import importlib
import os
from typing import Any

from service.llm import catalogue, chat
from service.llm.faults import translate
from service.llm.openai_backend import OPENAI, address
from service.llm.protocol import Reply, Request

_BEFORE_IMPORT = {
    "LITELLM_OFFLINE_MODE": "true",  # otherwise the import fetches a price list from the internet
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # the same, for releases that know only this one
    "LITELLM_RUST": "false",  # a native client would not be seen by recordings and network blocks
}


class LiteLLMBackend:
    """One model of one provider, as LiteLLM names them: `anthropic/claude-sonnet-4-5`.

    LiteLLM keeps its HTTP clients for the whole process; use it from one event loop at a time.
    """

    def __init__(
        self, model: str, *, base_url: str | None = None, api_key: str | None = None, timeout: float = 120
    ) -> None:
        self._model, self._timeout = model, timeout
        self._where = {"api_base": base_url, "api_key": api_key}
        provider, _, rest = model.partition("/")
        self._listed = catalogue.entry(provider, rest)
        self._hosted = provider == "openai" and address(base_url) == OPENAI
        self._library: Any = None

    @property
    def name(self) -> str:
        """The model as configured."""
        return f"litellm/{self._model}"

    async def complete(self, request: Request) -> Reply:
        """Sends the request once; at most `timeout` seconds pass until the reply is whole.

        Raises:
            ModelError: as `faults.translate` tells.
        """
        if self._library is None:  # five seconds of work that would stop the loop
            self._library = await asyncio.to_thread(_imported)
        body = chat.body(request, self._model, hosted=self._hosted, listed=self._listed)
        try:
            async with asyncio.timeout(self._timeout):
                completion = await self._library.acompletion(
                    **body, **self._where, timeout=self._timeout, num_retries=0, max_retries=0
                )
        except Exception as error:
            raise translate(error) from None  # the library's text may hold what was sent
        return chat.reply(completion)

    async def aclose(self) -> None:
        """Closes LiteLLM's connections; a later call opens new ones."""
        library, self._library = self._library, None
        if library is not None:
            await library.close_litellm_async_clients()
            library.in_memory_llm_clients_cache.flush_cache()  # else a later call is given a closed client


def _imported() -> Any:
    for name, value in _BEFORE_IMPORT.items():
        os.environ.setdefault(name, value)
    library: Any = importlib.import_module("litellm")
    library.suppress_debug_info = True  # it would print advice to stdout
    return library
