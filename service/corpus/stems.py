"""Texts as stems, as SQLite's FTS5 makes them by `porter unicode61 remove_diacritics 2`, for databases that do not.

One corpus is to give the same passages in any database. FTS5 takes what Unicode has assigned since version 6.1 for
letters; here it is what it is.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Any

PHRASE = 4
"""The longest run of single letters (u.s.) or of numbers (1,500,000) that can be looked for as one word."""

_LONGEST = 500
"""Characters of a token; more than any word has, and as many as PostgreSQL keeps in four bytes each."""

_STEMMED = range(3, 65)
"""FTS5 stems a token of so many bytes."""

_HAS_SYLLABLE = re.compile(r"[^aeiou]*[aeiouy]+[^aeiouy]")


class _Folding(dict[int, str | None]):
    """Code points as unicode61 folds them: letters and digits small and bare, their marks gone, the rest a space."""

    def __missing__(self, code: int) -> str | None:
        self[code] = folded = _folded(chr(code))
        return folded


_FOLDING = _Folding()


def tokens(text: str) -> list[str]:
    """The words of a text, small, without diacritics, in order."""
    return [token[:_LONGEST] for token in text.translate(_FOLDING).split(" ") if token]


def counted(text: str) -> tuple[Counter[str], int]:
    """How often a text has each stem, and how many tokens it has.

    Single letters that follow each other, and numbers that do, count as phrases too, joined by a space: `u s`.
    """
    found = tokens(text)
    counts = Counter(map(stem, found))
    counts.update(_phrases(found))
    return counts, len(found)


def stem_of(word: str) -> str:
    """A word of a query as `counted` has it: a stem, or a phrase of at most `PHRASE` tokens."""
    return " ".join(map(stem, tokens(word)[:PHRASE]))


@lru_cache(1 << 16)
def stem(token: str) -> str:
    """A token without its ending.

    Source: Porter, "An algorithm for suffix stripping", 1980, with the two departures of its author's own program,
    which FTS5 follows: -logi becomes -log, and -bli becomes -ble, not -abli alone.
    """
    data = token.encode()
    if len(data) not in _STEMMED:
        return token
    # FTS5 stems bytes: a letter beyond ASCII is two consonants or more.
    return _stem(data.decode("latin-1")).encode("latin-1").decode()


def _stem(token: str) -> str:
    stemmed: str = _porter().stemWord(token)
    if stemmed.endswith("logi") and _HAS_SYLLABLE.match(stemmed[:-4]):
        return stemmed[:-1]
    if stemmed.endswith("bli") and _HAS_SYLLABLE.match(stemmed[:-3]):
        return str(_porter().stemWord(f"{stemmed[:-1]}e"))
    return stemmed


def _phrases(found: Sequence[str]) -> Iterator[str]:
    kinds = ["number" if token.isdecimal() else "letter" if len(token) == 1 else "" for token in found]
    for first, kind in enumerate(kinds):
        last = first + 1
        while kind and last < first + PHRASE and kinds[last : last + 1] == [kind]:
            last += 1
            yield " ".join(found[first:last])


def _folded(char: str) -> str | None:
    if "\u0300" <= char <= "\u0331":
        return None
    if not char.isalnum() and unicodedata.category(char) != "Co":
        return " "
    small = char.casefold()
    small = small if len(small) == 1 else char.lower()[0]
    bare = unicodedata.normalize("NFD", small)[0]
    return bare if bare.isascii() else small


@cache
def _porter() -> Any:
    from snowballstemmer import stemmer

    return stemmer("porter")
