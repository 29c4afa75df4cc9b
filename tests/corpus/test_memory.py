"""Ranking by words, without a database."""

import sqlite3
from collections import Counter
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from service.corpus.memory import bm25
from service.corpus.search import Place

_words = st.lists(st.sampled_from(["aleppo", "army", "city", "hama", "rebels", "town"]), min_size=1, max_size=8)


@given(texts=st.lists(_words, min_size=1, max_size=8), wanted=_words)
def test_scores_are_those_of_sqlite(texts: list[list[str]], wanted: list[str]) -> None:
    """The same texts and query have the same BM25 here and in FTS5, which gives it with a minus sign."""
    query = " OR ".join(f'"{word}"' for word in dict.fromkeys(wanted))
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE texts USING fts5(body)")
        for number, text in enumerate(texts):
            connection.execute("INSERT INTO texts(rowid, body) VALUES (?, ?)", (number, " ".join(text)))
        rows = connection.execute("SELECT rowid, -bm25(texts) FROM texts WHERE texts MATCH ?", (query,)).fetchall()
    scores = bm25(wanted, {Place("a", number): Counter(text) for number, text in enumerate(texts)})
    assert {place.start: round(score, 9) for place, score in scores.items()} == {
        number: round(score, 9) for number, score in rows
    }


def test_nothing_is_ranked_in_nothing() -> None:
    """No text, no score."""
    assert bm25(["aleppo"], {}) == {}
