"""How well labels were answered: accuracy, precision, recall and F1 with their intervals, and the mistakes by name.

An item that was not assessed counts as answered wrongly, under no label. Intervals are 95 % percentile intervals of
2,000 bootstrap samples of the items, seeded: the same answers give the same figures. As every figure is made of the
counts of (label, answer) alone, a sample of items is a multinomial draw of those counts.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schemas.record import Record

Pair = tuple[str, str | None]
"""A label, and what was answered; None: not assessed."""

_SAMPLES = 2_000


class Estimate(Record):
    """A figure and its 95 % interval; None where nothing was there to measure it on."""

    value: float | None
    low: float | None = None
    high: float | None = None


class ClassScore(Record):
    """One label: how often it was right among its answers, and how often it was found."""

    label: str
    items: int
    precision: Estimate
    recall: Estimate
    f1: Estimate


class Score(Record):
    """All items of a data set together."""

    items: int
    not_assessed: int
    accuracy: Estimate
    macro_f1: Estimate
    classes: tuple[ClassScore, ...]
    confusion: dict[str, dict[str, int]]
    """Label -> answer -> items."""


@dataclass(frozen=True, slots=True)
class _Figures:
    """Figures of one or many tables of counts (the last two axes: label, answer)."""

    accuracy: Any
    precision: Any
    recall: Any
    f1: Any


def score(pairs: Sequence[Pair]) -> Score:
    """The figures of labelled answers. The macro-F1 is the mean over the labels that occur.

    Raises:
        ValueError: there are none.
    """
    import numpy as np

    if not pairs:
        raise ValueError("no item to score")
    counted = Counter((label, answer or "not_assessed") for label, answer in pairs)
    labels = sorted({label for label, _ in counted})
    answers = [*labels, *sorted({answer for _, answer in counted} - set(labels))]
    table = np.array([[counted[label, answer] for answer in answers] for label in labels], dtype=float)
    drawn = np.random.default_rng(0).multinomial(len(pairs), table.ravel() / len(pairs), size=_SAMPLES)
    here, there = _figures(table), _figures(drawn.reshape(_SAMPLES, *table.shape).astype(float))
    return Score(
        items=len(pairs),
        not_assessed=sum(answer is None for _, answer in pairs),
        accuracy=estimate(here.accuracy, there.accuracy),
        macro_f1=estimate(np.nanmean(here.f1), np.nanmean(there.f1, axis=-1)),
        classes=tuple(
            ClassScore(
                label=label,
                items=int(table[place].sum()),
                precision=estimate(here.precision[place], there.precision[:, place]),
                recall=estimate(here.recall[place], there.recall[:, place]),
                f1=estimate(here.f1[place], there.f1[:, place]),
            )
            for place, label in enumerate(labels)
        ),
        confusion={label: {answer: counted[label, answer] for answer in answers} for label in labels},
    )


def mean(parts: Sequence[tuple[float, float]]) -> Estimate:
    """A ratio of two sums, (over, under) an item; its interval is of a bootstrap over the items."""
    import numpy as np

    table = np.array(parts, dtype=float).reshape(-1, 2)
    if not table.size or not table[:, 1].sum():
        return Estimate(value=None)
    drawn = table[np.random.default_rng(0).integers(len(table), size=(_SAMPLES, len(table)))].sum(axis=1)
    over, under = table.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return estimate(over / under, np.where(drawn[:, 1] > 0, drawn[:, 0] / drawn[:, 1], np.nan))


def _figures(table: Any) -> _Figures:
    """A label that is never answered has an F1 of 0; one that neither occurs nor is answered has none (NaN)."""
    import numpy as np

    labels = table.shape[-2]
    right = np.diagonal(table[..., :labels], axis1=-2, axis2=-1)
    given, told = table.sum(axis=-1), table[..., :labels].sum(axis=-2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return _Figures(
            right.sum(axis=-1) / given.sum(axis=-1), right / told, right / given, 2 * right / (given + told)
        )


def estimate(value: Any, samples: Any) -> Estimate:
    """A figure with the middle 95 % of its samples; NaN is no figure."""
    import numpy as np

    if np.isnan(value):
        return Estimate(value=None)
    low, high = np.nanpercentile(samples, (2.5, 97.5))
    return Estimate(value=round(float(value), 4), low=round(float(low), 4), high=round(float(high), 4))
