"""What a model's tokens cost."""

import os
from dataclasses import dataclass
from decimal import Decimal

from service.llm import catalogue


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per token."""

    prompt: Decimal
    completion: Decimal

    def cost(self, prompt_tokens: int, completion_tokens: int) -> Decimal:
        """US dollars for so many tokens. Discounts for cached prompts are not taken off."""
        return prompt_tokens * self.prompt + completion_tokens * self.completion


def price(model: str, base_url: str | None = None) -> Price | None:
    """The list price of a model as configured, for example `openai/gpt-5-mini`.

    None where it is unknown: a model that is not listed or listed at nothing, a recorded or embedded one, and every
    model behind a base URL, where the name says nothing of who serves it. Figures: litellm's list, as installed.
    """
    provider, _, name = model.removeprefix("litellm/").partition("/")
    if provider == "openai":
        base_url = base_url or os.environ.get("OPENAI_BASE_URL")
    listed = None if base_url else catalogue.entry(provider, name)
    prompt, completion = (Decimal((listed or {}).get(f"{side}_cost_per_token") or 0) for side in ("input", "output"))
    return Price(prompt, completion) if prompt and completion else None
