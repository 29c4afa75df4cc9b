"""How many tokens a text has, counted without a network."""

import importlib.util
import math
import os
from functools import cache
from pathlib import Path
from typing import Any

_CL100K = "9b5ad71b2ce5302211f9c61530b329a4922fc6a4"
"""The file that tiktoken looks for: the SHA-1 of the address it would fetch the vocabulary from."""


def tokens(text: str) -> int:
    """The cl100k tokens of a text; a quarter of its characters where the vocabulary is not installed."""
    encoding = _encoding()
    return len(encoding.encode(text, disallowed_special=())) if encoding else math.ceil(len(text) / 4)


@cache
def _encoding() -> Any:
    """The encoding, from the vocabulary that litellm ships; None where it does not."""
    spec = importlib.util.find_spec("litellm")  # finds the package without importing it
    folder = Path(spec.origin or "").parent / "litellm_core_utils" / "tokenizers" if spec else Path()
    if not (folder / _CL100K).exists():
        return None
    os.environ["TIKTOKEN_CACHE_DIR"] = str(folder)
    import tiktoken

    return tiktoken.get_encoding("cl100k_base")
