"""The seed articles as tests use them."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from schemas.article import Article
from service.pipeline.folder import article_files, submission
from service.pipeline.ingest import ingest

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
CASSETTES = ROOT / "cassettes"


@cache
def seed_articles() -> dict[str, Article]:
    """File name -> article, in order of the names."""
    now = datetime.now(UTC)
    return {
        file.name: ingest(submission(file), languages=("en",), max_chars=200_000, now=now)
        for file in article_files([SEEDS])
    }
