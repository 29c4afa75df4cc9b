"""Passages in SQLite: words by FTS5, meaning by a matrix of all vectors in memory."""

import asyncio
import json
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from service.corpus.embedding import Embedder
from service.corpus.rows import read
from service.corpus.search import BUDGET, CANDIDATES, Frequencies, Place, Scope, rescored, telling
from service.corpus.stems import counted, stem_of
from service.corpus.vectors import Matrix, Vectors, unpacked
from service.store.database import Store
from service.store.tables import PassageRow, VectorRow

# Of all articles the best, then the second-best, as far as :most goes; then in order of rank again. The scores are
# made first and apart (SQLite 3.35): FTS5 gives them only where it meets its own rows. An article's rows lie together.
_RANKED = """
    WITH found AS MATERIALIZED (
        SELECT rowid AS id, bm25(passages_fts) AS score FROM passages_fts WHERE passages_fts MATCH :words {among}),
    ranked AS (
        SELECT article_id, start, score, row_number() OVER (PARTITION BY article_id ORDER BY score, start) AS nth
        FROM found JOIN passages USING (id)
        WHERE article_id <> :without AND (:within IS NULL OR article_id = :within)),
    candidates AS (SELECT * FROM ranked ORDER BY nth, score, article_id, start LIMIT :most)
    SELECT article_id, start FROM candidates ORDER BY score, article_id, start"""
_EVERYWHERE = text(_RANKED.format(among=""))
_WITHIN = text(
    _RANKED.format(
        among="""AND rowid BETWEEN (SELECT min(id) FROM passages WHERE article_id = :within)
            AND (SELECT max(id) FROM passages WHERE article_id = :within)"""
    )
)
_HAVING = text("""
    SELECT value AS word, (SELECT count(*) FROM passages_fts WHERE passages_fts MATCH '"' || value || '"') AS passages
    FROM json_each(:words)""")


class SqliteIndex:
    """An `Index` in SQLite. Triggers keep FTS5 in step; vectors of 100,000 passages take 154 MB in every process."""

    def __init__(self, store: Store, budget: int = BUDGET) -> None:
        """`budget`: see `service.corpus.search.BUDGET`."""
        self._store, self._budget = store, budget
        self._matrix: Matrix | None = None
        self._last_vector = 0
        self._refreshing = asyncio.Lock()

    async def prepare(self, embedder: Embedder) -> None:
        """See `Index`. Nothing to do."""

    async def added(self, connection: AsyncConnection, article_id: str, texts: Mapping[int, str]) -> None:
        """See `Index`. A trigger has done it."""

    async def removed(self, connection: AsyncConnection, article_id: str) -> None:
        """See `Index`. A trigger will do it."""

    async def by_words(self, connection: AsyncConnection, words: Sequence[str], scope: Scope) -> list[Place]:
        """See `Index`. Where the words are in more passages than the budget allows, the rarest choose candidates."""
        if scope.within is not None:
            return await _ranked(connection, words, scope)
        stems = {word: stem_of(word) for word in words}
        frequencies = await _frequencies(connection, stems)
        chosen = set(telling(frequencies, self._budget))
        kept = [word for word in words if stems[word] in chosen]
        places = await _ranked(connection, kept, scope) if kept else []
        if len(chosen) == sum(map(bool, frequencies.having.values())):
            return places
        found = await read(connection, places)
        texts = {Place(one.article_id, one.quote.start): counted(one.quote.exact)[0] for one in found}
        return rescored(list(stems.values()), frequencies, texts)

    async def by_meaning(self, embedder: Embedder, vector: Vectors, scope: Scope) -> list[Place]:
        """See `Index`. Exact: every vector is compared."""
        matrix = await self._refreshed(embedder)
        return await asyncio.to_thread(matrix.nearest, vector, floor=embedder.floor, **scope._asdict())

    async def _refreshed(self, embedder: Embedder) -> Matrix:
        """All vectors of the store: those that this process or another has added since are read now.

        Where some were removed, all are read anew.
        """
        async with self._refreshing:
            matrix = self._matrix or Matrix.empty(embedder.dim)
            matrix = await self._extended(matrix, embedder.dim)
            (held,) = await self._store.rows(select(func.count().label("vectors")).select_from(VectorRow))
            if len(matrix.places) > held.vectors:
                self._last_vector = 0
                matrix = await self._extended(Matrix.empty(embedder.dim), embedder.dim)
            self._matrix = matrix
            return matrix

    async def _extended(self, matrix: Matrix, dim: int) -> Matrix:
        new = (
            select(VectorRow.id, PassageRow.article_id, PassageRow.start, VectorRow.vector)
            .join(PassageRow, PassageRow.id == VectorRow.passage_id)
            .where(VectorRow.id > self._last_vector)
            .order_by(VectorRow.id)
        )
        rows = await self._store.rows(new)
        if not rows:
            return matrix
        self._last_vector = rows[-1].id
        return matrix.extended(
            [Place(row.article_id, row.start) for row in rows], unpacked([row.vector for row in rows], dim)
        )


async def _ranked(connection: AsyncConnection, words: Sequence[str], scope: Scope) -> list[Place]:
    match = " OR ".join(f'"{word}"' for word in words)
    statement = _EVERYWHERE if scope.within is None else _WITHIN
    rows = await connection.execute(statement, {"words": match, "most": CANDIDATES, **scope._asdict()})
    return [Place(row.article_id, row.start) for row in rows]


async def _frequencies(connection: AsyncConnection, stems: Mapping[str, str]) -> Frequencies:
    """How common the stems of these words are. FTS5 tells no count of tokens."""
    having = await connection.execute(_HAVING, {"words": json.dumps(list(stems))})
    held = await connection.scalar(select(func.count()).select_from(PassageRow))
    return Frequencies(held or 0, 0, {stems[row.word]: row.passages for row in having})
