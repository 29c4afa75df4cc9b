"""Figures of labelled answers, against values worked out by hand."""

import pytest

from service.evaluation.labelled import mean, score

PAIRS = [("yes", "yes")] * 6 + [("yes", "no")] * 2 + [("no", "no")] * 3 + [("no", "yes")] + [("no", None)] * 2


def test_figures_are_those_of_the_counts() -> None:
    """Accuracy, precision, recall, F1 and macro-F1; what was not assessed counts as wrong, under no label."""
    told = score(PAIRS)
    no, yes = told.classes
    assert (told.items, told.not_assessed, told.accuracy.value) == (14, 2, 0.6429)
    assert (yes.precision.value, yes.recall.value, yes.f1.value) == (0.8571, 0.75, 0.8)
    assert (no.precision.value, no.recall.value, no.f1.value) == (0.6, 0.5, 0.5455)
    assert told.macro_f1.value == pytest.approx((0.8 + 6 / 11) / 2, abs=1e-4)
    assert told.confusion == {
        "no": {"no": 3, "yes": 1, "not_assessed": 2},
        "yes": {"no": 2, "yes": 6, "not_assessed": 0},
    }


def test_intervals_hold_the_figure_and_repeat() -> None:
    """The interval lies about the figure, narrows with more items, and is the same every time."""
    told, more = score(PAIRS).accuracy, score(PAIRS * 20).accuracy
    assert told == score(PAIRS).accuracy
    for one in (told, more):
        assert one.value is not None
        assert one.low is not None
        assert one.high is not None
        assert one.low < one.value < one.high
    assert more.high - more.low < told.high - told.low  # type: ignore[operator]


def test_the_interval_of_a_share_is_the_binomial_one() -> None:
    """For 50 right of 100 the interval is within a point of 1.96 standard deviations, 0.402 to 0.598."""
    told = score([("a", "a")] * 50 + [("a", "b")] * 50).accuracy
    assert told.low == pytest.approx(0.402, abs=0.015)
    assert told.high == pytest.approx(0.598, abs=0.015)


def test_a_label_never_answered_has_no_precision_and_an_f1_of_zero() -> None:
    """Nothing to divide by is no figure, and not one."""
    (rare,) = [one for one in score([("a", "a"), ("b", "a")]).classes if one.label == "b"]
    assert (rare.precision.value, rare.recall.value, rare.f1.value) == (None, 0.0, 0.0)


def test_ratios_are_of_sums() -> None:
    """A text with more claims weighs more; nothing to measure gives no figure."""
    assert mean([(1, 1), (0, 3)]).value == 0.25
    assert mean([]).value is None
    assert mean([(0, 0)]).value is None


def test_nothing_to_score_is_an_error() -> None:
    """A figure of no items is none."""
    with pytest.raises(ValueError, match="no item"):
        score([])
