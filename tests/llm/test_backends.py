"""From the string that names a model to its backend."""

import subprocess
import sys
from pathlib import Path

import pytest

from service.errors import ConfigurationError, NoModel
from service.llm.backends import backend
from tests.llm.asking import request

ASKS_WHAT_IS_IMPORTED = """
import sys
import service.llm.backends as backends
backends.backend("openai/gpt-5-mini"), backends.backend("litellm/anthropic/claude-sonnet-4-5"), backends.backend("none")
print(sorted({"openai", "litellm", "httpx", "httpx2", "aiohttp", "xllamacpp", "tiktoken"} & sys.modules.keys()))
"""


@pytest.mark.parametrize(
    "model", ["openai/gpt-5-mini", "openai/meta-llama/Llama-3", "litellm/anthropic/claude-sonnet-4-5", "none"]
)
def test_a_backend_has_the_name_it_was_configured_by(model: str) -> None:
    """The report says what the operator wrote."""
    assert backend(model).name == model


@pytest.mark.parametrize(
    "model", ["", "gpt-5-mini", "openai", "openai/", "litellm/claude", "embedded/llama", "replay/", "none/x", "mock/x"]
)
def test_another_string_is_refused_with_the_forms(model: str) -> None:
    """The error says what would do."""
    with pytest.raises(ConfigurationError, match="litellm/PROVIDER/NAME"):
        backend(model)


async def test_no_model_says_how_to_set_one() -> None:
    """Every request ends in NoModel with the variable's name."""
    with pytest.raises(NoModel, match="set SECONDSOURCE_MODEL"):
        await backend("none").complete(request())


def test_a_folder_without_recordings_is_refused_at_once(tmp_path: Path) -> None:
    """Missing or empty, it is an error of configuration before anything is asked."""
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(ConfigurationError, match="no recordings"):
            backend(f"replay/{path}")


def test_naming_a_model_imports_no_sdk() -> None:
    """The CLI's start and its help pay for none of them."""
    ran = subprocess.run([sys.executable, "-c", ASKS_WHAT_IS_IMPORTED], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
