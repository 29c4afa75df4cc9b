"""Which standing claims a new article may bear on: found by their rarer words, then held against its passages.

The index is a table of words, read the same in any database. What is read of it is bounded, however many claims there
are: of a word the newest `COMMON` claims at most, and the rarest words first, to `READ` entries in all.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, Row, String, column, func, insert, select, values
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.article import Article
from schemas.report import Verdict
from service.corpus.passages import passages
from service.corpus.search import STOP_WORDS, without_diacritics, words
from service.corpus.stems import stem
from service.store.database import Store
from service.store.tables import ArticleRow, ClaimRow, ClaimWordRow

COMMON = 5000
"""Of the claims that have a word, so many are counted and followed: the newest."""

READ = 100_000
"""So many entries of the index are followed for one article."""

CANDIDATES = 1000
"""So many claims are held against the passages of one article."""

_FEW = 200
"""Where fewer claims stand, words weigh as if these did: what is rare among a handful is not telling."""

_EXACT = 1_000_000
"""Weights are summed in so many parts of one."""

_WORDS = 1000
"""So many words of an article are looked up, its first."""

_STEM = 5
"""So many letters of a stem tell it from others: "Syria" and "Syrian", "town" and "towns" are one."""

SHARED, SHARE = 2, 0.25
"""A passage may bear on a claim if it has so many of the claim's words, and that share of them.

Measured on the five seeds: of 154 pairs of a claim and an article that a model found to bear on it, 149 pass.
"""


class Candidate(NamedTuple):
    """A standing claim that shares rarer words with an article."""

    id: str
    article_id: str
    text: str


class Entries(NamedTuple):
    """How many claims have a word, none counted beyond `COMMON`, and the number of the oldest that is counted."""

    claims: int
    least: int


class Found(NamedTuple):
    """Candidates, and what each word of the article weighs: more, the fewer claims have it."""

    candidates: Sequence[Candidate]
    weights: Mapping[str, float]


@lru_cache(4096)
def stems(text: str) -> frozenset[str]:
    """The content words and numbers of a text, as the index has them: without diacritics and endings."""
    return frozenset(
        word[:64] if word[0].isdigit() else stem(without_diacritics(word))[:_STEM]
        for word in words(text)
        if word not in STOP_WORDS and (len(word) > 1 or not word.isascii() or word.isdigit())
    )


def words_of(article: Article) -> list[str]:
    """The words by which claims are sought that an article may bear on, in its order."""
    found = (word for sentence in article.sentences for word in sorted(stems(article.exact(sentence))))
    return list(dict.fromkeys(found))[:_WORDS]


async def entered(connection: AsyncConnection, claims: Mapping[int, str]) -> None:
    """Enters claims into the index, their texts by their numbers, within a transaction of the caller's."""
    rows = [{"word": word, "claim_number": number} for number, text in claims.items() for word in sorted(stems(text))]
    if rows:
        await connection.execute(insert(ClaimWordRow), rows)


async def bearing(store: Store, telling: Sequence[str], *, without: str, limit: int = CANDIDATES) -> Found:
    """Standing claims of articles other than `without` that have the rarer of these words, the most telling first.

    Those never assessed, and those of articles that were withdrawn, are left out.

    Raises:
        StoreError: the database failed.
    """
    entries = await _entries(store, telling)
    stand = (await store.rows(select(func.max(ClaimRow.number).label("number"))))[0].number or 0
    weights = {word: _weight(entries[word].claims if word in entries else 0, stand) for word in telling}
    rows = await _sharing(store, followed(entries), weights, without, limit)
    return Found([Candidate(row.id, row.article_id, row.text) for row in rows], weights)


def chosen(article: Article, found: Found) -> list[str]:
    """The ids of the candidates that some passage of an article may bear on, the likeliest first.

    How likely: what the words weigh that it shares, times the share of the claim's words that these are.
    """
    shown = [stems(one.quote.exact) for one in passages(article)]
    scores = {one.id: max(_score(stems(one.text), passage, found.weights) for passage in shown) for one in found[0]}
    return sorted((one for one, score in scores.items() if score > 0), key=lambda one: (-scores[one], one))


def _score(claim: Collection[str], passage: frozenset[str], weights: Mapping[str, float]) -> float:
    shared = passage.intersection(claim)
    if len(shared) < SHARED or len(shared) < SHARE * len(claim):
        return 0.0
    return math.fsum(weights.get(word, 0.0) for word in sorted(shared)) * len(shared) / len(claim)


def _weight(count: int, stand: int) -> float:
    """What a word tells that so many have of the claims that stand: its inverse document frequency."""
    return math.log(1 + max(stand, _FEW) / max(count, 1))


def followed(entries: Mapping[str, Entries]) -> dict[str, int]:
    """The words that are followed, each with its least claim: the rarest first, as far as `READ` goes."""
    read, result = 0, {}
    for word in sorted(entries, key=lambda word: entries[word].claims):
        read += entries[word].claims
        if read > READ:
            break
        result[word] = entries[word].least
    return result


async def _entries(store: Store, telling: Iterable[str]) -> dict[str, Entries]:
    """The newest entries of each word, in the order of the words; words that no claim has are left out."""
    rows = [(word,) for word in telling]
    if not rows:
        return {}
    wanted = values(column("word", String), name="given").data(rows).cte("wanted")
    newest = (
        select(ClaimWordRow.claim_number)
        .where(ClaimWordRow.word == wanted.c.word)
        .order_by(ClaimWordRow.claim_number.desc())
        .limit(COMMON)
        .correlate(wanted)
    )
    counted, oldest = newest.subquery(), newest.subquery()
    claims = select(func.count()).select_from(counted).scalar_subquery().label("claims")
    least = select(func.min(oldest.c.claim_number)).scalar_subquery().label("least")
    found = await store.rows(select(wanted.c.word, claims, least))
    by_word = {row.word: Entries(row.claims, row.least) for row in found if row.claims}
    return {word: by_word[word] for (word,) in rows if word in by_word}


async def _sharing(
    store: Store, least: Mapping[str, int], weights: Mapping[str, float], without: str, limit: int
) -> Sequence[Row[Any]]:
    """The claims that have the words, from the least claim of each on: those first whose words weigh most."""
    if not least:
        return []
    # In whole numbers: their sum is the same in whatever order a database adds them.
    rows = [(word, number, round(weights[word] * _EXACT)) for word, number in least.items()]
    given = values(column("word", String), column("least", Integer), column("weight", Integer), name="given")
    wanted = given.data(rows).cte("wanted")
    entry = (ClaimWordRow.word == wanted.c.word) & (ClaimWordRow.claim_number >= wanted.c.least)
    shared = (
        select(ClaimWordRow.claim_number.label("number"), func.sum(wanted.c.weight).label("weight"))
        .join(wanted, entry)
        .group_by(ClaimWordRow.claim_number)
        .subquery()
    )
    return await store.rows(
        select(ClaimRow.id, ClaimRow.article_id, ClaimRow.text)
        .join(shared, shared.c.number == ClaimRow.number)
        .join(ArticleRow, ArticleRow.id == ClaimRow.article_id)
        .where(ClaimRow.article_id != without, ClaimRow.retired_at.is_(None))
        .where(ClaimRow.verdict != Verdict.NOT_ASSESSED, ArticleRow.withdrawn_at.is_(None))
        .order_by(shared.c.weight.desc(), ClaimRow.id)
        .limit(limit)
    )
