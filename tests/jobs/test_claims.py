"""Standing claims: how they settle when a check ends, how they are found, and that no change is lost."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schemas.report import ClaimReport, Failure, Report, Unread, Verdict
from schemas.standing import Cause, StandingClaim
from service.errors import NotFound
from service.jobs.bearing import COMMON, READ, Entries, bearing, chosen, followed, stems, words_of
from service.jobs.changes import Because
from service.jobs.claims import Place, Wanted
from service.jobs.settling import decided
from service.pipeline.run import check
from tests.jobs.newsroom import Newsroom, newsroom
from tests.pipeline.reader import FELL, HELD, NINE, SINCE, TOOK, TWELVE, article

OLD = article(TOOK, NINE, publisher="Courier", day=2)
BEARS_OUT = article(FELL, publisher="Valley Post", day=3)
DENIES = article(HELD, TWELVE, publisher="River Herald", day=5)
ANOTHER = article("The lake at Tor froze over.", SINCE, publisher="Lake News", day=6)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/claims.sqlite"
    url: str = request.getfixturevalue("postgres_url")
    return url


async def report_of(room: Newsroom) -> Report:
    """A new report on `OLD`, against what is held now."""
    return await check(OLD, room.desk)


def failed(report: Report, code: str = "unreachable") -> Report:
    """The same report with no claim assessed."""
    failure = Failure(code=code, detail="It is away.")
    lost = {"verdict": Verdict.NOT_ASSESSED, "failure": failure, "supporting": (), "conflicting": ()}
    return report.model_copy(update={"claims": tuple(one.model_copy(update=lost) for one in report.claims)})


async def test_claims_settle_with_the_first_check(url: str) -> None:
    """Each stands with its report and one change, which had no verdict before; that is no news."""
    async with newsroom(url) as room:
        await room.corpus.add(BEARS_OUT)
        settled = await room.checked(OLD)
        assert (settled.news, settled.behind) == ([], False)
        nine, took = await room.standing()
        assert (took.article, took.report.verdict) == (OLD.source, Verdict.SUPPORTED)
        history = (await room.claims.one(took.id)).history
        assert [(one.number, one.cause, one.before, one.after) for one in history] == [
            (1, Cause.CHECK, None, Verdict.SUPPORTED)
        ]
        assert [item.quote.exact for item in history[0].gained] == [FELL]
        assert nine.report.verdict is Verdict.NOTHING_FOUND
        with pytest.raises(NotFound):
            await room.claims.one("0" * 16)


async def test_a_later_check_changes_what_differs(url: str) -> None:
    """A claim of which nothing differs gets the check and no change; another gets the change, and that is news."""
    async with newsroom(url) as room:
        await room.checked(OLD)
        await room.corpus.add(BEARS_OUT)
        settled = await room.checked(OLD)
        nine, took = await room.standing()
        assert [(one["claim_id"], one["before"], one["after"]) for one in settled.news] == [
            (took.id, "nothing_found", "supported")
        ]
        assert (nine.changes, took.changes, nine.check_id) == (1, 2, took.check_id)
        assert took.changed_at > took.first_at


async def test_a_failed_check_loses_nothing(url: str) -> None:
    """What was assessed stays as it was; what never was, stands as not assessed until a check assesses it."""
    async with newsroom(url) as room:
        await room.corpus.add(BEARS_OUT)
        await room.corpus.add(OLD)
        report = await report_of(room)
        await room.settled(await room.begun(OLD), failed(report))
        assert {one.report.verdict for one in await room.standing()} == {Verdict.NOT_ASSESSED}
        await room.settled(await room.begun(OLD), report)
        before = await room.standing()
        settled = await room.settled(await room.begun(OLD), failed(report))
        assert (settled.news, await room.standing()) == ([], before)


def _standing(claim: ClaimReport, **fields: object) -> StandingClaim:
    at = datetime(2024, 12, 9, tzinfo=UTC)
    given = {"id": claim.claim.id, "article": OLD.source, "check_id": "c", "report": claim, "changes": 1}
    return StandingClaim.model_validate(given | {"first_at": at, "changed_at": at} | fields)


async def test_what_a_report_makes_of_the_claims_that_stood() -> None:
    """Only what was looked for and not found is retired: nothing of what was not read, or not asked about."""
    async with newsroom("sqlite://") as room:
        report = await report_of(room)
    took, nine = report.claims
    stood = [_standing(took), _standing(nine)]
    unread = Unread(quote=OLD.quote(2), failure=Failure(code="unreachable", detail="It is away."))
    reworded = nine.model_copy(update={"claim": nine.claim.model_copy(update={"id": "0" * 16})})
    part = report.model_copy(update={"claims": (took,)})
    for told, expected in (
        (report, (0, 2, 0, 0)),
        (part, (0, 1, 0, 1)),
        (part.model_copy(update={"unread": (unread,)}), (0, 1, 0, 0)),
        (failed(report), (0, 0, 2, 0)),
        (report.model_copy(update={"claims": (took, reworded)}), (1, 1, 0, 1)),
        (failed(report.model_copy(update={"claims": (took, reworded)}), "no_model"), (0, 0, 1, 0)),
    ):
        assert tuple(map(len, decided(stood, told))) == expected
    assert len(decided([], failed(report, "no_model")).new) == 2
    assert decided([_standing(nine, retired_at=datetime(2024, 12, 9, tzinfo=UTC))], part).retired == []


async def test_a_claim_found_no_more_is_retired_and_comes_back(url: str) -> None:
    """It is kept with its history, out of lists that do not ask for it; found again, it stands again."""
    async with newsroom(url) as room:
        await room.checked(OLD)
        report = await report_of(room)
        took = report.claims[0].claim.id
        await room.settled(await room.begun(OLD), report.model_copy(update={"claims": report.claims[1:]}))
        assert took not in {one.id for one in await room.standing()}
        assert (await room.claims.one(took)).retired_at is not None
        assert took in {one.id for one in await room.claims.find(Wanted(retired=True))}
        await room.settled(await room.begun(OLD), report)
        assert (await room.claims.one(took)).retired_at is None


async def test_what_was_withdrawn_while_a_check_ran_is_no_evidence(url: str) -> None:
    """The check has read it, and its claims settle without."""
    async with newsroom(url) as room:
        for one in (OLD, BEARS_OUT):
            await room.corpus.add(one)
        report = await report_of(room)
        check_id = await room.begun(OLD)
        await room.corpus.withdraw(BEARS_OUT.id)
        await room.settled(check_id, report)
        assert {one.report.verdict for one in await room.standing()} == {Verdict.NOTHING_FOUND}
        assert await room.claims.using(BEARS_OUT.id) == ()


async def test_a_check_says_where_it_may_be_behind(url: str) -> None:
    """Articles that came in since it began, it may not have seen."""
    async with newsroom(url) as room:
        await room.corpus.add(OLD)
        report, check_id = await report_of(room), await room.begun(OLD)
        await room.corpus.add(BEARS_OUT)
        assert (await room.settled(check_id, report)).behind
        assert await room.claims.late(OLD.id) == {BEARS_OUT.id}
        assert not (await room.checked(OLD)).behind
        assert await room.claims.late(OLD.id) == frozenset()


async def test_claims_are_found_by_what_is_asked_for(url: str) -> None:
    """By words in any form, by verdict, by article, by when they changed, and by all of it together."""
    async with newsroom(url) as room:
        await room.corpus.add(BEARS_OUT)
        before = datetime.now(UTC)
        await room.checked(OLD)
        between = datetime.now(UTC)
        await room.checked(DENIES)
        for wanted, found in (
            (Wanted(), {TOOK, NINE, HELD, TWELVE}),
            (Wanted(query="rebel towns"), {TOOK}),
            (Wanted(query="people killed"), {NINE, TWELVE}),
            (Wanted(query="people frozen"), set()),
            (Wanted(query="of the"), set()),
            (Wanted(verdict=Verdict.SUPPORTED), {TOOK}),
            (Wanted(article_id=DENIES.id), {HELD, TWELVE}),
            (Wanted(changed_since=before), {TOOK, NINE, HELD, TWELVE}),
            (Wanted(changed_since=between), {HELD, TWELVE}),
            (Wanted(query="KAFR", article_id=OLD.id, verdict=Verdict.NOTHING_FOUND, changed_since=before), {NINE}),
        ):
            assert {one.report.claim.text for one in await room.claims.find(wanted)} == found, wanted


async def test_pages_show_every_claim_once(url: str) -> None:
    """Newest change first; a claim that changes meanwhile moves before the places of all pages."""
    async with newsroom(url) as room:
        await room.checked(OLD)
        await room.checked(DENIES)
        everything = await room.claims.find(Wanted())
        assert list(everything) == sorted(everything, key=lambda one: (one.changed_at, one.id), reverse=True)
        seen = [*await room.claims.find(Wanted(), limit=1)]
        await room.comes_in(BEARS_OUT)
        while page := await room.claims.find(Wanted(), after=Place(seen[-1].changed_at, seen[-1].id), limit=1):
            seen += page
        assert len({one.id for one in seen}) == len(seen)
        missing = {one.id for one in everything} - {one.id for one in seen}
        assert missing <= {one.id for one in await room.claims.find(Wanted(), limit=1)}


async def test_two_who_change_a_claim_at_once_do_not_write_over_each_other(url: str) -> None:
    """One is written, the other is stale; nothing of it is announced."""
    async with newsroom(url) as room:
        await room.checked(OLD)
        for one in (BEARS_OUT, DENIES):
            await room.corpus.add(one)
        (_, took) = await room.standing()
        after = (await report_of(room)).claims[0]
        amended = await asyncio.gather(
            *(
                room.claims.amend([(took, after)], Because(Cause.ARTICLE, source=one.source), room.announce)
                for one in (BEARS_OUT, DENIES)
            )
        )
        assert sorted(len(one.changed) for one in amended) == [0, 1]
        assert {one for part in amended for one in part.stale} == {took.id}
        assert [one["claim_id"] for one in room.announced] == [took.id]
        assert (await room.claims.one(took.id)).changes == 2


@pytest.mark.parametrize(("cause", "out"), [(Cause.ARTICLE, True), (Cause.WITHDRAWAL, False)])
async def test_a_cause_that_holds_no_longer_changes_nothing(url: str, cause: Cause, out: bool) -> None:
    """An article that was withdrawn before it was written down, or is back, is no cause."""
    async with newsroom(url) as room:
        await room.checked(OLD)
        await room.corpus.add(BEARS_OUT)
        after = (await report_of(room)).claims[0]
        if out:
            await room.corpus.withdraw(BEARS_OUT.id)
        (_, took) = await room.standing()
        amended = await room.claims.amend([(took, after)], Because(cause, source=BEARS_OUT.source), room.announce)
        assert (amended, room.announced) == (((), (), ()), [])


async def test_candidates_share_rarer_words(url: str) -> None:
    """Those that share most of what is rare come first; those never assessed, or of a withdrawn article, are none."""
    frozen = article("The lake at Tor froze over.", publisher="Lake News", day=4)
    killed = article("Rebels took the town of Kafr on Monday, it was said.", publisher="Hill Gazette", day=4)
    unread = article("The lake at Tor froze over, they say.", publisher="Hill Gazette", day=4)
    async with newsroom(url) as room:
        for one in (OLD, frozen, killed):
            await room.checked(one)
        await room.corpus.withdraw(killed.id)
        await room.corpus.add(unread)
        await room.settled(await room.begun(unread), failed(await check(unread, room.desk)))
        found = await bearing(room.store, words_of(ANOTHER), without=OLD.id)
        assert [one.article_id for one in found.candidates] == [frozen.id]
        found = await bearing(room.store, words_of(ANOTHER), without=ANOTHER.id)
        ids = {one.text: one.id for one in found.candidates}
        assert list(ids) == [TOOK, "The lake at Tor froze over.", NINE]
        assert chosen(ANOTHER, found) == [ids[TOOK], ids["The lake at Tor froze over."]]
        assert (await bearing(room.store, [], without=OLD.id)).candidates == []


def test_words_are_cut_as_forms_of_one() -> None:
    """Without diacritics and endings, numbers whole; small words are none."""
    assert stems("The Syrians in Córdoba had 1,500,000 of them") == {"syria", "cordo", "1,500,000"}
    assert stems("Syria") == {"syria"}


def test_what_is_read_of_the_index_is_bounded() -> None:
    """The rarest words are followed first, in the article's order where they are alike, as far as the limit goes."""
    entries = {"a": Entries(COMMON, 3), "c": Entries(2, 1), "b": Entries(2, 2)}
    assert followed(entries) == {"c": 1, "b": 2, "a": 3}
    many = {f"w{number}": Entries(COMMON, number) for number in range(100)}
    assert len(followed(many)) == READ // COMMON


async def test_changes_come_after_what_they_changed(url: str) -> None:
    """The times of a history grow, and the claim shows the last."""
    async with newsroom(url) as room:
        await room.checked(OLD)
        await room.comes_in(BEARS_OUT)
        await room.comes_in(DENIES)
        (_, took) = await room.standing()
        history = (await room.claims.one(took.id)).history
        times = [one.at for one in history]
        assert times == sorted(times)
        assert times[-1] == took.changed_at
        assert datetime.now(UTC) - times[-1] < timedelta(minutes=5)
