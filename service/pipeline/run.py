"""The path of an article: extract, retrieve, judge, guard, assemble. Ingest comes before it, in its own file.

Windows are read side by side, and a claim is judged as soon as its window is in: the shortest possible check takes
as long as two calls. What fails is in the report with its reason; no claim is lost.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from schemas.article import Article
from schemas.claim import Claim
from schemas.report import ClaimReport, CorpusSnapshot, Provenance, Report, Searched, Unread
from schemas.usage import Usage
from service.errors import DeadlinePassed, NoModel, SecondSourceError, Unforeseen
from service.llm.metering import Meter
from service.llm.structured import Model
from service.pipeline.assemble import assemble, failure, not_assessed, plural
from service.pipeline.desk import Desk
from service.pipeline.extract import extract, unworded, windows
from service.pipeline.guard import guarded
from service.pipeline.judge import judge
from service.pipeline.retrieve import Found, Shelf, retrieve
from service.prompting import load
from service.text.credits import cited, outlet

EXTRACT = load("extract_claims", 1)
JUDGE = load("judge_evidence", 1)
PROMPTS = tuple(prompt.identity for prompt in (EXTRACT, JUDGE, load("repair", 1), load("plain_json", 1)))


@dataclass(frozen=True, slots=True)
class WindowRead:
    """A window of the article was read: these claims are in it, or this is why none could be sought."""

    window: range
    claims: tuple[Claim, ...] = ()
    error: SecondSourceError | None = None
    unjudged: NoModel | None = None


Watch = Callable[[WindowRead | ClaimReport], None]


def _unwatched(_: WindowRead | ClaimReport) -> None:
    """Progress that nobody follows."""


@dataclass(frozen=True, slots=True)
class _Check:
    """One run over one article."""

    desk: Desk
    article: Article
    model: Model
    shelf: Shelf
    held: CorpusSnapshot
    until: float
    watch: Watch

    async def read(self, window: range) -> tuple[WindowRead, Sequence[ClaimReport]]:
        """The claims of a window, each with its report."""
        read = await self._extracted(window)
        self.watch(read)
        return read, await asyncio.gather(*(self.assess(claim, read.unjudged) for claim in read.claims))

    async def _extracted(self, window: range) -> WindowRead:
        try:
            async with _deadline(self.until):
                return WindowRead(window, await extract(self.article, window, self.model, EXTRACT))
        except NoModel as error:
            return WindowRead(window, unworded(self.article, window), unjudged=error)
        except SecondSourceError as error:
            return WindowRead(window, error=error)
        except Exception as error:  # a fault of ours in one window must not lose the others
            return WindowRead(window, error=Unforeseen.of(error))

    async def assess(self, claim: Claim, unjudged: NoModel | None = None) -> ClaimReport:
        """One claim's report."""
        report = await self._assessed(claim, unjudged)
        self.watch(report)
        return report

    async def _assessed(self, claim: Claim, unjudged: NoModel | None) -> ClaimReport:
        """One claim's way through retrieve, judge, guard and assemble; without a model it ends after the first."""
        searched = Searched(articles=self.held.articles)
        try:
            async with _deadline(self.until):
                passages = self.desk.limits.passages
                found = await retrieve(claim, self.article, self.shelf, held=searched.articles, passages=passages)
                searched = found.searched
                if unjudged:
                    return not_assessed(claim, unjudged, searched)
                evidence = await judge(claim, self.article, found, self.model, JUDGE)
            return assemble(claim, guarded(claim, self.article, evidence), self._own(claim, found), searched)
        except SecondSourceError as error:
            return not_assessed(claim, error, searched)
        except Exception as error:  # a fault of ours in one claim must not lose the others
            return not_assessed(claim, Unforeseen.of(error), searched)

    def _own(self, claim: Claim, found: Found) -> set[str]:
        """The origins that do not count: the article's, its publisher, and whom the claim's sentences cite."""
        article = self.article
        names = (outlet(name) for name in (article.publisher, article.credit) if name)
        told = cited(article.quote(*claim.quote.sentences).exact)
        return {found.origins[article.id], *names, *([told] if told else [])}


async def check(article: Article, desk: Desk, watch: Watch = _unwatched) -> Report:
    """Finds an article's claims and what the other articles of the corpus say to each.

    The article itself need not be in the corpus. `watch` is called with every window read and every claim assessed.

    Raises:
        SecondSourceError: no window of the article could be read, mostly a ModelError. Any lesser failure is in the
            report.
        StoreError: the corpus failed before anything was read, or after all was.
    """
    started, meter = time.monotonic(), Meter(desk.price)
    run = _Check(
        desk=desk,
        article=article,
        model=desk.model(meter),
        shelf=Shelf(desk.corpus),
        held=await desk.corpus.snapshot(without=article.id),
        until=asyncio.get_running_loop().time() + desk.limits.seconds,
        watch=watch,
    )
    parts = await asyncio.gather(
        *(run.read(window) for window in windows(article, desk.limits.window, desk.limits.windows))
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
        sources=run.shelf.sources,
        usage=Usage(stages=meter.usage(), seconds=time.monotonic() - started),
        provenance=_provenance(desk, meter, held),
        warnings=(*desk.warnings, *_warnings(article, held, claims, unread)),
    )


@asynccontextmanager
async def _deadline(until: float) -> AsyncIterator[None]:
    """Ends what runs inside when the check's time is up, and lets nothing begin after it."""
    late = DeadlinePassed("The check's time was up; raise SECONDSOURCE_SECONDS or check a shorter text.")
    if asyncio.get_running_loop().time() >= until:
        raise late
    try:
        async with asyncio.timeout_at(until):
            yield
    except TimeoutError:
        raise late from None


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
