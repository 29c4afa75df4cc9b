"""The corpus in a dictionary: for tests, and for a check of a few articles that nobody keeps."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from schemas.article import Article, Listed
from schemas.evidence import Passage
from schemas.page import ArticlePage
from schemas.report import CorpusSnapshot
from service.corpus.embedding import Embedder, embedded
from service.corpus.passages import passages
from service.corpus.search import (
    READ_AGAIN,
    Place,
    Scope,
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
from service.corpus.vectors import Matrix, Vectors
from service.errors import InputError


@dataclass
class _Held:
    """An article, when it came in, and when it was withdrawn."""

    article: Article
    added_at: datetime
    withdrawn_at: datetime | None = None


class MemoryCorpus:
    """A `Corpus` that ends with the process. It reads every passage in every search.

    Ranks as the store in a file does, but compares whole words where that one compares their stems.
    """

    def __init__(self, *, embedder: Embedder | None = None, size: int = 2, stride: int = 1) -> None:
        """Passages are `size` sentences, a new one every `stride` sentences."""
        self._embedder = embedder
        self._windows = (size, stride)
        self._articles: dict[str, _Held] = {}
        self._passages: dict[Place, Passage] = {}
        self._words: dict[Place, Counter[str]] = {}
        self._matrix = None if embedder is None else Matrix.empty(embedder.dim)

    async def add(self, article: Article) -> bool:
        """See `Corpus`."""
        if article.id in self._articles:
            return False
        found, vectors = await self._cut(article)
        # While the vectors were made another task may have added it. From here on nothing waits and nothing fails.
        if article.id in self._articles:
            return False
        self._articles[article.id] = _Held(article, datetime.now(UTC))
        self._enter(found, vectors)
        return True

    async def article(self, article_id: str) -> Article | None:
        """See `Corpus`."""
        held = self._articles.get(article_id)
        return held.article if held else None

    async def articles(self, *, after: str | None = None, limit: int) -> ArticlePage:
        """See `Corpus`. `next` is the id of the last article of a page."""
        if after is not None and after not in self._articles:
            raise InputError("`after` is not the `next` of a page. Begin at the first page, without it.")
        newest = list(self._articles)[::-1]
        first = 0 if after is None else newest.index(after) + 1
        page = newest[first : first + limit]
        items = tuple(_listed(self._articles[one]) for one in page)
        return ArticlePage(items=items, next=page[-1] if page and page[-1] != newest[-1] else None)

    async def withdraw(self, article_id: str) -> bool:
        """See `Corpus`."""
        if not self._is_in(article_id):
            return False
        self._articles[article_id].withdrawn_at = datetime.now(UTC)
        self._passages = {place: one for place, one in self._passages.items() if place.article_id != article_id}
        self._words = {place: one for place, one in self._words.items() if place.article_id != article_id}
        if self._matrix is not None:
            self._matrix = self._matrix.without(article_id)
        return True

    async def reinstate(self, article_id: str) -> bool:
        """See `Corpus`."""
        held = self._articles.get(article_id)
        if held is None or self._is_in(article_id):
            return False
        found, vectors = await self._cut(held.article)
        if self._is_in(article_id):
            return False
        held.withdrawn_at = None
        self._enter(found, vectors)
        return True

    async def withdrawn(self, article_ids: Collection[str]) -> Mapping[str, datetime]:
        """See `Corpus`."""
        held = [one for one in self._articles.values() if one.article.id in article_ids]
        return {one.article.id: one.withdrawn_at for one in held if one.withdrawn_at is not None}

    async def search(
        self, query: str, *, context: str = "", without: str, within: str | None = None, limit: int
    ) -> tuple[Passage, ...]:
        """See `Corpus`. A query without a content word finds nothing."""
        scope = Scope(without, within)
        rankings = [self._by_words(words, scope) for words in wordings(query, context)]
        if not rankings:
            return ()
        if self._embedder is not None and self._matrix is not None:
            (vector,) = await self._embedder.embed([query])
            rankings.append(self._matrix.nearest(vector, floor=self._embedder.floor, **scope._asdict()))
            # An article may have been withdrawn while the vector was made.
            return hearing([self._passages[place] for place in fuse(rankings) if place in self._passages], limit)
        places = candidates(fuse(rankings), max(limit, READ_AGAIN))
        return heard(query, rankings, [self._passages[place] for place in places], limit)

    async def snapshot(self, *, without: str) -> CorpusSnapshot:
        """See `Corpus`."""
        return snapshot(one for one in self._articles if one != without and self._is_in(one))

    def _is_in(self, article_id: str) -> bool:
        held = self._articles.get(article_id)
        return held is not None and held.withdrawn_at is None

    async def _cut(self, article: Article) -> tuple[dict[Place, Passage], "Vectors | None"]:
        found = {Place(article.id, one.quote.start): one for one in passages(article, *self._windows)}
        return found, await embedded(self._embedder, article.language, [one.quote.exact for one in found.values()])

    def _enter(self, found: Mapping[Place, Passage], vectors: "Vectors | None") -> None:
        if self._matrix is not None and vectors is not None:
            self._matrix = self._matrix.extended(found, vectors)
        self._words |= {place: Counter(map(without_diacritics, words(one.quote.exact))) for place, one in found.items()}
        self._passages |= found

    def _by_words(self, wanted: Sequence[str], scope: Scope) -> list[Place]:
        scores = bm25([without_diacritics(word) for word in wanted], self._words)
        ranked = sorted(scores, key=lambda place: (-scores[place], place))
        places = [place for place in ranked if place.article_id != scope.without]
        return candidates([place for place in places if scope.within in {None, place.article_id}])


def _listed(held: _Held) -> Listed:
    return Listed(
        source=held.article.source,
        language=held.article.language,
        added_at=held.added_at,
        withdrawn_at=held.withdrawn_at,
    )
