"""Texts as stems: those that FTS5 makes."""

import sqlite3
from collections import Counter
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.corpus.stems import counted, stem, stem_of, tokens
from tests.seeds import seed_articles

_OF_TODAY = st.characters(codec="ascii", min_codepoint=1) | st.sampled_from(
    "éÉüßŁıİΣςйЁحلب阿勒½²ﬁ’“–…\u00a0\u0301\u0308\u200d"
)


def _by_fts5(text: str) -> list[str]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(
            "CREATE VIRTUAL TABLE texts USING fts5(body, tokenize='porter unicode61 remove_diacritics 2')"
        )
        connection.execute("CREATE VIRTUAL TABLE found USING fts5vocab(texts, instance)")
        connection.execute("INSERT INTO texts VALUES (?)", (text,))
        return [term for (term,) in connection.execute("SELECT term FROM found ORDER BY offset")]


def test_the_seeds_have_the_stems_of_fts5() -> None:
    """Every word of every seed article, menus and all."""
    for article in seed_articles().values():
        assert [stem(token) for token in tokens(article.text)] == _by_fts5(article.text)


@given(st.text(_OF_TODAY, max_size=60))
def test_any_text_has_the_tokens_of_fts5(text: str) -> None:
    """Letters of any script, marks on them, signs between them."""
    assert [stem(token) for token in tokens(text)] == _by_fts5(text)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("rebels", "rebel"),
        ("seized", "seiz"),
        ("technologies", "technolog"),
        ("biology", "biologi"),
        ("possibly", "possibl"),
        ("visibly", "visibl"),
        ("assembly", "assembl"),
        ("straße", "straß"),
        ("Café", "cafe"),
        ("s", "s"),
        ("is", "is"),
        ("ba" * 30 + "ings", "ba" * 30),
        ("ba" * 31 + "ings", "ba" * 31 + "ings"),
        ("u.s.", "u s"),
        ("1,500", "1 500"),
        ("1,500,000,000,000", "1 500 000 000"),
        ("", ""),
    ],
)
def test_a_word_has_one_stem(word: str, expected: str) -> None:
    """Endings and diacritics go; an abbreviation or a number with signs is a phrase, cut where it is too long."""
    assert stem_of(word) == expected
    assert " " in expected or _by_fts5(word) == ([expected] if expected else [])


def test_letters_and_numbers_in_a_row_are_phrases_too() -> None:
    """What a query may look for as one word is counted as one, and the tokens as they are."""
    counts, length = counted("The U.S. sent 1,500 men; 1 500 came, by U.S. count.")
    assert length == 14
    assert counts == Counter(
        {"the": 1, "u": 2, "s": 2, "u s": 2, "sent": 1, "1": 2, "500": 2, "1 500": 2, "men": 1, "came": 1, "by": 1}
        | {"count": 1}
    )


def test_a_long_list_of_numbers_stays_small() -> None:
    """Phrases are of a few numbers: a table does not grow with the square of its length."""
    counts, length = counted(" ".join(map(str, range(1000))))
    assert length == 1000
    assert len(counts) < 4 * 1000
