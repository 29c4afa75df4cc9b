"""Numbers in English news text: the values each allows, and what is counted.

Conflicts of numbers rest on this, so it is our own: figures and number words, bounds ("at least four"), ranges,
round words ("dozens"), percentages and fractions, money, ages, and places in an order ("second largest"). Dates,
clock times and numbers within names are not quantities.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from schemas.claim import Quantity
from service.text import dates
from service.text.normalize import fold


def quantities(text: str) -> tuple[Quantity, ...]:
    """The numbers of a text, in order. A fraction ("two thirds") is given in percent."""
    folded = fold(text)
    masked = _masked(folded.text)
    found = [*_ranks(masked), *_counts(masked)]
    placed = []
    for one in sorted(found, key=lambda one: one.start):
        start, end = folded.span(one.start, one.end)
        placed.append(
            Quantity(exact=text[start:end], start=start, low=one.low, high=one.high, unit=one.unit, rank=one.rank)
        )
    return tuple(placed)


def compatible(a: Quantity, b: Quantity) -> bool:
    """Whether both can be true of one thing: the values they allow overlap.

    A plain figure may have been rounded: it allows half a unit of its last digit that is not zero, but no more
    than 5 %. "6 million" agrees with "5.8 million", "300" with "310"; 56 is 56. A rank is exact.
    """
    (low, high), (other_low, other_high) = _allowed(a), _allowed(b)
    return low <= other_high and other_low <= high


def comparable(a: Quantity, b: Quantity) -> bool:
    """Whether both measure the same: one unit, up to words that news uses alike, and one order for ranks.

    Where that cannot be told they are not comparable. Units of measure (percent, money, time) say nothing of what
    is measured: whoever compares those looks at the words around them too.
    """
    if a.unit is None or b.unit is None or a.rank != b.rank:
        return False
    if a.rank:
        return _alike(a.unit) == _alike(b.unit) and _order(a.exact) == _order(b.exact)
    kinds = {_alike(a.unit), _alike(b.unit)}
    return len(kinds) == 1 or kinds in ({"person", "dead"}, {"person", "hurt"})
