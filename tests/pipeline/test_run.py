"""What holds of every check, whatever the model does."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import text

from schemas.article import Article
from schemas.evidence import Flag
from schemas.report import ClaimReport, Report, Verdict
from schemas.usage import Stage
from service.corpus.memory import MemoryCorpus
from service.corpus.opening import open_corpus
from service.errors import ModelError, NoModel, SecondSourceError, ServerFault, StoreError, Unreachable
from service.llm.kept import Folder
from service.llm.metering import Meter
from service.llm.protocol import Request
from service.llm.scripted import Scripted
from service.pipeline.desk import Desk, Limits
from service.pipeline.retrieve import Shelf
from service.pipeline.run import WindowRead, check
from service.store.database import open_store
from tests.pipeline.test_garbage import CHECKED, CLAIM, EVIDENCE, OTHER, article, extraction, judgement, judgements


async def checked(
    model: Scripted, others: Sequence[Article], own: Article | None = None, limits: Limits | None = None
) -> Report:
    corpus = MemoryCorpus()
    for other in others:
        await corpus.add(other)
    return await check(own or article(CHECKED), Desk(corpus, model, limits or Limits(attempts=1)))


def answers(evidence: str) -> Scripted:
    return Scripted(lambda request: extraction(CLAIM) if request.stage is Stage.EXTRACT else evidence)


async def test_without_a_model_sentences_stand_for_claims() -> None:
    """Each sentence is a claim, its passages are found, and no stance is assessed, found or not."""

    def no_model(_: Request) -> ModelError:
        return NoModel("Set one.")

    for others in ([article(OTHER)], []):
        report = await checked(Scripted(no_model), others)
        assert [claim.claim.text for claim in report.claims] == [claim.claim.quote.exact for claim in report.claims]
        assert {claim.verdict for claim in report.claims} == {Verdict.NOT_ASSESSED}
        assert bool(report.claims[0].searched.passages) == bool(others)


async def test_a_budget_that_is_spent_is_a_reason() -> None:
    """What the calls of the budget do not cover is not assessed: budget."""
    report = await checked(answers(judgement(EVIDENCE)), [article(OTHER)], limits=Limits(calls=1, attempts=1))
    (claim,) = report.claims
    assert claim.failure is not None
    assert claim.failure.code == "budget"
    assert report.usage.stages[0].calls == 1


@pytest.mark.parametrize("error", [Unreachable("It is away."), ServerFault("It fell."), OverflowError("ours")])
async def test_one_lost_window_loses_no_other(error: Exception) -> None:
    """A window that fails, by whosever fault, is unread with its reason; the claims of the others stand."""

    def answer(request: Request) -> str:
        if request.stage is Stage.JUDGE:
            return judgement()
        if "List the claims of S2 only" in request.messages[1].content:
            raise error
        return extraction(CLAIM)

    report = await checked(Scripted(answer), [article(OTHER)], limits=Limits(window=1, attempts=1))
    assert len(report.claims) == 1
    (unread,) = report.unread
    assert unread.failure.code == getattr(error, "code", "unforeseen")


async def test_a_fault_of_ours_in_one_claim_loses_no_other() -> None:
    """A claim that meets an unforeseen error is not assessed; the error's text is not told."""

    def answer(request: Request) -> str:
        if request.stage is Stage.EXTRACT:
            return extraction(CLAIM, CLAIM | {"lines": [2], "claim": "Nine people were killed in Kafr."})
        if "C1| Nine people" in request.messages[1].content:
            raise OverflowError("secret words of the article")
        return judgement(EVIDENCE)

    report = await checked(Scripted(answer), [article(OTHER)], limits=Limits(claims=1, attempts=1))
    assert [claim.verdict for claim in report.claims] == [Verdict.SUPPORTED, Verdict.NOT_ASSESSED]
    assert "secret" not in report.model_dump_json()


NINE = CLAIM | {"lines": [2], "claim": "Nine people were killed in Kafr."}


async def test_claims_of_a_window_share_a_call() -> None:
    """Each claim has its own evidence from the one answer, and what it cites is among what was searched."""
    twelve = EVIDENCE | {"lines": [2], "stance": "conflicts_number"}
    model = Scripted(
        lambda request: extraction(CLAIM, NINE) if request.stage is Stage.EXTRACT else judgements([EVIDENCE], [twelve])
    )
    report = await checked(model, [article(OTHER)])
    assert [claim.verdict for claim in report.claims] == [Verdict.SUPPORTED, Verdict.CONTRADICTED]
    assert len(model.requests) == 2
    for claim in report.claims:
        for item in (*claim.supporting, *claim.conflicting):
            assert any(passage.quote.exact.count(item.quote.exact) for passage in claim.searched.passages)


@pytest.mark.parametrize("bad", ["{", judgements([EVIDENCE])])
async def test_a_bad_answer_to_several_claims_loses_one_at_most(bad: str) -> None:
    """Claims whose common answer cannot be used, or leaves one out, are asked about one by one."""

    def answer(request: Request) -> str:
        if request.stage is Stage.EXTRACT:
            return extraction(CLAIM, NINE)
        asked = request.messages[1].content
        if "C2|" in asked:
            return bad
        return judgement(EVIDENCE) if "C1| Rebels" in asked else "{"

    report = await checked(Scripted(answer), [article(OTHER)])
    assert [claim.verdict for claim in report.claims] == [Verdict.SUPPORTED, Verdict.NOT_ASSESSED]


@pytest.mark.parametrize(("claims", "calls"), [(1, 5), (2, 3), (3, 2), (8, 1)])
async def test_a_setting_says_how_many_claims_a_call_is_asked_about(claims: int, calls: int) -> None:
    """Five claims take as many judging calls as groups of about equal size, none over the setting."""

    def answer(request: Request) -> str:
        if request.stage is Stage.EXTRACT:
            return extraction(
                *(CLAIM | {"claim": f"Rebels took the town of Kafr{mark}"} for mark in (".", "!", "?", "", "…"))
            )
        return judgements(*[[]] * request.messages[1].content.count("| Rebels took the town of Kafr"))

    model = Scripted(answer)
    report = await checked(model, [article(OTHER)], limits=Limits(claims=claims, attempts=1, window=100))
    assert [claim.verdict for claim in report.claims] == [Verdict.NOTHING_FOUND] * 5
    assert len(model.requests) == calls + 1


async def test_a_broken_store_is_a_reason() -> None:
    """A claim whose search fails in the database is not assessed: store."""
    async with open_store("sqlite://") as store, open_corpus(store) as corpus:
        await corpus.add(article(OTHER))
        async with store.writing() as connection:
            await connection.execute(text("DROP TABLE passages_fts"))
        report = await check(article(CHECKED), Desk(corpus, answers(judgement(EVIDENCE)), Limits(attempts=1)))
    assert report.claims[0].failure is not None
    assert report.claims[0].failure.code == "store"


async def test_a_fetch_that_failed_does_not_lose_the_report() -> None:
    """An article that could not be fetched is an error where it is asked for, and is not among the sources."""
    async with open_store("sqlite://") as store, open_corpus(store) as corpus:
        await corpus.add(article(OTHER))
        shelf = Shelf(corpus)
        assert await shelf.article(article(OTHER).id) is not None
        async with store.writing() as connection:
            await connection.execute(text("ALTER TABLE articles RENAME TO gone"))
        with pytest.raises(StoreError):
            await shelf.article("0" * 24)
        assert [source.id for source in shelf.sources] == [article(OTHER).id]


async def test_a_repost_does_not_bear_out_its_original() -> None:
    """Evidence of a copy is the article's own, even where its sentence cites an agency: shown, flagged, not counted."""
    text = "Rebels took the town of Kafr on Monday, Reuters reported. " + " ".join(
        f"Street {number} was quiet after the long day of fighting there." for number in range(20)
    )
    own, copy = article(text), article(f"{text} A last line was added.")
    claim = CLAIM | {"words": "Rebels took the town of Kafr on Monday"}
    model = Scripted(lambda request: extraction(claim) if request.stage is Stage.EXTRACT else judgement(EVIDENCE))
    report = await checked(model, [copy], own, Limits(window=100, attempts=1))
    (reported,) = report.claims
    assert reported.verdict is Verdict.NOTHING_FOUND
    assert reported.supporting[0].flags == (Flag.OWN_ORIGIN,)


@pytest.mark.parametrize(
    ("draft", "text"),
    [
        ({"claim": "Rebels took 3 towns near Kafr on Monday."}, "Rebels took the town of Kafr on Monday."),
        ({"claim": "Rebels took the town of Kafr in May 2019."}, "Rebels took the town of Kafr on Monday."),
        ({"claim": "Kafr fell.", "words": ","}, "Rebels took the town of Kafr on Monday."),
    ],
)
async def test_what_the_article_does_not_say_is_no_claim(draft: dict[str, object], text: str) -> None:
    """A figure, a day or words that are not the article's leave its own sentence standing as the claim."""
    model = Scripted(lambda r: extraction(CLAIM | draft) if r.stage is Stage.EXTRACT else judgement())
    report = await checked(model, [article(OTHER)])
    assert report.claims[0].claim.text == text
    assert report.claims[0].claim.quote.exact == text


async def test_a_speaker_whom_the_article_does_not_name_is_none() -> None:
    """Who, where and speaker are the article's words, or nothing."""
    invented = {"speaker": "the mayor of Paris", "who": "Napoleon", "where": "Mars"}
    model = Scripted(lambda r: extraction(CLAIM | invented) if r.stage is Stage.EXTRACT else judgement())
    claim = (await checked(model, [article(OTHER)])).claims[0].claim
    assert (claim.attribution, claim.who, claim.where) == (None, None, None)


async def test_every_step_is_told() -> None:
    """A watcher sees every window read, then every claim assessed, and what has been asked by then."""
    steps: list[WindowRead | ClaimReport] = []
    corpus = MemoryCorpus()
    await corpus.add(article(OTHER))
    calls: list[int] = []

    def watch(step: WindowRead | ClaimReport, meter: Meter) -> None:
        steps.append(step)
        calls.append(len(meter.calls))

    await check(article(CHECKED), Desk(corpus, answers(judgement(EVIDENCE)), Limits(attempts=1)), watch)
    assert [type(step) for step in steps] == [WindowRead, ClaimReport]
    assert calls == [1, 2]


async def test_a_check_past_its_time_ends() -> None:
    """What is not done by the deadline is not assessed, and an article of which nothing was read is an error."""
    with pytest.raises(SecondSourceError) as caught:
        await checked(answers(judgement()), [article(OTHER)], limits=Limits(seconds=0, attempts=1))
    assert caught.value.code == "deadline"


async def test_a_check_asked_again_with_nothing_new_makes_no_call(tmp_path: Path) -> None:
    """Replies are kept: the same check costs nothing, and a new source costs the judging of what it changed."""
    corpus, model = MemoryCorpus(), answers(judgement(EVIDENCE))
    await corpus.add(article(OTHER))
    desk = Desk(corpus, model, Limits(attempts=1), replies=Folder(tmp_path))
    first = await check(article(CHECKED), desk)
    again = await check(article(CHECKED), desk)
    assert len(model.requests) == 2
    assert again.claims == first.claims
    assert again.usage.stages == ()
    await corpus.add(article("Rebels took Kafr, residents of the town said on Tuesday."))
    assert len((await check(article(CHECKED), desk)).usage.stages) == 1
