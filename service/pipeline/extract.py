"""Which sentences claim what. The whole article is in view; one window of it is asked about per call."""

import hashlib
import re
from functools import lru_cache
from itertools import pairwise

from schemas.article import Article, Quote
from schemas.claim import Attribution, AttributionMode, Checked, Claim, Moment
from schemas.drafts import ClaimDraft, ExtractionDraft, Shown
from schemas.usage import Stage
from service.corpus.search import STOP_WORDS
from service.llm.structured import Model
from service.prompting import Prompt, Rendered
from service.text.align import find
from service.text.dates import compatible, moments
from service.text.normalize import words
from service.text.quantities import quantities

_QUOTE_MARKS = frozenset('"“”„«»')
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_GROUNDED = 0.6
"""Share of a wording's words that its article must hold; below it the model wrote of something else."""
_STEM = 4
"""So many letters tell a word from others whatever its ending: "ruled", "rule" and "rules" are one."""


def windows(count: int, size: int, most: int) -> tuple[range, ...]:
    """The numbers of an article's `count` sentences in windows of about equal length.

    None is longer than `size`, unless that would make more than `most` of them: every window costs a call that shows
    the whole article.
    """
    parts = min(-(-count // size), most)
    cuts = [1 + count * part // parts for part in range(parts + 1)]
    return tuple(range(start, end) for start, end in pairwise(cuts))


def question(article: Article, window: range, prompt: Prompt) -> Rendered:
    """The prompt for one window. Up to its last line it is the same for every window of the article."""
    return prompt.render(
        title=article.title,
        published=article.published_at and article.published_at.date().isoformat(),
        lines=[article.exact(sentence) for sentence in article.sentences],
        window=window,
    )


async def extract(article: Article, window: range, model: Model, prompt: Prompt) -> tuple[Claim, ...]:
    """The claims that the model finds in a window, located.

    Raises:
        ModelError: there was no usable answer.
    """
    draft = await model.ask(
        Stage.EXTRACT, question(article, window, prompt), ExtractionDraft, Shown(article.paragraphs(window))
    )
    claims = {claim.id: claim for claim in (located(item, article) for item in draft.claims)}
    return tuple(claims.values())


def unworded(article: Article, window: range) -> tuple[Claim, ...]:
    """Each sentence of a window as a claim in its own words: what is left where there is no model."""
    return tuple(worded(article, article.quote(number)) for number in window)


def worded(article: Article, quote: Quote) -> Claim:
    """A quote as a claim in its own words."""
    return _claim(article, quote, quote.exact)


def located(draft: ClaimDraft, article: Article) -> Claim:
    """A draft as a claim with its exact place.

    Words that are not found exactly leave the whole sentence standing; a wording that speaks of what the article
    does not is replaced by the quote itself.
    """
    whole = quote = article.quote(*draft.lines)
    if len(words(draft.words)) > 1 and (place := find(draft.words, article.text, whole.start, whole.end)):
        start, end = place
        quote = Quote(start=start, end=end, exact=article.text[start:end], sentences=whole.sentences)
    if not _is_grounded(draft.claim, article):
        return _claim(article, whole, whole.exact, draft)
    return _claim(article, quote, draft.claim.strip(), draft)


def _claim(article: Article, quote: Quote, wording: str, draft: ClaimDraft | None = None) -> Claim:
    published = article.published_at.date() if article.published_at else None
    key = f"{article.id}:{quote.start}:{quote.end}:{wording}"
    return Claim(
        id=hashlib.sha256(key.encode()).hexdigest()[:16],
        article_id=article.id,
        text=wording,
        quote=quote,
        who=_told(draft.who, article) if draft else None,
        where=_told(draft.where, article) if draft else None,
        when=moments(wording, published),
        quantities=quantities(wording),
        attribution=_attribution(_told(draft.speaker, article), wording, article, quote) if draft else None,
        worth=draft.worth if draft else 0,
    )


def _told(name: str, article: Article) -> str | None:
    """A name as the model gives it; None where the article does not hold its words."""
    said = words(name)
    return name.strip() if said and all(word[:_STEM] in _stems(article) for word in said) else None


def _attribution(speaker: str | None, wording: str, article: Article, quote: Quote) -> Attribution | None:
    """Whose statement it is. Where the wording names the speaker, the saying is what is checked."""
    if speaker is None:
        return None
    quoted = _QUOTE_MARKS & set(article.quote(*quote.sentences).exact)
    named = {word for word in words(speaker) if len(word) > 3} & set(words(wording))
    return Attribution(
        speaker=speaker,
        mode=AttributionMode.QUOTED if quoted else AttributionMode.REPORTED,
        checked=Checked.SAYING if named else Checked.CONTENT,
    )


def _is_grounded(wording: str, article: Article) -> bool:
    """Whether the article holds the wording's figures and days, and most of its words up to their endings."""
    published = article.published_at.date() if article.published_at else None
    days = moments(wording, published)
    undated = wording
    for day in days:  # a day that was worked out need not stand in the text as it is written
        undated = undated.replace(day.exact, " ")
    content = [word for word in words(wording) if len(word) > 3 and word not in STOP_WORDS]
    known = sum(word[:_STEM] in _stems(article) for word in content)
    return (
        set(_FIGURE.findall(undated)) <= set(_FIGURE.findall(article.text))
        and all(any(compatible(day, told) for told in _days(article)) for day in days)
        and known >= _GROUNDED * len(content)
    )


@lru_cache(maxsize=16)
def _stems(article: Article) -> frozenset[str]:
    """The beginnings of an article's words. Kept, as every claim of an article asks for the same."""
    return frozenset(word[:_STEM] for word in words(f"{article.title or ''} {article.text}"))


@lru_cache(maxsize=16)
def _days(article: Article) -> tuple[Moment, ...]:
    """The days that an article tells of, its own among them."""
    published = article.published_at.date() if article.published_at else None
    own = (Moment(exact="published", start=0, first=published, last=published),) if published else ()
    return (*own, *moments(article.text, published))
