"""The claims that the line finds in labelled texts: are they the text's, do they stand alone, are they all.

Whether a claim is borne out by its text, and whether a labelled claim is among those found, the judge stage says: a
text supports a claim where it has evidence for all of it and none against it. The labelled claims are held against the
found ones as if these were the sentences of a source.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace

from schemas.article import Article
from schemas.claim import Claim
from schemas.usage import Stage
from service.errors import ModelError
from service.evaluation.answers import CheckworthyAnswer, ExtractAnswer, FoundClaim, Spent
from service.evaluation.given import Given, article, statements
from service.evaluation.items import CheckworthyItem, ExtractItem
from service.llm.metering import Meter
from service.pipeline.assess import begin
from service.pipeline.desk import Desk
from service.pipeline.extract import extract, windows
from service.pipeline.run import EXTRACT

_UNRESOLVED = re.compile(
    r"(?:[Hh]e|[Ss]he|[Ii]t|[Tt]hey|[Ww]e|I|[Hh]is|[Hh]er|[Ii]ts|[Tt]heir|[Oo]ur|[Tt]his|[Tt]hat|[Tt]hese|[Tt]hose"
    r"|[Tt]here)\b"
    r"|[Tt]he (?:city|town|country|group|company|organi[sz]ation|film|movie|series|show|album|song|book|team|man|woman"
    r"|president|minister|report|statement|incident|attack|event|season|game|match|former|latter)\b(?!.* [A-Z])"
)


def self_contained(wording: str) -> bool:
    """Whether a wording names what it speaks of: it opens with no pronoun, and with no bare "the city"."""
    return not _UNRESOLVED.match(wording)


async def checkworthy(item: CheckworthyItem, desk: Desk) -> CheckworthyAnswer:
    """The worth of a sentence, asked in its context where the data gives one."""
    before, after = _around(item.context)
    text, window = _in_context(before, item.sentence, after)
    meter = Meter(desk.price)
    try:
        claims: Sequence[Claim] = await extract(text, window, desk.model(meter), EXTRACT)
        failure = None
    except ModelError as error:
        claims, failure = (), error.code
    return CheckworthyAnswer(
        dataset=item.dataset,
        id=item.id,
        gold=bool(item.label),
        worth=max((claim.worth for claim in claims), default=None),
        failure=failure,
        spent=Spent.of(meter.usage()),
    )


async def extracted(item: ExtractItem, desk: Desk) -> ExtractAnswer:
    """The claims of a text; where the data gives a context, it stands before the text and is not asked about."""
    title, _, context = (item.context or "").partition(": ")
    text, window = _in_context(context, item.text, "", title=title or None)
    meter = Meter(desk.price)
    model = desk.model(meter)
    asked = [range(window.start + part.start - 1, window.start + part.stop - 1) for part in _parts(window, desk)]
    try:
        found = await asyncio.gather(*(extract(text, part, model, EXTRACT) for part in asked))
    except ModelError as error:
        return ExtractAnswer(
            dataset=item.dataset,
            id=item.id,
            sentences=len(window),
            claims=(),
            covered=(None,) * len(item.gold_claims),
            failure=error.code,
            completion_tokens=None,
            spent=Spent.of(meter.usage()),
        )
    claims = [claim for part in found for claim in part]
    completion = next((used.completion_tokens for used in meter.usage() if used.stage is Stage.EXTRACT), None)
    faithful, covered = await asyncio.gather(
        _borne_out(claims, text, text, desk, meter), _covered(item.gold_claims, claims, title, desk, meter)
    )
    return ExtractAnswer(
        dataset=item.dataset,
        id=item.id,
        sentences=len(window),
        claims=tuple(
            FoundClaim(
                worth=claim.worth,
                faithful=is_faithful,
                self_contained=self_contained(claim.text),
                characters=len(claim.text),
            )
            for claim, is_faithful in zip(claims, faithful, strict=True)
        ),
        covered=tuple(covered),
        completion_tokens=completion,
        spent=Spent.of(meter.usage()),
    )


def _around(context: str | None) -> tuple[str, str]:
    """The sentences before and after, where the data tells them as "Previous: ...", "Next: ..."."""
    found = re.fullmatch(r"(?:Previous: (.*?))?\s*(?:Next: (.*))?", context or "", re.DOTALL)
    return (found[1] or "", found[2] or "") if found else ("", "")


def _in_context(before: str, text: str, after: str, title: str | None = None) -> tuple[Article, range]:
    """An article of the three, a line each, and the numbers of the sentences of the middle one."""
    parts = [part for part in (before, text, after) if part.strip()]
    whole = article("\n".join(parts), title=title)
    start = len(before) + 1 if before.strip() else 0
    numbers = [one.number for one in whole.sentences if one.start < start + len(text) and start < one.end]
    return whole, range(numbers[0], numbers[-1] + 1)


def _parts(window: range, desk: Desk) -> Sequence[range]:
    """The numbers 1 to n of a window's sentences as the line would part an article of so many."""
    return windows(len(window), desk.limits.window, desk.limits.windows)


async def _covered(
    gold: Sequence[str], claims: Sequence[Claim], title: str, desk: Desk, meter: Meter
) -> Sequence[bool | None]:
    """Which labelled claims the found ones bear out."""
    if not claims or not gold:
        return [False] * len(gold)
    source, _ = statements([claim.text for claim in claims], title=title or None)
    asked, labelled = statements(gold, title=title or None)
    return await _borne_out(labelled, asked, source, desk, meter)


async def _borne_out(
    claims: Sequence[Claim], checked: Article, source: Article, desk: Desk, meter: Meter
) -> Sequence[bool | None]:
    """Which claims a source supports as a whole and does not contradict; None where that was not assessed."""
    assessment = await begin(checked, replace(desk, corpus=Given([source])), desk.model(meter))
    reports = await assessment.assess(claims)
    whole = [any(not item.partial for item in one.supporting) for one in reports]
    return [
        None if one.failure else supported and not one.conflicting
        for one, supported in zip(reports, whole, strict=True)
    ]
