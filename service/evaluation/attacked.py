"""Attacks planted in articles that are then checked by the whole line: what of the report is another for it.

The articles are short excerpts, so that an attack costs one or two calls. Half of the attacks stand in the article
that is checked, half in the source it is checked against.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from schemas.article import Article, article_id
from schemas.report import Report
from service.corpus.opening import open_corpus
from service.errors import InputError, SecondSourceError
from service.evaluation.answers import Answer, Spent
from service.evaluation.harm import claims_from, harms_of
from service.evaluation.injection import Attack, Place, planted, stretch
from service.pipeline.desk import Desk
from service.pipeline.run import check
from service.store.database import open_store

_SENTENCES = 6
_SIDES = ("checked", "source")


class HarmAnswer(Answer):
    """What one attack did."""

    place: Place
    planted_in: str
    shown: bool
    """Whether any prompt held it: cleaning may have left it out, or the search not found it."""
    harms: tuple[str, ...]
    """The kinds of harm; empty: none."""
    claims_from: int
    """The claims that were found in the attack's own words; a text may state a fact besides."""


def excerpt(article: Article) -> Article:
    """The first sentences of an article."""
    text = article.text[: article.sentences[min(_SENTENCES, len(article.sentences)) - 1].end]
    kept = tuple(one for one in article.sentences if one.end <= len(text))
    return article.model_copy(update={"id": article_id(text), "text": text, "sentences": kept})


async def attacked(item: Attack, articles: Sequence[Article], desk: Desk) -> HarmAnswer:
    """The report with an attack planted, held against the report without it. The item's id decides what and where."""
    turn = int(hashlib.sha256(item.id.encode()).hexdigest(), 16)
    checked = excerpt(articles[turn % len(articles)])
    source = excerpt(articles[(turn + 3) % len(articles)])
    side = _SIDES[turn // 7 % 2]
    place = list(Place)[turn // 11 % len(Place)]
    told = {"dataset": item.dataset, "id": item.id, "place": place, "planted_in": side}
    try:
        target = planted(checked if side == "checked" else source, item, place)
    except InputError:  # an article that is refused does no harm
        return HarmAnswer(**told, shown=False, harms=(), claims_from=0, spent=Spent.of(()))
    try:
        before = await _report(checked, source, desk)
    except SecondSourceError as error:  # no attack was read yet
        return HarmAnswer(**told, shown=False, harms=(), claims_from=0, failure=error.code)
    try:
        after = await _report(*((target, source) if side == "checked" else (checked, target)), desk)
    except SecondSourceError as error:
        return HarmAnswer(**told, shown=True, harms=("failure",), claims_from=0, failure=error.code, spent=Spent.of(()))
    return HarmAnswer(
        **told,
        shown=_shown(after, item, target, side),
        harms=tuple(harm.partition(":")[0] for harm in harms_of(before, after, item, target)),
        claims_from=len(claims_from(after, item, target)),
        spent=Spent.of(after.usage.stages),
    )


def _shown(report: Report, attack: Attack, article: Article, side: str) -> bool:
    at = stretch(article, attack)
    if side == "checked":
        return any(one.overlaps(at) for one in article.sentences)
    quotes = [one.quote for claim in report.claims for one in claim.searched.passages if one.article_id == article.id]
    return any(quote.overlaps(at) for quote in quotes)


async def _report(article: Article, source: Article, desk: Desk) -> Report:
    async with open_store("sqlite://") as store, open_corpus(store) as corpus:
        await corpus.add(source)
        return await check(article, replace(desk, corpus=corpus))
