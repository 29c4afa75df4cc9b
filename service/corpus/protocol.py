"""What a store of articles can do. Several implementations, one contract suite."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from schemas.article import Article
from schemas.evidence import Passage
from schemas.page import ArticlePage
from schemas.report import CorpusSnapshot


class Corpus(Protocol):
    """The articles a newsroom holds, searchable by passage."""

    async def add(self, article: Article) -> bool:
        """Stores an article and indexes its passages, all or nothing. False, and no change, where it is held.

        One that was withdrawn is held: it stays withdrawn.
        """
        ...

    async def article(self, article_id: str) -> Article | None:
        """The article, withdrawn or not, or None."""
        ...

    async def articles(self, *, after: str | None = None, limit: int) -> ArticlePage:
        """At most `limit` articles, the last that came in first, those withdrawn among them.

        `after`: `next` of the page before. Articles that come in meanwhile are on no later page.

        Raises:
            InputError: `after` is no such place.
        """
        ...

    async def withdraw(self, article_id: str) -> bool:
        """Takes an article out of the evidence: no search finds it. Its text stays. True where it was in."""
        ...

    async def reinstate(self, article_id: str) -> bool:
        """Makes a withdrawn article evidence again. True where it was out."""
        ...

    async def withdrawn(self, article_ids: Collection[str]) -> Mapping[str, datetime]:
        """Which of these articles are withdrawn, and since when."""
        ...

    async def search(
        self, query: str, *, context: str = "", without: str, within: str | None = None, limit: int
    ) -> tuple[Passage, ...]:
        """The passages of all articles but `without` that speak most of the query's words, best first, at most `limit`.

        `context`: what was said around the query. It is searched for together with the query, as a second ranking of
        equal weight: alone the query may fit another event, and with its context what it says in passing is drowned.
        `within`: an article whose passages alone are wanted.

        Every article that matches at all has its best passage among them before any has its second, as far as
        `limit` goes. The same store and query give the same answer.
        """
        ...

    async def snapshot(self, *, without: str) -> CorpusSnapshot:
        """Which articles are held as evidence, `without` left out."""
        ...
