"""Runs the production line over labelled articles and scores what it reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.article import Article
from schemas.report import Report
from service.evaluation.gold import GoldItem, check_places, read
from service.evaluation.scoring import Outcome, Scored, score
from service.pipeline.desk import Desk
from service.pipeline.run import Watch, check, unwatched


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Every labelled claim with its outcome, and the reports that were held against the labels, by file name."""

    scored: tuple[Scored, ...]
    reports: Mapping[str, Report]

    @property
    def right(self) -> float:
        """The share of labelled claims that came out right, 0 to 1."""
        return sum(one.outcome is Outcome.RIGHT for one in self.scored) / len(self.scored)


async def evaluate(dataset: Path, articles: Mapping[str, Article], desk: Desk, watch: Watch = unwatched) -> Evaluation:
    """Checks every article that a label is about against all the others. `articles`: by file name.

    Raises:
        InputError: the data cannot be read, or does not fit the articles; nothing was asked of a model then.
        ModelError: an article could not be read at all.
    """
    items = read(dataset)
    check_places(items, articles)
    for article in articles.values():
        await desk.corpus.add(article)
    reports = {name: await check(articles[name], desk, watch) for name in _named(items)}
    return Evaluation(tuple(score(item, reports[item.article], articles) for item in items), reports)


def _named(items: Sequence[GoldItem]) -> list[str]:
    """The articles that labels are about, in order of their names."""
    return sorted({item.article for item in items})
