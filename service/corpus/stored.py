"""The corpus in a database. Imports SQLAlchemy: import this module where a store is opened, not before."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import delete, exists, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.article import Article
from schemas.evidence import Passage
from schemas.page import ArticlePage
from schemas.report import CorpusSnapshot
from service.corpus.embedding import Embedder, embedded
from service.corpus.passages import passages
from service.corpus.rows import article_row, listed, passage_row, read, vector_rows
from service.corpus.search import READ_AGAIN, Place, Scope, candidates, fuse, heard, hearing, snapshot, wordings
from service.corpus.vectors import Vectors
from service.errors import ConfigurationError, InputError
from service.store.database import Store, faults_told, finished
from service.store.tables import ArticleRow, PassageRow, VectorRow

EMBEDDED_AT_ONCE = 128
"""Passages that were added without vectors get them in transactions of so many."""


class Index(Protocol):
    """What finds passages in one kind of database. Every ranking is best first, with room for every article."""

    async def prepare(self, embedder: Embedder) -> None:
        """Makes ready for searches by this embedder's vectors.

        Raises:
            ConfigurationError: the database cannot do that.
        """
        ...

    async def added(self, connection: AsyncConnection, article_id: str, texts: Mapping[int, str]) -> None:
        """Takes in what was added to the passages: the text of each by its start."""
        ...

    async def removed(self, connection: AsyncConnection, article_id: str) -> None:
        """Forgets an article, before its passages are removed."""
        ...

    async def by_words(self, connection: AsyncConnection, words: Sequence[str], scope: Scope) -> list[Place]:
        """The places that speak most of these words."""
        ...

    async def by_meaning(self, embedder: Embedder, vector: Vectors, scope: Scope) -> list[Place]:
        """The places nearest to a vector, none below the embedder's floor."""
        ...


class StoredCorpus:
    """A `Corpus` in a database that several processes may share. Use one instance in one event loop.

    Words rank passages by BM25 (stemmed, without diacritics); with an embedder meaning ranks them too, without
    one the best are compared once more by all their words. Reciprocal rank makes the rankings one.
    """

    def __init__(self, store: Store, index: Index, embedder: Embedder | None, size: int, stride: int) -> None:
        """Use `service.corpus.opening.open_corpus`."""
        self._store = store
        self._index = index
        self._embedder = embedder
        self._windows = (size, stride)

    async def prepare(self, embedder: Embedder) -> None:
        """Gives vectors to the passages that were stored while there was no embedder.

        Raises:
            ConfigurationError: there are vectors of another model, or the database has no search by vectors.
        """
        ours = (VectorRow.model_id == embedder.model_id) & (VectorRow.dim == embedder.dim)
        if others := await self._store.rows(select(VectorRow.model_id).where(~ours).limit(1)):
            raise ConfigurationError(
                f"The corpus holds vectors of the model {others[0].model_id}, not of {embedder.model_id}. "
                "Configure that model, or begin a new corpus."
            )
        await self._index.prepare(embedder)
        bare = (
            select(PassageRow.id, PassageRow.exact)
            .join(ArticleRow, ArticleRow.id == PassageRow.article_id)
            .where(ArticleRow.language.in_(embedder.languages), ~exists().where(VectorRow.passage_id == PassageRow.id))
            .order_by(PassageRow.id)
            .limit(EMBEDDED_AT_ONCE)
        )
        last = 0
        while rows := await self._store.rows(bare.where(PassageRow.id > last)):
            last = rows[-1].id
            vectors = await embedder.embed([row.exact for row in rows])
            await finished(self._keep_vectors(vector_rows(embedder, [row.id for row in rows], vectors)))

    async def add(self, article: Article) -> bool:
        """See `Corpus`."""
        if await self._store.rows(select(ArticleRow.id).where(ArticleRow.id == article.id)):
            return False
        found, vectors = await self._cut(article)
        row = self._store.insert(ArticleRow).values(**article_row(article)).on_conflict_do_nothing()
        return await finished(self._enter(row, article, found, vectors))

    async def reinstate(self, article_id: str) -> bool:
        """See `Corpus`."""
        out = (ArticleRow.id == article_id) & ArticleRow.withdrawn_at.is_not(None)
        rows = await self._store.rows(select(ArticleRow.document).where(out))
        if not rows:
            return False
        article = Article.model_validate(rows[0].document)
        found, vectors = await self._cut(article)
        return await finished(
            self._enter(update(ArticleRow).where(out).values(withdrawn_at=None), article, found, vectors)
        )

    async def withdraw(self, article_id: str) -> bool:
        """See `Corpus`."""

        async def leave() -> bool:
            held = (ArticleRow.id == article_id) & ArticleRow.withdrawn_at.is_(None)
            async with self._store.writing() as connection:
                out = update(ArticleRow).where(held).values(withdrawn_at=datetime.now(UTC)).returning(ArticleRow.id)
                if (await connection.execute(out)).first() is None:
                    return False
                await self._index.removed(connection, article_id)
                await connection.execute(delete(PassageRow).where(PassageRow.article_id == article_id))
                return True

        return await finished(leave())

    async def withdrawn(self, article_ids: Collection[str]) -> Mapping[str, datetime]:
        """See `Corpus`."""
        out = ArticleRow.id.in_(article_ids) & ArticleRow.withdrawn_at.is_not(None)
        return {
            row.id: row.withdrawn_at
            for row in await self._store.rows(select(ArticleRow.id, ArticleRow.withdrawn_at).where(out))
        }

    async def article(self, article_id: str) -> Article | None:
        """See `Corpus`."""
        rows = await self._store.rows(select(ArticleRow.document).where(ArticleRow.id == article_id))
        return Article.model_validate(rows[0].document) if rows else None

    async def articles(self, *, after: str | None = None, limit: int) -> ArticlePage:
        """See `Corpus`. `next` is the id of the last article of a page."""
        order = tuple_(ArticleRow.added_at, ArticleRow.id)
        wanted = select(ArticleRow.document, ArticleRow.added_at, ArticleRow.withdrawn_at)
        if after is not None:
            last = await self._store.rows(select(ArticleRow.added_at).where(ArticleRow.id == after))
            if not last:
                raise InputError("`after` is not the `next` of a page. Begin at the first page, without it.")
            wanted = wanted.where(order < tuple_(last[0].added_at, after))
        newest = wanted.order_by(ArticleRow.added_at.desc(), ArticleRow.id.desc()).limit(limit + 1)
        rows = await self._store.rows(newest)
        items = tuple(listed(row) for row in rows[:limit])
        return ArticlePage(items=items, next=items[-1].source.id if len(rows) > limit > 0 else None)

    async def search(
        self, query: str, *, context: str = "", without: str, within: str | None = None, limit: int
    ) -> tuple[Passage, ...]:
        """See `Corpus`. A query without a content word finds nothing."""
        wanted = wordings(query, context)
        if not wanted:
            return ()
        scope = Scope(without, within)
        by_meaning = []
        if self._embedder:
            (vector,) = await self._embedder.embed([query])
            by_meaning = [await self._index.by_meaning(self._embedder, vector, scope)]
        return await finished(self._found(query, wanted, by_meaning, scope, limit))

    async def snapshot(self, *, without: str) -> CorpusSnapshot:
        """See `Corpus`."""
        held = (ArticleRow.id != without) & ArticleRow.withdrawn_at.is_(None)
        return snapshot(row.id for row in await self._store.rows(select(ArticleRow.id).where(held)))

    async def _cut(self, article: Article) -> tuple[Sequence[Passage], "Vectors | None"]:
        found = passages(article, *self._windows)
        texts = [passage.quote.exact for passage in found]
        return found, await embedded(self._embedder, article.language, texts)

    async def _enter(
        self, statement: Any, article: Article, found: Sequence[Passage], vectors: "Vectors | None"
    ) -> bool:
        """Makes an article a source, where the statement changes its row: nobody else has done it meanwhile."""
        async with self._store.writing() as connection:
            if (await connection.execute(statement.returning(ArticleRow.id))).first() is None:
                return False
            await connection.execute(insert(PassageRow), [passage_row(passage) for passage in found])
            if self._embedder is not None and vectors is not None:
                ids = select(PassageRow.id).where(PassageRow.article_id == article.id).order_by(PassageRow.start)
                rows = vector_rows(self._embedder, (await connection.scalars(ids)).all(), vectors)
                await connection.execute(insert(VectorRow), rows)
            # Last: in PostgreSQL whoever adds the same words waits from here on.
            await self._index.added(connection, article.id, {one.quote.start: one.quote.exact for one in found})
            return True

    async def _keep_vectors(self, rows: Sequence[dict[str, Any]]) -> None:
        async with self._store.writing() as connection:
            # Another process may have been faster: its vectors stand.
            await connection.execute(self._store.insert(VectorRow).on_conflict_do_nothing(), rows)

    async def _found(
        self, query: str, wanted: Sequence[Sequence[str]], by_meaning: Sequence[list[Place]], scope: Scope, limit: int
    ) -> tuple[Passage, ...]:
        """All that a search reads, over one connection: taking one costs more than a query does."""
        with faults_told():
            async with self._store.engine.connect() as connection:
                by_words = [await self._index.by_words(connection, words, scope) for words in wanted]
                if by_meaning:
                    places = candidates(fuse([*by_words, *by_meaning]), limit)
                    return hearing(await read(connection, places), limit)
                places = candidates(fuse(by_words), max(limit, READ_AGAIN))
                return heard(query, by_words, await read(connection, places), limit)
