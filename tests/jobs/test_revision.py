"""What becomes of standing claims when an article comes in or is withdrawn, whatever happens in between."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.article import Article
from schemas.report import Searched, Verdict
from schemas.standing import Cause
from schemas.webhook import EventType
from service.errors import StoreError, Unreachable
from service.jobs.bearing import CANDIDATES, bearing, words_of
from service.jobs.revision import Revised, Revision
from service.llm.scripted import Scripted
from service.pipeline.assemble import assemble
from service.pipeline.extract import worded
from service.pipeline.run import check
from tests.jobs.newsroom import Newsroom, newsroom
from tests.pipeline.reader import FELL, HELD, NINE, SINCE, TOOK, TWELVE, article
from tests.pipeline.test_garbage import extraction

OLD = article(TOOK, NINE, publisher="Courier", day=2)
BEARS_OUT = article(FELL, publisher="Valley Post", day=3)
BEARS_OUT_TOO = article(SINCE, publisher="Hill Gazette", day=4)
DENIES = article(HELD, TWELVE, publisher="River Herald", day=5)
SILENT = article("Rebels were seen in the town of Kafr last Monday.", publisher="Lake News", day=5)
UNLIKE = article("The lake at Tor froze over, and skaters came from all over the valley.", publisher="Lake News", day=5)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/claims.sqlite"
    url: str = request.getfixturevalue("postgres_url")
    return url


async def verdicts(room: Newsroom) -> list[Verdict]:
    """Of the claims of `OLD`: how many were killed, and who took the town."""
    return [one.report.verdict for one in await room.standing() if one.article.id == OLD.id]


async def history(room: Newsroom) -> list[tuple[Cause, str | None, Verdict | None, Verdict]]:
    """Of the claim that the town was taken."""
    took = next(one.id for one in await room.standing() if one.report.claim.text == TOOK)
    changes = (await room.claims.one(took)).history
    return [(one.cause, one.source.id if one.source else None, one.before, one.after) for one in changes]


async def test_the_history_of_a_claim(url: str) -> None:
    """Checked, borne out, denied, the denial withdrawn and back: each is a change, with its cause and its source."""
    async with newsroom(url) as room:
        await room.checked(OLD)
        await room.comes_in(BEARS_OUT)
        await room.comes_in(DENIES)
        await room.corpus.withdraw(DENIES.id)
        assert len((await room.revision().run(f"{DENIES.id}@withdrawn")).changed) == 2
        assert await verdicts(room) == [Verdict.NOTHING_FOUND, Verdict.SUPPORTED]
        await room.corpus.reinstate(DENIES.id)
        assert len((await room.revision().run(f"{DENIES.id}@back")).changed) == 2
        assert await history(room) == [
            (Cause.CHECK, None, None, Verdict.NOTHING_FOUND),
            (Cause.ARTICLE, BEARS_OUT.id, Verdict.NOTHING_FOUND, Verdict.SUPPORTED),
            (Cause.ARTICLE, DENIES.id, Verdict.SUPPORTED, Verdict.DISPUTED),
            (Cause.WITHDRAWAL, DENIES.id, Verdict.DISPUTED, Verdict.SUPPORTED),
            (Cause.ARTICLE, DENIES.id, Verdict.SUPPORTED, Verdict.DISPUTED),
        ]
        assert len(room.announced) == 7


async def test_what_changed_is_told(url: str) -> None:
    """The claims, the messages, and in each who, what, why and where to look: no words of an article."""
    async with newsroom(url) as room:
        await room.checked(OLD)
        revised = await room.comes_in(BEARS_OUT)
        (_, took) = await room.standing()
        assert (revised.changed, revised.deliveries) == ((took.id,), ("msg_1",))
        assert room.announced == [
            {
                "claim_id": took.id,
                "article_id": OLD.id,
                "number": 2,
                "cause": "article",
                "check_id": None,
                "source_id": BEARS_OUT.id,
                "before": "nothing_found",
                "after": "supported",
                "claim": f"/v1/claims/{took.id}",
            }
        ]


@pytest.mark.parametrize(("new", "calls"), [(SILENT, 1), (UNLIKE, 0)])
async def test_what_bears_on_nothing_changes_nothing(url: str, new: Article, calls: int) -> None:
    """An article on the same subject is read, and one on another is not; no claim changes by either."""
    async with newsroom(url) as room:
        await room.checked(OLD)
        before = await room.standing()
        assert await room.comes_in(new) == Revised()
        assert (await room.standing(), room.model.asked(), room.announced) == (before, calls, [])


async def test_done_twice_is_done_once(url: str) -> None:
    """A second run of the same work, by whatever name, makes no change and announces nothing."""
    async with newsroom(url, replies=True) as room:
        await room.checked(OLD)
        await room.comes_in(BEARS_OUT)
        before, calls = await room.standing(), room.model.asked()
        for name in (BEARS_OUT.id, f"{BEARS_OUT.id}@again"):
            assert await room.revision().run(name) == Revised()
        assert (await room.standing(), room.model.asked(), len(room.announced)) == (before, calls, 1)


async def test_what_was_left_half_done_is_asked_in_the_same_words(url: str) -> None:
    """Of two claims in one question one has changed by it, the other stays open: the kept reply serves both again."""
    both = article(FELL, "Many people were killed in Kafr that day.", publisher="Valley Post", day=3)
    async with newsroom(url, replies=True) as room:
        await room.checked(OLD)
        assert len((await room.comes_in(both)).changed) == 1
        assert "C2|" in room.model.requests[-1].messages[1].content
        before, asked = await room.standing(), len(room.model.requests)
        assert await room.revision().run(f"{both.id}@again") == Revised()
        assert (await room.standing(), len(room.model.requests)) == (before, asked)


async def test_a_crash_between_judging_and_writing_costs_nothing(url: str) -> None:
    """Where the announcement fails nothing is written; done again, the model is not asked again."""
    async with newsroom(url, replies=True) as room:
        await room.checked(OLD)
        await room.corpus.add(BEARS_OUT)
        before = await room.standing()

        async def crash(_: AsyncConnection, __: EventType, ___: Mapping[str, Any]) -> Sequence[str]:
            raise StoreError("The disk is full.")

        with pytest.raises(StoreError):
            await Revision(room.store, room.desk, crash).run(BEARS_OUT.id)
        assert (await room.standing(), room.model.asked()) == (before, 1)
        assert len((await room.revision().run(BEARS_OUT.id)).changed) == 1
        assert (room.model.asked(), await verdicts(room)) == (1, [Verdict.NOTHING_FOUND, Verdict.SUPPORTED])


async def test_failed_judging_leaves_claims_as_they_were(url: str) -> None:
    """It says how many are left, and they are judged when the work is done again: five times, ever later."""
    async with newsroom(url) as room:
        await room.checked(OLD)
        before = await room.standing()
        room.model.fails = Unreachable("It is away.")
        failed = await room.comes_in(DENIES)
        assert failed == Revised(left=2)
        assert await room.standing() == before
        assert [failed.again(nth) for nth in (0, 4, 5)] == [300, 36_000, None]
        room.model.fails = None
        judged = await room.revision().run(f"{DENIES.id}@again")
        assert (judged.left, judged.again(1)) == (0, None)
        assert await verdicts(room) == [Verdict.CONTRADICTED, Verdict.CONTRADICTED]


async def test_a_claim_never_assessed_waits_for_a_check(url: str) -> None:
    """Its own passages were never judged: nothing is asked for it, and the check that assesses it finds the rest."""
    async with newsroom(url) as room:
        await room.corpus.add(BEARS_OUT)
        room.model.fails = Unreachable("It is away.")
        await room.checked(OLD)
        room.model.fails, asked = None, room.model.asked()
        await room.comes_in(DENIES)
        assert (await verdicts(room), room.model.asked()) == ([Verdict.NOT_ASSESSED] * 2, asked)
        await room.checked(OLD)
        assert await verdicts(room) == [Verdict.CONTRADICTED, Verdict.DISPUTED]


async def test_two_that_come_in_at_once_are_both_counted(url: str) -> None:
    """Whichever is written second is merged with the first."""
    async with newsroom(url) as room:
        await room.checked(OLD)
        for one in (BEARS_OUT, BEARS_OUT_TOO, DENIES):
            await room.corpus.add(one)
        await asyncio.gather(*(room.revision().run(one.id) for one in (BEARS_OUT, BEARS_OUT_TOO, DENIES)))
        (_, took) = await room.standing()
        assert (len(took.report.supporting), len(took.report.conflicting)) == (2, 1)
        assert (took.changes, len(room.announced)) == (4, 4)


async def test_what_came_in_while_a_check_ran_is_not_missed(url: str) -> None:
    """The check did not see it, and no claim stood when it came in; done again after the check, it is found."""
    async with newsroom(url) as room:
        await room.corpus.add(OLD)
        check_id, report = await room.begun(OLD), await check(OLD, room.desk)
        assert await room.comes_in(DENIES) == Revised()
        assert (await room.settled(check_id, report)).behind
        assert len((await room.revision().run(f"{OLD.id}@{check_id}")).changed) == 2
        assert await verdicts(room) == [Verdict.CONTRADICTED, Verdict.CONTRADICTED]
        assert await room.revision().run(f"{OLD.id}@{check_id}-again") == Revised()


async def test_a_budget_of_nothing_follows_withdrawals_only(url: str) -> None:
    """No model is asked because of an article; what is withdrawn is no evidence all the same."""
    async with newsroom(url) as room:
        await room.corpus.add(BEARS_OUT)
        await room.checked(OLD)
        asked = room.model.asked()
        await room.corpus.add(DENIES)
        assert await room.revision(standing=0).run(DENIES.id) == Revised()
        await room.corpus.withdraw(BEARS_OUT.id)
        assert len((await room.revision(standing=0).run(f"{BEARS_OUT.id}@withdrawn")).changed) == 1
        assert (room.model.asked(), await verdicts(room)) == (asked, [Verdict.NOTHING_FOUND] * 2)


async def filled(room: Newsroom, count: int) -> None:
    """So many claims that all may bear on one subject, by ten articles."""
    for number in range(10):
        own = article(*(f"Rebels took the town of Kafr on Monday in {number}{part}." for part in range(count // 10)))
        await room.corpus.add(own)
        report = await check(own, replace(room.desk, backend=Scripted(lambda _: extraction())))
        claims = (worded(own, own.quote(sentence.number)) for sentence in own.sentences)
        found = tuple(assemble(claim, (), {own.id}, Searched(articles=0)) for claim in claims)
        await room.settled(await room.begun(own), report.model_copy(update={"claims": found}))


@pytest.mark.parametrize("claims", [100, 600])
async def test_the_cost_of_an_article_does_not_grow_with_the_claims(url: str, claims: int) -> None:
    """Of all that it may bear on, the budget's are judged; two questions to the index tell which, and read so much."""
    async with newsroom(url) as room:
        await filled(room, claims)
        read: list[str] = []
        engine = room.store.engine.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *told: read.append(told[2]))
        found = await bearing(room.store, words_of(DENIES), without=DENIES.id)
        assert len([one for one in read if "claim_words" in one]) == 2
        assert 24 < len(found.candidates) <= CANDIDATES
        await room.comes_in(DENIES)
        asked = "".join(one.messages[1].content for one in room.model.requests)
        assert (asked.count("| Rebels took the town"), len(room.model.requests) <= 10) == (24, True)
