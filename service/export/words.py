"""What codes are called on a page, in plain words, and foreign text made fit to be shown.

Every verdict, kind and flag has its words here and nowhere else.
"""

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlsplit

from schemas.article import ArticleSource
from schemas.claim import Attribution, AttributionMode, Checked, Quantity
from schemas.evidence import Confidence, ConflictKind, Evidence, Flag, Stance
from schemas.report import ClaimReport, Searched, Verdict
from service.pipeline.assemble import plural

VERDICTS = {
    Verdict.CONTRADICTED: "Contradicted",
    Verdict.DISPUTED: "Disputed",
    Verdict.CORROBORATED: "Corroborated",
    Verdict.SUPPORTED: "Supported",
    Verdict.NOTHING_FOUND: "Nothing found",
    Verdict.NOT_ASSESSED: "Not assessed",
}

MEANINGS = {
    Verdict.CONTRADICTED: "Other origins conflict with it, and none supports it, or only other parts of it.",
    Verdict.DISPUTED: "Some independent origins support it, others conflict with it.",
    Verdict.CORROBORATED: "Two or more independent origins support it, and none conflicts with it.",
    Verdict.SUPPORTED: "One independent origin supports it, or some support a part of it; none conflicts with it.",
    Verdict.NOTHING_FOUND: "The articles held were searched, and nothing in them bears on it.",
    Verdict.NOT_ASSESSED: "Something failed, or no model is set. This says nothing about the claim.",
}

SYMBOLS = {
    Verdict.CONTRADICTED: "×",
    Verdict.DISPUTED: "±",
    Verdict.CORROBORATED: "++",
    Verdict.SUPPORTED: "+",
    Verdict.NOTHING_FOUND: "–",
    Verdict.NOT_ASSESSED: "?",
}
"""A second sign beside a verdict's colour, in characters that every font has."""

KINDS = {
    ConflictKind.NUMBER: "The numbers conflict.",
    ConflictKind.DATE: "The dates conflict.",
    ConflictKind.ENTITY: "It names someone or something else.",
    ConflictKind.PLACE: "The places conflict.",
    ConflictKind.NEGATION: "One says that it is so, the other that it is not.",
    ConflictKind.ATTRIBUTION: "They say that different people said it.",
    ConflictKind.SCOPE: "One says it of more than the other does.",
    ConflictKind.SUPERSEDED: "A later report replaces it.",
    ConflictKind.OTHER: "It conflicts in another way.",
}

FLAGS = {
    Flag.NUMBERS_DIFFER: "The model says support, but the numbers differ.",
    Flag.NUMBERS_AGREE: "The model says the numbers conflict, but they agree.",
    Flag.RANKS_DIFFER: "The model says support, but the ranks differ, such as largest and second largest.",
    Flag.DATES_DIFFER: "The model says support, but the dates differ.",
    Flag.NEGATION_DIFFERS: "The model says support, but only one of the two is negated.",
    Flag.NAMES_DIFFER: "The model says support, but the names differ.",
    Flag.OWN_ORIGIN: "This comes from the checked article's own origin, so it does not count.",
}

MEASURED = {
    ("conflicts", Confidence.LOW): 83,
    ("conflicts", Confidence.MEDIUM): 89,
    ("conflicts", Confidence.HIGH): 96,
    ("supports", Confidence.LOW): 58,
    ("supports", Confidence.MEDIUM): 87,
    ("supports", Confidence.HIGH): 92,
    ("supports in part", Confidence.LOW): 49,
    ("supports in part", Confidence.MEDIUM): 62,
    ("supports in part", Confidence.HIGH): 67,
}
"""Of a hundred pieces of evidence of this kind, so many were right when one model was measured: docs/judgement.md."""

PARTIAL = "It bears out a part of the claim only."
WITHDRAWN = "This article was withdrawn since."

STANCES = {Stance.SUPPORTS: "Supporting", Stance.CONFLICTS: "Conflicting"}


def visible(text: str) -> str:
    """Foreign text without what could mislead a reader or drive a terminal.

    Control characters are shown as their pictures (U+2400 and on) or U+FFFD, and characters that reorder a line
    (UAX #9: embeddings, overrides, isolates) by their numbers. White space and all else stay as they are.
    """
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character in "\t\n\r" or character.isprintable():
        return character
    if unicodedata.category(character) == "Cc":
        return chr(0x2400 + ord(character)) if character < " " else "\N{REPLACEMENT CHARACTER}"
    if unicodedata.bidirectional(character) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}:
        return f"[U+{ord(character):04X}]"
    return character


def folded(text: str) -> str:
    """Foreign text made visible, its white space folded to single spaces."""
    return " ".join(visible(text).split())


def link(url: str | None) -> str | None:
    """An address that may be linked: http or https with a host, no spaces or controls. None for all else."""
    if url is None or any(character.isspace() or not character.isprintable() for character in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None


def day(moment: datetime | None) -> str:
    """The day in the moment's own zone: 29 November 2024."""
    return f"{moment.day} {moment:%B %Y}" if moment else "no date"


def publisher(source: ArticleSource) -> str:
    """Who published it, or that this is not known."""
    return source.publisher or "Publisher unknown"


def places(sentences: Iterable[int]) -> str:
    """Sentence numbers in words: "sentence 4", "sentences 4 to 6"."""
    numbers = sorted(sentences)
    return f"sentence {numbers[0]}" if len(numbers) == 1 else f"sentences {numbers[0]} to {numbers[-1]}"


def saying(attribution: Attribution) -> str:
    """Who says it by the article's own account, and what of it was checked."""
    mode = {AttributionMode.QUOTED: "quoted", AttributionMode.REPORTED: "reported"}[attribution.mode]
    checked = {Checked.SAYING: "that it was said", Checked.CONTENT: "what was said"}[attribution.checked]
    return f"{attribution.speaker} ({mode}); checked: {checked}"


def amount(quantity: Quantity) -> str:
    """The values that a written number allows: "56 people", "24 to 199", "4 or more"."""
    low, high = (None if end is None else f"{end:,.12g}" for end in (quantity.low, quantity.high))
    if low is None or high is None:
        values = f"{low} or more" if low else f"{high} or less" if high else "any number"
    else:
        values = low if low == high else f"{low} to {high}"
    return " ".join(filter(None, ("rank" if quantity.rank else None, values, quantity.unit)))


def reason(claim: ClaimReport) -> str:
    """The verdict in a sentence; where something failed, what failed, with its code."""
    return f"{claim.failure.detail} ({claim.failure.code})" if claim.failure else claim.reason


def verdict(claim: ClaimReport) -> str:
    """A claim's verdict in words; where only parts of it are supported, so much."""
    only_parts = claim.verdict is Verdict.SUPPORTED and not claim.origins.supporting
    return f"{VERDICTS[claim.verdict]} in part" if only_parts else VERDICTS[claim.verdict]


def confidence(evidence: Evidence) -> str:
    """The model's word, and what that word was worth when it was measured."""
    stance = "supports in part" if evidence.partial else evidence.stance.value
    return f"{evidence.confidence} (when measured, {MEASURED[stance, evidence.confidence]} in 100 such were right)"


def searched(what: Searched) -> str:
    """How much was looked at: "2 passages found, 4 other articles searched"."""
    return f"{plural(len(what.passages), 'passage')} found, {plural(what.articles, 'other article')} searched"


def tokens(number: int | None) -> str:
    """A token count, or "unknown"."""
    return "unknown" if number is None else f"{number:,}"


def cost(dollars: Decimal | None) -> str:
    """US dollars to four places; "unknown" where it is not known, which is not the same as nothing."""
    if dollars is None:
        return "unknown"
    return "under $0.0001" if 0 < dollars < Decimal("0.0001") else f"${dollars:.4f}"
