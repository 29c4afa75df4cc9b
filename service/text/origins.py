"""Where a report really comes from: copies, reposts and credited texts share one origin.

Texts are compared by their runs of five words (shingles, after Broder, "On the resemblance and containment of
documents", 1997). Containment rather than resemblance, because a repost adds a lead and a footer. What stands in
quotation marks is set aside: two reporters who heard one statement quote the same words, and a text that denies
another quotes it at length. Who copies shares what stands around the quotations.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from urllib.parse import urlsplit

from schemas.article import Article
from service.text.credits import outlet
from service.text.normalize import fold, words

COPIED = 0.2
"""Texts that share this much of their own words, quotations set aside, are one text.

Measured over FNC-1, ECB+ and StoryChains (docs/judgement/origins.jsonl): 255 pairs of independent reports or different
stories at most 0.12, but for one of 0.17, from two releases of one firm; 14 pairs that share a quotation or a sentence
at most 0.13; 12 that share paragraphs, mostly of one press release, 0.17 to 0.48; 38 copies 0.41 to 1.00, and 4 of a
text that is nearly all quotation. A missed copy makes a false corroboration, so it is the low end of what is left open.
"""
MOSTLY = 0.6
"""Texts that share this much, quotations and all, are one text: then what little is their own decides nothing."""
_COPIED_SHORT = 0.9
_SHORT = 20  # shingles; two short texts share a quote or a name easily

# Quotations of folded text, line by line; one that its line does not end goes on in the next, as printed news does.
# A single quotation mark is an apostrophe too: it must open before a word, and close after the mark of a clause.
_QUOTED = re.compile(
    r"""\"[^"\n]*(?:"|$) | (?<![^\s(\[])'(?=\w)[^\n]*?[,.?!]'(?!\w) | ^'(?=\w)[^\n]*""", re.MULTILINE | re.VERBOSE
)


@lru_cache(maxsize=64)
def _shingles(text: str) -> frozenset[int]:
    """A number for every run of five words; a text of fewer is one run."""
    found = words(text)
    runs = (tuple(found[place : place + 5]) for place in range(max(1, len(found) - 4)))
    return frozenset(hash(run) for run in runs if run)


def containment(a: str, b: str) -> float:
    """The share of the smaller text's shingles that the larger one holds, 0.0 to 1.0; 0.0 for a text without words."""
    fewer, more = sorted((_shingles(a), _shingles(b)), key=len)
    return len(fewer & more) / len(fewer) if fewer else 0.0


@lru_cache(maxsize=64)
def own_words(text: str) -> str:
    """The text without its quotations, typography folded. `text`: a paragraph a line."""
    return _QUOTED.sub(" ", "\n".join(fold(line).text for line in text.splitlines()))


def same_text(a: str, b: str) -> bool:
    """Whether one is a copy of the other, or of a good part of it. Short texts must agree in nearly all.

    `a`, `b`: a paragraph a line.
    """
    if _is_short(a, b):
        return containment(a, b) >= _COPIED_SHORT
    own = own_words(a), own_words(b)
    return containment(a, b) >= MOSTLY or (not _is_short(*own) and containment(*own) >= COPIED)


def _is_short(a: str, b: str) -> bool:
    return min(len(_shingles(a)), len(_shingles(b))) < _SHORT


def prose(article: Article) -> str:
    """The sentences of an article, a paragraph a line: no heading, no menu."""
    parts = [" ".join(article.exact(article.sentences[0]).split())]
    for before, sentence in pairwise(article.sentences):
        parts.append("\n" if "\n" in article.text[before.end : sentence.start] else " ")
        parts.append(" ".join(article.exact(sentence).split()))
    return "".join(parts)


def group(articles: Sequence[Article]) -> dict[str, str]:
    """The origin of each article: article id -> credit, else publisher, both in `outlet` form, else an article id.

    Copies, and copies of copies, share the origin of the earliest published that tells one; the order of the
    articles does not matter. Every pair is compared: made for the articles of one check, not for a whole corpus.
    """
    return {article.id: origin for copies in _copies(articles) for origin in [_origin(copies)] for article in copies}


def _copies(articles: Sequence[Article]) -> list[list[Article]]:
    texts = {article.id: prose(article) for article in articles}
    groups: list[list[Article]] = []
    for article in articles:
        joined, apart = [article], []
        for held in groups:
            if any(same_text(texts[article.id], texts[other.id]) for other in held):
                joined += held
            else:
                apart.append(held)
        groups = [*apart, joined]
    return groups


def _origin(copies: Sequence[Article]) -> str:
    """What the earliest tells of itself. One without a date is the latest; of one date, one with a credit is first."""
    never = datetime.max.replace(tzinfo=UTC)
    in_order = sorted(copies, key=lambda article: (article.published_at or never, article.credit is None, article.id))
    told = (article.credit or article.publisher or urlsplit(article.url or "").hostname for article in in_order)
    return next((outlet(name) for name in told if name), in_order[0].id)
