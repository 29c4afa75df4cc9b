"""What a report says of articles that were withdrawn after it was made: killed by their publisher, or held back."""

from collections.abc import Collection

from schemas.report import Report
from service.export.sections import named, sources


def quoted(report: Report) -> frozenset[str]:
    """The articles whose words a report shows: the one checked, those of its evidence, those of the passages read."""
    shown = {report.article.id}
    for claim in report.claims:
        shown.update(item.article.id for item in (*claim.supporting, *claim.conflicting))
        shown.update(passage.article_id for passage in claim.searched.passages)
    return frozenset(shown)


def marked(report: Report, withdrawn: Collection[str]) -> Report:
    """The report with those of its articles named that were withdrawn. Everything else stays as it was made."""
    gone = tuple(sorted(quoted(report).intersection(withdrawn)))
    if not gone:
        return report
    warnings = []
    if report.article.id in gone:
        warnings.append("The article that was checked here was withdrawn since.")
    known = sources(report)
    if others := sorted({named(one, known) for one in gone if one != report.article.id}):
        warnings.append(
            f"Withdrawn since the check, and quoted here: {', '.join(others)}. Do not rely on what rests on it; check "
            "the article again."
        )
    return report.model_copy(update={"withdrawn": gone, "warnings": (*report.warnings, *warnings)})
