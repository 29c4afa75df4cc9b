"""The path of an article: extract, retrieve, judge, guard, assemble. Ingest comes before it, in its own file.

Windows are read side by side, and a claim is judged as soon as its window is in: the shortest possible check takes
as long as two calls. What fails is in the report with its reason; no claim is lost.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from schemas.article import Article
from schemas.claim import Claim
from schemas.report import ClaimReport, CorpusSnapshot, Provenance, Report, Unread
from schemas.usage import Usage
from service.errors import NoModel, SecondSourceError, Unforeseen
from service.llm.journaled import Journal
from service.llm.metering import Meter
from service.pipeline.assemble import failure, plural
from service.pipeline.assess import JUDGE, Assessment, begin
from service.pipeline.desk import Desk
from service.pipeline.extract import extract, unworded, windows
from service.pipeline.term import Term
from service.prompting import load

EXTRACT = load("extract_claims", 2)
PROMPTS = tuple(prompt.identity for prompt in (EXTRACT, JUDGE, load("repair", 1), load("plain_json", 1)))


@dataclass(frozen=True, slots=True)
class WindowRead:
    """A window of the article was read: these claims are in it, or this is why none could be sought."""

    window: range
    claims: tuple[Claim, ...] = ()
    error: SecondSourceError | None = None
    unjudged: NoModel | None = None


Watch = Callable[[WindowRead | ClaimReport, Meter], None]


def unwatched(_: WindowRead | ClaimReport, __: Meter) -> None:
    """Progress that nobody follows."""


@dataclass(frozen=True, slots=True)
class _Check:
    """One run over one article."""

    assessment: Assessment
    watch: Callable[[WindowRead], None]

    async def read(self, window: range) -> tuple[WindowRead, Sequence[ClaimReport]]:
        """The claims of a window, each with its report."""
        read = await self._extracted(window)
        self.watch(read)
        return read, await self.assessment.assess(read.claims, read.unjudged)

    async def _extracted(self, window: range) -> WindowRead:
        article = self.assessment.article
        try:
            async with self.assessment.term.within():
                return WindowRead(window, await extract(article, window, self.assessment.model, EXTRACT))
        except NoModel as error:
            return WindowRead(window, unworded(article, window), unjudged=error)
        except SecondSourceError as error:
            return WindowRead(window, error=error)
        except Exception as error:  # a fault of ours in one window must not lose the others
            return WindowRead(window, error=Unforeseen.of(error))


async def check(
    article: Article,
    desk: Desk,
    watch: Watch = unwatched,
    *,
    term: Term | None = None,
    journal: Journal | None = None,
) -> Report:
    """Finds an article's claims and what the other articles of the corpus say to each.

    The article itself need not be in the corpus. `watch` is called with every window read and every claim assessed,
    and what has been spent by then. `term`: the check's time, which others may end. `journal`: what the model
    answered in an earlier run of the same check.

    Raises:
        SecondSourceError: no window of the article could be read, mostly a ModelError. Any lesser failure is in the
            report.
        StoreError: the corpus failed before anything was read, or after all was.
    """
    started, meter = time.monotonic(), Meter(desk.price)

    def watched(item: WindowRead | ClaimReport) -> None:
        watch(item, meter)

    assessment = await begin(article, desk, desk.model(meter, journal), watched, term)
    run = _Check(assessment, watched)
    parts = await asyncio.gather(
        *(run.read(window) for window in windows(len(article.sentences), desk.limits.window, desk.limits.windows))
    )
    lost = [(read.window, read.error) for read, _ in parts if read.error]
    if len(lost) == len(parts):
        raise lost[0][1]
    claims = sorted((claim for _, claims in parts for claim in claims), key=_place)
    held = await desk.corpus.snapshot(without=article.id)  # anew: articles come in while a check runs
    unread = tuple(Unread(quote=article.quote(*window), failure=failure(error)) for window, error in lost)
    return Report(
        article=article.source,
        claims=tuple(claims),
        unread=unread,
        sources=assessment.shelf.sources,
        usage=Usage(stages=meter.usage(), seconds=time.monotonic() - started),
        provenance=_provenance(desk, meter, held),
        warnings=(*desk.warnings, *_warnings(article, held, claims, unread)),
    )


def _place(report: ClaimReport) -> tuple[int, int, str]:
    return report.claim.quote.start, report.claim.quote.end, report.claim.id


def _provenance(desk: Desk, meter: Meter, held: CorpusSnapshot) -> Provenance:
    return Provenance(
        model=desk.backend.name,
        answered_by=meter.answered_by,
        prompts=PROMPTS,
        code_version=desk.code_version,
        corpus=held,
        checked_at=datetime.now(UTC),
    )


def _warnings(
    article: Article, held: CorpusSnapshot, claims: Sequence[ClaimReport], unread: Sequence[Unread]
) -> Iterator[str]:
    """What a reader should know before the claims."""
    if not held.articles:
        yield "No other article is held; there was nothing to check against."
    if article.published_at is None:
        yield "The article has no date; days such as 'on Sunday' were not worked out."
    if unread:
        yield f"{plural(len(unread), 'stretch', 'stretches')} of the article could not be read; see unread."
    if failed := sum(claim.failure is not None for claim in claims):
        yield f"{failed} of {plural(len(claims), 'claim')} not assessed; each says why."
