"""What a report says of articles that were withdrawn since."""

import pytest

from service.export import markdown, page
from service.export.withdrawal import marked, quoted
from service.export.words import WITHDRAWN
from tests.export import sample

REPORT = sample.report()


def test_whose_words_a_report_shows() -> None:
    """The article checked, those of the evidence, and those of the passages that were read."""
    assert quoted(REPORT) == {sample.CHECKED, sample.WIRE.id, sample.PAPER.id, sample.NAMELESS.id, "e" * 24}


@pytest.mark.parametrize("withdrawn", [(), ("f" * 24,)])
def test_a_report_that_quotes_nothing_withdrawn_stays_as_it_is(withdrawn: tuple[str, ...]) -> None:
    """Nothing withdrawn, or nothing that it shows."""
    assert marked(REPORT, withdrawn) is REPORT


@pytest.mark.parametrize(
    ("withdrawn", "warning"),
    [
        (sample.WIRE.id, "Example Wire"),
        (sample.NAMELESS.id, "article dddddddd"),
        ("e" * 24, "article eeeeeeee"),
        (sample.CHECKED, "The article that was checked here was withdrawn since."),
    ],
)
def test_what_was_withdrawn_is_named(withdrawn: str, warning: str) -> None:
    """By its id in a field of its own and by its name in a warning; the rest of the report stays."""
    told = marked(REPORT, (withdrawn, "f" * 24))
    assert told.withdrawn == (withdrawn,)
    assert told.warnings[: len(REPORT.warnings)] == REPORT.warnings
    assert warning in told.warnings[-1]
    assert told.model_copy(update={"withdrawn": (), "warnings": REPORT.warnings}) == REPORT


@pytest.mark.parametrize("form", [page, markdown])
@pytest.mark.parametrize("withdrawn", [sample.WIRE.id, "e" * 24])
def test_each_quote_of_it_is_marked(form: object, withdrawn: str) -> None:
    """As evidence and as a passage, as often as it is quoted."""
    render = page.render if form is page else markdown.render
    shown = render(marked(REPORT, (withdrawn,)))
    rows = [row for claim in REPORT.claims for row in (*claim.supporting, *claim.conflicting)]
    passages = [passage.article_id for claim in REPORT.claims for passage in claim.searched.passages]
    quotes = [row.article.id for row in rows] + passages
    assert shown.count(WITHDRAWN) == quotes.count(withdrawn)
    assert WITHDRAWN not in render(REPORT)
