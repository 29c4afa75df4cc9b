"""The corpus in one SQLite file. Imports SQLAlchemy: import this module where a store is opened, not before."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Select, exists, insert, select, text, tuple_
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.article import Article, Quote
from schemas.evidence import Passage
from schemas.report import CorpusSnapshot, Report
from service.corpus.database import open_database, writing
from service.corpus.embedding import Embedder
from service.corpus.passages import passages
from service.corpus.search import CANDIDATES, Place, fuse, hearing, query_words, snapshot
from service.corpus.tables import ArticleRow, PassageRow, ReportRow, VectorRow
from service.corpus.vectors import Matrix, Vectors, packed, unpacked
from service.errors import ConfigurationError, NotFound

EMBEDDED_AT_ONCE = 128
"""Passages that were added without vectors get them in transactions of so many."""

# The best of every article before any second-best one, as far as :most goes; then in order of rank again.
_LEXICAL = text("""
    SELECT article_id, start FROM (
        SELECT *, row_number() OVER (PARTITION BY article_id ORDER BY score, start) AS nth FROM (
            SELECT passages.article_id, passages.start, bm25(passages_fts) AS score
            FROM passages_fts JOIN passages ON passages.id = passages_fts.rowid
            WHERE passages_fts MATCH :words AND passages.article_id <> :without)
        ORDER BY nth, score, article_id, start LIMIT :most)
    ORDER BY score, article_id, start""")


class SqliteCorpus:
    """A `Corpus` in a file that several processes may share, or in memory. Use one instance in one event loop.

    Words rank passages by BM25 (FTS5: stemmed, without diacritics); with an embedder, meaning ranks them too, and
    reciprocal rank makes the two one.
    """

    def __init__(self, engine: AsyncEngine, embedder: Embedder | None, size: int, stride: int) -> None:
        """Use `open`."""
        self._engine = engine
        self._writing = writing(engine)
        self._embedder = embedder
        self._windows = (size, stride)
        self._matrix: Matrix | None = None
        self._last_vector = 0
        self._refreshing = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, path: Path | str, *, embedder: Embedder | None = None, size: int = 3, stride: int = 2
    ) -> AsyncIterator[Self]:
        """Opens the file, or makes it, for as long as the context lasts; `:memory:` is a corpus that ends with it.

        Passages are `size` sentences, a new one every `stride` sentences; what is stored already keeps its passages.
        With an embedder, passages that were stored without vectors get them first: about a minute for 3,000.

        Raises:
            ConfigurationError: the file cannot be used (see `open_database`), or holds vectors of another model.
        """
        async with open_database(path) as engine:
            corpus = cls(engine, embedder, size, stride)
            if embedder is not None:
                await corpus._refuse_other_models(embedder, path)
                await corpus._embed_the_rest(embedder)
            yield corpus

    async def add(self, article: Article) -> bool:
        """See `Corpus`."""
        if await self._scalar(select(ArticleRow.id).where(ArticleRow.id == article.id)) is not None:
            return False
        found = passages(article, *self._windows)
        vectors = await self._vectors(article, found)
        async with self._writing.begin() as connection:
            added = await connection.execute(
                upsert(ArticleRow).values(**_article_row(article)).on_conflict_do_nothing()
            )
            if added.rowcount == 0:
                return False
            await connection.execute(insert(PassageRow), [_passage_row(passage) for passage in found])
            if self._embedder is not None and vectors is not None:
                ids = select(PassageRow.id).where(PassageRow.article_id == article.id).order_by(PassageRow.start)
                await _keep_vectors(connection, self._embedder, (await connection.scalars(ids)).all(), vectors)
        return True

    async def article(self, article_id: str) -> Article | None:
        """See `Corpus`."""
        document = await self._scalar(select(ArticleRow.document).where(ArticleRow.id == article_id))
        return None if document is None else Article.model_validate(document)

    async def search(self, query: str, *, without: str, limit: int) -> tuple[Passage, ...]:
        """See `Corpus`. A query without a content word finds nothing."""
        words = query_words(query)
        if not words:
            return ()
        rankings = [await self._by_words(words, without)]
        if self._embedder is not None:
            rankings.append(await self._by_meaning(self._embedder, query, without))
        return hearing(await self._passages(fuse(rankings)), limit)

    async def snapshot(self, *, without: str) -> CorpusSnapshot:
        """See `Corpus`."""
        async with self._engine.connect() as connection:
            ids = await connection.scalars(select(ArticleRow.id).where(ArticleRow.id != without))
            return snapshot(ids)

    async def keep_report(self, report: Report) -> None:
        """See `Corpus`.

        Raises:
            NotFound: its article is not held, or no longer.
        """
        document = report.model_dump(mode="json")
        statement = upsert(ReportRow).values(article_id=report.article.id, document=document)
        try:
            async with self._writing.begin() as connection:
                await connection.execute(statement.on_conflict_do_update(set_={"document": document}))
        except IntegrityError as error:
            raise NotFound(f"No article {report.article.id} is held; its report was not kept.") from error

    async def report(self, article_id: str) -> Report | None:
        """See `Corpus`."""
        document = await self._scalar(select(ReportRow.document).where(ReportRow.article_id == article_id))
        return None if document is None else Report.model_validate(document)

    async def aclose(self) -> None:
        """See `Corpus`. Calling it twice does no harm."""
        await self._engine.dispose()

    async def _scalar(self, statement: Select[Any]) -> Any:
        async with self._engine.connect() as connection:
            return await connection.scalar(statement)

    async def _by_words(self, words: Sequence[str], without: str) -> list[Place]:
        match = " OR ".join(f'"{word}"' for word in words)
        async with self._engine.connect() as connection:
            rows = await connection.execute(_LEXICAL, {"words": match, "without": without, "most": CANDIDATES})
            return [Place(*row) for row in rows]

    async def _by_meaning(self, embedder: Embedder, query: str, without: str) -> list[Place]:
        (vector,) = await embedder.embed([query])
        matrix = await self._refreshed(embedder)
        return await asyncio.to_thread(matrix.nearest, vector, without=without, floor=embedder.floor)

    async def _passages(self, places: Sequence[Place]) -> list[Passage]:
        """The passages that begin at these places, in this order."""
        among = tuple_(PassageRow.article_id, PassageRow.start).in_([tuple(place) for place in places])
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(*PassageRow.__table__.columns).where(among))
            found = {Place(row.article_id, row.start): _passage(row) for row in rows}
        return [found[place] for place in places]

    async def _refreshed(self, embedder: Embedder) -> Matrix:
        """All vectors of the store: those that this process or another has added since are read now."""
        async with self._refreshing:
            matrix = self._matrix or Matrix.empty(embedder.dim)
            new = (
                select(VectorRow.id, PassageRow.article_id, PassageRow.start, VectorRow.vector)
                .join(PassageRow, PassageRow.id == VectorRow.passage_id)
                .where(VectorRow.id > self._last_vector)
                .order_by(VectorRow.id)
            )
            async with self._engine.connect() as connection:
                rows = (await connection.execute(new)).all()
            if rows:
                places = [Place(row.article_id, row.start) for row in rows]
                matrix = matrix.extended(places, unpacked([row.vector for row in rows], embedder.dim))
                self._last_vector = rows[-1].id
            self._matrix = matrix
            return matrix

    async def _vectors(self, article: Article, found: Sequence[Passage]) -> Vectors | None:
        if self._embedder is None or article.language not in self._embedder.languages:
            return None
        return await self._embedder.embed([passage.quote.exact for passage in found])

    async def _refuse_other_models(self, embedder: Embedder, path: Path | str) -> None:
        ours = (VectorRow.model_id == embedder.model_id) & (VectorRow.dim == embedder.dim)
        other = await self._scalar(select(VectorRow.model_id).where(~ours).limit(1))
        if other is not None:
            raise ConfigurationError(
                f"The corpus {path} holds vectors of the model {other}, not of {embedder.model_id}. "
                "Configure that model, or begin a new corpus."
            )

    async def _embed_the_rest(self, embedder: Embedder) -> None:
        """Gives vectors to the passages that were stored while there was no embedder."""
        bare = (
            select(PassageRow.id, PassageRow.exact)
            .join(ArticleRow, ArticleRow.id == PassageRow.article_id)
            .where(ArticleRow.language.in_(embedder.languages), ~exists().where(VectorRow.passage_id == PassageRow.id))
            .order_by(PassageRow.id)
            .limit(EMBEDDED_AT_ONCE)
        )
        while True:
            async with self._engine.connect() as connection:
                rows = (await connection.execute(bare)).all()
            if not rows:
                return
            vectors = await embedder.embed([row.exact for row in rows])
            async with self._writing.begin() as connection:
                await _keep_vectors(connection, embedder, [row.id for row in rows], vectors)


async def _keep_vectors(
    connection: AsyncConnection, embedder: Embedder, passage_ids: Sequence[int], vectors: Vectors
) -> None:
    """Another process may have been faster: its vectors stand."""
    rows = [
        {"passage_id": passage_id, "model_id": embedder.model_id, "dim": embedder.dim, "vector": packed(vector)}
        for passage_id, vector in zip(passage_ids, vectors, strict=True)
    ]
    await connection.execute(upsert(VectorRow).on_conflict_do_nothing(), rows)


def _article_row(article: Article) -> dict[str, Any]:
    columns = article.model_dump(include={"id", "publisher", "published_at", "language"})
    return {**columns, "document": article.model_dump(mode="json")}


def _passage_row(passage: Passage) -> dict[str, Any]:
    quote = passage.quote
    return {
        "article_id": passage.article_id,
        "start": quote.start,
        "end": quote.end,
        "first_sentence": quote.sentences[0],
        "last_sentence": quote.sentences[-1],
        "exact": quote.exact,
    }


def _passage(row: Any) -> Passage:
    sentences = tuple(range(row.first_sentence, row.last_sentence + 1))
    return Passage(
        article_id=row.article_id,
        quote=Quote(start=row.start, end=row.end, exact=row.exact, sentences=sentences),
    )
