"""Numbers in English news text: the values each allows, and what is counted.

Conflicts of numbers rest on this, so it is our own: figures and number words, bounds ("at least four"), ranges,
round words ("dozens"), percentages and fractions, money, ages, and places in an order ("second largest"). Dates,
clock times and numbers within names are no quantities.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from schemas.claim import Quantity
from service.text.dates import spans
from service.text.normalize import fold
from service.text.numerals import (
    BOUND_AFTER,
    BOUND_BEFORE,
    CURRENCIES,
    NUMBER,
    ORDINAL,
    bounded,
    place,
    scale,
    share,
    worth,
)
from service.text.units import FATES, alike, counted, head, is_known, is_plural, run, singular


def quantities(text: str) -> tuple[Quantity, ...]:
    """The numbers of a text, in order. A fraction ("two thirds") is given in percent, an age in the unit "age"."""
    folded = fold(text)
    masked = _masked(folded.text)
    found = []
    for one in sorted([*_ranks(masked), *_counts(masked)], key=lambda one: one.start):
        start, end = folded.span(one.start, one.end)
        found.append(
            Quantity(exact=text[start:end], start=start, low=one.low, high=one.high, unit=one.unit, rank=one.rank)
        )
    return tuple(found)


def compatible(a: Quantity, b: Quantity) -> bool:
    """Whether both can be true of one thing: the values they allow overlap.

    Two plain figures may differ by half a unit of the last digit that is not zero, from 100 up, and by 5 % at most:
    "6 million" agrees with "5.8 million", "300" with "310", "56" with "56.3"; 56 and 57 differ. Ranks are exact.
    """
    if not a.rank and not b.rank and _is_plain(a) and _is_plain(b):
        return abs((a.low or 0) - (b.low or 0)) <= max(_rounding(a.low or 0), _rounding(b.low or 0))
    return _least(a) <= _most(b) and _least(b) <= _most(a)


def comparable(a: Quantity, b: Quantity) -> bool:
    """Whether both measure the same: one unit, up to words that news uses alike; for ranks, one order too.

    Where that cannot be told they are not comparable. Units of measure (percent, money, time) say nothing of what
    is measured: whoever compares those looks at the words around them as well.
    """
    if a.unit is None or b.unit is None or a.rank != b.rank:
        return False
    units = {alike(a.unit), alike(b.unit)}
    if a.rank:
        return len(units) == 1 and _order(a.exact) == _order(b.exact)
    return len(units) == 1 or units in ({"people", "dead"}, {"people", "hurt"})


def _is_plain(one: Quantity) -> bool:
    return one.low is not None and one.low == one.high


def _rounding(value: float) -> float:
    """By how much a plain figure may be off: half a unit of its last digit that is not zero."""
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    if not isinstance(exponent, int) or (exponent > 0 and value < 100):
        return 0.0
    return float(min(10.0**exponent / 2, abs(value) * 0.05) if exponent > 0 else 10.0**exponent / 2)


def _least(one: Quantity) -> float:
    return -math.inf if one.low is None else one.low


def _most(one: Quantity) -> float:
    return math.inf if one.high is None else one.high


def _order(exact: str) -> str:
    """What a rank orders by: "largest", "biggest" and "most populous" are one order; a bare ordinal has none."""
    named = re.search(_SUPERLATIVE, exact, re.IGNORECASE)
    if named is None:
        return ""
    order = re.sub(r"[\s-]+", " ", named[0].lower())
    return "size" if order in ("largest", "biggest", "greatest", "most populous", "most populated") else order


@dataclass(frozen=True, slots=True)
class _Found:
    """A number in a folded text."""

    start: int
    end: int
    low: float | None
    high: float | None
    unit: str | None = None
    rank: bool = False
    scale: int = 1


def _masked(text: str) -> str:
    """The text with all that holds figures and is no quantity blotted out, as long as before."""
    places = [*spans(text), *(match.span() for match in _NO_QUANTITY.finditer(text))]
    for start, end in places:
        text = text[:start] + "\0" * (end - start) + text[end:]
    return text


def _ranks(text: str) -> Iterator[_Found]:
    """Places in an order: "the second largest city", "the first time". "One of the largest" ranks nothing."""
    for match in _RANK.finditer(text):
        words = run(text[match.end() : match.end() + _NEAR])
        unit = head(words)
        if unit is None or is_plural(words[0]):
            continue
        bare = not (match["order"] or match["sole"])
        if bare and (_NEVER_RANKED.fullmatch(unit) or not _before(_DETERMINER, text, match.start())):
            continue
        if not _before(_AMONG, text, match.start()):
            rank = place(match["ordinal"].lower()) if match["ordinal"] else 1
            yield _Found(*match.span(), rank, rank, unit, rank=True)


def _before(pattern: re.Pattern[str], text: str, start: int) -> re.Match[str] | None:
    return pattern.search(text, max(0, start - _NEAR), start)


def _counts(text: str) -> Iterator[_Found]:
    """All other numbers, with their bounds and units."""
    for one in _ranges(text, [_number(match) for match in NUMBER.finditer(text)]):
        whole = _with_unit(text, _bounded(text, one))
        if not _is_no_count(text, one, whole.unit):
            yield whole


def _number(match: re.Match[str]) -> _Found:
    words = match[0].lower()
    if match["ratio"]:
        return _Found(*match.span(), round(share(words), 2), round(share(words), 2), "percent")
    if match["fraction"]:  # who says "half" has not counted
        return _Found(*match.span(), round(share(words) * 0.9, 2), round(share(words) * 1.1, 2), "percent")
    money = (match["money"] or "").lower()
    words = words.removeprefix(money)
    return _Found(*match.span(), *worth(words), CURRENCIES.get(money.strip()), scale=scale(words))


def _ranges(text: str, singles: list[_Found]) -> Iterator[_Found]:
    """Joins "10 to 20", "10-20", "between 10 and 20", "two or three"."""
    i = 0
    while i < len(singles):
        joined = _joined(text, singles[i], singles[i + 1]) if i + 1 < len(singles) else None
        yield joined or singles[i]
        i += 2 if joined else 1


def _joined(text: str, a: _Found, b: _Found) -> _Found | None:
    between = text[a.end : b.start]
    lead = _before(_BETWEEN, text, a.start) if between == " and " else None
    if a.low is None or b.high is None or not (lead or re.fullmatch(r"(?: ?%)?(?: ?- ?| to | or )", between)):
        return None
    # "10 to 20 million" and "$1-2bn" say their scale once.
    low = a.low * b.scale if a.scale == 1 and a.low * b.scale <= b.high else a.low
    if low >= b.high or (a.unit and b.unit and a.unit != b.unit):
        return None
    return replace(b, start=lead.start() if lead else a.start, low=low, unit=a.unit or b.unit)


def _bounded(text: str, one: _Found) -> _Found:
    """Takes in what stands before and after and moves the ends: "at least", "nearly", "or more"."""
    before, after = _before(BOUND_BEFORE, text, one.start), BOUND_AFTER.match(text, one.end)
    low, high = one.low, one.high
    for match in (before, after):
        if match and match.lastgroup:
            low, high = bounded(match.lastgroup, one.low or 0, one.high or 0)
    start, end = before.start() if before else one.start, after.end() if after else one.end
    return replace(one, start=start, end=end, low=low, high=high)


def _with_unit(text: str, one: _Found) -> _Found:
    """Finds what is counted; a percent sign belongs to the number."""
    after = text[one.end : one.end + _NEAR]
    if one.unit:
        return one
    if percent := re.match(r"(?: ?%|[ -]per ?cent(?:age points?)?\b)", after):
        return replace(one, end=one.end + percent.end(), unit="percent")
    if _AGE_AFTER.match(after) or _before(_AGE_BEFORE, text, one.start):
        return replace(one, unit="age")
    if compound := re.match(r"-([A-Za-z]+)", after):
        return replace(one, unit=None if compound[1] in ("strong", "fold", "plus") else singular(compound[1]))
    if re.match(r"[,)]", after) and _before(_NAMED, text, one.start) and 0 < (one.high or 0) < 120:
        return replace(one, unit="age")
    return replace(one, unit=_noun(after) or _fate_before(text, one.start))


def _noun(after: str) -> str | None:
    part = re.match(r" of (?:the )?", after)
    if part and (whole := NUMBER.match(after, part.end())):  # "67 of 93 drones" are drones
        after = after[whole.end() :]
    words = run(after)
    return next((CURRENCIES[word] for word in words[:2] if word in CURRENCIES), None) or counted(words)


def _fate_before(text: str, start: int) -> str | None:
    """What befell those counted, where no noun follows: "killed four and injured three others"."""
    word = _before(_FATE_WORD, text, start)
    fate = FATES.get(word[1]) if word else None
    return {"dead": "killed", "hurt": "injured"}.get(fate or "")


def _is_no_count(text: str, one: _Found, unit: str | None) -> bool:
    """Whether the number is a pronoun ("one of them") or part of a name ("Resolution 2254", "World War Two")."""
    words = text[one.start : one.end]
    if words.lower() == "one" and text[one.end : one.end + 1] != "-":
        noun = (run(text[one.end : one.end + _NEAR]) or [""])[0]
        return not is_known(noun) or is_plural(noun) or noun in _ADVERBIAL
    before = _before(_WORD_BEFORE, text, one.start)
    if before is None or words[0].islower():
        return False
    opens = before[1] is None or before[1].strip() in '.!?:"('
    return _NUMBERED.fullmatch(before[2]) is not None or (unit is None and before[2][0].isupper() and not opens)


_NEAR = 80
"""As far from a number as anything that belongs to it is sought: the time taken grows with the text and no faster."""

_NEVER_RANKED = re.compile(
    "lady|aid|responder|half|quarter|world|party|hand|thing|name|class|floor|century|anniversary|birthday|person"
    "|reading|generation|degree|option|look|language|amendment|[a-z]+ed|[a-z]+ing"
)
_ADVERBIAL = ("day", "time", "night")
_NUMBERED = re.compile(
    r"article|resolution|chapter|section|clause|act|channel|route|highway|flight|group|area|unit|phase|level|season"
    r"|episode|formula|apollo|page|number|nos?\.?|room|ward|district|zone|terminal|gate|platform|version|figure|table"
    r"|boeing|airbus|stage|tier|category|paragraph|round|brigade|division|covid|top|form",
    re.IGNORECASE,
)
_NO_QUANTITY = re.compile(
    r"\b\d{1,2}(?::\d\d)+(?: ?[ap]\.?m\b\.?)?|\b\d{1,2}(?:\.\d\d)? ?(?:[ap]m\b|[ap]\.m\.|o'clock)"
    r"|\b(?:[01]\d|2[0-4])[0-5]\d (?:GMT|UTC|hours|local time)|\bv?\d+(?:\.\d+){2,}|https?://\S+|www\.\S+|\S+@\S+|\[\d+\]"
    r"|\b(?:no one|one another|one or the other|one by one|one-time|one-off)\b",
    re.IGNORECASE,
)
_SUPERLATIVE = (
    r"(?:largest|biggest|greatest|smallest|highest|lowest|oldest|youngest|newest|longest|shortest|tallest|deadliest"
    r"|richest|poorest|fastest|strongest|heaviest|worst|busiest|most[ -]popul(?:ous|ated))\b"
)
_RANK = re.compile(
    rf"\b(?:(?P<ordinal>{ORDINAL})(?:[ -](?P<order>{_SUPERLATIVE}|most[ -][a-z]+))?"
    rf"|(?P<sole>{_SUPERLATIVE}))(?:-[a-z]+)?",
    re.IGNORECASE,
)
_AMONG = re.compile(r"\b(?:(?:one of|among|some of)(?: [\w'-]+){0,3}|\d|two|three|four|five|ten) $", re.IGNORECASE)
_DETERMINER = re.compile(r"(?:\b(?:the|his|her|its|their|our|my|this|that|for|in)|'s?) $", re.IGNORECASE)

_AGE_AFTER = re.compile(r"[- ]years?[- ]olds?\b|[- ]years? of age\b", re.IGNORECASE)
_AGE_BEFORE = re.compile(r"\b(?:aged?|age of) $", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween $", re.IGNORECASE)
_FATE_WORD = re.compile(r"([a-z]+) $")
_WORD_BEFORE = re.compile(r"(\S ?)?(?<!\w)([^\W\d_][\w'-]*\.?) $")
_NAMED = re.compile(r"[A-Z][\w'-]+(?:, | \()$")
