"""What a search is made of."""

import sqlite3
from contextlib import closing
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.article import Quote
from schemas.evidence import Passage
from service.corpus.search import MOST_WORDS, Place, candidates, fuse, hearing, query_words, snapshot


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


def test_candidates_keep_their_order() -> None:
    """What a hearing would let through stays in order of rank, for another ranking to be fused with it."""
    assert candidates(_places("a1 a2 a3 b1 b2 c1"), 4) == _places("a1 a2 b1 c1")


def test_a_snapshot_does_not_depend_on_order() -> None:
    """It is of the sorted ids, each ended by a line feed; of nothing, it is the hash of nothing."""
    ids = ["b" * 24, "a" * 24]
    assert snapshot(ids) == snapshot(ids[::-1])
    assert snapshot(ids).sha256 == sha256(f"{'a' * 24}\n{'b' * 24}\n".encode()).hexdigest()
    assert snapshot([]).sha256 == sha256().hexdigest()
