"""The same search with nothing left out: every passage is scored for every word, and compared with every vector."""

from array import array
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from schemas.evidence import Passage
from service.corpus.search import CANDIDATES, Place, weight_of, wordings
from service.corpus.stems import counted, stem_of
from tests.scale.claims import Claim

_K, _B = 1.2, 0.75
Floats: TypeAlias = NDArray[np.float64]
Numbers: TypeAlias = NDArray[np.int64]


class Exact:
    """Remembers what is needed to rank all passages for some claims, as FTS5's BM25 does."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        found = {stem_of(word) for claim in claims for words in wordings(claim.text, claim.context) for word in words}
        self._stems = {stem: (array("L"), array("H")) for stem in found}
        self._lengths = array("H")
        self._article_ids: list[str] = []
        self._starts = array("L")

    @property
    def passages(self) -> int:
        """How many were noted."""
        return len(self._starts)

    def having(self) -> list[int]:
        """In how many passages each word of the claims is, those that are in none left out; the rarest first."""
        return sorted(len(rows) for rows, _ in self._stems.values() if rows)

    def note(self, passage: Passage) -> None:
        """Takes a passage in."""
        counts, length = counted(passage.quote.exact)
        for stem in counts.keys() & self._stems.keys():
            rows, often = self._stems[stem]
            rows.append(len(self._starts))
            often.append(counts[stem])
        self._lengths.append(length)
        self._article_ids.append(passage.article_id)
        self._starts.append(passage.quote.start)

    def ranking(self, words: Sequence[str], without: str) -> list[Place]:
        """The places of one ranking of a search: the best of every article first, as many as a search reads."""
        scores = self._scores(words)
        numbers, order = self._articles
        found = np.flatnonzero((scores > 0) & (numbers != self._numbers.get(without, -1)))
        best = found[np.lexsort((np.array(self._starts)[found], order[numbers[found]], -scores[found]))]
        heard = np.lexsort((np.arange(len(best)), _turns(numbers[best])))[:CANDIDATES]
        return [Place(self._article_ids[row], self._starts[row]) for row in best[np.sort(heard)].tolist()]

    def _scores(self, words: Sequence[str]) -> Floats:
        """What every passage is worth: for each word, how rare it is, and how much the passage says it."""
        scores = np.zeros(self.passages)
        lengths = np.array(self._lengths, dtype=np.float64)
        norm = _K * (1 - _B + _B * lengths / lengths.mean())
        for stem in map(stem_of, words):
            rows, often = self._stems[stem]
            if rows:
                at, count = np.array(rows), np.array(often, dtype=np.float64)
                scores[at] += weight_of(len(rows), self.passages) * (count * (_K + 1) / (count + norm[at]))
        return scores

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """The articles, numbered as they came. To be asked for when all passages are noted."""
        return {article_id: number for number, article_id in enumerate(dict.fromkeys(self._article_ids))}

    @cached_property
    def _articles(self) -> tuple[Numbers, Numbers]:
        """The number of each passage's article, and where each number's article stands in the order of the ids."""
        order = np.argsort(np.argsort(list(self._numbers)))
        return np.array([self._numbers[article_id] for article_id in self._article_ids]), order


def _turns(articles: Numbers) -> Numbers:
    """For each passage of a ranking, how many better ones of its article there are."""
    together = np.argsort(articles, kind="stable")
    counted = articles[together]
    begins = np.r_[True, counted[1:] != counted[:-1]] if len(counted) else np.empty(0, dtype=bool)
    at = np.arange(len(counted))
    turns = np.empty(len(counted), dtype=np.int64)
    turns[together] = at - np.maximum.accumulate(np.where(begins, at, 0))
    return turns
