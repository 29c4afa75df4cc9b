"""Where the sentences of a text stand. Nothing is changed: a sentence is a span of the text it was found in."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise

from punkt import PunktSentenceTokenizer, load_model, with_nonbreaking_prefixes

from schemas.article import Sentence

LONGEST = 1_000
"""No sentence is longer, in code points: a line of a prompt has a bound."""

# Trained sentence models, by ISO 639-1 code. Another language is split as English is.
_MODELS = {
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "fi": "finnish",
    "fr": "french",
    "it": "italian",
    "ml": "malayalam",
    "nb": "norwegian",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ru": "russian",
    "sl": "slovene",
    "sv": "swedish",
    "tr": "turkish",
}

# Abbreviations of English news that the trained model and its supplement lack, without their last full stop.
_ABBREVIATIONS = frozenset({"amb", "approx", "det", "gens", "lts", "mt", "mts", "pres", "ret", "rev", "sgts", "spc"})

# A sentence that begins right where another ends, without the space that an editor's paragraphs had.
_GLUED = re.compile(
    r"""(?:(?<=[a-z0-9)\]”’"'])|(?<=[A-Z]{2}))[.!?]  # the end of a word, a number, a bracket, an acronym
        [”’"')\]]?                                    # a closing mark stays with its sentence
        (?=[“‘"'(]?[A-Z][a-z])(?!Com\b|Net\b|Org\b)""",
    re.VERBOSE,
)
# After these the model sees an abbreviation only; a word that begins sentences tells that one ended there.
_ENDED = re.compile(
    r"\b(?:[AaPp]\.[Mm]|[DE]\.[CU]|U\.[KNS]|U\.S\.A|Co|Corp|Inc|Jr|Ltd|Sr)\.\s+"
    r"(?=(?:After|An|At|But|Both|Earlier|He|Her|His|However|If|In|It|Its|Later|Meanwhile|On|She|Since|That|The|Their"
    r"|There|These|They|This|Those|We|When|While)\s)"
)
# "Is it?" Putin asked. The speaker belongs to what is said.
_SPEAKER = re.compile(
    r"(?:[A-Z][\w’'.-]*\s+){1,4}(?:added|asked|cried|replied|said|says|shouted|told|tweeted|warned|wrote)\b"
)
_QUESTIONED = re.compile(r"[?!…][”’\"'»]\s*$")
_INVISIBLE = "\u00ad\u200b\u200e\u200f\u2060\ufeff"
_LEADING = re.compile(rf"(?:[\s{_INVISIBLE}]|[•‣◦▪●■·]|[*–—-]+(?=\s))*")


def sentences(text: str, spans: Iterable[tuple[int, int]], language: str = "en") -> tuple[Sentence, ...]:
    """The sentences within these stretches of the text, numbered from 1.

    Args:
        text: the whole text; all offsets are code points into it.
        spans: stretches in order, start inclusive, end exclusive, each of whole sentences. A line break within
            one is white space.
        language: ISO 639-1 code.

    A sentence has neither white space nor a bullet at its ends, holds a letter or a digit, and is at most
    `LONGEST` code points long. Letters are never lost: every one within the spans lies in a sentence.
    """
    found = (piece for start, end in spans for piece in _pieces(text, start, end, language))
    return tuple(Sentence(number=number, start=start, end=end) for number, (start, end) in enumerate(found, start=1))


def _pieces(text: str, start: int, end: int, language: str) -> Iterator[tuple[int, int]]:
    stretch = text[start:end]
    cuts = [0, *_cuts(stretch, language), len(stretch)]
    for begin, stop in pairwise(cuts):
        for piece_begin, piece_stop in _bounded(stretch, begin, stop):
            left, right = _trimmed(stretch, piece_begin, piece_stop)
            if any(char.isalnum() for char in stretch[left:right]):
                yield start + left, start + right


def _cuts(stretch: str, language: str) -> list[int]:
    """Where a sentence begins after another one, in order."""
    tokenizer = _tokenizer(language)
    proposed = {begin for begin, _ in tokenizer.span_tokenize(stretch)}
    proposed |= {found.end() for found in _ENDED.finditer(stretch)}
    proposed |= {
        found.end() for found in _GLUED.finditer(stretch) if not _abbreviated(stretch, found.start(), language)
    }
    cased = any(char.isupper() for char in stretch)
    cuts: list[int] = []
    last = 0
    for cut in sorted({_after_closing(stretch, cut) for cut in proposed} - {0}):
        if not _continues(stretch, last, cut, cased=cased):
            cuts.append(cut)
            last = cut
    return cuts


def _after_closing(stretch: str, cut: int) -> int:
    """A closing mark stays with its sentence, even where no space follows it."""
    while cut and stretch[cut : cut + 1] in {"”", "’", "»", ")", "]"}:
        cut += 1
    return cut


def _continues(stretch: str, last: int, cut: int, *, cased: bool) -> bool:
    """Whether what follows belongs to the sentence before: a lower-case word, a speaker, the item of a number."""
    head, tail = stretch[max(last, cut - 80) : cut], stretch[cut : cut + 80]  # a window, so that time stays linear
    if not any(char.isalpha() for char in head):
        return True
    return (cased and tail[:1].islower()) or bool(_QUESTIONED.search(head) and _SPEAKER.match(tail))


def _abbreviated(stretch: str, stop: int, language: str) -> bool:
    """Whether the word before this full stop is an abbreviation: "St.Petersburg"."""
    word = stretch[max(0, stop - 12) : stop].split()[-1:]
    return bool(word) and _tokenizer(language).params.is_abbrev(word[0].casefold().lstrip("“‘\"'("))


def _bounded(stretch: str, begin: int, stop: int) -> Iterator[tuple[int, int]]:
    """Cuts what is too long at the last white space that fits, or in the middle of a word where there is none."""
    while stop - begin > LONGEST:
        border = max(stretch.rfind(space, begin + 1, begin + LONGEST) for space in " \n\t\u00a0")
        cut = border if border > begin else begin + LONGEST
        yield begin, cut
        begin = cut
    yield begin, stop


def _trimmed(stretch: str, begin: int, stop: int) -> tuple[int, int]:
    while stop > begin and (stretch[stop - 1].isspace() or stretch[stop - 1] in _INVISIBLE):
        stop -= 1
    leading = _LEADING.match(stretch, begin, stop)
    return (leading.end() if leading else begin), stop


@cache
def _tokenizer(language: str) -> PunktSentenceTokenizer:
    name = _MODELS.get(language, "english")
    params = load_model(name)
    if name != "malayalam":
        params = with_nonbreaking_prefixes(params, name)
    params.abbrev_types |= _ABBREVIATIONS if name == "english" else frozenset()
    return PunktSentenceTokenizer(params)
