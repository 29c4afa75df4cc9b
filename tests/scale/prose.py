"""Endless news made of the seeds' sentences, in which the words change as they do in real text.

A sentence of the seeds is taken at random. Its small words stay; of its other words each stays with a probability, or
another takes its place, and a number takes the place of each number. The word that comes is a new one, which nobody
has used before, as often as the vocabulary of English news grows by Heaps' law, K * n ** B words in a text of n
(K = 44 and B = 0.49 are those of the Reuters corpus RCV1: Manning, Raghavan and Schuetze, Introduction to Information
Retrieval, 2008, section 5.1.1); else it is a word of the text so far, drawn at random, so that what is common stays so
(Simon, "On a class of skew distribution functions", Biometrika, 1955; new words that become rarer: Zanette and
Montemurro, "Dynamics of text generation with realistic Zipf's distribution", J. of Quantitative Linguistics, 2005).
"""

import random
import re
from array import array
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from schemas.article import Article, Sentence, article_id
from service.corpus.search import STOP_WORDS
from tests.seeds import seed_articles

HEAPS_K, HEAPS_B = 44, 0.49
_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprtvz" for vowel in "aeiou"]
_WORDS = re.compile(r"(\d[\d.,]*\d|\d|[^\W\d_]+(?:['’][^\W\d_]+)?)")
_PUBLISHERS = 200


class Prose:
    """A source of such text. The same seed gives the same text. `kept`: the probability that a word stays."""

    def __init__(self, seed: int = 0, kept: float = 0.05) -> None:
        self._draw = random.Random(seed)  # noqa: S311 - repeatable is the point
        self._kept = kept
        self._templates = [_WORDS.split(text) for text in _sentences()]
        self._said = array("L")
        self.vocabulary = 0

    @property
    def said(self) -> int:
        """How many words were put in the place of others so far."""
        return len(self._said)

    def sentence(self) -> str:
        """One more sentence."""
        template = self._draw.choice(self._templates)
        return "".join(piece if nth % 2 == 0 else self._instead(piece) for nth, piece in enumerate(template))

    def article(self, sentences: int = 20) -> Article:
        """One more article, of four sentences a paragraph; its sentences are known, not sought."""
        said = [self.sentence() for _ in range(sentences)]
        gaps = ["\n\n" if nth % 4 == 0 else " " for nth in range(1, sentences)]
        text = "".join(part for pair in zip(said, [*gaps, ""], strict=True) for part in pair)
        ends = [0]
        for one, gap in zip(said, [*gaps, ""], strict=True):
            ends.append(ends[-1] + len(one) + len(gap))
        spans = zip(pairwise(ends), [*gaps, ""], strict=True)
        return Article(
            id=article_id(text),
            text=text,
            publisher=f"Paper {self._draw.randrange(_PUBLISHERS)}",
            published_at=datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=self._draw.randrange(2_600_000)),
            language="en",
            sentences=tuple(
                Sentence(start=start, end=end - len(gap), number=number)
                for number, ((start, end), gap) in enumerate(spans, start=1)
            ),
        )

    def articles(self, sentences: int = 20) -> Iterator[Article]:
        """Articles without end."""
        while True:
            yield self.article(sentences)

    def _instead(self, word: str) -> str:
        if word[0].isdigit():
            return str(int(10 ** self._draw.uniform(0.3, 4.3)))
        if word.lower() in STOP_WORDS or len(word) == 1 or self._draw.random() < self._kept:
            return word
        name = _name(self._word())
        return name.capitalize() if word[0].isupper() else name

    def _word(self) -> int:
        """The number of the next word: of a new one, or of one that was said before."""
        new = HEAPS_K * HEAPS_B * (len(self._said) + 1) ** (HEAPS_B - 1)
        if self._draw.random() < new:
            word, self.vocabulary = self.vocabulary, self.vocabulary + 1
        else:
            word = self._said[int(self._draw.random() * len(self._said))]
        self._said.append(word)
        return word


def _sentences() -> Sequence[str]:
    return [
        " ".join(article.exact(sentence).split())
        for article in seed_articles().values()
        for sentence in article.sentences
    ]


def _name(number: int) -> str:
    """A word of two syllables or more; no two numbers have the same."""
    number += len(_SYLLABLES)
    syllables = ""
    while number:
        number, syllable = divmod(number, len(_SYLLABLES))
        syllables += _SYLLABLES[syllable]
    return syllables
