"""The examples in the OpenAPI document, built from the shapes themselves, so that they cannot go stale.

FastAPI leaves nulls out of the document, so no field that must be given is null here.
"""

import hashlib
from datetime import UTC, datetime
from decimal import Decimal

from schemas.article import Article, ArticleSubmission, Listed, Sentence, article_id
from schemas.check import Check, CheckState, Event, EventKind, Progress
from schemas.claim import Claim, Quantity
from schemas.evidence import Confidence, ConflictKind, Evidence, Passage, Stance
from schemas.report import (
    ClaimReport,
    CorpusSnapshot,
    Origins,
    PromptVersion,
    Provenance,
    Report,
    Searched,
    Verdict,
)
from schemas.usage import Stage, StageUsage, Usage


def _article(publisher: str, *sentences: str) -> Article:
    text = " ".join(sentences)
    starts = [text.index(sentence) for sentence in sentences]
    places = enumerate(zip(starts, sentences, strict=True), start=1)
    return Article(
        id=article_id(text),
        text=text,
        publisher=publisher,
        title="A bridge for Marbach",
        published_at=datetime(2024, 12, 9, 7, 30, tzinfo=UTC),
        language="en",
        sentences=tuple(Sentence(number=n, start=start, end=start + len(words)) for n, (start, words) in places),
    )


ARTICLE = _article("Marbach Courier", "The new bridge opened on Monday.", "It carries lorries of 40 tonnes.")
_OTHER = _article("Valley Post", "Lorries of more than 30 tonnes may not use the new bridge, the council said.")

SUBMISSION = ArticleSubmission(
    text=ARTICLE.text,
    publisher=ARTICLE.publisher,
    title=ARTICLE.title,
    published_at=ARTICLE.published_at,
    url="https://courier.example/bridge",
    language="en",
)
LISTED = Listed(source=ARTICLE.source, language=ARTICLE.language, added_at=datetime(2024, 12, 9, 8, 0, tzinfo=UTC))
HTML = f"<article><h1>{ARTICLE.title}</h1><p>{ARTICLE.text}</p></article>"

_CLAIM = Claim(
    id=hashlib.sha256(b"example").hexdigest()[:16],
    article_id=ARTICLE.id,
    text="The new bridge in Marbach carries lorries of 40 tonnes.",
    quote=ARTICLE.quote(2),
    where="Marbach",
    quantities=(Quantity(exact="40 tonnes", start=45, low=40, high=40, unit="tonnes"),),
    worth=2,
)
REPORT = Report(
    article=ARTICLE.source,
    claims=(
        ClaimReport(
            claim=_CLAIM,
            verdict=Verdict.CONTRADICTED,
            reason="Conflicting with it: 1 independent origin. Nothing supports it.",
            origins=Origins(conflicting=(_OTHER.id,)),
            conflicting=(
                Evidence(
                    article=_OTHER.source,
                    quote=_OTHER.quote(1),
                    stance=Stance.CONFLICTS,
                    kind=ConflictKind.NUMBER,
                    why="The source gives 30 tonnes as the limit, the claim 40.",
                    confidence=Confidence.HIGH,
                    origin=_OTHER.id,
                ),
            ),
            searched=Searched(articles=1, passages=(Passage(article_id=_OTHER.id, quote=_OTHER.quote(1)),)),
        ),
    ),
    usage=Usage(
        stages=(
            StageUsage(
                stage=Stage.EXTRACT,
                calls=1,
                failed=0,
                prompt_tokens=900,
                completion_tokens=80,
                seconds=1.4,
                cost=Decimal("0.00038"),
            ),
            StageUsage(
                stage=Stage.JUDGE,
                calls=1,
                failed=0,
                prompt_tokens=700,
                completion_tokens=60,
                seconds=1.1,
                cost=Decimal("0.00029"),
            ),
        ),
        seconds=2.6,
    ),
    provenance=Provenance(
        model="openai/gpt-5-mini",
        answered_by=("gpt-5-mini",),
        prompts=(
            PromptVersion(name="extract_claims", version=1, sha256="0" * 64),
            PromptVersion(name="judge_evidence", version=1, sha256="1" * 64),
        ),
        code_version="0.2.0",
        corpus=CorpusSnapshot(articles=1, sha256=hashlib.sha256(f"{_OTHER.id}\n".encode()).hexdigest()),
        checked_at=datetime(2024, 12, 9, 8, 0, tzinfo=UTC),
    ),
)
CHECK = Check(
    id=hashlib.sha256(b"check").hexdigest()[:32],
    article_id=ARTICLE.id,
    state=CheckState.RUNNING,
    model="openai/gpt-5-mini",
    created_at=datetime(2024, 12, 9, 8, 0, tzinfo=UTC),
    started_at=datetime(2024, 12, 9, 8, 0, 1, tzinfo=UTC),
    runs=1,
    progress=Progress(stretches=1, claims=1),
    usage=REPORT.usage.stages[:1],
)
EVENT = Event(
    number=2,
    kind=EventKind.STATE,
    at=datetime(2024, 12, 9, 8, 0, 1, tzinfo=UTC),
    data={"state": CheckState.RUNNING},
)
