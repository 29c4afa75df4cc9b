"""What the shapes refuse."""

from datetime import datetime
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.article import Article, ArticleSubmission, Quote, Sentence, Span
from schemas.claim import Claim
from schemas.evidence import Confidence, ConflictKind, Evidence, Stance
from schemas.report import ClaimReport, Failure, Searched, Verdict

TEXT = "One fell. Two rose."
ID = "0" * 24


def article(**changes: Any) -> Article:
    sentences = (Sentence(number=1, start=0, end=9), Sentence(number=2, start=10, end=19))
    return Article(**{"id": ID, "text": TEXT, "language": "en", "sentences": sentences, **changes})


def claim() -> Claim:
    return Claim(id="c", article_id=ID, text="One fell.", quote=article().quote(1), worth=1)


def evidence(**changes: Any) -> Evidence:
    fields = {"stance": Stance.SUPPORTS, "confidence": Confidence.HIGH, "origin": "x", **changes}
    return Evidence(article=article().source, quote=article().quote(2), **fields)


def test_a_quote_is_the_text_at_its_offsets() -> None:
    """A quote over several sentences is the text between them, verbatim."""
    quote = article().quote(1, 2)
    assert quote.exact == TEXT[quote.start : quote.end] == TEXT
    assert quote.sentences == (1, 2)


@pytest.mark.parametrize("numbers", [(), (0,), (3,), (1, 3), (-1,)])
def test_a_quote_needs_sentences_that_exist(numbers: tuple[int, ...]) -> None:
    """Numbers that no sentence has are refused."""
    with pytest.raises(KeyError):
        article().quote(*numbers)


@pytest.mark.parametrize(
    ("shape", "fields"),
    [
        (Span, {"start": 3, "end": 3}),
        (Span, {"start": -1, "end": 3}),
        (Quote, {"start": 0, "end": 4, "exact": "One", "sentences": (1,)}),
        (Quote, {"start": 0, "end": 3, "exact": "One", "sentences": ()}),
        (ArticleSubmission, {"text": "x", "published_at": datetime(2024, 12, 1)}),  # noqa: DTZ001 - the point
        (ArticleSubmission, {"text": "x", "mood": "good"}),
        (ArticleSubmission, {"text": "x", "url": "javascript:alert(1)"}),
        (ArticleSubmission, {"text": "x", "language": "English"}),
        (Failure, {"code": "Not A Code", "detail": "x"}),
    ],
)
def test_what_is_not_so_is_refused(shape: type[Any], fields: dict[str, Any]) -> None:
    """Empty spans, wrong lengths, times without zone, unknown fields and bad codes do not become shapes."""
    with pytest.raises(ValidationError):
        shape(**fields)


@pytest.mark.parametrize(
    "sentences",
    [
        (Sentence(number=2, start=0, end=9),),
        (Sentence(number=1, start=0, end=9), Sentence(number=2, start=5, end=19)),
        (Sentence(number=1, start=0, end=99),),
        (),
    ],
)
def test_sentences_lie_in_their_text_in_order(sentences: tuple[Sentence, ...]) -> None:
    """Sentences misnumbered, overlapping, outside the text or missing are refused."""
    with pytest.raises(ValidationError):
        article(sentences=sentences)


def test_shapes_do_not_change() -> None:
    """A shape is frozen."""
    with pytest.raises(ValidationError):
        article().text = "other"  # type: ignore[misc] # the point


@pytest.mark.parametrize(
    "fields", [{"kind": ConflictKind.NUMBER}, {"stance": Stance.CONFLICTS}, {"stance": Stance.CONFLICTS, "kind": None}]
)
def test_only_a_conflict_has_a_kind(fields: dict[str, Any]) -> None:
    """Support with a kind, and a conflict without one, are refused."""
    with pytest.raises(ValidationError):
        evidence(**fields)


@pytest.mark.parametrize(
    ("verdict", "failure"),
    [(Verdict.NOT_ASSESSED, None), (Verdict.SUPPORTED, Failure(code="refused", detail="The model declined."))],
)
def test_failure_is_a_state_never_a_verdict(verdict: Verdict, failure: Failure | None) -> None:
    """A claim is not_assessed if and only if it carries the failure that made it so."""
    with pytest.raises(ValidationError):
        ClaimReport(claim=claim(), verdict=verdict, reason="r", failure=failure, searched=Searched(articles=0))
