"""The corpus in one SQLite file. Imports SQLAlchemy: import this module where a store is opened, not before."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Executable, Row, exists, insert, select, text, tuple_
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.article import Article, Quote
from schemas.evidence import Passage
from schemas.report import CorpusSnapshot, Report
from service.corpus.database import faults_told, finished, open_database, writing
from service.corpus.embedding import Embedder, embedded
from service.corpus.passages import passages
from service.corpus.search import CANDIDATES, READ_AGAIN, Place, candidates, fuse, heard, hearing, snapshot, wordings
from service.corpus.tables import ArticleRow, PassageRow, ReportRow, VectorRow
from service.corpus.vectors import Matrix, Vectors, packed, unpacked
from service.errors import ConfigurationError, NotFound

EMBEDDED_AT_ONCE = 128
"""Passages that were added without vectors get them in transactions of so many."""

# Of all articles the best, then the second-best, as far as :most goes; then in order of rank again. The scores are
# made first and apart (SQLite 3.35): FTS5 gives them only where it meets its own rows.
_LEXICAL = text("""
    WITH found AS MATERIALIZED (
        SELECT rowid AS id, bm25(passages_fts) AS score FROM passages_fts WHERE passages_fts MATCH :words),
    ranked AS (
        SELECT article_id, start, score, row_number() OVER (PARTITION BY article_id ORDER BY score, start) AS nth
        FROM found JOIN passages USING (id) WHERE article_id <> :without),
    candidates AS (SELECT * FROM ranked ORDER BY nth, score, article_id, start LIMIT :most)
    SELECT article_id, start FROM candidates ORDER BY score, article_id, start""")


class SqliteCorpus:
    """A `Corpus` in a file that several processes may share, or in memory. Use one instance in one event loop.

    Words rank passages by BM25 (FTS5: stemmed, without diacritics); with an embedder meaning ranks them too, without
    one the best are compared once more by all their words. Reciprocal rank makes the rankings one.
    """

    def __init__(self, engine: AsyncEngine, embedder: Embedder | None, size: int, stride: int) -> None:
        """Use `open`."""
        self._engine = engine
        self._embedder = embedder
        self._windows = (size, stride)
        self._matrix: Matrix | None = None
        self._last_vector = 0
        self._refreshing = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, path: Path | str, *, embedder: Embedder | None = None, size: int = 2, stride: int = 1
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
        if await self._rows(select(ArticleRow.id).where(ArticleRow.id == article.id)):
            return False
        found = passages(article, *self._windows)
        vectors = await embedded(self._embedder, article.language, [passage.quote.exact for passage in found])
        return await finished(self._store(article, found, vectors))

    async def article(self, article_id: str) -> Article | None:
        """See `Corpus`."""
        rows = await self._rows(select(ArticleRow.document).where(ArticleRow.id == article_id))
        return Article.model_validate(rows[0].document) if rows else None

    async def search(self, query: str, *, context: str = "", without: str, limit: int) -> tuple[Passage, ...]:
        """See `Corpus`. A query without a content word finds nothing."""
        wanted = wordings(query, context)
        if not wanted:
            return ()
        by_meaning = [await self._by_meaning(self._embedder, query, without)] if self._embedder else []
        return await finished(self._found(query, wanted, by_meaning, without, limit))

    async def snapshot(self, *, without: str) -> CorpusSnapshot:
        """See `Corpus`."""
        return snapshot(row.id for row in await self._rows(select(ArticleRow.id).where(ArticleRow.id != without)))

    async def keep_report(self, report: Report) -> None:
        """See `Corpus`.

        Raises:
            NotFound: its article is not held, or no longer.
        """
        document = report.model_dump(mode="json")
        kept = upsert(ReportRow).values(article_id=report.article.id, document=document)
        try:
            await finished(self._write(kept.on_conflict_do_update(set_={"document": document})))
        except IntegrityError as error:
            raise NotFound(f"No article {report.article.id} is held; its report was not kept.") from error

    async def report(self, article_id: str) -> Report | None:
        """See `Corpus`."""
        rows = await self._rows(select(ReportRow.document).where(ReportRow.article_id == article_id))
        return Report.model_validate(rows[0].document) if rows else None

    async def aclose(self) -> None:
        """See `Corpus`. Calling it twice does no harm."""
        await finished(self._engine.dispose())

    async def _rows(self, statement: Executable, values: dict[str, Any] | None = None) -> Sequence[Row[Any]]:
        async def read() -> Sequence[Row[Any]]:
            with faults_told():
                async with self._engine.connect() as connection:
                    return (await connection.execute(statement, values)).all()

        return await finished(read())

    async def _write(self, statement: Executable, values: Sequence[dict[str, Any]] | None = None) -> None:
        with faults_told():
            async with writing(self._engine).begin() as connection:
                await connection.execute(statement, values)

    async def _store(self, article: Article, found: Sequence[Passage], vectors: "Vectors | None") -> bool:
        with faults_told():
            async with writing(self._engine).begin() as connection:
                added = await connection.execute(
                    upsert(ArticleRow).values(**_article_row(article)).on_conflict_do_nothing()
                )
                if added.rowcount == 0:
                    return False
                await connection.execute(insert(PassageRow), [_passage_row(passage) for passage in found])
                if self._embedder is not None and vectors is not None:
                    ids = select(PassageRow.id).where(PassageRow.article_id == article.id).order_by(PassageRow.start)
                    rows = _vector_rows(self._embedder, (await connection.scalars(ids)).all(), vectors)
                    await connection.execute(insert(VectorRow), rows)
                return True

    async def _found(
        self, query: str, wanted: Sequence[Sequence[str]], by_meaning: Sequence[list[Place]], without: str, limit: int
    ) -> tuple[Passage, ...]:
        """All that a search reads, over one connection: taking one costs more than a query does."""
        with faults_told():
            async with self._engine.connect() as connection:
                by_words = [await _by_words(connection, words, without) for words in wanted]
                if by_meaning:
                    places = candidates(fuse([*by_words, *by_meaning]), limit)
                    return hearing(await _passages(connection, places), limit)
                places = candidates(fuse(by_words), max(limit, READ_AGAIN))
                return heard(query, by_words, await _passages(connection, places), limit)

    async def _by_meaning(self, embedder: Embedder, query: str, without: str) -> list[Place]:
        (vector,) = await embedder.embed([query])
        matrix = await self._refreshed(embedder)
        return await asyncio.to_thread(matrix.nearest, vector, without=without, floor=embedder.floor)

    async def _refreshed(self, embedder: Embedder) -> Matrix:
        """All vectors of the store: those that this process or another has added since are read now."""
        async with self._refreshing:
            new = (
                select(VectorRow.id, PassageRow.article_id, PassageRow.start, VectorRow.vector)
                .join(PassageRow, PassageRow.id == VectorRow.passage_id)
                .where(VectorRow.id > self._last_vector)
                .order_by(VectorRow.id)
            )
            matrix = self._matrix or Matrix.empty(embedder.dim)
            if rows := await self._rows(new):
                places = [Place(row.article_id, row.start) for row in rows]
                matrix = matrix.extended(places, unpacked([row.vector for row in rows], embedder.dim))
                self._last_vector = rows[-1].id
            self._matrix = matrix
            return matrix

    async def _refuse_other_models(self, embedder: Embedder, path: Path | str) -> None:
        ours = (VectorRow.model_id == embedder.model_id) & (VectorRow.dim == embedder.dim)
        if others := await self._rows(select(VectorRow.model_id).where(~ours).limit(1)):
            raise ConfigurationError(
                f"The corpus {path} holds vectors of the model {others[0].model_id}, not of {embedder.model_id}. "
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
        while rows := await self._rows(bare):
            vectors = await embedder.embed([row.exact for row in rows])
            vector_rows = _vector_rows(embedder, [row.id for row in rows], vectors)
            # Another process may have been faster: its vectors stand.
            await finished(self._write(upsert(VectorRow).on_conflict_do_nothing(), vector_rows))


async def _by_words(connection: AsyncConnection, words: Sequence[str], without: str) -> list[Place]:
    match = " OR ".join(f'"{word}"' for word in words)
    rows = await connection.execute(_LEXICAL, {"words": match, "without": without, "most": CANDIDATES})
    return [Place(row.article_id, row.start) for row in rows]


async def _passages(connection: AsyncConnection, places: Sequence[Place]) -> list[Passage]:
    """The passages that begin at these places, in this order. What was removed meanwhile is left out."""
    among = tuple_(PassageRow.article_id, PassageRow.start).in_([tuple(place) for place in places])
    rows = await connection.execute(select(*PassageRow.__table__.columns).where(among))
    found = {Place(row.article_id, row.start): _passage(row) for row in rows}
    return [found[place] for place in places if place in found]


def _vector_rows(embedder: Embedder, passage_ids: Sequence[int], vectors: Vectors) -> list[dict[str, Any]]:
    return [
        {"passage_id": passage_id, "model_id": embedder.model_id, "dim": embedder.dim, "vector": packed(vector)}
        for passage_id, vector in zip(passage_ids, vectors, strict=True)
    ]


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
