"""Where a search finds the labelled sources of a claim: ours by words, by meaning and by both, with plain BM25 beside.

Every source of an item's pool is ingested as an article of its own, into a corpus that holds this pool alone. As every
article is heard before any is heard twice, the rank of a source is the number of passages that a judge must be shown
to be shown it; so recall at k is what a check finds with `passages` = k.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from schemas.article import Article, ArticleSubmission
from schemas.record import Record
from service.corpus.passages import passages
from service.corpus.search import Place, bm25, words
from service.corpus.vectors import Matrix
from service.errors import InputError
from service.evaluation.answers import Answer
from service.evaluation.items import Item, Source
from service.evaluation.labelled import Estimate, mean
from service.pipeline.ingest import ingest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from service.corpus.embedding import Embedder
    from service.corpus.vectors import Vectors

AT = (1, 3, 5, 8, 10)
"""Recall is told at these ranks."""


class Ranker(StrEnum):
    """What puts the sources in order."""

    BM25 = "bm25"
    """The floor: BM25 over the texts as they are, for all words of the claim; no stems, no thesaurus, no passages."""
    LEXICAL = "lexical"
    """The corpus as it is without an embedder, asked for the claim alone."""
    CONTEXT = "lexical_context"
    """The same, asked with the text around the claim, where the data gives it."""
    DENSE = "dense"
    """The vectors of the passages alone."""
    FUSED = "fused"
    """The corpus as it is with an embedder, asked for the claim alone."""


class RetrieveItem(Item):
    """A claim, the sources to search, and which of them bear on the claim."""

    claim: str = Field(min_length=1)
    claim_context: str = ""
    query_document: Source | None = None
    pool: tuple[Source, ...]
    relevant: tuple[str, ...] = Field(min_length=1)

    @property
    def context(self) -> str:
        """What stands around the claim; empty where the data does not tell."""
        return self.query_document.text if self.query_document else self.claim_context


class RankedAnswer(Answer):
    """Where each ranker found the relevant sources of one item, in the order in which the data names them."""

    ranks: dict[Ranker, tuple[int | None, ...]] = Field(description="Counted from 1; None: not found.")
    not_held: int = Field(default=0, ge=0, description="Sources of the pool that are no article and were not ingested.")
    relevant_not_held: int = Field(default=0, ge=0, description="Relevant ones among these; only the floor finds them.")


class RankingScore(Record):
    """One ranker over one data set. Means over the items; intervals are of a bootstrap over them."""

    dataset: str
    ranker: Ranker
    items: int
    relevant: int
    not_held: int = Field(description="Relevant sources that could not be ingested.")
    recall: dict[int, Estimate] = Field(description="By rank: the share of an item's relevant sources found up to it.")
    gain: dict[int, Estimate] = Field(description="The same less the floor's, item by item.")
    mrr: Estimate = Field(description="One over the rank of the first relevant source; 0 where none is found.")


class Remembered:
    """An embedder that embeds no text twice: the pools of a data set share many."""

    def __init__(self, embedder: Embedder) -> None:
        self.model_id, self.dim = embedder.model_id, embedder.dim
        self.languages, self.floor = embedder.languages, embedder.floor
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder`."""
        import numpy as np

        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known |= dict(zip(new, await self._embedder.embed(new), strict=True))
        return np.stack([self._known[text] for text in texts])


async def answer(item: RetrieveItem, embedder: Embedder | None = None) -> RankedAnswer:
    """Searches an item's pool in every way; without an embedder only by words."""
    articles = {source.source_id: article for source in item.pool if (article := _article(source))}
    held = list({article.id: article for article in articles.values()}.values())
    found = {Ranker.LEXICAL: await _searched(held, item.claim)}
    if item.context:
        found[Ranker.CONTEXT] = await _searched(held, item.claim, item.context)
    if embedder is not None:
        found[Ranker.DENSE] = await _nearest(held, item.claim, embedder)
        found[Ranker.FUSED] = await _searched(held, item.claim, embedder=embedder)
    ids = [articles[source].id if source in articles else "" for source in item.relevant]
    ranks = {ranker: _ranks(order, ids) for ranker, order in found.items()}
    return RankedAnswer(
        dataset=item.dataset,
        id=item.id,
        ranks={Ranker.BM25: _ranks(*_plain(item))} | ranks,
        not_held=len(item.pool) - len(articles),
        relevant_not_held=ids.count(""),
    )


def scores(answers: Sequence[RankedAnswer]) -> tuple[RankingScore, ...]:
    """Recall and MRR of every ranker on every data set, a ranker on the items that it was asked."""
    kinds = dict.fromkeys((one.dataset, ranker) for one in answers for ranker in Ranker if ranker in one.ranks)
    return tuple(
        _score(dataset, ranker, [one for one in answers if one.dataset == dataset and ranker in one.ranks])
        for dataset, ranker in kinds
    )


def _score(dataset: str, ranker: Ranker, answers: Sequence[RankedAnswer]) -> RankingScore:
    ours, floor = [one.ranks[ranker] for one in answers], [one.ranks[Ranker.BM25] for one in answers]
    found = {at: [_recall(ranks, at) for ranks in ours] for at in AT}
    beside = {at: [_recall(ranks, at) for ranks in floor] for at in AT}
    return RankingScore(
        dataset=dataset,
        ranker=ranker,
        items=len(answers),
        relevant=sum(map(len, ours)),
        not_held=sum(one.relevant_not_held for one in answers),
        recall={at: _mean(found[at]) for at in AT},
        gain={at: _mean([one - other for one, other in zip(found[at], beside[at], strict=True)]) for at in AT},
        mrr=_mean([max(1 / rank if rank else 0.0 for rank in ranks) for ranks in ours]),
    )


def _recall(ranks: Sequence[int | None], at: int) -> float:
    return sum(rank is not None and rank <= at for rank in ranks) / len(ranks)


def _mean(values: Iterable[float]) -> Estimate:
    return mean([(value, 1) for value in values])


def _article(source: Source) -> Article | None:
    """A source as an article; None where it is none: a label, a name, a date alone."""
    submission = ArticleSubmission(text=source.text, language="en")
    try:
        return ingest(submission, languages=("en",), max_chars=len(source.text), now=datetime.now(UTC))
    except InputError:
        return None


async def _searched(
    held: Iterable[Article], claim: str, context: str = "", embedder: Embedder | None = None
) -> list[str]:
    """Article ids, best first, from a corpus of these articles."""
    from service.corpus.opening import open_corpus
    from service.store.database import open_store

    async with open_store("sqlite://") as store, open_corpus(store, embedder=embedder) as corpus:
        sources = [article for article in held if await corpus.add(article)]
        found = await corpus.search(claim, context=context, without="", limit=len(sources))
    return [passage.article_id for passage in found]


async def _nearest(held: Iterable[Article], claim: str, embedder: Embedder) -> list[str]:
    """Article ids, that of the passage nearest to the claim first."""
    texts = {Place(one.article_id, one.quote.start): one.quote.exact for each in held for one in passages(each)}
    (vector,) = await embedder.embed([claim])
    if not texts:
        return []
    matrix = Matrix.empty(embedder.dim).extended(texts, await embedder.embed(list(texts.values())))
    return [place.article_id for place in matrix.nearest(vector, without="", floor=embedder.floor)]


def _plain(item: RetrieveItem) -> tuple[list[str], list[str]]:
    """Texts of the pool, best first by BM25 alone, and the relevant ones. Equal texts are one, as they are in a corpus.

    The function's scores are those of SQLite's FTS5, which a test proves.
    """
    found = bm25(words(item.claim), {Place(one.text, 0): Counter(words(one.text)) for one in item.pool})
    order = [place.article_id for place in sorted(found, key=lambda place: (-found[place], place))]
    texts = {one.source_id: one.text for one in item.pool}
    return order, [texts[source] for source in item.relevant]


def _ranks(order: Sequence[str], relevant: Sequence[str]) -> tuple[int | None, ...]:
    """The rank of each relevant one among the different ones of an order, from 1."""
    ranks = {one: rank for rank, one in enumerate(dict.fromkeys(order), start=1)}
    return tuple(ranks.get(one) for one in relevant)
