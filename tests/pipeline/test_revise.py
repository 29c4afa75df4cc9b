"""What one article adds to claims that stand, and what its withdrawal takes away."""

from collections.abc import Sequence

import pytest

from schemas.article import Article
from schemas.evidence import Flag
from schemas.report import ClaimReport, Verdict
from service.corpus.memory import MemoryCorpus
from service.errors import Unreachable
from service.llm.metering import Meter
from service.pipeline.desk import Desk, Limits
from service.pipeline.retrieve import Shelf
from service.pipeline.revise import Arrival, differs, evidence, merged, more, read, without
from service.pipeline.run import check
from service.pipeline.term import Term
from tests.pipeline.reader import FELL, HELD, NINE, SINCE, TOOK, TWELVE, Reader, article

OLD = article(TOOK, NINE, publisher="Courier", day=2)
BEARS_OUT = article(FELL, publisher="Valley Post", day=3)
BEARS_OUT_TOO = article(SINCE, publisher="Hill Gazette", day=4)
DENIES = article(HELD, TWELVE, publisher="River Herald", day=5)
SILENT = article("The town of Kafr has a market on Monday.", publisher="Lake News", day=5)
OF_ITS_OWN = article("Later that day more was known.", SINCE, publisher="Courier", day=3)

STREETS = " ".join(f"Street {number} was quiet after the long day of fighting in that place." for number in range(9))
LONG = article(FELL, STREETS, publisher="Valley Post", day=3)
COPY = article(FELL, STREETS, "A last line was added.", publisher="Hill Gazette", day=4)


async def desk_of(*articles: Article) -> tuple[Desk, Reader]:
    """A desk that holds these, and its model."""
    corpus, model = MemoryCorpus(), Reader()
    for one in articles:
        await corpus.add(one)
    return Desk(corpus, model, Limits(attempts=1, window=100)), model


async def checked(own: Article, *others: Article) -> list[ClaimReport]:
    """The claims of an article, checked against others."""
    desk, _ = await desk_of(own, *others)
    return list((await check(own, desk)).claims)


async def arrived(own: Article, before: Sequence[ClaimReport], new: Article, *others: Article) -> list[ClaimReport]:
    """The claims after another article came in."""
    desk, _ = await desk_of(own, new, *others)
    arrival = Arrival(new, desk, desk.model(Meter()), Shelf(desk.corpus), Term(60))
    found = await arrival.judged(own, before)
    return [await arrival.merged(own, one, found[one.claim.id]) if one.claim.id in found else one for one in before]


@pytest.mark.parametrize(
    ("held", "new", "verdict", "origins"),
    [
        ([], BEARS_OUT, Verdict.SUPPORTED, 1),
        ([], DENIES, Verdict.CONTRADICTED, 1),
        ([], SILENT, Verdict.NOTHING_FOUND, 0),
        ([BEARS_OUT], BEARS_OUT_TOO, Verdict.CORROBORATED, 2),
        ([BEARS_OUT], DENIES, Verdict.DISPUTED, 2),
        ([BEARS_OUT], SILENT, Verdict.SUPPORTED, 1),
        ([BEARS_OUT, BEARS_OUT_TOO], DENIES, Verdict.DISPUTED, 3),
        ([LONG], COPY, Verdict.SUPPORTED, 1),
        ([], OF_ITS_OWN, Verdict.NOTHING_FOUND, 0),
        ([BEARS_OUT], OF_ITS_OWN, Verdict.SUPPORTED, 1),
    ],
)
async def test_what_comes_in_later_weighs_as_if_it_had_been_there(
    held: list[Article], new: Article, verdict: Verdict, origins: int
) -> None:
    """The verdict and the origins are those of a check with the new article among the others."""
    before = await checked(OLD, *held)
    after = await arrived(OLD, before, new, *held)
    whole = await checked(OLD, *held, new)
    assert [one.verdict for one in after] == [one.verdict for one in whole]
    assert [one.origins for one in after] == [one.origins for one in whole]
    told = after[0].origins
    assert (after[0].verdict, len({*told.supporting, *told.conflicting})) == (verdict, origins)


async def test_what_bears_on_nothing_changes_nothing() -> None:
    """The report is the very one it was."""
    before = await checked(OLD, BEARS_OUT)
    assert await arrived(OLD, before, SILENT, BEARS_OUT) == before


async def test_a_copy_of_a_source_adds_nothing() -> None:
    """No evidence, no origin: it is the same report once more. One that turned against it is evidence."""
    before = await checked(OLD, LONG)
    assert not any(map(differs, await arrived(OLD, before, COPY, LONG), before))
    corrected = article(HELD, STREETS, "A last line was added.", publisher="Hill Gazette", day=4)
    assert (await arrived(OLD, before, corrected, LONG))[0].verdict is Verdict.DISPUTED


async def test_evidence_of_the_article_s_own_publisher_is_shown_and_not_counted() -> None:
    """It is flagged as of the same origin."""
    (first, _) = await arrived(OLD, await checked(OLD), OF_ITS_OWN)
    assert [item.flags for item in first.supporting] == [(Flag.OWN_ORIGIN,)]
    assert first.origins.supporting == ()


async def test_a_copy_of_the_article_itself_is_not_asked_about() -> None:
    """It is that article once more."""
    own = article(TOOK, STREETS, publisher="Courier", day=2)
    copy = article(TOOK, STREETS, "A last line was added.", publisher="Hill Gazette", day=4)
    desk, model = await desk_of(own, copy)
    arrival = Arrival(copy, desk, desk.model(Meter()), Shelf(desk.corpus), Term(60))
    assert await arrival.judged(own, await checked(own)) == {}
    assert model.asked() == 0


async def test_a_claim_whose_judging_failed_is_left_out() -> None:
    """There is nothing to be merged, and so it stays as it was."""
    desk, model = await desk_of(OLD, DENIES)
    model.fails = Unreachable("It is away.")
    arrival = Arrival(DENIES, desk, desk.model(Meter()), Shelf(desk.corpus), Term(60))
    assert await arrival.judged(OLD, await checked(OLD)) == {}


async def test_only_the_new_article_is_read() -> None:
    """The model is shown its passages alone, for all claims of an article in one call."""
    desk, model = await desk_of(OLD, BEARS_OUT, DENIES)
    arrival = Arrival(DENIES, desk, desk.model(Meter()), Shelf(desk.corpus), Term(60))
    found = await arrival.judged(OLD, await checked(OLD, BEARS_OUT))
    assert {article_id for one in found.values() for article_id in read(one)} == {DENIES.id}
    assert (model.asked(), "residents said" in model.requests[0].messages[1].content) == (1, False)


async def test_what_is_merged_twice_is_merged_once() -> None:
    """Merging the same again changes nothing, and what was searched grows once."""
    before = (await checked(OLD, BEARS_OUT))[0]
    alone = (await checked(OLD, DENIES))[0]
    sources = {BEARS_OUT.id: BEARS_OUT, DENIES.id: DENIES}
    once = merged(before, alone, DENIES, OLD, sources)
    assert merged(once, alone, DENIES, OLD, sources) == once
    assert once.searched.articles == before.searched.articles + 1


@pytest.mark.parametrize("held", [[], [BEARS_OUT], [BEARS_OUT, BEARS_OUT_TOO], [OF_ITS_OWN]])
async def test_a_withdrawal_takes_back_what_an_arrival_brought(held: list[Article]) -> None:
    """Verdict, evidence and what was searched are as before it; of an article that says nothing, nothing is taken."""
    before = await checked(OLD, *held)
    after = await arrived(OLD, before, DENIES, *held)
    assert [without(one, DENIES.id) for one in after] == before
    assert [without(one, SILENT.id) for one in after] == after


async def test_other_words_are_a_change_and_another_reason_is_none() -> None:
    """What differs is evidence that one has and the other has not."""
    before = (await checked(OLD, BEARS_OUT))[0]
    (item,) = before.supporting
    doubted = before.model_copy(update={"supporting": (item.model_copy(update={"why": "so it says"}),)})
    assert not differs(doubted, before)
    after = (await arrived(OLD, [before], BEARS_OUT_TOO, BEARS_OUT))[0]
    assert [one.article.id for one in more(after, before)] == [BEARS_OUT_TOO.id]
    assert (more(before, after), len(evidence(after))) == ((), 2)
