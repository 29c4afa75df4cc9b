"""Which language a text is in."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

_ENOUGH = 40
"""Letters. Fewer are too few to tell: "Sunday" alone is taken for Kyrgyz."""
_SHORT = 60
"""Letters. Of fewer the detector must be as sure as this:"""
_SURE = 0.98
_READ = 10_000
"""Bytes of UTF-8. More do not make it surer."""
_OPENING = "\"'([«»“„‘¿¡"
"""What may stand before a word."""


class _Opinion(NamedTuple):
    """What the detector takes a text for. `probability`: 0 to 1."""

    language: str
    reliable: bool
    probability: float


def language_of(text: str, configured: Sequence[str] = ()) -> str | None:
    """The ISO 639 code of the language a text is in; None where it has too few letters, or too mixed ones, to tell.

    Method: Compact Language Detector v3, a small neural network over character n-grams (github.com/google/cld3). It is
    asked twice, the second time without the names: those of people and places are of any language, and a sentence or
    two of plain English with some of them is taken for Zulu or Afrikaans. A configured language that either answer
    names is believed, any other only where both answers are reliable.

    Args:
        text: plain text.
        configured: ISO 639 codes of the languages that are expected.
    """
    letters = sum(char.isalpha() for char in text[:_READ])
    if letters < _ENOUGH:
        return None
    whole, plain = _opinion(text), _opinion(_without_names(text))
    for opinion in (whole, plain):
        if opinion.language in configured:
            return opinion.language
    sure = whole.reliable and plain.reliable and (letters >= _SHORT or whole.probability >= _SURE)
    return whole.language if sure else None


def _without_names(text: str) -> str:
    """The words that begin with no capital letter. Of scripts without capitals, all."""
    return " ".join(word for word in text[:_READ].split() if not word.lstrip(_OPENING)[:1].isupper())


def _opinion(text: str) -> _Opinion:
    found = _detector().FindLanguage(text=text)
    return _Opinion(str(found.language).split("-")[0], found.is_reliable, found.probability)


@cache
def _detector() -> Any:
    import gcld3

    return gcld3.NNetLanguageIdentifier(min_num_bytes=0, max_num_bytes=_READ)
