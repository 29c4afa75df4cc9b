"""Two hundred claims of the seeds: those that a model found, as recorded, and sentences, until there are enough."""

from typing import NamedTuple

from schemas.report import Report
from service.bootstrap import open_desk
from service.pipeline.run import check
from service.settings import Settings
from tests.seeds import CASSETTES, seed_articles

COUNT = 200


class Claim(NamedTuple):
    """What a check would search for: a wording, the sentences it is from, and their article, which is not searched."""

    text: str
    context: str
    without: str


async def claims(count: int = COUNT) -> list[Claim]:
    """So many, always the same."""
    sentences = [
        Claim(article.exact(sentence), article.exact(sentence), article.id)
        for article in seed_articles().values()
        for sentence in article.sentences
    ]
    recorded = (await _recorded())[:count]
    missing = count - len(recorded)
    return [*recorded, *(sentences[nth * len(sentences) // missing] for nth in range(missing))]


async def seed_reports() -> dict[str, Report]:
    """The recorded check of every seed against the others, by the seed's name."""
    async with open_desk(Settings(model=f"replay/{CASSETTES}", database_url="sqlite://")) as desk:
        seeds = seed_articles()
        for article in seeds.values():
            await desk.corpus.add(article)
        return {name: await check(article, desk) for name, article in seeds.items()}


async def _recorded() -> list[Claim]:
    found = []
    for name, report in (await seed_reports()).items():
        article = seed_articles()[name]
        for one in report.claims:
            context = article.quote(*one.claim.quote.sentences).exact
            found.append(Claim(one.claim.text, context, article.id))
    return found
