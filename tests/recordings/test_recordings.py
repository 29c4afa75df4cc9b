"""Real conversations, replayed through the real clients with the network blocked."""

import os
from pathlib import Path
from typing import Any

import pytest
from vcr.cassette import Cassette

from schemas.report import Report, Verdict
from service.pipeline.assemble import verdict
from tests.recordings.recorded import IN_ORDER, RECORDING, Recording, checked, recordings
from tests.seeds import CASSETTES, seed_articles

CASES = [
    pytest.param(
        recording, seed, id=recording.cassette(seed), marks=pytest.mark.default_cassette(recording.cassette(seed))
    )
    for recording in recordings()
    for seed in recording.seeds
]


@pytest.fixture(scope="module")
def vcr_cassette_dir() -> str:
    return str(CASSETTES)


def claims_of(report: Report) -> list[dict[str, Any]]:
    """What a report says, without what differs from run to run."""
    return [claim.model_dump(mode="json") for claim in report.claims]


@pytest.mark.vcr
@pytest.mark.parametrize(("recording", "seed"), CASES)
async def test_a_recorded_check_runs_again_to_the_letter(recording: Recording, seed: str, vcr: Cassette) -> None:
    """Every request of the check has its recording and every recording is used; what is reported holds by the text.

    The replay backend, which reads the same cassettes without a client, reports the same.
    """
    report = await checked(seed, recording.model, recording.base_url, recording.reply_tokens)
    assert vcr.all_played or RECORDING in os.environ, "a recorded interaction was not used"
    assert report.claims or report.unread
    if RECORDING not in os.environ:  # while it records, the cassette is not written yet
        replayed = await checked(seed, f"replay/{CASSETTES / recording.folder}")
        assert claims_of(replayed) == claims_of(report)
    articles = {article.id: article for article in seed_articles().values()}
    for unread in report.unread:
        assert articles[report.article.id].exact(unread.quote) == unread.quote.exact
        assert unread.failure.code not in {"unreachable", "recording_missing"}
    for claim in report.claims:
        assert articles[report.article.id].exact(claim.claim.quote) == claim.claim.quote.exact
        assert claim.failure is None or claim.failure.code not in {"unreachable", "recording_missing"}
        for passage in claim.searched.passages:
            assert passage.article_id != report.article.id
            assert articles[passage.article_id].exact(passage.quote) == passage.quote.exact
        for evidence in (*claim.supporting, *claim.conflicting):
            assert evidence.article.id != report.article.id
            assert articles[evidence.article.id].exact(evidence.quote) == evidence.quote.exact
        if claim.verdict is not Verdict.NOT_ASSESSED:
            assert claim.verdict is verdict(claim.origins.supporting, claim.origins.conflicting, claim.origins.partly)


def test_no_cassette_is_an_orphan() -> None:
    """Every cassette on disk belongs to a recording, and every recording has its cassettes."""
    on_disk = {str(path.relative_to(CASSETTES)) for path in CASSETTES.rglob("*.yaml")}
    by_seed = {recording.cassette(seed) for recording in recordings() for seed in recording.seeds}
    assert on_disk == by_seed | {f"{IN_ORDER}/in_order.yaml"}


@pytest.mark.parametrize("path", sorted(CASSETTES.rglob("*.yaml")), ids=lambda path: path.name)
def test_no_cassette_holds_a_key(path: Path) -> None:
    """No header that could carry a key was kept."""
    text = path.read_text(encoding="utf-8").lower()
    assert not any(f"\n      {header}:" in text for header in ("authorization", "x-api-key", "api-key", "set-cookie"))
