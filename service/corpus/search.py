"""What a search is made of, apart from any store: words to look for, rankings made one, a hearing for every source."""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from itertools import accumulate
from typing import NamedTuple

from schemas.evidence import Passage
from schemas.report import CorpusSnapshot
from service.corpus.thesaurus import others

MOST_WORDS = 64
"""A longer query is cut: a claim has at most 400 characters, and every word costs a look into the index."""

CANDIDATES = 200
"""So many passages of each ranking are read."""

BUDGET = 100_000
"""A search ranks about so many passages. Where a query's words are in more, its rarest words choose which."""

READ_AGAIN = 50
"""So many of the best passages are read, and compared with each other, before a search answers."""

_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|\d+(?:[.,]\d+)+|[^\W_]+")
"""An abbreviation with its dots (U.S.), a number with its separators (1,500), or letters and digits."""

_STOP_WORDS = """
a about after again all also am an and any are as at be because been before being between both but by can could did
do does doing down during each few for from further had has have having he her here hers him his how i if in into is
it its itself just me more most my no nor not of off on once only or other our out over own same she should so some
such than that the their them then there these they this those through to too under until up very was we were what
when where which while who whom why will with would you your
"""

STOP_WORDS = frozenset(_STOP_WORDS.split())
"""English words that say nothing about the subject. "us" is not among them: in lower case it is also a country."""


class Place(NamedTuple):
    """Where a passage begins: its article, and the offset in code points. Names the passage, and breaks ties."""

    article_id: str
    start: int


class Scope(NamedTuple):
    """Whose passages are wanted: of all articles but one, or `within` one alone."""

    without: str
    within: str | None = None


class Frequencies(NamedTuple):
    """How common stems are: all passages held, all their tokens, and the passages that have each stem."""

    passages: int
    tokens: int
    having: Mapping[str, int]


def words(text: str) -> list[str]:
    """All words and numbers of a text in lower case, in order, with diacritics (NFC)."""
    return _WORD.findall(unicodedata.normalize("NFC", text).lower())


def query_words(text: str) -> list[str]:
    """The content words and numbers of a query, each once, in order, at most `MOST_WORDS`.

    None holds a quotation mark, white space or a control character, so that a store may quote it as it is.
    """
    telling = (
        word
        for word in words(text)
        if word not in STOP_WORDS and (len(word) > 1 or not word.isascii() or word.isdigit())
    )
    return list(dict.fromkeys(telling))[:MOST_WORDS]


def wordings(query: str, context: str = "") -> list[list[str]]:
    """The words of each ranking: those of the query, then those of query and context, each with words used alike."""
    found = [query_words(text) for text in dict.fromkeys((query, f"{query} {context}".strip()))]
    return [[*words, *others(words)] for words in found if words]


def bm25(
    wanted: Iterable[str], texts: Mapping[Place, Counter[str]], *, smooth: float = 0, k: float = 1.2, b: float = 0.75
) -> dict[Place, float]:
    """How well each text that has any of the wanted words speaks of them, by default as SQLite's FTS5 has it.

    `smooth`: 0 lets a word that more than half of the texts have count next to nothing, as in FTS5; 1 lets it count
    less than any rarer word, as in Lucene.

    Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009.
    """
    lengths = {place: counts.total() for place, counts in texts.items()}
    mean = sum(lengths.values()) / max(len(lengths), 1)
    scores: dict[Place, float] = {}
    for word in dict.fromkeys(wanted):
        having = [place for place, counts in texts.items() if word in counts]
        weight = weight_of(len(having), len(texts), smooth)
        for place in having:
            count = texts[place][word]
            share = count * (k + 1) / (count + k * (1 - b + b * lengths[place] / mean))
            scores[place] = scores.get(place, 0.0) + weight * share
    return scores


def weight_of(having: int, passages: int, smooth: float = 0) -> float:
    """What a word is worth that so many of the passages have; see `bm25`."""
    return max(math.log(smooth + (passages - having + 0.5) / (having + 0.5)), 1e-6)


def telling(frequencies: Frequencies, budget: int) -> list[str]:
    """The rarest stems, as many as are in no more passages than the budget together; one always. Unheard ones are none.

    Where all of them are given back, nothing was left out: a ranking by them is the whole ranking.
    """
    rarest = sorted((count, stem) for stem, count in frequencies.having.items() if count)
    sums = accumulate(count for count, _ in rarest)
    return [
        stem
        for number, ((_, stem), total) in enumerate(zip(rarest, sums, strict=True))
        if not number or total <= budget
    ]


def rescored(stems: Sequence[str], frequencies: Frequencies, texts: Mapping[Place, Counter[str]]) -> list[Place]:
    """Places in order of BM25 by all stems, as `bm25` has it, where how common each is was counted elsewhere.

    The mean length is that of these texts.
    """
    lengths = {place: counts.total() for place, counts in texts.items()}
    mean = sum(lengths.values()) / max(len(lengths), 1)
    scores = dict.fromkeys(texts, 0.0)
    for stem in stems:
        weight = weight_of(frequencies.having.get(stem, 0), frequencies.passages)
        for place, counts in texts.items():
            count = counts[stem]
            scores[place] += weight * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * lengths[place] / mean))
    return sorted(scores, key=lambda place: (-scores[place], place))


def fuse(rankings: Iterable[Sequence[Place]], k: int = 60) -> list[Place]:
    """Several rankings, best first, made one by reciprocal rank: the sum of 1 / (k + rank), ranks counted from 1.

    Source: Cormack, Clarke and Buettcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning
    methods", SIGIR 2009; k = 60 is theirs.
    """
    scores: defaultdict[Place, float] = defaultdict(float)
    for ranking in rankings:
        for rank, place in enumerate(ranking, start=1):
            scores[place] += 1 / (k + rank)
    return sorted(scores, key=lambda place: (-scores[place], place))


def heard(
    query: str, rankings: Sequence[Sequence[Place]], ranked: Sequence[Passage], limit: int
) -> tuple[Passage, ...]:
    """The passages that a search answers with: `ranked`, which the rankings found, best first, after a second look.

    The best `READ_AGAIN` of them are ranked anew, compared with each other alone, by every word of the query that
    they have, small words too: those would be dear to look for in a whole corpus. That ranking counts as much as each
    of the others.
    """
    read = {Place(passage.article_id, passage.quote.start): passage for passage in ranked}
    again = _read_again(query, hearing(ranked, READ_AGAIN))
    return hearing([read[place] for place in fuse([*rankings, again]) if place in read], limit)


def hearing(ranked: Sequence[Passage], limit: int) -> tuple[Passage, ...]:
    """Every article's best passage, then every article's second, and so on; each round in order of rank."""
    rounds = list(_rounds(passage.article_id for passage in ranked))
    return tuple(ranked[index] for index in _heard(rounds, limit))


def candidates(ranked: Sequence[Place], most: int = CANDIDATES) -> list[Place]:
    """The places that a hearing of `most` would let through, still in order of rank."""
    rounds = list(_rounds(place.article_id for place in ranked))
    return [ranked[index] for index in sorted(_heard(rounds, most))]


def snapshot(article_ids: Iterable[str]) -> CorpusSnapshot:
    """How many articles there are, and the SHA-256 of their sorted ids, each ended by a line feed."""
    ids = sorted(article_ids)
    return CorpusSnapshot(articles=len(ids), sha256=sha256("".join(f"{one}\n" for one in ids).encode()).hexdigest())


def without_diacritics(word: str) -> str:
    """A word as it is compared: "café" is "cafe"."""
    if word.isascii():
        return word
    return "".join(mark for mark in unicodedata.normalize("NFKD", word) if not unicodedata.combining(mark))


def _read_again(query: str, passages: Iterable[Passage]) -> list[Place]:
    """Among passages on one subject its name tells none from another; what else they share with the query does."""
    texts = {Place(one.article_id, one.quote.start): _stems(one.quote.exact) for one in passages}
    scores = bm25(list(_stems(query))[:MOST_WORDS], texts, smooth=1)
    return sorted(scores, key=lambda place: (-scores[place], place))


@lru_cache(1024)  # the claims of an article meet the same passages
def _stems(text: str) -> Counter[str]:
    return Counter(without_diacritics(word)[:5] for word in words(text))


def _rounds(article_ids: Iterable[str]) -> Iterator[int]:
    """For each passage of a ranking, how many better ones of its article there are."""
    seen: Counter[str] = Counter()
    for article_id in article_ids:
        yield seen[article_id]
        seen[article_id] += 1


def _heard(rounds: Sequence[int], limit: int) -> list[int]:
    return sorted(range(len(rounds)), key=rounds.__getitem__)[:limit]
