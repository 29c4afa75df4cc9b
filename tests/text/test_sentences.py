"""Where sentences begin and end."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.text.cleaning import prose
from service.text.sentences import LONGEST, sentences
from tests.seeds import SEEDS


def split(text: str, language: str = "en") -> list[str]:
    """The sentences of a text that is prose throughout."""
    return [text[found.start : found.end] for found in sentences(text, ((0, len(text)),), language)]


@pytest.mark.parametrize(
    "expected",
    [
        ["Rebels took Hama.", "Five died."],
        ["Gen. Smith said Lt. Col. Jones left.", "He went."],
        ["The U.S. military struck.", "The U.S. Congress met."],
        ["He was seen in the U.S.", "He denied it."],
        ["It ended at 5 p.m.", "On Monday it began again at 9 a.m. sharp."],
        ["No. 10 Downing St. was closed.", "See No. 5 for the rest.", "There is no."],
        ["About approx. 300 people fled.", "Mt. Hermon and Mts. of the north were taken."],
        ["Amb. Smith met Rev. Jones and Pres. Putin on Dec. 8.", "They talked."],
        ["George W. Bush and J. K. Rowling spoke.", "Nobody else did."],
        ["It cost $3.5 million.", "That is 5.6 percent more."],
        ["Ph.D. student et al. found it.", "Fig. 3 shows it, e.g. here, i.e. there."],
        ["“It is over.”", "He left."],
        ["“Is it?” she asked.", "Nobody knew."],
        ["“Is it?” Putin asked.", "“No!”", "The crowd left."],
        ['"Stop!" he cried.', "They ran."],
        ["The ministry said: “We act.”", "“We do,” it added."],
        ["Really?!", "Yes!!!", "No."],
        ["He paused ... then left.", "(He came back.)", "She stayed."],
        ["1. Rebels took Hama.", "2. The army left."],
    ],
)
def test_sentences_end_where_a_reader_ends_them(expected: list[str]) -> None:
    """Abbreviations, initials, numbers and quotes do not end a sentence; full stops do."""
    assert split(" ".join(expected)) == expected


@pytest.mark.parametrize(
    "expected",
    [
        ["It fell to a new regime.", "The scope is wide."],
        ["It rose in the UK.", "The pound fell."],
        ["It was in 2016.", "Then came peace."],
        ["He called it a “liberation.”", "The army left."],
        ["It ended (at last).", "The army left."],
        ["Is it over?", "“Never,” he said."],
        ["He was born in St.Petersburg, said Mr.Smith of Booking.Com."],
        ["It is on TopCapitalInsight.com and on cnn.com today."],
    ],
)
def test_glued_paragraphs_come_apart(expected: list[str]) -> None:
    """A sentence that begins right where another ends is one of its own; a name with a dot in it is one."""
    assert split("".join(expected)) == expected


def test_lower_case_text_is_split() -> None:
    """Where no word has a capital, a lower-case one may begin a sentence."""
    assert split("rebels took hama. five people died.") == ["rebels took hama.", "five people died."]


def test_a_hard_wrapped_sentence_holds_its_line_breaks() -> None:
    """A line break within a stretch is white space."""
    text = "He met Gen.\nSmith on the road\r\nto Homs. They\ntalked."
    assert split(text) == ["He met Gen.\nSmith on the road\r\nto Homs.", "They\ntalked."]


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("  • Rapid Advance: Rebels came.\u00a0 ", "Rapid Advance: Rebels came."),
        ("- Rebels came.", "Rebels came."),
        ("* Rebels came.", "Rebels came."),
        ("— Rebels came.", "Rebels came."),
        ("-5 degrees were measured.", "-5 degrees were measured."),
        ("\ufeff\u200bRebels came.\u200b", "Rebels came."),
        ("“Rebels came.”", "“Rebels came.”"),
    ],
)
def test_bullets_and_white_space_are_no_part_of_a_sentence(text: str, exact: str) -> None:
    """The span is trimmed, and what a reader reads stays."""
    assert split(text) == [exact]


@pytest.mark.parametrize("text", ["", " \n ", "* * *", "...", "•"])
def test_what_holds_no_letter_is_no_sentence(text: str) -> None:
    """A rule between paragraphs claims nothing."""
    assert split(text) == []


def test_a_long_sentence_is_cut_between_words() -> None:
    """Without a full stop for more than a thousand characters, a sentence ends before the word that is too much."""
    words = split("word " * 500)
    assert all(len(piece) <= LONGEST for piece in words)
    assert " ".join(words) == " ".join(["word"] * 500)
    assert [len(piece) for piece in split("x" * 2_500)] == [LONGEST, LONGEST, 500]


def test_other_languages_have_their_own_abbreviations() -> None:
    """German ordinals and abbreviations end no German sentence."""
    german = ["Am 8. Dezember fiel z.B. die Stadt Homs.", "Dr. Meier sah es."]
    assert split(" ".join(german), "de") == german
    assert split("Rebels took Hama. Five died.", "xx") == ["Rebels took Hama.", "Five died."]
    assert split("ഒന്ന് വന്നു. രണ്ട് പോയി.", "ml") == ["ഒന്ന് വന്നു.", "രണ്ട് പോയി."]


def test_only_the_stretches_are_split() -> None:
    """Offsets count in the whole text, numbers go on from stretch to stretch."""
    text = "Menu. One came. Two left.\nAds.\nThree stayed."
    found = sentences(text, ((6, 25), (31, 44)))
    assert [(item.number, text[item.start : item.end]) for item in found] == [
        (1, "One came."),
        (2, "Two left."),
        (3, "Three stayed."),
    ]


SNAPSHOT = {
    "000_e0e4a6c077bbfbef.txt": (27, "In a dramatic turn", "a long-term decline."),
    "001_10bf4ea0b10c187b.txt": (21, "The Syrian Civil War,", "of protracted conflict."),
    "002_0a598e7c19b4af88.txt": (33, "The ISW analyzed that", "along the border."),
    "003_dcb91dcee79e9b93.txt": (14, "The Russian military has", "the Middle East."),
    "004_4ad423b35d6fea3c.txt": (16, "Syrian and Russian jets", "its back foot.”"),
}


@pytest.mark.parametrize("name", SNAPSHOT)
def test_every_sentence_of_a_seed_is_found_and_nothing_else(name: str) -> None:
    """The number of sentences, the first words and the last, as counted by hand."""
    text = (SEEDS / name).read_bytes().decode()
    found = [text[item.start : item.end] for item in sentences(text, prose(text))]
    count, first, last = SNAPSHOT[name]
    assert len(found) == count
    assert found[0].startswith(first)
    assert found[-1].endswith(last)
    assert all(item[-1] in ".”" for item in found if not item.endswith("presence in Syria"))


@settings(deadline=None)  # the first example pays for what is loaded
@given(
    st.one_of(
        st.text(max_size=400),
        st.text(alphabet=st.sampled_from("aBé .!?\n”“\"'•-1:)…"), max_size=400),
        st.text(alphabet=st.sampled_from("ab ."), min_size=LONGEST, max_size=LONGEST * 3),
    )
)
def test_any_text_has_sentences_in_order(text: str) -> None:
    """Whatever the text: spans are numbered, in order, apart, bounded, trimmed, and hold every letter and digit."""
    found = sentences(text, ((0, len(text)),))
    assert [item.number for item in found] == list(range(1, len(found) + 1))
    assert all(before.end <= after.start for before, after in pairwise(found))
    for item in found:
        exact = text[item.start : item.end]
        assert 0 < len(exact) <= LONGEST
        assert exact == exact.strip()
    letters = "".join(text[item.start : item.end] for item in found)
    assert [char for char in letters if char.isalnum()] == [char for char in text if char.isalnum()]
