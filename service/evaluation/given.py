"""Labelled texts as the line takes them: as articles, and as a corpus that finds all of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time
from itertools import accumulate

from schemas.article import Article, Sentence, article_id
from schemas.claim import Claim
from schemas.evidence import Passage
from schemas.page import ArticlePage
from schemas.report import CorpusSnapshot
from service.corpus.search import snapshot
from service.pipeline.extract import worded
from service.text.sentences import sentences


def article(
    text: str, *, published: date | None = None, title: str | None = None, spans: Sequence[tuple[int, int]] = ()
) -> Article:
    """A labelled text with all its sentences: it was cut out of its page already, there is no menu to leave out.

    `spans`: stretches that no sentence runs out of; by default the whole.
    """
    return Article(
        id=article_id(text),
        text=text,
        title=title,
        published_at=datetime.combine(published, time(), UTC) if published else None,
        language="en",
        sentences=sentences(text, spans or [(0, len(text))], "en") or (Sentence(number=1, start=0, end=len(text)),),
    )


def statements(
    texts: Sequence[str], *, published: date | None = None, title: str | None = None
) -> tuple[Article, list[Claim]]:
    """An article that is nothing but these claims, a line each, and the claims in their own words."""
    texts = [" ".join(text.split()) for text in texts]
    ends = list(accumulate(len(text) + 1 for text in texts))
    spans = [(end - 1 - len(text), end - 1) for text, end in zip(texts, ends, strict=True)]
    whole = article("\n".join(texts), published=published, title=title, spans=spans)
    within = [[one.number for one in whole.sentences if start <= one.start < end] for start, end in spans]
    return whole, [worded(whole, whole.quote(*numbers)) for numbers in within]


class Given:
    """A `Corpus` that finds every sentence it holds: what a data set gives as evidence was searched for already."""

    def __init__(self, held: Sequence[Article]) -> None:
        self._held = {one.id: one for one in held}

    async def add(self, article: Article) -> bool:
        """Holds one more."""
        added = article.id not in self._held
        self._held[article.id] = article
        return added

    async def article(self, article_id: str) -> Article | None:
        """See `Corpus`."""
        return self._held.get(article_id)

    async def articles(self, *, after: str | None = None, limit: int) -> ArticlePage:
        """None: nobody asks."""
        return ArticlePage(items=())

    async def withdraw(self, article_id: str) -> bool:
        """False: what a data set gives stays."""
        return False

    async def reinstate(self, article_id: str) -> bool:
        """False: nothing was withdrawn."""
        return False

    async def withdrawn(self, article_ids: Collection[str]) -> Mapping[str, datetime]:
        """None: nothing was withdrawn."""
        return {}

    async def search(
        self, query: str, *, context: str = "", without: str, within: str | None = None, limit: int
    ) -> tuple[Passage, ...]:
        """Every sentence of every article, or of the one, whatever is asked."""
        return tuple(
            Passage(article_id=one.id, quote=one.quote(sentence.number))
            for one in self._held.values()
            if within in {None, one.id}
            for sentence in one.sentences
        )

    async def snapshot(self, *, without: str) -> CorpusSnapshot:
        """See `Corpus`."""
        return snapshot(one for one in self._held if one != without)
