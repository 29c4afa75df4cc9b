"""What is called how, and what of foreign text is shown."""

from decimal import Decimal
from enum import StrEnum

import pytest

from schemas.claim import Quantity
from schemas.evidence import ConflictKind, Flag, Stance
from schemas.report import Origins, Verdict
from service.export import markdown, page, table, words
from tests.export import sample


@pytest.mark.parametrize(
    ("codes", "named"),
    [
        (Verdict, words.VERDICTS),
        (Verdict, words.MEANINGS),
        (Verdict, words.SYMBOLS),
        (ConflictKind, words.KINDS),
        (Flag, words.FLAGS),
        (Stance, words.STANCES),
    ],
)
def test_every_code_has_words_of_its_own(codes: type[StrEnum], named: dict[StrEnum, str]) -> None:
    """No code is left without words, and no two share them."""
    assert set(named) == set(codes)
    assert len(set(named.values())) == len(codes)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\nlines\tand\u00a0spaces", "two\nlines\tand\u00a0spaces"),
        ("حلب 👩‍👧 é", "حلب 👩‍👧 é"),
        ("\x1b[31mred\x07", "␛[31mred␇"),
        ("\x9b31m\x7f", "\ufffd31m\ufffd"),
        ("56 \u202e65\u202c dead", "56 [U+202E]65[U+202C] dead"),
        ("\u2066a\u2069", "[U+2066]a[U+2069]"),
        ("a\u200fb", "a\u200fb"),
    ],
)
def test_what_misleads_is_made_visible(text: str, shown: str) -> None:
    """Controls and what reorders a line are shown as signs; all else stays."""
    assert words.visible(text) == shown


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://a.example/x?y=1&z=(2)", True),
        ("http://a.example", True),
        ("https://пример.example/ü", True),
        (None, False),
        ("", False),
        ("javascript:alert(1)", False),
        ("JavaScript://a.example/%0aalert(1)", False),
        (" https://a.example", False),
        ("https://a.example/a b", False),
        ("https://a.example/\u202ex", False),
        ("https:///x", False),
        ("https://[::1", False),
        ("data:text/html,x", False),
        ("//a.example/x", False),
        ("ftp://a.example", False),
    ],
)
def test_only_addresses_of_the_web_are_linked(url: str | None, linked: bool) -> None:
    """An address is linked if and only if it is http or https and plainly one."""
    assert words.link(url) == (url if linked else None)


@pytest.mark.parametrize(
    ("dollars", "shown"),
    [
        (None, "unknown"),
        (Decimal(0), "$0.0000"),
        (Decimal("0.00001"), "under $0.0001"),
        (Decimal("0.01234"), "$0.0123"),
        (Decimal(12), "$12.0000"),
    ],
)
def test_unknown_cost_is_never_a_figure(dollars: Decimal | None, shown: str) -> None:
    """What is not known is called unknown, and what is tiny does not round to nothing."""
    assert words.cost(dollars) == shown


@pytest.mark.parametrize(
    ("low", "high", "rank", "unit", "shown"),
    [
        (56, 56, False, "people", "56 people"),
        (24, 199, False, None, "24 to 199"),
        (4, None, False, None, "4 or more"),
        (None, 1234567.5, False, "USD", "1,234,567.5 or less USD"),
        (None, None, False, None, "any number"),
        (2, 2, True, None, "rank 2"),
    ],
)
def test_a_quantity_is_told_with_both_its_ends(
    low: float | None, high: float | None, rank: bool, unit: str | None, shown: str
) -> None:
    """The values that a written number allows are told in words."""
    assert words.amount(Quantity(exact="x", start=0, low=low, high=high, unit=unit, rank=rank)) == shown


def test_support_of_parts_alone_is_named_so_everywhere() -> None:
    """Verdict, count and evidence say that it is of a part, in every form; whole support beside it takes that away."""
    part = sample.supporting("They entered on Friday.").model_copy(update={"partial": True})
    claim = sample.judged(Verdict.SUPPORTED, sample.claim(1, sample.ENTERED), part)
    partly = claim.model_copy(update={"origins": Origins(partly=claim.origins.supporting)})
    assert (words.verdict(partly), words.verdict(claim)) == ("Supported in part", "Supported")
    report = sample.report().model_copy(update={"claims": (partly,)})
    for told in (table.render(report, width=400), markdown.render(report), page.render(report)):
        assert "Supported in part" in told
        assert words.PARTIAL in told


def test_a_confidence_stands_with_what_it_was_worth() -> None:
    """The same word is worth less for support than for conflict, and least for support of a part."""
    support = sample.supporting("They entered.")
    part = support.model_copy(update={"partial": True})
    assert words.confidence(support) == "high (when measured, 92 in 100 such were right)"
    assert words.confidence(part) == "high (when measured, 67 in 100 such were right)"
