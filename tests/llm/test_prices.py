"""What tokens cost, by the list that litellm ships."""

from decimal import Decimal

import pytest

from service.llm import catalogue
from service.llm.prices import Price, price

MINI = Price(Decimal("2.5E-7"), Decimal("0.000002"))


@pytest.fixture(autouse=True)
def _no_base_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("openai/gpt-5-mini", MINI),
        ("litellm/openai/gpt-5-mini", MINI),
        ("litellm/anthropic/claude-sonnet-4-5", Price(Decimal("0.000003"), Decimal("0.000015"))),
        ("litellm/gemini/gemini-2.5-flash", Price(Decimal("3E-7"), Decimal("0.0000025"))),
        ("litellm/anthropic/gpt-5-mini", None),
        ("openai/no-such-model", None),
        ("litellm/ollama/llama3", None),
        ("replay/cassettes", None),
        ("embedded/smollm2", None),
        ("none", None),
    ],
)
def test_a_listed_model_has_its_price_and_no_other(model: str, expected: Price | None) -> None:
    """Exact decimals per token; None, not 0, where nothing is known."""
    assert price(model) == expected


def test_behind_a_base_url_the_price_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name says nothing of who serves it, wherever the address was set."""
    assert price("openai/gpt-5-mini", "http://127.0.0.1:8000/v1") is None
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:8000/v1")
    assert price("openai/gpt-5-mini") is None
    assert price("litellm/openai/gpt-5-mini") is None
    assert price("litellm/gemini/gemini-2.5-flash") is not None


def test_cost_is_exact() -> None:
    """A thousand tokens in and out of the model cost what the list says, to the last digit."""
    assert MINI.cost(1000, 1000) == Decimal("0.00225")


def test_the_catalogue_knows_which_models_think_first() -> None:
    """What decides over temperature and room for thought."""
    listed = catalogue.entry("openai", "gpt-5-mini")
    assert listed is not None
    assert listed["supports_reasoning"] is True
    assert not (catalogue.entry("openai", "gpt-4o-mini") or {}).get("supports_reasoning")
