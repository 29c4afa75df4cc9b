"""What a search is made of."""

import sqlite3
from collections import Counter
from contextlib import closing
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.article import Quote
from schemas.evidence import Passage
from service.corpus.search import (
    MOST_WORDS,
    READ_AGAIN,
    Frequencies,
    Place,
    bm25,
    candidates,
    fuse,
    heard,
    hearing,
    query_words,
    rescored,
    snapshot,
    telling,
)

_news = st.lists(st.sampled_from(["aleppo", "army", "city", "hama", "rebels", "town"]), min_size=1, max_size=8)


def _place(name: str) -> Place:
    """`a3` is article a, offset 3."""
    return Place(name[0], int(name[1:]))


def _places(names: str) -> list[Place]:
    return [_place(name) for name in names.split()]


def _passage(name: str) -> Passage:
    start = int(name[1:])
    quote = Quote(start=start, end=start + 1, exact=name[0], sentences=(start + 1,))
    return Passage(article_id=name[0] * 24, quote=quote)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The rebels seized the city of Aleppo.", ["rebels", "seized", "city", "aleppo"]),
        ("Aleppo, ALEPPO, aleppo", ["aleppo"]),
        ("1,500 of 2.5m people; 3 died on 12/01", ["1,500", "2.5", "m", "people", "3", "died", "12", "01"]),
        ("The U.S. and the E.U.", ["u.s.", "e.u."]),
        ("Assad's army – al-Sham’s foe", ["assad", "army", "al", "sham", "foe"]),
        ("us and US", ["us"]),
        ("Cafe\u0301 in Île-de-France", ["café", "île", "de", "france"]),
        ("阿勒颇 حلب", ["阿勒颇", "حلب"]),
        ("x y z", []),
        ('"AND" OR NEAR(a, b) NOT c*', ["near"]),
        ("", []),
    ],
)
def test_a_query_is_its_content_words(text: str, words: list[str]) -> None:
    """Stop-words and single letters are dropped; numbers and abbreviations stay whole; each word comes once."""
    assert query_words(text) == [word for word in words if len(word) > 1 or word.isdigit()]


def test_a_long_query_is_cut() -> None:
    """What costs a look into the index each is limited."""
    assert len(query_words(" ".join(f"word{number}" for number in range(10_000)))) == MOST_WORDS


@given(st.text())
def test_no_word_breaks_out_of_its_quotation_marks(text: str) -> None:
    """Whatever is asked, the quoted words are a query that FTS5 can read."""
    words = query_words(text)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE texts USING fts5(body)")
        for word in words:
            assert connection.execute("SELECT * FROM texts WHERE texts MATCH ?", (f'"{word}"',)).fetchall() == []


@given(texts=st.lists(_news, min_size=1, max_size=8), wanted=_news)
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


@pytest.mark.parametrize("smooth", [0, 1])
def test_a_common_word_counts_less_than_a_rare_one(smooth: float) -> None:
    """Without smoothing it counts for all but nothing, with smoothing for something."""
    texts = {Place("a", number): Counter(["aleppo", "fell"] if number else ["aleppo"]) for number in range(9)}
    common, rare = bm25(["fell"], texts, smooth=smooth)[Place("a", 1)], bm25(["aleppo"], texts, smooth=smooth)
    assert rare[Place("a", 1)] <= common
    assert (common > 0.01) is bool(smooth)


@pytest.mark.parametrize(
    ("rankings", "fused"),
    [
        ([], ""),
        ([""], ""),
        (["b1 a1 c1"], "b1 a1 c1"),
        (["a1 b1", "b1 c1"], "b1 a1 c1"),
        (["b1 a1", "a1 b1"], "a1 b1"),
        (["b2", "b1"], "b1 b2"),
        (["a1 b1 c1", "c1", "c1 a1"], "c1 a1 b1"),
    ],
)
def test_rankings_are_fused_by_reciprocal_rank(rankings: list[str], fused: str) -> None:
    """Being found by both counts more than being first in one; ties go by article and offset."""
    assert fuse(map(_places, rankings)) == _places(fused)


@pytest.mark.parametrize(
    ("ranked", "limit", "heard"),
    [
        ("", 3, ""),
        ("a1 a2 a3", 2, "a1 a2"),
        ("a1 a2 a3 b1", 2, "a1 b1"),
        ("a1 a2 a3 b1 b2 c1", 4, "a1 b1 c1 a2"),
        ("a1 a2 a3 b1 b2 c1", 9, "a1 b1 c1 a2 b2 a3"),
        ("a1 b1", 0, ""),
    ],
)
def test_every_article_is_heard_before_any_is_heard_twice(ranked: str, limit: int, heard: str) -> None:
    """Best passages of all first, then second-best ones, each round in order of rank."""
    answer = hearing([_passage(name) for name in ranked.split()], limit)
    assert answer == tuple(_passage(name) for name in heard.split())


def _said(article: str, text: str, start: int = 0) -> Passage:
    quote = Quote(start=start, end=start + len(text), exact=text, sentences=(start + 1,))
    return Passage(article_id=article * 24, quote=quote)


@pytest.mark.parametrize("word", ["before", "after"])
def test_a_second_look_reads_small_words(word: str) -> None:
    """Of passages that are alike by their content words, the one comes first that has the query's other words too."""
    ranked = [_said("a", "Aleppo fell before the truce."), _said("b", "Aleppo fell after the truce.")]
    by_words = [Place(one.article_id, 0) for one in ranked]
    for rankings in ([by_words, by_words[::-1]], [by_words[::-1], by_words]):
        first = heard(f"Aleppo fell {word} the truce", rankings, ranked, 2)[0]
        assert f" {word} " in first.quote.exact


def test_a_second_look_adds_nothing_and_drops_nothing() -> None:
    """All that the rankings found is there, what was not read again last; a passage that is held no longer is not."""
    ranked = [_said(f"{number:02}"[:1], f"Aleppo {number}.", number) for number in range(READ_AGAIN + 9)]
    places = [Place(one.article_id, one.quote.start) for one in ranked]
    answer = heard("the city of Aleppo", [[*places, Place("removed", 0)]], ranked, 99)
    assert sorted(one.quote.start for one in answer) == list(range(READ_AGAIN + 9))
    assert heard("nothing of the kind", [places], ranked, 99) == hearing(ranked, 99)
    assert heard("Aleppo", [], [], 5) == ()


def test_candidates_keep_their_order() -> None:
    """What a hearing would let through stays in order of rank, for another ranking to be fused with it."""
    assert candidates(_places("a1 a2 a3 b1 b2 c1"), 4) == _places("a1 a2 b1 c1")


def test_a_snapshot_does_not_depend_on_order() -> None:
    """It is of the sorted ids, each ended by a line feed; of nothing, it is the hash of nothing."""
    ids = ["b" * 24, "a" * 24]
    assert snapshot(ids) == snapshot(ids[::-1])
    assert snapshot(ids).sha256 == sha256(f"{'a' * 24}\n{'b' * 24}\n".encode()).hexdigest()
    assert snapshot([]).sha256 == sha256().hexdigest()


@pytest.mark.parametrize(
    ("having", "budget", "kept"),
    [
        ({}, 9, ""),
        ({"a": 0}, 9, ""),
        ({"a": 3, "b": 2, "c": 4}, 9, "b a c"),
        ({"a": 3, "b": 2, "c": 4}, 8, "b a"),
        ({"a": 3, "b": 2, "c": 4}, 1, "b"),
        ({"b": 2, "a": 2, "none": 0}, 3, "a"),
    ],
)
def test_the_rarest_words_are_kept(having: dict[str, int], budget: int, kept: str) -> None:
    """As many as the budget allows, one at least; what no passage has is left out, ties go by the alphabet."""
    assert telling(Frequencies(99, 0, having), budget) == kept.split()


@given(texts=st.lists(_news, min_size=1, max_size=8), wanted=_news)
def test_scoring_again_is_scoring(texts: list[list[str]], wanted: list[str]) -> None:
    """Over all texts, places come in the order of `bm25`."""
    counts = {Place("a", number): Counter(text) for number, text in enumerate(texts)}
    words = list(dict.fromkeys(wanted))
    having = {word: sum(word in text for text in texts) for word in words}
    scores = {place: round(bm25(words, counts).get(place, 0.0), 9) for place in counts}
    order = [scores[place] for place in rescored(words, Frequencies(len(texts), 0, having), counts)]
    assert order == sorted(order, reverse=True)
