"""The seeds as they came in, one after another: what each changed in what is said of earlier claims."""

import os

import pytest
from vcr.cassette import Cassette

from schemas.report import Verdict
from schemas.standing import Cause, ClaimHistory
from service.pipeline.assemble import verdict
from tests.recordings.recorded import IN_ORDER, RECORDING, came_in, in_order, seeds_in_order
from tests.seeds import CASSETTES


@pytest.fixture(scope="module")
def vcr_cassette_dir() -> str:
    return str(CASSETTES)


@pytest.mark.vcr
@pytest.mark.default_cassette(f"{IN_ORDER}/in_order.yaml")
async def test_articles_that_come_in_change_earlier_claims(vcr: Cassette) -> None:
    """A claim of the first article falls when the second comes in; every change tells when, and because of what."""
    recording = in_order()
    claims = await came_in(recording.model, recording.base_url)
    assert vcr.all_played or RECORDING in os.environ, "a recorded interaction was not used"
    first, second, *_ = seeds_in_order()
    largest = claims["Aleppo is Syria's largest city."]
    assert largest.article.id == first.id
    found, fell = largest.history
    assert (found.cause, found.after) == (Cause.CHECK, Verdict.NOTHING_FOUND)
    assert (fell.cause, fell.before, fell.after) == (Cause.ARTICLE, Verdict.NOTHING_FOUND, Verdict.CONTRADICTED)
    assert fell.source is not None
    assert fell.source.id == second.id
    assert found.at <= fell.at == largest.changed_at
    for claim in claims.values():
        _check_holds_together(claim)
    if RECORDING not in os.environ:
        replayed = await came_in(f"replay/{CASSETTES / IN_ORDER}")
        assert {text: one.report.verdict for text, one in replayed.items()} == {
            text: one.report.verdict for text, one in claims.items()
        }


def _check_holds_together(claim: ClaimHistory) -> None:
    """Each change begins where the last one ended; the verdict is that of the evidence, every quote verbatim."""
    assert [change.number for change in claim.history] == list(range(1, len(claim.history) + 1))
    for before, after in zip(claim.history, claim.history[1:], strict=False):
        assert after.before is before.after
    assert claim.history[-1].after is claim.report.verdict
    articles = {article.id: article for article in seeds_in_order()}
    for evidence in (*claim.report.supporting, *claim.report.conflicting):
        assert articles[evidence.article.id].exact(evidence.quote) == evidence.quote.exact
    if claim.report.verdict is not Verdict.NOT_ASSESSED:
        origins = claim.report.origins
        assert claim.report.verdict is verdict(origins.supporting, origins.conflicting, origins.partly)
