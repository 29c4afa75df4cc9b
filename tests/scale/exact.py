"""The same search with nothing left out: every passage is scored for every word, and compared with every vector."""

from array import array
from collections.abc import Iterable, Sequence

import numpy as np

from schemas.evidence import Passage
from service.corpus.search import CANDIDATES, Place, candidates, weight_of, wordings
from service.corpus.stems import counted, stem_of
from tests.scale.claims import Claim

_K, _B = 1.2, 0.75


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

    def places(self) -> list[Place]:
        """All of them, in the order they were noted."""
        return [Place(*place) for place in zip(self._article_ids, self._starts, strict=True)]

    def ranking(self, words: Sequence[str], without: str) -> list[Place]:
        """The places of one ranking of a search: the best of every article first, as many as a search reads."""
        scores = np.zeros(self.passages)
        lengths = np.frombuffer(self._lengths, dtype=np.uint16).astype(np.float64)
        norm = _K * (1 - _B + _B * lengths / lengths.mean())
        for stem in map(stem_of, words):
            rows, often = self._stems[stem]
            if rows:
                at, count = np.array(rows), np.array(often, dtype=np.float64)
                scores[at] += weight_of(len(rows), self.passages) * (count * (_K + 1) / (count + norm[at]))
        found = np.flatnonzero(scores)
        best = found[np.argsort(-scores[found], kind="stable")]
        ranked = [(-scores[row], Place(self._article_ids[row], self._starts[row])) for row in best.tolist()]
        return candidates([place for _, place in sorted(ranked) if place.article_id != without], CANDIDATES)
