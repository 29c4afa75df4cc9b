"""Which sentences claim what. The whole article is in view; one window of it is asked about per call."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from schemas.article import Article, Quote
from schemas.claim import Attribution, AttributionMode, Checked, Claim
from schemas.drafts import ClaimDraft, ExtractionDraft
from schemas.usage import Stage
from service.llm.structured import Model
from service.prompting import Prompt, Rendered
from service.text.align import find
from service.text.dates import moments
from service.text.normalize import words
from service.text.quantities import quantities

_QUOTE_MARKS = frozenset('"“”„«»')
_GROUNDED = 0.6
"""Share of a wording's words that its article must hold; below it the model wrote of something else."""


def windows(article: Article, size: int, most: int) -> tuple[range, ...]:
    """The article's sentence numbers in windows of about equal length.

    None is longer than `size`, unless that would make more than `most` of them: every window costs a call that shows
    the whole article.
    """
    count = len(article.sentences)
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
    draft = await model.ask(Stage.EXTRACT, question(article, window, prompt), ExtractionDraft, [window])
    claims = {claim.id: claim for claim in (located(item, article) for item in draft.claims)}
    return tuple(claims.values())


def unworded(article: Article, window: range) -> tuple[Claim, ...]:
    """Each sentence of a window as a claim in its own words: what is left where there is no model."""
    return tuple(_claim(article, article.quote(number), article.quote(number).exact) for number in window)


def located(draft: ClaimDraft, article: Article) -> Claim:
    """A draft as a claim with its exact place.

    Words that are not found exactly leave the whole sentence standing; a wording that speaks of what the article
    does not is replaced by the quote itself.
    """
    quote = article.quote(*draft.lines)
    if place := find(draft.words, article.text, quote.start, quote.end):
        start, end = place
        quote = Quote(start=start, end=end, exact=article.text[start:end], sentences=quote.sentences)
    wording = draft.claim.strip() if _is_grounded(draft.claim, article) else quote.exact
    return _claim(article, quote, wording, draft)


def _claim(article: Article, quote: Quote, wording: str, draft: ClaimDraft | None = None) -> Claim:
    published = article.published_at.date() if article.published_at else None
    key = f"{article.id}:{quote.start}:{quote.end}:{wording}"
    return Claim(
        id=hashlib.sha256(key.encode()).hexdigest()[:16],
        article_id=article.id,
        text=wording,
        quote=quote,
        who=(draft and draft.who.strip()) or None,
        where=(draft and draft.where.strip()) or None,
        when=moments(wording, published),
        quantities=quantities(wording),
        attribution=_attribution(draft.speaker.strip(), wording, article, quote.sentences) if draft else None,
        worth=draft.worth if draft else 0,
    )


def _attribution(speaker: str, wording: str, article: Article, numbers: Sequence[int]) -> Attribution | None:
    """Whose statement it is. Where the wording names the speaker, the saying is what is checked."""
    if not words(speaker):
        return None
    quoted = _QUOTE_MARKS & set(article.quote(*numbers).exact)
    named = set(words(speaker)) & set(words(wording))
    return Attribution(
        speaker=speaker,
        mode=AttributionMode.QUOTED if quoted else AttributionMode.REPORTED,
        checked=Checked.SAYING if named else Checked.CONTENT,
    )


def _is_grounded(wording: str, article: Article) -> bool:
    """Whether the article holds the wording's figures, those of dates aside, and most of its words."""
    published = article.published_at.date() if article.published_at else None
    undated = wording
    for moment in moments(wording, published):  # a day worked out from the publication date need not stand in the text
        undated = undated.replace(moment.exact, " ")
    held = _stems(f"{article.title or ''} {article.text}")
    figures = [word for word in words(undated) if word.isdigit()]
    content = [word for word in words(wording) if len(word) > 3]
    known = sum(word[:5] in held for word in content)
    return all(figure[:5] in held for figure in figures) and known >= _GROUNDED * len(content)


@lru_cache(maxsize=16)
def _stems(text: str) -> frozenset[str]:
    """The beginnings of a text's words. Kept, as every claim of an article asks for the same."""
    return frozenset(word[:5] for word in words(text))
