"""Quoted words are found exactly, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.text.align import find
from service.text.normalize import fold

TEXT = (
    "The rebels’ sweeping success has posed the biggest challenge in eight years – says “CNN”. "
    "At least 190 people\n   were killed, 120,000 fled; 1.5 million non-combatants can’t leave. "
    "U.S.-backed forces left."
)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("The rebels’ sweeping success", "The rebels’ sweeping success"),
        ("The rebels' sweeping success", "The rebels’ sweeping success"),
        ('eight years - says "CNN".', "eight years – says “CNN”."),
        ("190 people were killed", "190 people\n   were killed"),
        ("  190 people  ", "190 people"),
        ("the biggest challenge", "the biggest challenge"),
        ("THE BIGGEST CHALLENGE", "the biggest challenge"),
        ("the rebels", "The rebels"),
        ("120,000 fled", "120,000 fled"),
        ("1.5 million non-combatants can't", "1.5 million non-combatants can’t"),
        ("U.S.-backed forces", "U.S.-backed forces"),
        ("killed,", "killed,"),
        ("forces left.", "forces left."),
        ("lea\u00adve", "leave"),
    ],
)
def test_words_are_found(words: str, found: str) -> None:
    """Typography, white space and letter case may differ."""
    place = find(words, TEXT, 0, len(TEXT))
    assert place is not None
    assert TEXT[place[0] : place[1]] == found


@pytest.mark.parametrize(
    "words",
    [
        "120 people",
        "190 persons",
        "At least 190 people fled",
        "rebel",
        "ears",
        "120",
        "000 fled",
        "5 million",
        "1.5 million non",
        "combatants",
        "can",
        "t leave",
        "U",
        "backed forces",
        "S.-backed",
        "success the posed has",
        "",
        "   ",
        "\u200b",
        "’",
    ],
)
def test_other_words_are_not(words: str) -> None:
    """Other numbers, other words, parts of words, of compounds and of numbers are no quote."""
    assert find(words, TEXT, 0, len(TEXT)) is None


def test_letter_case_decides_first() -> None:
    """A place with the same case is taken before an earlier one without."""
    text = "people fled. People stayed."
    assert find("People", text, 0, len(text)) == (13, 19)


def test_only_the_given_stretch_is_searched() -> None:
    """Words elsewhere in the text do not count, and a stretch that cuts a word does not make one."""
    text = "Aleppo fell. Homs fell."
    assert find("Aleppo", text, 13, len(text)) is None
    assert find("fell", text, 13, len(text)) == (18, 22)
    assert find("oms", text, 14, len(text)) is None
    assert find("Hom", text, 13, 16) is None


def test_glued_paragraphs_have_borders() -> None:
    """A sentence that begins where another ends, without a space, is found in its own stretch."""
    text = "a new Islamist regime.The scope includes bases."
    assert find("The scope", text, 22, len(text)) == (22, 31)


@given(st.text(alphabet="ab1 ,.'’“-\n\u00a0\u200b\u00ad\u0301ﬁ", max_size=30), st.data())
def test_whatever_is_found_is_the_words(text: str, data: st.DataObject) -> None:
    """The place folds to the words asked for, begins and ends with no white space, and lies in the stretch."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    words = data.draw(st.one_of(st.just(text[start:end]), st.text(alphabet="ab1 '-", max_size=5)))
    place = find(words, text, start, end)
    if place is not None:
        found = text[place[0] : place[1]]
        assert start <= place[0] < place[1] <= end
        assert found == found.strip()
        assert fold(words, case=True).text.strip() in fold(found, case=True).text


def test_a_whole_stretch_is_found_in_itself() -> None:
    """Every sentence's own words are found at its own place."""
    for words in ("Aleppo fell.", "“It fell,” he said.", "24-year rule", "Assad’s"):
        assert find(words, f"So: {words} And on.", 4, 4 + len(words)) == (4, 4 + len(words))
