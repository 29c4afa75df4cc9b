"""Opens the corpus of a store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.corpus.embedding import Embedder
from service.corpus.postgres import PostgresIndex
from service.corpus.sqlite import SqliteIndex
from service.corpus.stored import StoredCorpus
from service.store.database import Store


@asynccontextmanager
async def open_corpus(
    store: Store, *, embedder: Embedder | None = None, size: int = 2, stride: int = 1
) -> AsyncIterator[StoredCorpus]:
    """The corpus in an open store, which several parts of the service may share; it is closed with the store.

    Passages are `size` sentences, a new one every `stride` sentences; what is stored already keeps its passages.
    With an embedder, passages that were stored without vectors get them first: about a minute for 3,000.

    Raises:
        ConfigurationError: the store holds vectors of another model, or cannot be searched by vectors.
        StoreError: the database failed.
    """
    index = SqliteIndex(store) if store.dialect == "sqlite" else PostgresIndex(store)
    corpus = StoredCorpus(store, index, embedder, size, stride)
    if embedder is not None:
        await corpus.prepare(embedder)
    yield corpus
