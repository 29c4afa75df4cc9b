"""Whether a check that has ended tells what became of every sentence and every claim."""

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.article import Article
from schemas.check import CheckState
from schemas.report import Report, Verdict


def missing(article: Article, told: Mapping[str, Any]) -> list[str]:
    """What is not accounted for: nothing, where all is well. `told`: as `tests.reliability.child.told` has it."""
    check = told["check"]
    if check["state"] == CheckState.FAILED:
        return [] if check["failure"] and check["failure"]["detail"] else ["it failed without a reason"]
    if check["state"] != CheckState.DONE:
        return [f"it is {check['state']}"]
    report = Report.model_validate(told["report"])
    return [*_sentences(article, told, report), *_claims(told, report)]


def _sentences(article: Article, told: Mapping[str, Any], report: Report) -> Iterator[str]:
    """Every sentence is in one stretch that was read, or is unread with the reason."""
    unread = {one.quote.sentences for one in report.unread if one.failure.detail}
    seen: list[int] = []
    for read in _data(told, "read"):
        stretch = tuple(range(read["sentences"][0], read["sentences"][1] + 1))
        seen += stretch
        if (read["failure"] is not None) != (stretch in unread):
            yield f"sentences {stretch} failed and are not unread, or are unread and did not fail"
        if read["failure"] is None and len(read["claims"]) != len(stretch):
            yield f"{len(read['claims'])} claims in sentences {stretch}, which hold {len(stretch)}"
    if sorted(seen) != [sentence.number for sentence in article.sentences]:
        yield f"sentences {sorted(seen)} were told of, of {len(article.sentences)}"


def _claims(told: Mapping[str, Any], report: Report) -> Iterator[str]:
    """Every claim found is in the report once, and was told of once; it has a verdict, or a reason for none."""
    found = sorted(claim["id"] for read in _data(told, "read") for claim in read["claims"])
    reported = sorted(one.claim.id for one in report.claims)
    if found != reported or sorted(one["claim"]["id"] for one in _data(told, "claim")) != reported:
        yield f"{len(found)} claims were found, {len(reported)} are in the report"
    for one in report.claims:
        if (one.verdict is Verdict.NOT_ASSESSED) != (one.failure is not None):
            yield f"claim {one.claim.id} is {one.verdict}, with the failure {one.failure}"


def _data(told: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    return [event["data"] for event in told["events"] if event["kind"] == kind]
