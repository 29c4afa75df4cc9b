"""Passages in PostgreSQL: words by a tsvector of our own stems, meaning by pgvector."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from service.corpus.embedding import Embedder
from service.corpus.search import BUDGET, CANDIDATES, Frequencies, Place, Scope, candidates, telling, weight_of
from service.corpus.stems import counted, stem_of
from service.corpus.vectors import Vectors
from service.errors import ConfigurationError
from service.store.database import Store, faults_told, finished
from service.store.schema import one_at_a_time

HEARD = 300
"""Passages of so many articles are scored to the end."""

SCORED = 4 * HEARD
"""So many passages are: of each article the best few, as what chooses them takes one for another beside it."""

_ADD = text("""
    INSERT INTO passages_stems (article_id, start, length, stems)
    SELECT :article_id, start, length, CAST(stems AS tsvector)
    FROM unnest(CAST(:starts AS int[]), CAST(:lengths AS int[]), CAST(:stems AS text[])) AS one (start, length, stems)
""")
_HAVING = text("SELECT stem, passages, occurrences FROM stems WHERE stem = ANY(CAST(:stems AS text[]))")

# Passages are chosen by the terms, as if each were in a passage once: what is said twice in two sentences is rare, and
# counting takes longer than finding. Those chosen are scored by all the words, in FTS5's own order of operations, so
# that sums and ties are FTS5's. Every article's best comes first both times.
_RANKED = """
    WITH found AS (
        SELECT article_id, start,
            sum(term.weight / (1 + 1.2::float8 * (0.25::float8 + 0.75::float8 * length / :mean))) AS score
        FROM unnest(CAST(:terms AS text[]), CAST(:worth AS float8[])) AS term (query, weight)
        CROSS JOIN LATERAL (
            SELECT article_id, start, length FROM passages_stems
            WHERE stems @@ CAST(term.query AS tsquery) {among} LIMIT :budget) AS one
        WHERE article_id <> :without GROUP BY article_id, start),
    turns AS (SELECT *, row_number() OVER (PARTITION BY article_id ORDER BY score DESC, start) AS nth FROM found),
    heard AS (SELECT article_id FROM turns WHERE nth = 1 ORDER BY score DESC, article_id LIMIT :heard),
    chosen AS MATERIALIZED (
        SELECT * FROM turns JOIN heard USING (article_id) ORDER BY nth, score DESC, article_id, start LIMIT :scored),
    scored AS (
        SELECT held.article_id, held.start, sum(word.weight * (one.positions[1] * 2.2::float8 / (one.positions[1]
            + 1.2::float8 * (0.25::float8 + 0.75::float8 * length / :mean))) ORDER BY word.number) AS score
        FROM chosen JOIN passages_stems AS held USING (article_id, start) CROSS JOIN LATERAL (
            SELECT lexeme, positions FROM unnest(held.stems) WHERE lexeme = ANY(CAST(:stems AS text[]))) AS one
        JOIN unnest(CAST(:stems AS text[]), CAST(:weights AS float8[])) WITH ORDINALITY AS word (stem, weight, number)
            ON one.lexeme = word.stem
        GROUP BY held.article_id, held.start),
    ranked AS (SELECT *, row_number() OVER (PARTITION BY article_id ORDER BY score DESC, start) AS nth FROM scored),
    candidates AS (SELECT * FROM ranked ORDER BY nth, score DESC, article_id, start LIMIT :most)
    SELECT article_id, start FROM candidates ORDER BY score DESC, article_id, start"""
_EVERYWHERE = text(_RANKED.format(among=""))
_WITHIN = text(_RANKED.format(among="AND article_id = :within"))

_NEAREST = """
    SELECT article_id, start, 1 - (vector::vector({dim}) <=> CAST(:vector AS vector({dim}))) AS similarity
    FROM vectors JOIN passages ON passages.id = vectors.passage_id
    WHERE dim = {dim} AND article_id <> :without {among}
    ORDER BY vector::vector({dim}) <=> CAST(:vector AS vector({dim})) LIMIT :most"""
_BEAM = 400
"""How many vectors a search of the graph keeps in sight, and gives back: twice what is ranked, so that a long article
leaves room for others. Up to 1,000."""


class PostgresIndex:
    """An `Index` in PostgreSQL: GIN for the stems; HNSW for vectors, where the extension pgvector is installed."""

    def __init__(self, store: Store, budget: int = BUDGET) -> None:
        """`budget`: see `service.corpus.search.BUDGET`."""
        self._store, self._budget = store, budget

    async def prepare(self, embedder: Embedder) -> None:
        """See `Index`. Makes the graph of this dimension's vectors, where there is none."""
        await finished(self._prepare(embedder.dim))

    async def added(self, connection: AsyncConnection, article_id: str, texts: Mapping[int, str]) -> None:
        """See `Index`. All in one statement: the trigger that counts stems runs once."""
        found = [counted(exact) for exact in texts.values()]
        values = {
            "article_id": article_id,
            "starts": list(texts),
            "lengths": [length for _, length in found],
            "stems": [_tsvector(counts) for counts, _ in found],
        }
        await connection.execute(_ADD, values)

    async def removed(self, connection: AsyncConnection, article_id: str) -> None:
        """See `Index`. In one statement, as `added`: with its passages they would go one by one."""
        await connection.execute(text("DELETE FROM passages_stems WHERE article_id = :id"), {"id": article_id})

    async def by_words(self, connection: AsyncConnection, words: Sequence[str], scope: Scope) -> list[Place]:
        """See `Index`. Where the words are in more passages than the budget allows, the rarest choose candidates."""
        stems = [stem_of(word) for word in words]
        frequencies = await _frequencies(connection, stems)
        known = [stem for stem in stems if frequencies.having.get(stem)]
        if not known:
            return []
        weights = {stem: weight_of(frequencies.having[stem], frequencies.passages) for stem in known}
        often = Counter(known)
        terms = _terms(frequencies, self._budget) if scope.within is None else {_quoted(stem): stem for stem in weights}
        values = {
            "terms": list(terms),
            "worth": [weights[stem] * often[stem] for stem in terms.values()],
            "stems": known,
            "weights": [weights[stem] for stem in known],
            "mean": frequencies.tokens / frequencies.passages,
            "budget": self._budget,
            "heard": HEARD,
            "scored": SCORED,
            "most": CANDIDATES,
            **_scoped(scope),
        }
        rows = await connection.execute(_EVERYWHERE if scope.within is None else _WITHIN, values)
        return [Place(row.article_id, row.start) for row in rows]

    async def by_meaning(self, embedder: Embedder, vector: Vectors, scope: Scope) -> list[Place]:
        """See `Index`. By the graph: nearly all of the nearest are found, and filters do not starve it."""
        rows = await finished(self._nearest(embedder.dim, vector, scope))
        # Rounded, as in `Matrix.nearest`: how a processor adds up must not decide between equals.
        near = [(-round(row.similarity, 5), Place(row.article_id, row.start)) for row in rows]
        return candidates([place for distance, place in sorted(near) if -distance >= embedder.floor])

    async def _prepare(self, dim: int) -> None:
        with faults_told():
            async with self._store.engine.begin() as connection:
                await connection.run_sync(one_at_a_time)
                try:
                    await connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
                except DBAPIError as error:
                    told = str(error.orig).splitlines()[0]
                    raise ConfigurationError(
                        f"Searching by meaning needs PostgreSQL's extension pgvector: {told}. Install it, or have an "
                        "administrator CREATE EXTENSION vector, or configure a search by words alone."
                    ) from None
                await connection.execute(
                    text(f"""CREATE INDEX IF NOT EXISTS vectors_near_{dim} ON vectors
                        USING hnsw ((vector::vector({dim})) vector_cosine_ops) WHERE dim = {dim}""")
                )

    async def _nearest(self, dim: int, vector: Vectors, scope: Scope) -> Sequence[Any]:
        among = "" if scope.within is None else "AND article_id = :within"
        with faults_told():
            async with self._store.engine.connect() as connection:
                for setting, value in (("hnsw.ef_search", str(_BEAM)), ("hnsw.iterative_scan", "strict_order")):
                    await connection.execute(
                        text("SELECT set_config(:name, :value, true)"), {"name": setting, "value": value}
                    )
                values = {"vector": str(vector.tolist()), "most": _BEAM, **_scoped(scope)}
                return (await connection.execute(text(_NEAREST.format(dim=dim, among=among)), values)).all()


async def _frequencies(connection: AsyncConnection, stems: Sequence[str]) -> Frequencies:
    rows = {row.stem: row for row in await connection.execute(_HAVING, {"stems": ["", *set(stems)]})}
    everything = rows.pop("", None)
    having = {stem: row.passages for stem, row in rows.items()}
    return Frequencies(everything.passages, everything.occurrences, having) if everything else Frequencies(0, 0, {})


def _terms(frequencies: Frequencies, budget: int) -> dict[str, str]:
    """What chooses passages: a tsquery each, and the stem that it is worth.

    Where even the rarest word is in too many passages, another word of the query must be there too.
    """
    chosen = telling(frequencies, budget)
    others = [stem for stem, passages in frequencies.having.items() if passages and stem not in chosen]
    if others and frequencies.having[chosen[0]] > budget:
        return {f"{_quoted(chosen[0])} & ({' | '.join(map(_quoted, others))})": chosen[0]}
    return {_quoted(stem): stem for stem in chosen}


def _scoped(scope: Scope) -> dict[str, str]:
    return {name: value for name, value in scope._asdict().items() if value is not None}


def _tsvector(counts: Mapping[str, int]) -> str:
    return " ".join(f"{_quoted(stem)}:{count}" for stem, count in counts.items())


def _quoted(stem: str) -> str:
    """A stem in a tsvector or tsquery. It is made of letters, digits and single spaces: nothing to escape."""
    return f"'{stem}'"
