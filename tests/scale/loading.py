"""Many articles into a database, faster than one by one.

SQLite: each by the corpus's own `add`, nothing is passed by. PostgreSQL: the rows that `add` would write are copied
(COPY) a thousand articles at a time, in place of a transaction an article; the index of stems is dropped before and
made after. Triggers and foreign keys work as always. `SETTINGS` is what the server is given.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice

import psycopg

from schemas.article import Article
from schemas.evidence import Passage
from service.corpus.passages import passages
from service.corpus.postgres import _tsvector
from service.corpus.stems import counted
from service.corpus.stored import StoredCorpus
from service.corpus.vectors import Vectors, packed
from tests.reliability.databases import rows
from tests.scale.exact import Exact
from tests.scale.vectors import MadeUp

_AT_ONCE = 1000
_INDEX = "passages_by_stem"

SETTINGS = {"shared_buffers": "2GB", "maintenance_work_mem": "4GB"}
"""Of a PostgreSQL server: memory for what is searched, as is usual, and for making a graph of vectors."""


def enough(articles: Iterator[Article], passages_wanted: int) -> Iterator[tuple[Article, Sequence[Passage]]]:
    """Articles with their passages, until there are enough of these."""
    made = 0
    while made < passages_wanted:
        article = next(articles)
        found = passages(article)
        made += len(found)
        yield article, found


async def added(corpus: StoredCorpus, articles: Iterable[tuple[Article, Sequence[Passage]]], exact: Exact) -> None:
    """Adds articles to a corpus."""
    for article, found in articles:
        await corpus.add(article)
        noted(found, exact)


def noted(found: Sequence[Passage], exact: Exact) -> None:
    """Notes passages."""
    for passage in found:
        exact.note(passage)


def copied(url: str, articles: Iterator[tuple[Article, Sequence[Passage]]], exact: Exact) -> None:
    """Copies articles into PostgreSQL."""
    with psycopg.connect(url) as session:
        (made,) = session.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [_INDEX]).fetchone() or ("",)
        session.execute(f"DROP INDEX {_INDEX}")
        while some := list(islice(articles, _AT_ONCE)):
            _copy(session, some)
            for _, found in some:
                noted(found, exact)
        session.execute(str(made).encode())
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("VACUUM ANALYZE")


def with_vectors(url: str, embedder: MadeUp) -> None:
    """Gives every passage its vector, past the corpus: nothing is learned from how long that takes."""
    found = rows(url, "SELECT id, exact FROM passages ORDER BY id")
    put = _vectors_inserted if url.startswith("sqlite") else _vectors_copied
    for first in range(0, len(found), _AT_ONCE):
        some = found[first : first + _AT_ONCE]
        put(url, embedder, zip([at for at, _ in some], embedder.made([exact for _, exact in some]), strict=True))


def _vectors_inserted(url: str, embedder: MadeUp, vectors: Iterable[tuple[int, Vectors]]) -> None:
    given = [(at, embedder.model_id, embedder.dim, packed(vector)) for at, vector in vectors]
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        connection.executemany("INSERT INTO vectors (passage_id, model_id, dim, vector) VALUES (?, ?, ?, ?)", given)


def _vectors_copied(url: str, embedder: MadeUp, vectors: Iterable[tuple[int, Vectors]]) -> None:
    into = "COPY vectors (passage_id, model_id, dim, vector) FROM STDIN"
    with psycopg.connect(url) as session, session.cursor() as cursor, cursor.copy(into) as copy:
        for at, vector in vectors:
            copy.write_row((at, embedder.model_id, embedder.dim, vector.tolist()))


def _copy(session: psycopg.Connection, some: Sequence[tuple[Article, Sequence[Passage]]]) -> None:
    """Copies articles with their passages and stems, in one transaction."""
    now = datetime.now(UTC)
    quotes = [(one.article_id, one.quote) for _, found in some for one in found]
    stems = ((article_id, quote.start, counted(quote.exact)) for article_id, quote in quotes)
    tables = {
        "articles (id, publisher, published_at, language, added_at, document)": (
            (one.id, one.publisher, one.published_at, one.language, now, one.model_dump_json()) for one, _ in some
        ),
        'passages (article_id, start, "end", first_sentence, last_sentence, exact)': (
            (article_id, quote.start, quote.end, quote.sentences[0], quote.sentences[-1], quote.exact)
            for article_id, quote in quotes
        ),
        "passages_stems (article_id, start, length, stems)": (
            (article_id, start, length, _tsvector(counts)) for article_id, start, (counts, length) in stems
        ),
    }
    for table, values in tables.items():
        with session.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN".encode()) as copy:
            for row in values:
                copy.write_row(row)
    session.commit()
