"""`secondsource evaluate`: the production line over labelled articles, and its score in a table."""

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.table import Table

from schemas.article import Article
from schemas.evidence import Evidence, Stance
from service.bootstrap import open_desk
from service.evaluation.evaluate import Evaluation, evaluate
from service.evaluation.scoring import Outcome, Scored, side
from service.export.words import folded
from service.pipeline.folder import article_files, submission
from service.pipeline.ingest import ingest
from service.settings import Settings
from service.terminal.progress import watched


async def evaluate_files(dataset: Path, folder: Path, settings: Settings) -> Evaluation:
    """Checks the labelled articles of a folder against all others of it.

    Raises:
        InputError: the data or a file cannot be read, or they do not fit each other.
        ConfigurationError: as `open_desk` raises it.
        ModelError: an article could not be read at all.
    """
    articles = articles_of(folder, settings)
    async with open_desk(settings) as desk:
        with watched(dataset.name) as watch:
            return await evaluate(dataset, articles, desk, watch)


def articles_of(folder: Path, settings: Settings) -> dict[str, Article]:
    """The articles of a folder, by file name.

    Raises:
        InputError: a file cannot be read, or is no article.
    """
    now = datetime.now(UTC)
    return {
        file.name: ingest(submission(file), languages=settings.languages, max_chars=settings.max_characters, now=now)
        for file in article_files([folder])
    }


def told(found: Evaluation) -> str:
    """The score: a line for each item, the stances, and every conflict that was reported, with both quotes."""
    console = Console(file=StringIO(), width=120)
    console.print(_items(found))
    console.print(_sides(found))
    right = sum(one.outcome is Outcome.RIGHT for one in found.scored)
    console.print(f"{right} of {len(found.scored)} items right ({found.right:.0%}).", highlight=False)
    for name, report in found.reports.items():
        for claim in report.claims:
            for evidence in claim.conflicting:
                _print_conflict(console, f"{name}: {claim.claim.quote.exact}", evidence)
    file = console.file
    assert isinstance(file, StringIO)  # noqa: S101 - it was made above
    return file.getvalue().rstrip()


def _items(found: Evaluation) -> Table:
    table = Table("item", "outcome", "labelled claim", "reported claim", "supporting", "conflicting")
    for one in found.scored:
        table.add_row(one.item.id, one.outcome.value, one.item.claim, *_reported(one))
    return table


def _reported(one: Scored) -> tuple[str, str, str]:
    if one.reported is None:
        return "", "", ""
    reported = one.reported
    return folded(reported.claim.text), str(len(reported.supporting)), str(len(reported.conflicting))


def _sides(found: Evaluation) -> Table:
    table = Table("stance", "found", "missed", "wrong")
    for score in (side(stance, found.scored) for stance in Stance):
        table.add_row(score.stance.value, *map(str, (score.found, score.missed, score.wrong)))
    return table


def _print_conflict(console: Console, claim: str, evidence: Evidence) -> None:
    source = evidence.article.publisher or evidence.article.title or evidence.article.id
    console.print(f"\nConflict ({evidence.kind}), {folded(claim)}", markup=False, highlight=False)
    console.print(f"  with {folded(source)}: {folded(evidence.quote.exact)}", markup=False, highlight=False)
