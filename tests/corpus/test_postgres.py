"""What is particular to the corpus in PostgreSQL: it finds what SQLite finds, and nothing deadlocks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec

import psycopg
import pytest
from sqlalchemy import text

from schemas.article import Article
from service.corpus.opening import open_corpus
from service.corpus.passages import passages
from service.corpus.postgres import PostgresIndex
from service.corpus.search import CANDIDATES
from service.corpus.sqlite import SqliteIndex
from service.corpus.stems import tokens
from service.corpus.stored import StoredCorpus
from service.errors import ConfigurationError
from service.store.database import Store, open_store
from tests.corpus.articles import WordHashes, article
from tests.seeds import seed_articles

NOBODY = "0" * 24
ALEPPO = article("Rebels seized Aleppo on Friday.\nThe army withdrew to Hama.")
ODD = article(
    "The U.S. and the U.N. counted 1,500 men; the U.S.A. counted 1 500.\n1.5m of 2,500,000 fled, S.U. said, on 12/01."
    "\nCafés in İstanbul and Łódź.\nAleppo, Aleppo, Aleppo: captured, captures, capture."
)

with_numpy = pytest.mark.skipif(find_spec("numpy") is None, reason="numpy is not installed")


def _corpus(store: Store, budget: int) -> StoredCorpus:
    index = SqliteIndex(store, budget) if store.dialect == "sqlite" else PostgresIndex(store, budget)
    return StoredCorpus(store, index, None, 2, 1)


@asynccontextmanager
async def _both(url: str, *articles: Article, budget: int = 10_000) -> AsyncIterator[tuple[StoredCorpus, StoredCorpus]]:
    async with open_store("sqlite://") as one, open_store(url) as other:
        corpora = _corpus(one, budget), _corpus(other, budget)
        for corpus in corpora:
            for each in articles:
                await corpus.add(each)
        yield corpora


async def test_the_same_passages_as_in_sqlite(postgres_url: str) -> None:
    """For every other sentence of the seeds, alone and among its neighbours: recorded conversations hold on both."""
    seeds = list(seed_articles().values())
    async with _both(postgres_url, *seeds, ODD) as corpora:
        for each in seeds:
            for sentence in each.sentences[::2]:
                query, context = each.exact(sentence), each.quote(max(1, sentence.number - 1), sentence.number).exact
                answers = [await one.search(query, context=context, without=each.id, limit=8) for one in corpora]
                assert answers[0] == answers[1], query


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("U.S.", True),
        ("U.N. men", True),
        ("U.S.A.", True),
        ("S.U.S.", False),
        ("1,500", True),
        ("500,2", False),
        ("2,500,000", True),
        ("12.01", True),
        ("1.5m", False),  # "5m" is one token
        ("captures captured", True),
        ("ISTANBUL lodz", True),
    ],
)
async def test_the_same_phrases_as_in_sqlite(postgres_url: str, query: str, found: bool) -> None:
    """Abbreviations and numbers are found as FTS5 finds phrases, and words of one stem count as often as asked."""
    async with _both(postgres_url, *seed_articles().values(), ODD, ALEPPO) as (sqlite, postgres):
        answer = await postgres.search(query, without=NOBODY, limit=50)
        assert answer == await sqlite.search(query, without=NOBODY, limit=50)
        assert any(one.article_id == ODD.id for one in answer) is found


@pytest.mark.parametrize("budget", [1, 4, 20])
async def test_common_words_do_not_choose(postgres_url: str, budget: int) -> None:
    """Where the words are in more passages than are ranked, the rarest find them, and all of them tell their order."""
    seeds = list(seed_articles().values())
    common = [article(f"Rebels and the Syrian army, number {number}.") for number in range(30)]
    rare = article("The Syrian bakery opened.\nRebels saw the Syrian bakery of the army.")
    async with _both(postgres_url, *seeds, *common, rare, budget=budget) as corpora:
        for corpus in corpora:
            found = await corpus.search("Syrian army rebels bakery", without=NOBODY, limit=3)
            assert found[0].article_id == rare.id
            assert await corpus.search("Syrian rebels army", without=NOBODY, limit=3)
            assert await corpus.search("rebels", without=NOBODY, limit=3)


async def test_counts_follow_the_passages(postgres_url: str) -> None:
    """What was added and removed, however that was done, is counted: nothing is left of nothing."""
    statement = text("SELECT stem FROM stems WHERE passages <> 0 OR occurrences <> 0")
    async with open_store(postgres_url) as store, open_corpus(store) as corpus:
        for each in (ALEPPO, ODD):
            await corpus.add(each)
        (everything,) = await store.rows(text("SELECT passages, occurrences FROM stems WHERE stem = ''"))
        cut = [*passages(ALEPPO), *passages(ODD)]
        assert tuple(everything) == (len(cut), sum(len(tokens(one.quote.exact)) for one in cut))
        await corpus.withdraw(ALEPPO.id)
        async with store.writing() as connection:
            await connection.execute(text("DELETE FROM articles"))
        assert await store.rows(statement) == []


async def test_many_add_articles_of_the_same_words(postgres_url: str) -> None:
    """They count the same stems and do not deadlock, whatever the order of their words."""
    words = [f"word{number}" for number in range(60)]
    several = [article(" ".join(words[turn:] + words[:turn]) + f" {turn}.") for turn in range(0, 60, 4)]
    async with open_store(postgres_url) as store, open_corpus(store) as corpus, open_corpus(store) as other:
        added = await asyncio.gather(*(where.add(each) for each in several for where in (corpus, other)))
        assert sum(added) == len(several)
        rows = await store.rows(text("SELECT passages FROM stems WHERE stem LIKE 'word%'"))
        assert {row.passages for row in rows} == {len(several)}


@with_numpy
async def test_a_long_article_leaves_room_for_another(postgres_url: str) -> None:
    """However many of its passages are near, an article that is alone wanted, or the others, are not starved."""
    long = article("\n".join(f"gold silver tin {number}" for number in range(3 * CANDIDATES)))
    short = article("gold lead zinc iron")
    async with open_store(postgres_url) as store, open_corpus(store, embedder=WordHashes(), size=1) as corpus:
        for each in (long, short):
            await corpus.add(each)
        for without, within in ((long.id, None), (NOBODY, short.id)):
            found = await corpus.search("gold silver", without=without, within=within, limit=5)
            assert [one.article_id for one in found] == [short.id]


@with_numpy
async def test_vectors_of_another_model_are_refused(postgres_url: str) -> None:
    """As in SQLite; and a graph is made for the dimension that is used."""
    async with open_store(postgres_url) as store:
        async with open_corpus(store, embedder=WordHashes("one", dim=64)) as corpus:
            await corpus.add(ALEPPO)
        with pytest.raises(ConfigurationError, match="vectors of the model one"):
            async with open_corpus(store, embedder=WordHashes("other", dim=64)):
                pass
        rows = await store.rows(text("SELECT indexdef FROM pg_indexes WHERE indexname = 'vectors_near_64'"))
        assert "hnsw" in rows[0].indexdef


@with_numpy
async def test_without_pgvector_words_are_searched(postgres_url: str) -> None:
    """An embedder is refused with what to do; without one everything works."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP EXTENSION vector")
        connection.execute("DROP ROLE IF EXISTS reporter")
        connection.execute("CREATE ROLE reporter LOGIN")
        connection.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO reporter")
        connection.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO reporter")
    async with open_store(postgres_url.replace("postgres@", "reporter@")) as store:
        async with open_corpus(store) as corpus:
            await corpus.add(ALEPPO)
            assert len(await corpus.search("Aleppo", without=NOBODY, limit=5)) == 1
        with pytest.raises(ConfigurationError, match=r"pgvector.*permission denied"):
            async with open_corpus(store, embedder=WordHashes()):
                pass
