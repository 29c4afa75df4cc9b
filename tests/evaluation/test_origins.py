"""Pairs of texts held against what they are to each other."""

from pathlib import Path
from typing import Any

import pytest

from service.errors import InputError
from service.evaluation.items import relabelled
from service.evaluation.origins import Answered, Kinship, PairAnswer, PairItem, answer, score
from tests.seeds import seed_articles

A, B, *_ = (article.text for article in seed_articles().values())


def item(a: str, b: str, label: str, name: str = "p") -> PairItem:
    sources = {"a": {"source_id": "a", "text": a}, "b": {"source_id": "b", "text": b}}
    return PairItem.model_validate(
        {"id": name, "dataset": "d", "group": "g", "label": label, "jaccard": 0.1, **sources}
    )


def held(gold: Kinship, group: str, *, merged: bool, one_credit: bool = False) -> PairAnswer:
    return PairAnswer(
        dataset="d",
        id="p",
        group=group,
        gold=gold,
        answered=Answered.ONE_ORIGIN if merged else Answered.TWO_ORIGINS,
        containment=0.5,
        own=0.5,
        one_credit=one_credit,
    )


@pytest.mark.parametrize(
    ("label", "gold"),
    [
        ("exact_copy", Kinship.COPY),
        ("near_duplicate", Kinship.COPY),
        ("partial_reuse", Kinship.PARTIAL_REUSE),
        ("same_story_independent", Kinship.APART),
        ("same_event", Kinship.APART),
    ],
)
def test_labels_in_our_terms(label: str, gold: Kinship) -> None:
    """Two reports of one event are apart unless one copies the other."""
    assert item(A, B, label).gold is gold


def test_a_reading_goes_before_the_label(tmp_path: Path) -> None:
    """A file may give items other labels; those that it does not name keep theirs."""
    file = tmp_path / "relabelled.yaml"
    file.write_text("read: copy\n", encoding="utf-8")
    items = [item(A, B, "same_story", one) for one in ("read", "unread")]
    assert [one.gold for one in relabelled(items, file)] == [Kinship.COPY, Kinship.APART]
    assert relabelled(items, None) == items
    for bad in ("- a list", "{", "a sentence"):
        file.write_text(bad, encoding="utf-8")
        with pytest.raises(InputError, match="relabelled"):
            relabelled(items, file)


def test_pairs_go_through_ingest_and_grouping() -> None:
    """A copy, even of the same letters, is one origin; two seeds are two; a credit of both makes one."""
    copied = answer(item(A, A, "exact_copy"))
    assert (copied.answered, copied.containment, copied.own) == (Answered.ONE_ORIGIN, 1.0, 1.0)
    apart = answer(item(A, B, "same_event"))
    assert (apart.answered, apart.own, apart.one_credit) == (Answered.TWO_ORIGINS, 0.0, False)
    credit = "\n\nThis post appeared first on cnn.com\n"
    credited = answer(item(A + credit, B + credit, "same_event"))
    assert (credited.answered, credited.one_credit) == (Answered.ONE_ORIGIN, True)


def test_shares_are_of_pairs_and_what_is_one_by_credit_is_no_mistake() -> None:
    """Copies found, pairs wrongly merged, partial reuse apart; the interval is of stories."""
    scored = score(
        [
            held(Kinship.COPY, "one", merged=True),
            held(Kinship.COPY, "one", merged=True),
            held(Kinship.COPY, "two", merged=False),
            held(Kinship.APART, "one", merged=False),
            held(Kinship.APART, "two", merged=True, one_credit=True),
            held(Kinship.PARTIAL_REUSE, "two", merged=True),
        ]
    )
    assert scored.pairs == {Kinship.COPY: 3, Kinship.PARTIAL_REUSE: 1, Kinship.APART: 2}
    assert scored.stories[Kinship.COPY] == 2
    assert scored.copies_found.value == pytest.approx(2 / 3, abs=1e-4)
    assert (scored.copies_found.low, scored.copies_found.high) == (0.0, 1.0)
    assert (scored.wrongly_merged.value, scored.apart_of_one_credit, scored.reuse_merged.value) == (0.0, 1, 1.0)


def test_nothing_to_measure_is_no_figure() -> None:
    """Without pairs of a kind there is no share, not a share of 0."""
    figures: Any = score([held(Kinship.APART, "one", merged=True)])
    assert figures.copies_found.value is None
    assert figures.wrongly_merged.value == 1.0
