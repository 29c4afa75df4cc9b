"""The corpus in a dictionary: for tests, and for a check of a few articles that nobody keeps."""

from collections import Counter
from collections.abc import Sequence

from schemas.article import Article
from schemas.evidence import Passage
from schemas.report import CorpusSnapshot, Report
from service.corpus.embedding import Embedder, embedded
from service.corpus.passages import passages
from service.corpus.search import (
    READ_AGAIN,
    Place,
    bm25,
    candidates,
    fuse,
    heard,
    hearing,
    snapshot,
    without_diacritics,
    wordings,
    words,
)
from service.corpus.vectors import Matrix
from service.errors import NotFound


class MemoryCorpus:
    """A `Corpus` that ends with the process. It reads every passage in every search.

    Ranks as the store in a file does, but compares whole words where that one compares their stems.
    """

    def __init__(self, *, embedder: Embedder | None = None, size: int = 2, stride: int = 1) -> None:
        """Passages are `size` sentences, a new one every `stride` sentences."""
        self._embedder = embedder
        self._windows = (size, stride)
        self._articles: dict[str, Article] = {}
        self._reports: dict[str, Report] = {}
        self._passages: dict[Place, Passage] = {}
        self._words: dict[Place, Counter[str]] = {}
        self._matrix = None if embedder is None else Matrix.empty(embedder.dim)

    async def add(self, article: Article) -> bool:
        """See `Corpus`."""
        if article.id in self._articles:
            return False
        found = {Place(article.id, one.quote.start): one for one in passages(article, *self._windows)}
        vectors = await embedded(self._embedder, article.language, [one.quote.exact for one in found.values()])
        # While the vectors were made another task may have added it. From here on nothing waits and nothing fails.
        if article.id in self._articles:
            return False
        if self._matrix is not None and vectors is not None:
            self._matrix = self._matrix.extended(found, vectors)
        self._words |= {place: Counter(map(without_diacritics, words(one.quote.exact))) for place, one in found.items()}
        self._passages |= found
        self._articles[article.id] = article
        return True

    async def article(self, article_id: str) -> Article | None:
        """See `Corpus`."""
        return self._articles.get(article_id)

    async def search(self, query: str, *, context: str = "", without: str, limit: int) -> tuple[Passage, ...]:
        """See `Corpus`. A query without a content word finds nothing."""
        rankings = [self._by_words(words, without) for words in wordings(query, context)]
        if not rankings:
            return ()
        if self._embedder is not None and self._matrix is not None:
            (vector,) = await self._embedder.embed([query])
            rankings.append(self._matrix.nearest(vector, without=without, floor=self._embedder.floor))
            return hearing([self._passages[place] for place in fuse(rankings)], limit)
        places = candidates(fuse(rankings), max(limit, READ_AGAIN))
        return heard(query, rankings, [self._passages[place] for place in places], limit)

    async def snapshot(self, *, without: str) -> CorpusSnapshot:
        """See `Corpus`."""
        return snapshot(self._articles.keys() - {without})

    async def keep_report(self, report: Report) -> None:
        """See `Corpus`.

        Raises:
            NotFound: its article is not held.
        """
        if report.article.id not in self._articles:
            raise NotFound(f"No article {report.article.id} is held; its report was not kept.")
        self._reports[report.article.id] = report

    async def report(self, article_id: str) -> Report | None:
        """See `Corpus`."""
        return self._reports.get(article_id)

    async def aclose(self) -> None:
        """See `Corpus`."""

    def _by_words(self, wanted: Sequence[str], without: str) -> list[Place]:
        scores = bm25([without_diacritics(word) for word in wanted], self._words)
        ranked = sorted(scores, key=lambda place: (-scores[place], place))
        return candidates([place for place in ranked if place.article_id != without])
