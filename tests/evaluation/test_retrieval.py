"""Where searches find labelled sources, and what is told of it."""

from importlib.util import find_spec

import pytest

from schemas.evidence import Passage
from service.corpus.opening import open_corpus
from service.evaluation.gold import GoldItem, GoldQuote, place, read
from service.evaluation.items import Source
from service.evaluation.retrieval import RankedAnswer, Ranker, Remembered, RetrieveItem, answer, scores
from service.store.database import open_store
from tests.corpus.articles import WordHashes
from tests.seeds import SEEDS, seed_articles

LABELLED = [item for item in read(SEEDS / "gold" / "seeds.crosscheck.jsonl") if item.supporting or item.conflicting]

POOL = {
    "bridge": "The old bridge over the Wend was closed to lorries on Monday.",
    "again": "The old bridge over the Wend was closed to lorries on Monday.",
    "mayor": "The mayor of Wendham opened a school for two hundred pupils.",
    "label": "Wendham",
    "weather": "Rain is expected in the hills until Thursday evening.",
}


def _item(*relevant: str, **more: object) -> RetrieveItem:
    pool = tuple(Source(source_id=source, text=text) for source, text in POOL.items())
    fields = {"id": "r1", "dataset": "own", "claim": "Lorries are kept off Wend bridge.", "pool": pool}
    return RetrieveItem.model_validate({**fields, "relevant": relevant, **more})


async def test_sources_are_ranked_by_words() -> None:
    """Equal texts share a rank, what says nothing of the claim has none, and a label is no article."""
    told = await answer(_item("again", "bridge", "weather", "label"))
    assert told.ranks == {Ranker.BM25: (1, 1, None, None), Ranker.LEXICAL: (1, 1, None, None)}
    assert (told.not_held, told.relevant_not_held) == (1, 1)


@pytest.mark.parametrize(
    "around",
    [
        {"claim_context": "The mayor told pupils of the new school."},
        {"query_document": {"source_id": "d", "text": "The mayor told pupils of the new school."}},
    ],
)
async def test_what_stands_around_a_claim_is_searched_apart(around: dict[str, object]) -> None:
    """The context finds what the claim alone does not, and is a ranker of its own."""
    ranks = (await answer(_item("bridge", "mayor", **around))).ranks
    assert ranks[Ranker.LEXICAL] == (1, None)
    assert ranks[Ranker.CONTEXT] == (1, 2)


@pytest.mark.skipif(find_spec("numpy") is None, reason="numpy is not installed")
async def test_sources_are_ranked_by_meaning() -> None:
    """With an embedder there are two rankers more, and no text is embedded twice."""
    embedder = WordHashes()
    remembered = Remembered(embedder)
    first = await answer(_item("bridge", "label"), remembered)
    assert await answer(_item("bridge", "label"), remembered) == first
    assert set(first.ranks) == set(Ranker) - {Ranker.CONTEXT}
    assert first.ranks[Ranker.DENSE][0] == first.ranks[Ranker.FUSED][0] == 1
    assert len(embedder.seen) == len(set(embedder.seen))


async def test_a_pool_of_labels_is_searched_in_vain() -> None:
    """Where nothing is an article there is nothing to find, and that is no error."""
    embedder = WordHashes() if find_spec("numpy") else None
    told = await answer(_item("x", pool=({"source_id": "x", "text": "Wendham"},)), embedder)
    assert {ranks for ranker, ranks in told.ranks.items() if ranker is not Ranker.BM25} == {(None,)}
    assert told.relevant_not_held == 1


def _answer(number: int, floor: tuple[int | None, ...], ours: tuple[int | None, ...]) -> RankedAnswer:
    return RankedAnswer(dataset="own", id=f"r{number}", ranks={Ranker.BM25: floor, Ranker.LEXICAL: ours})


def test_recall_and_rank_are_means_over_items() -> None:
    """Recall is the share of an item's relevant sources, MRR is of the first of them, the gain is item by item."""
    floor, lexical = scores([_answer(1, (2, None), (1, 4)), _answer(2, (9,), (None,))])
    assert (floor.ranker, lexical.ranker, lexical.items, lexical.relevant) == (Ranker.BM25, Ranker.LEXICAL, 2, 3)
    assert [lexical.recall[at].value for at in (1, 3, 5, 8, 10)] == [0.25, 0.25, 0.5, 0.5, 0.5]
    assert [floor.recall[at].value for at in (1, 3, 5, 8, 10)] == [0, 0.25, 0.25, 0.25, 0.75]
    assert [lexical.gain[at].value for at in (5, 10)] == [0.25, -0.25]
    assert lexical.mrr.value == 0.5
    assert floor.mrr.value == pytest.approx((1 / 2 + 1 / 9) / 2, abs=1e-4)
    assert {estimate.value for estimate in floor.gain.values()} == {0}


def test_intervals_are_the_same_every_time() -> None:
    """The bootstrap is seeded, and the figure lies in its interval."""
    answers = [_answer(number, (number % 7 + 1,), (number % 3 + 1,)) for number in range(40)]
    assert scores(answers) == scores(answers)
    estimate = scores(answers)[1].recall[1]
    assert estimate.low is not None
    assert estimate.value is not None
    assert estimate.high is not None
    assert estimate.low < estimate.value < estimate.high


def test_data_sets_are_told_apart() -> None:
    """A ranker has one score a data set, of those items alone that it was asked."""
    answers = [_answer(1, (1,), (1,)), _answer(2, (1,), (2,)).model_copy(update={"dataset": "other"})]
    assert [(one.dataset, one.ranker, one.items) for one in scores(answers)] == [
        ("own", Ranker.BM25, 1),
        ("own", Ranker.LEXICAL, 1),
        ("other", Ranker.BM25, 1),
        ("other", Ranker.LEXICAL, 1),
    ]
    assert scores([]) == ()


async def test_the_labelled_sentences_of_the_seeds_are_found() -> None:
    """Of every labelled claim, searched with its own sentences, five passages hold each labelled side."""
    articles = seed_articles()
    async with open_store("sqlite://") as store, open_corpus(store) as corpus:
        for article in articles.values():
            await corpus.add(article)
        for item in LABELLED:
            own = articles[item.article]
            found = await corpus.search(item.claim, context=_sentences(item), without=own.id, limit=5)
            for side in filter(None, (item.supporting, item.conflicting)):
                assert any(_holds(passage, quote) for passage in found for quote in side), item.id


def _sentences(item: GoldItem) -> str:
    """The sentences that a labelled claim was taken from, as a check gives them to a search."""
    article = seed_articles()[item.article]
    span = place(item.quote, article)
    return article.quote(
        *(one.number for one in article.sentences if one.start < span.end and span.start < one.end)
    ).exact


def _holds(passage: Passage, labelled: GoldQuote) -> bool:
    article = seed_articles()[labelled.article]
    span = place(labelled.quote, article)
    return passage.article_id == article.id and passage.quote.start < span.end and span.start < passage.quote.end
