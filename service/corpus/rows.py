"""Articles, passages and vectors as rows, and back."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.article import Article, ArticleSource, Listed, Quote
from schemas.evidence import Passage
from service.corpus.embedding import Embedder
from service.corpus.search import Place
from service.corpus.vectors import Vectors, packed

# For pairs that are IN a list SQLite would read the whole table.
_AT = {
    "sqlite": text("""SELECT passages.* FROM json_each(:places) AS one JOIN passages
        ON article_id = json_extract(one.value, '$[0]') AND start = json_extract(one.value, '$[1]')"""),
    "postgresql": text("""SELECT passages.* FROM json_array_elements(CAST(:places AS json)) AS one JOIN passages
        ON article_id = one.value ->> 0 AND start = CAST(one.value ->> 1 AS int)"""),
}


async def read(connection: AsyncConnection, places: Sequence[Place]) -> list[Passage]:
    """The passages that begin at these places, in this order. What was removed meanwhile is left out."""
    rows = await connection.execute(_AT[connection.dialect.name], {"places": json.dumps(places)})
    found = {Place(row.article_id, row.start): _passage(row) for row in rows}
    return [found[place] for place in places if place in found]


def vector_rows(embedder: Embedder, passage_ids: Sequence[int], vectors: Vectors) -> list[dict[str, Any]]:
    """Vectors as rows: one a passage, in the same order."""
    return [
        {"passage_id": passage_id, "model_id": embedder.model_id, "dim": embedder.dim, "vector": packed(vector)}
        for passage_id, vector in zip(passage_ids, vectors, strict=True)
    ]


def article_row(article: Article) -> dict[str, Any]:
    """An article as a row, that comes in now."""
    columns = article.model_dump(include={"id", "publisher", "published_at", "language"})
    return {**columns, "added_at": datetime.now(UTC), "document": article.model_dump(mode="json")}


def listed(row: Any) -> Listed:
    """What lists show, of `document`, `added_at` and `withdrawn_at`."""
    source = ArticleSource.model_validate({name: row.document.get(name) for name in ArticleSource.model_fields})
    return Listed(
        source=source, language=row.document["language"], added_at=row.added_at, withdrawn_at=row.withdrawn_at
    )


def passage_row(passage: Passage) -> dict[str, Any]:
    """A passage as a row, without the id that it will get."""
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
