"""Which language a text is in."""

from functools import cache
from typing import Any

_ENOUGH = 40
"""Letters. Fewer are too few to tell: "Sunday" alone is taken for Kyrgyz."""
_READ = 10_000
"""Bytes of UTF-8. More do not make it surer."""


def language_of(text: str) -> str | None:
    """The ISO 639 code of the language a text is in; None where it has too few letters, or too mixed ones, to tell.

    Method: Compact Language Detector v3, a small neural network over character n-grams (github.com/google/cld3).
    """
    if sum(char.isalpha() for char in text[:_READ]) < _ENOUGH:
        return None
    found = _detector().FindLanguage(text=text)
    return str(found.language).split("-")[0] if found.is_reliable else None


@cache
def _detector() -> Any:
    import gcld3

    return gcld3.NNetLanguageIdentifier(min_num_bytes=0, max_num_bytes=_READ)
