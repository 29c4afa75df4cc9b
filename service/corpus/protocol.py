"""What a store of articles can do. Two implementations, one contract suite."""

from typing import Protocol

from schemas.article import Article
from schemas.evidence import Passage
from schemas.report import CorpusSnapshot, Report


class Corpus(Protocol):
    """The articles a newsroom holds, searchable by passage, with the last report of each."""

    async def add(self, article: Article) -> bool:
        """Stores an article and indexes its passages, all or nothing. False, and no change, where it is held."""
        ...

    async def article(self, article_id: str) -> Article | None:
        """The article, or None."""
        ...

    async def search(self, query: str, *, context: str = "", without: str, limit: int) -> tuple[Passage, ...]:
        """The passages of all articles but `without` that speak most of the query's words, best first, at most `limit`.

        `context`: what was said around the query. It is searched for together with the query, as a second ranking of
        equal weight: alone the query may fit another event, and with its context what it says in passing is drowned.

        Every article that matches at all has its best passage among them before any has its second, as far as
        `limit` goes. The same store and query give the same answer.
        """
        ...

    async def snapshot(self, *, without: str) -> CorpusSnapshot:
        """Which articles are held, `without` left out."""
        ...

    async def keep_report(self, report: Report) -> None:
        """Keeps the report as its article's last one."""
        ...

    async def report(self, article_id: str) -> Report | None:
        """The last report of an article, or None."""
        ...

    async def aclose(self) -> None:
        """Lets go of the store."""
        ...
