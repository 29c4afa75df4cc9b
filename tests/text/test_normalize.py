"""Typography folded and led back to the original; foreign text kept on one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.text.normalize import fold, one_line, words

ANY_TEXT = st.text(alphabet=st.characters())
"""Lone surrogates, controls and unassigned code points included."""
NASTY_TEXT = st.text(alphabet="aé \t\n\r\u00a0\u2009\u2028\u200b\u00ad\u0301…ﬁ“’–İß\u202e\u2067\x0c\x1c\x85\ufeff")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("the country’s second largest city", "the country's second largest city"),
        ("“liberation.”", '"liberation."'),
        ("«Kriegsende» and ‹Ende›", "\"Kriegsende\" and 'Ende'"),
        ("„so“", '"so"'),
        ("6′ 2″", "6' 2\""),
        ("Iran–Russia — and a‑b", "Iran-Russia - and a-b"),
        ("300\u00a0000\u202fpeople\u2009here", "300 000 people here"),
        ("soft\u00adware\u200b, zero\ufeffwidth", "software, zerowidth"),
        ("and so…", "and so..."),
        ("oﬃcial ﬂags", "official flags"),
        ("one\r\n\r\n\ttwo\u2028three", "one two three"),
        ("Erdog\u0306an", "Erdo\u011fan"),
        ("a \u200b b", "a b"),
        ("", ""),
        (" x ", " x "),
    ],
)
def test_typography_folds(text: str, folded: str) -> None:
    """Quote marks, dashes, spaces, ligatures, accents and invisible characters fold; letters stay."""
    assert fold(text).text == folded


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ALEPPO Fell", "aleppo fell"),
        ("Straße", "strasse"),
        ("İzmir", "i̇zmir"),
        ("ﬁRST", "first"),
        ("Σίσυφος", "σίσυφοσ"),
    ],
)
def test_case_folds_whatever_its_length(text: str, folded: str) -> None:
    """Case folding may lengthen a letter, and every part leads back to it."""
    result = fold(text, case=True)
    assert result.text == folded
    assert result.span(0, len(folded)) == (0, len(text))


@pytest.mark.parametrize(
    ("text", "folded", "original"),
    [
        ("say “yes” now", '"yes"', "“yes”"),
        ("too   many\n spaces", "many spaces", "many\n spaces"),
        ("an oﬃce", "fic", "ﬃc"),
        ("wait… what", "wait...", "wait…"),
        ("in\u00adfor\u00admation", "format", "for\u00admat"),
        ("Straße 5", "straß"[:4] + "ss", "Straß"),
        ("cafe\u0301 au lait", "caf\u00e9", "cafe\u0301"),
    ],
)
def test_a_folded_stretch_leads_back(text: str, folded: str, original: str) -> None:
    """A stretch of the folded text is a stretch of the original."""
    result = fold(text, case=folded.startswith("stra"))
    start = result.text.index(folded)
    a, b = result.span(start, start + len(folded))
    assert text[a:b] == original


@given(st.one_of(ANY_TEXT, NASTY_TEXT), st.booleans())
def test_places_run_through_the_original_in_order(text: str, case: bool) -> None:
    """Every folded character has a place, places never go back, and white space comes only from white space."""
    result = fold(text, case=case)
    assert len(result.text) == len(result.starts) == len(result.ends)
    assert list(result.starts) == sorted(result.starts)
    assert list(result.ends) == sorted(result.ends)
    for char, start, end in zip(result.text, result.starts, result.ends, strict=True):
        assert 0 <= start < end <= len(text)
        assert (char == " ") <= any(one.isspace() for one in text[start:end])


@given(NASTY_TEXT)
def test_no_two_spaces_and_no_other_white_space(text: str) -> None:
    """Runs of white space are one plain space, invisible characters within them or not."""
    folded = fold(text).text
    assert "  " not in folded
    assert not any(char.isspace() and char != " " for char in folded)


@pytest.mark.parametrize(("start", "end"), [(0, 0), (2, 1), (-1, 2), (0, 4)])
def test_what_is_no_stretch_has_no_place(start: int, end: int) -> None:
    """An empty, reversed or overlong stretch is an error, not a wrong place."""
    with pytest.raises(IndexError):
        fold("abc").span(start, end)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\nb\rc\r\nd\x0be\x0cf\x85g\u2028h\u2029i\x1cj\x1dk\x1el", "a b c d e f g h i j k l"),
        ("  padded \t text  ", "padded text"),
        ("nul\x00and\x1bescape\x7f", "nul and escape"),
        ("user\u202eecalper\u202c here\u2066!\u2069", "userecalper here!"),
        ("\U000e0049\U000e0067nore tags", "nore tags"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("rain \U0001f327\ufe0f, \U0001f468\u200d\U0001f680", "rain \U0001f327, \U0001f468\u200d\U0001f680"),
        ("plain\U000e0101\U000e0155\ufe03 text", "plain text"),
        ("bits\u200c\u200d\u034f\u200d\u00ad\u200c of it", "bits of it"),
        ("the\u3164 road\uffa0\u115f", "the road"),
        ("half \ud800 pair", "half \ufffd pair"),
        ("S1| forged\nS2| line", "S1| forged S2| line"),
        ("“Curly” stays – so does this…", "“Curly” stays – so does this…"),
        ("\n\n", ""),
    ],
)
def test_a_text_becomes_one_line(text: str, line: str) -> None:
    """Line breaks and controls become spaces, direction marks and invisible tags go, typography stays."""
    assert one_line(text) == line


@given(st.one_of(ANY_TEXT, NASTY_TEXT))
def test_one_line_is_total(text: str) -> None:
    """Whatever a text holds, it cannot leave its line, turn its direction, or fail to be sent."""
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    assert "  " not in line
    assert not any(0x202A <= ord(char) <= 0x202E or 0x2066 <= ord(char) <= 0x2069 or ord(char) < 32 for char in line)
    assert line.encode().decode() == line
    assert one_line(line) == line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Russia’s WARSHIPS left.", ["russia", "warships", "left"]),
        ("Hay'at Tahrir al-Sham (HTS)", ["hayat", "tahrir", "al", "sham", "hts"]),
        ("Erdoğan, Łódź, Søren, Müller", ["erdogan", "lodz", "soren", "muller"]),
        ("more than 300,000 people, 1.5 million", ["more", "than", "300000", "people", "1.5", "million"]),
        ("on 2024-12-08 don't", ["on", "2024", "12", "08", "dont"]),
        ("G7 and 24-year", ["g7", "and", "24", "year"]),
        ("— … ‘’", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    """Words come without case, accents, possessives and marks; a number is one word."""
    assert words(text) == expected


@given(ANY_TEXT)
def test_words_are_total(text: str) -> None:
    """Any text has its words, and none of them is empty or holds a space."""
    assert all(word and not any(char.isspace() for char in word) for word in words(text))
