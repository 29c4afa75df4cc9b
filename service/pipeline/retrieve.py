"""Where in the other articles a claim may be spoken of."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.article import Article, ArticleSource
from schemas.claim import Claim
from schemas.evidence import Passage
from service.corpus.protocol import Corpus
from service.text.origins import group


@dataclass(frozen=True, slots=True)
class Found:
    """Passages of other articles for one claim, and those articles by their ids."""

    passages: tuple[Passage, ...]
    articles: Mapping[str, Article]


@dataclass(frozen=True, slots=True)
class Together(Found):
    """What was found for several claims, and whose report each article is, the checked one too, by article id."""

    origins: Mapping[str, str]


class Shelf:
    """The articles that a check has read passages of, each fetched from the corpus once."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._fetched: dict[str, asyncio.Future[Article | None]] = {}

    @property
    def sources(self) -> tuple[ArticleSource, ...]:
        """What a report shows of them, in the order of their ids. A fetch that failed or did not end shows nothing."""
        ended = (fetch for _, fetch in sorted(self._fetched.items()) if fetch.done() and not fetch.cancelled())
        articles = (fetch.result() for fetch in ended if fetch.exception() is None)
        return tuple(article.source for article in articles if article)

    async def article(self, article_id: str) -> Article | None:
        """An article, or None where it is held no longer."""
        fetched = self._fetched.get(article_id)
        if fetched is None or _has_failed(fetched):
            fetched = self._fetched[article_id] = asyncio.ensure_future(self.corpus.article(article_id))
        return await asyncio.shield(fetched)


def _has_failed(fetched: asyncio.Future[Article | None]) -> bool:
    return fetched.done() and (fetched.cancelled() or fetched.exception() is not None)


async def retrieve(claim: Claim, article: Article, shelf: Shelf, *, passages: int, within: str | None = None) -> Found:
    """At most `passages` passages of other articles, every article that speaks of the claim heard before any twice.

    `within`: of that article alone.
    """
    context = article.quote(*claim.quote.sentences).exact
    found = await shelf.corpus.search(claim.text, context=context, without=article.id, within=within, limit=passages)
    sources = {passage.article_id: await shelf.article(passage.article_id) for passage in found}
    articles = {article_id: source for article_id, source in sources.items() if source}
    return Found(tuple(passage for passage in found if passage.article_id in articles), articles)


def together(article: Article, parts: Iterable[Found]) -> Together:
    """What was found for several claims of an article, each passage once."""
    parts = tuple(parts)
    passages = {(one.article_id, one.quote.start): one for part in parts for one in part.passages}
    articles = {article_id: source for part in parts for article_id, source in part.articles.items()}
    return Together(tuple(passages.values()), articles, group((article, *articles.values())))
