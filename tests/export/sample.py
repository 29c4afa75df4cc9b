"""A report with everything in it that a page can be asked to show."""

from datetime import UTC, date, datetime
from decimal import Decimal

from schemas.article import ArticleSource, Quote
from schemas.claim import Attribution, AttributionMode, Checked, Claim, Moment, Quantity
from schemas.evidence import Confidence, ConflictKind, Evidence, Flag, Passage, Stance
from schemas.report import (
    ClaimReport,
    CorpusSnapshot,
    Failure,
    Origins,
    PromptVersion,
    Provenance,
    Report,
    Searched,
    Unread,
    Verdict,
)
from schemas.usage import Stage, StageUsage, Usage

CHECKED = "a" * 24
WIRE = ArticleSource(
    id="b" * 24,
    publisher="Example Wire",
    title="Rebels enter Aleppo after three days of fighting",
    published_at=datetime(2024, 11, 30, 9, tzinfo=UTC),
    url="https://wire.example/2024/11/30/aleppo?page=1&view=full",
)
PAPER = ArticleSource(id="c" * 24, publisher="The Example Paper", title="What is known", url="javascript:alert(1)")
NAMELESS = ArticleSource(id="d" * 24)


def quote(exact: str, *sentences: int, start: int = 0) -> Quote:
    return Quote(start=start, end=start + len(exact), exact=exact, sentences=sentences or (1,))


def supporting(exact: str, source: ArticleSource = WIRE, *flags: Flag, origin: str | None = None) -> Evidence:
    return Evidence(
        article=source,
        quote=quote(exact, 3),
        stance=Stance.SUPPORTS,
        why="Both say that the city was entered.",
        confidence=Confidence.HIGH,
        origin=origin or source.id,
        attributed_to=origin,
        flags=flags,
    )


def conflicting(exact: str, kind: ConflictKind, source: ArticleSource = PAPER, *flags: Flag) -> Evidence:
    return Evidence(
        article=source,
        quote=quote(exact, 7, 8),
        stance=Stance.CONFLICTS,
        kind=kind,
        why="The figures cannot both be true.",
        confidence=Confidence.MEDIUM,
        origin=source.id,
        flags=flags,
    )


def claim(number: int, text: str, worth: int = 2, attribution: Attribution | None = None) -> Claim:
    return Claim(
        id=f"claim{number}",
        article_id=CHECKED,
        text=text,
        quote=quote(text, number, start=number * 1000),
        who="opposition fighters",
        where="Aleppo",
        when=(Moment(exact="on Friday", start=0, first=date(2024, 11, 29), last=date(2024, 11, 29)),),
        quantities=(
            Quantity(exact="at least 56", start=0, low=56, high=None, unit="people"),
            Quantity(exact="second largest", start=20, low=2, high=2, rank=True),
        ),
        attribution=attribution,
        worth=worth,
    )


SEARCHED = Searched(
    articles=4,
    passages=(
        Passage(article_id=WIRE.id, quote=quote("They entered on Friday. Nobody stopped them.", 3, 4)),
        Passage(article_id="e" * 24, quote=quote("Trade went on as before.", 9)),
    ),
)
ENTERED = "Rebels entered Aleppo, Syria’s second largest city, on Friday, killing at least 56 people."


def judged(verdict: Verdict, item: Claim, *evidence: Evidence, flags: tuple[Flag, ...] = ()) -> ClaimReport:
    sides = {side: tuple(found for found in evidence if found.stance is side) for side in Stance}
    return ClaimReport(
        claim=item,
        verdict=verdict,
        reason="One independent origin says so; another does not.",
        origins=Origins(
            supporting=tuple(sorted({found.origin for found in sides[Stance.SUPPORTS]})),
            conflicting=tuple(sorted({found.origin for found in sides[Stance.CONFLICTS]})),
        ),
        supporting=sides[Stance.SUPPORTS],
        conflicting=sides[Stance.CONFLICTS],
        flags=flags,
        searched=SEARCHED,
    )


CLAIMS = (
    judged(Verdict.NOTHING_FOUND, claim(1, "The offensive was planned for a year.", worth=1)),
    judged(
        Verdict.CORROBORATED,
        claim(2, "Aleppo was entered by rebels."),
        supporting("Fighters entered the city on Friday."),
        supporting("Reuters reported that fighters were in the city.", PAPER, origin="reuters"),
    ),
    judged(
        Verdict.SUPPORTED,
        claim(3, "The rebels hold the airport."),
        supporting("The airport is said to be held by 40 fighters.", NAMELESS, Flag.NUMBERS_DIFFER, Flag.OWN_ORIGIN),
        flags=(Flag.NUMBERS_DIFFER, Flag.NAMES_DIFFER),
    ),
    judged(
        Verdict.DISPUTED,
        claim(
            4,
            ENTERED,
            worth=3,
            attribution=Attribution(speaker="a war monitor", mode=AttributionMode.REPORTED, checked=Checked.CONTENT),
        ),
        supporting("Rebels have entered the country’s second city and at least 56 people were killed there."),
        conflicting(
            "Officials put the number of dead at 31. They gave no names.",
            ConflictKind.NUMBER,
            PAPER,
            Flag.NUMBERS_AGREE,
        ),
        conflicting("The fighting began on Wednesday.", ConflictKind.DATE, WIRE),
        flags=tuple(flag for flag in Flag if flag is not Flag.OWN_ORIGIN),
    ),
    judged(
        Verdict.CONTRADICTED,
        claim(5, "No foreign troops were involved."),
        *(conflicting(f"This conflicts in its {kind}.", kind, WIRE) for kind in ConflictKind),
    ),
    ClaimReport(
        claim=claim(6, "The dollar rose."),
        verdict=Verdict.NOT_ASSESSED,
        reason="Not assessed: The reply ended at the token limit.",
        failure=Failure(code="cut_off", detail="The reply ended at the token limit."),
        searched=Searched(articles=4),
    ),
)


def report(*claims: ClaimReport, title: str | None = "Rebels advance in Syria", usage: Usage | None = None) -> Report:
    """A report with these claims, or with one of every kind."""
    return Report(
        article=ArticleSource(
            id=CHECKED,
            publisher="Morning Example",
            title=title,
            published_at=datetime(2024, 12, 1, 6, 30, tzinfo=UTC),
            url="https://morning.example/syria",
        ),
        claims=claims or CLAIMS,
        sources=(WIRE, PAPER, NAMELESS),
        unread=(
            Unread(
                quote=quote("It rained. Then it stopped.", 11, 12),
                failure=Failure(code="refused", detail="The model declined to answer."),
            ),
        ),
        usage=usage
        or Usage(
            stages=(
                StageUsage(
                    stage=Stage.EXTRACT,
                    calls=3,
                    failed=1,
                    prompt_tokens=12345,
                    completion_tokens=678,
                    seconds=4.25,
                    cost=Decimal("0.0123"),
                ),
                StageUsage(
                    stage=Stage.JUDGE,
                    calls=6,
                    failed=0,
                    prompt_tokens=None,
                    completion_tokens=None,
                    seconds=9,
                    cost=None,
                ),
            ),
            seconds=7.5,
        ),
        provenance=Provenance(
            model="openai/example-model",
            answered_by=("example-model-2026-01",),
            prompts=(
                PromptVersion(name="extract_claims", version=1, sha256="1" * 64),
                PromptVersion(name="judge_evidence", version=1, sha256="2" * 64),
            ),
            code_version="0.2.0",
            corpus=CorpusSnapshot(articles=4, sha256="3" * 64),
            checked_at=datetime(2026, 11, 22, 6, 0, tzinfo=UTC),
        ),
        warnings=("1 stretches of the article could not be read for claims; they are listed as unread.",),
    )
