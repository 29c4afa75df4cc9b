"""The openai SDK, for OpenAI itself and for every server that speaks its chat.completions."""

import asyncio
import importlib
import os
from typing import TYPE_CHECKING

from service.errors import ModelError, Unauthorized
from service.llm import catalogue, chat
from service.llm.faults import translate
from service.llm.protocol import Reply, Request

if TYPE_CHECKING:
    from openai import AsyncOpenAI

OPENAI = "https://api.openai.com/v1"


def address(base_url: str | None) -> str:
    """Where requests go: what was set, else OPENAI_BASE_URL, else OpenAI itself."""
    return base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI


class OpenAIBackend:
    """One model behind one address. The SDK is imported and its client made by the first call, in that call's loop."""

    def __init__(
        self, model: str, *, base_url: str | None = None, api_key: str | None = None, timeout: float = 120
    ) -> None:
        self._model, self._timeout = model, timeout
        self._address = address(base_url)
        self._api_key = api_key or os.environ.get("OPENAI_API_KEY")
        self._listed = catalogue.entry("openai", model)
        self._client: AsyncOpenAI | None = None

    @property
    def name(self) -> str:
        """The model as configured."""
        return f"openai/{self._model}"

    async def complete(self, request: Request) -> Reply:
        """Sends the request once; at most `timeout` seconds pass until the reply is whole.

        Raises:
            ModelError: as `faults.translate` tells; Unauthorized without a key where OpenAI itself would be asked.
        """
        body = chat.body(request, self._model, hosted=self._address == OPENAI, listed=self._listed)
        try:
            client = await self._opened()
            async with asyncio.timeout(self._timeout):  # the SDK's own limit starts anew with every byte
                completion = await client.chat.completions.create(**body)
        except ModelError:
            raise
        except Exception as error:
            raise translate(error) from None  # the SDK's text may hold what was sent
        return chat.reply(completion)

    async def aclose(self) -> None:
        """Closes the connections; a later call opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _opened(self) -> "AsyncOpenAI":
        if self._client is None:
            if self._address == OPENAI and not self._api_key:
                raise Unauthorized(
                    "OpenAI needs a key; set OPENAI_API_KEY or SECONDSOURCE_API_KEY, "
                    "or point SECONDSOURCE_BASE_URL at a server that needs none."
                )
            # Seconds of work that would stop the loop; the SDK puts half of it off until `client.chat` is touched.
            await asyncio.to_thread(importlib.import_module, "openai.resources.chat.completions")
        return self._client or self._open()

    def _open(self) -> "AsyncOpenAI":
        from openai import AsyncOpenAI

        self._client = AsyncOpenAI(
            base_url=self._address, api_key=self._api_key or "not-needed", timeout=self._timeout, max_retries=0
        )
        return self._client
