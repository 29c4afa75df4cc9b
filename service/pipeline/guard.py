"""Where code and model disagree: numbers, ranks, dates, negations and names against the model's stance. All pure.

A guard flags and never overrules. It speaks only where both sides plainly tell of one thing, because an editor who
is called for nothing stops coming.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

from schemas.article import Article, ArticleSource
from schemas.claim import Claim, Moment, Quantity
from schemas.evidence import ConflictKind, Evidence, Flag, Stance
from service.text import dates, quantities
from service.text.clauses import Topic, fate, persons, sounds, stems, topic
from service.text.normalize import fold
from service.text.units import MEASURES


@dataclass(frozen=True, slots=True)
class Said:
    """What is said on one side.

    `published`: the day by which "on Sunday" is told. `quote`: where `text` is a wording, the words it stands for.
    """

    text: str
    published: date | None = None
    quote: str = ""


def guarded(claim: Claim, article: Article, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The evidence for and against a claim of an article, each piece with the flags it earns."""
    said = Said(claim.text, _day(article), claim.quote.exact)
    marked = []
    for item in evidence:
        found = flags(said, Said(item.quote.exact, _day(item.article)), item.stance, item.kind)
        marked.append(item.model_copy(update={"flags": (*item.flags, *found)}))
    return tuple(marked)


def flags(claim: Said, evidence: Said, stance: Stance, kind: ConflictKind | None = None) -> tuple[Flag, ...]:
    """In what the texts themselves speak against the stance that a model gave."""
    claim, evidence = _folded(claim), _folded(evidence)
    if stance is Stance.SUPPORTS:
        return tuple(dict.fromkeys(_against_support(claim, evidence)))
    if (
        kind is ConflictKind.NUMBER
        and _numbers_agree(claim, evidence)
        and not _no_date_agrees(*_dated(claim, evidence))
    ):
        return (Flag.NUMBERS_AGREE,)
    return ()


def _against_support(claim: Said, evidence: Said) -> Iterator[Flag]:
    differ = [*_numbers_differ(claim, evidence), *([Flag.DATES_DIFFER] if _dates_differ(claim, evidence) else ())]
    if differ and _DENIES.search(claim.text) and not _DENIES.search(evidence.text):
        return  # "It did not fall in 2014" is borne out by "it fell in 2018"
    yield from differ
    if _negation_differs(claim, evidence):
        yield Flag.NEGATION_DIFFERS
    if _names_differ(claim, evidence):
        yield Flag.NAMES_DIFFER


def _folded(said: Said) -> Said:
    return Said(fold(said.text).text, said.published, fold(said.quote).text)


def _day(source: Article | ArticleSource) -> date | None:
    return source.published_at.date() if source.published_at else None


# Numbers and ranks


@dataclass(frozen=True, slots=True)
class _Measured:
    """A quantity and what it is said of."""

    quantity: Quantity
    topic: Topic
    fate: str | None
    bearer: frozenset[str]


_TABLE = 40
"""More numbers than this are a table, not a statement."""


def _measured(text: str) -> list[_Measured]:
    return [_measure(text, one) for one in quantities.quantities(text)[:_TABLE]]


def _measure(text: str, one: Quantity) -> _Measured:
    end = one.start + len(one.exact)
    about = topic(text, one.start, end, one.unit or "")
    return _Measured(one, about, fate(text, one.start, end), _bearer(text, one.start, end) if one.rank else frozenset())


def _bearer(text: str, start: int, end: int) -> frozenset[str]:
    """What holds a rank, as it sounds: Aleppo in "Aleppo, Syria's largest city" and "the largest city, Aleppo"."""
    right = _RIGHT_OF_RANK.match(text, end)
    found = right or _LEFT_OF_RANK.search(text, max(0, start - 80), start)
    return sounds(found[1]) if found else frozenset()


_RIGHT_OF_RANK = re.compile(
    r"(?: (?!in |of |to |for |with |after |before |and |or |on |since )[a-z]+){1,2},? ([A-Z][\w'-]*)"
)
_LEFT_OF_RANK = re.compile(
    r"\b(?!(?:The|An?|In|It|Its|This|That|His|Her|Their|And|But) )([A-Z][\w-]*)(?!'),? "
    r"(?:(?:is|was|remains|became|being|as|the|now|still|once|also|its|[\w-]+'s) )*$"
)


def _one_thing(a: _Measured, b: _Measured) -> bool:
    """Whether two quantities measure the same, and of the same."""
    if not quantities.comparable(a.quantity, b.quantity) or (a.fate and b.fate and a.fate != b.fate):
        return False
    if a.quantity.rank and a.quantity.unit not in MEASURES:
        return not a.bearer or not b.bearer or bool(a.bearer & b.bearer)
    return bool(a.topic.shares(b.topic))


def _numbers_differ(claim: Said, evidence: Said) -> Iterator[Flag]:
    """A number of the claim has its like in the evidence, and none of those agrees with it."""
    mine, theirs = _measured(claim.text), _measured(evidence.text)
    agreed = [
        a for a in theirs if any(_one_thing(a, b) and quantities.compatible(a.quantity, b.quantity) for b in mine)
    ]
    for one in mine:
        like = [other for other in theirs if _one_thing(one, other)]
        if like and not any(other in agreed for other in like):
            yield Flag.RANKS_DIFFER if one.quantity.rank else Flag.NUMBERS_DIFFER


def _numbers_agree(claim: Said, evidence: Said) -> bool:
    """Every thing the claim counts has its like in the evidence, and all that are alike agree."""
    mine, theirs = _measured(claim.text), _measured(evidence.text)
    pairs = [(a, b) for a, b in product(mine, theirs) if _one_thing(a, b)]
    left_over = [a for a in mine if a.quantity.unit not in MEASURES and not any(a is found for found, _ in pairs)]
    return bool(pairs) and not left_over and all(quantities.compatible(a.quantity, b.quantity) for a, b in pairs)


# Dates

_REPORTING = re.compile(r"\b(?:said|says|reported|told|announced|stated|added|wrote|confirmed|published|posted)\b")


def _dated(claim: Said, evidence: Said) -> tuple[Sequence[Moment], Sequence[Moment]]:
    return dates.moments(claim.text, claim.published), dates.moments(evidence.text, evidence.published)


def _no_date_agrees(mine: Sequence[Moment], theirs: Sequence[Moment]) -> bool:
    """Whether both sides have dates, and no two of them can be one."""
    pairs = list(product(mine, theirs))
    return bool(pairs) and not any(dates.compatible(a, b) for a, b in pairs)


def _dates_differ(claim: Said, evidence: Said) -> bool:
    """Both date what is plainly one event, and no date of the one can be a date of the other."""
    mine, theirs = _dated(claim, evidence)
    if not _no_date_agrees(mine, theirs):
        return False
    sole = len(dates.spans(claim.text)) == len(dates.spans(evidence.text)) == 1
    return any(
        (sole or (a.first == a.last and b.first == b.last)) and _one_event(claim.text, a, evidence.text, b)
        for a, b in product(mine, theirs)
    )


def _one_event(text: str, a: Moment, other: str, b: Moment) -> bool:
    """More than half of what the shorter clause says is in the other; neither date is that of a report."""
    leads = [one.exact.split()[0].lower() for one in (a, b)]
    if any(lead in ("before", "after", "until", "till", "by") for lead in leads) or leads.count("since") == 1:
        return False
    here, there = (topic(said, one.start, one.start + len(one.exact)) for said, one in ((text, a), (other, b)))
    if any(_REPORTING.search(said[max(0, one.start - 20) : one.start]) for said, one in ((text, a), (other, b))):
        return False
    return len(here.shares(there)) * 2 > min(len(here.stems), len(there.stems))


# Negations

_NO_NEGATION = re.compile(
    r"\bnot (?:only|just|least|merely|alone|to mention|the (?:first|last|only))\b|\bno (?:doubt|matter|longer|wonder)\b"
    r"|\b(?:no|not) (?:more|less|fewer|later) than\b|\b(?:whether or|if) not\b|\bno-|-not\b|\bNo\. "
    r"|(?:\bnot|n't) (?:[\w-]+ ){1,3}until\b|\b(?:people|those|patients) without\b",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"(?P<verb>\b(?:not|never|cannot)\b|n't\b)"
    r"|\b(?:no|neither|nor|without|den(?:y|ies|ied|ying)|fail(?:s|ed|ing)? to|refus(?:es?|ed|ing) to)\b",
    re.IGNORECASE,
)
_DOUBTS = re.compile(
    r"\b(?:unable|inability|lack\w*|refus\w*|reject\w*|prevent\w*|barely|hardly|little|few|impossible|nobody|none"
    r"|nothing|false\w*|halt\w*|ceas\w*|stopp?\w*|avoid\w*|absence|unlikely|fail\w*|instead|despite|yet|declin\w*"
    r"|turned down|insufficient|incapable)\b",
    re.IGNORECASE,
)


def _negation_differs(claim: Said, evidence: Said) -> bool:
    """One side denies what the other says, and that other denies and doubts nothing at all."""
    if claim.quote and bool(_denied(claim.quote)) != bool(_denied(claim.text)):
        return False
    sides = ((claim.text, evidence.text, ""), (evidence.text, claim.text, claim.quote))
    for denying, other, behind in sides:
        plain = not any(_DENIES.search(said) or _DOUBTS.search(said) for said in map(_without_idioms, (other, behind)))
        if plain and _denied(denying) & set(stems(other)):
            return True
    return False


def _denied(text: str) -> set[str]:
    """The stems of the words right after a negation: one after "not", two after "no"; none that are also affirmed."""
    text = _without_idioms(text)
    found: list[str] = []
    for match in _DENIES.finditer(text):
        clause = re.split(r"[,;:.!?]|\b(?:but|and)\b", text[match.end() : match.end() + 120])[0]
        small = [word for word in re.findall(r"\b[a-z][\w-]*", clause) if not word.endswith("ly")]
        found += stems(" ".join(small))[: 1 if match["verb"] else 2]
    said, denied = Counter(stems(text)), Counter(found)
    return {one for one in denied if said[one] == denied[one]}


def _without_idioms(text: str) -> str:
    return _NO_NEGATION.sub(" ", text)


# Names


def _names_differ(claim: Said, evidence: Said) -> bool:
    """Both name the holder of one office, or one general each, and the names have no part in common."""
    mine, theirs = persons(claim.text), persons(evidence.text)
    here, there = sounds(f"{claim.text} {claim.quote}"), sounds(evidence.text)
    for role in mine.keys() & theirs.keys():
        if len(mine[role]) == len(theirs[role]) == 1:
            one, other = sounds(mine[role][0]), sounds(theirs[role][0])
            if not (one & there or other & here):
                return True
    return False
