"""Runs of a check: the end of it, what is told on the way, what a second run does with what the first has paid for."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from schemas.check import CheckState, EventKind
from schemas.report import Verdict
from schemas.usage import Stage
from service.errors import StoreError, Unreachable
from service.llm.scripted import Scripted
from tests.jobs.databases import LOOPBACK, DatabaseUrl
from tests.jobs.serving import Served, Waiting, agreeing, serving


async def _run(served: Served, check_id: str) -> None:
    async with asyncio.timeout(30):
        await served.runner.run(check_id)


async def _broken_off(served: Served, check_id: str, model: Waiting) -> None:
    """A run whose process ends while the model is asked."""
    first = asyncio.create_task(served.runner.run(check_id))
    await asyncio.wait_for(model.asked.wait(), 30)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


async def test_a_check_is_run_to_its_end() -> None:
    """It has its report, and the events tell every window, every claim and what it cost, in order."""
    async with serving() as served:
        check_id = await served.ask()
        await _run(served, check_id)
        check = await served.checks.check(check_id)
        report = await served.checks.report(check_id)
        assert report is not None
        assert (check.state, check.report) == (CheckState.DONE, True)
        assert check.usage == report.usage.stages
        assert check.progress.assessed == check.progress.claims == len(report.claims)
        events = await served.checks.events(check_id)
        assert [event.number for event in events] == list(range(1, len(events) + 1))
        told = [event.data["claim"]["id"] for event in events if event.kind is EventKind.CLAIM]
        assert sorted(told) == sorted(claim.claim.id for claim in report.claims)
        assert events[-1].data == {"state": "done"}
        assert await served.checks.last(report.article.id) == check


async def test_a_check_without_any_answer_fails() -> None:
    """Where nothing could be read the check has failed, with the reason, and no report; what it cost is told."""
    model = Scripted(lambda _: Unreachable("It is away."))
    async with serving(model) as served:
        check_id = await served.ask()
        await _run(served, check_id)
        check = await served.checks.check(check_id)
        assert check.failure is not None
        assert (check.state, check.failure.code, check.report) == (CheckState.FAILED, "unreachable", False)
        assert sum(used.calls for used in check.usage) == len(model.requests)
        read = [event for event in await served.checks.events(check_id) if event.kind is EventKind.READ]
        assert len(read) == check.progress.stretches == len(model.requests)


async def test_what_was_paid_for_is_not_asked_again() -> None:
    """A run that takes a check up asks what was under way, nothing else, and its report tells the whole cost."""
    async with serving() as whole:
        check_id = await whole.ask()
        await _run(whole, check_id)
        expected = await whole.checks.report(check_id)
    model = Waiting(Stage.JUDGE)
    async with serving(model) as served:
        check_id = await served.ask()
        await _broken_off(served, check_id, model)
        assert (await served.checks.check(check_id)).state is CheckState.RUNNING
        model.go.set()
        before = list(model.requests)
        await _run(served, check_id)
        report = await served.checks.report(check_id)
        assert {request.stage for request in model.requests[len(before) :]} == {Stage.JUDGE}
        assert expected is not None
        assert report is not None
        assert report.claims == expected.claims
        calls = {used.stage: used.calls for used in report.usage.stages}
        assert calls == {used.stage: used.calls for used in expected.usage.stages}
        assert (await served.checks.check(check_id)).runs == 2


async def test_a_cancelled_check_says_what_was_found() -> None:
    """What runs is broken off, nothing more is asked, and the report of what was found marks the rest as cancelled."""
    model = Waiting(Stage.JUDGE)
    async with serving(model) as served:
        check_id = await served.ask()
        running = asyncio.create_task(_run(served, check_id))
        await asyncio.wait_for(model.asked.wait(), 30)
        await served.checks.cancel(check_id)
        await running
        asked = len(model.requests)
        check = await served.checks.check(check_id)
        report = await served.checks.report(check_id)
        assert report is not None
        assert check.state is CheckState.CANCELLED
        assert {claim.verdict for claim in report.claims} == {Verdict.NOT_ASSESSED}
        assert {claim.failure.code for claim in report.claims if claim.failure} == {"cancelled"}
        await _run(served, check_id)
        assert len(model.requests) == asked


async def test_a_check_cancelled_while_nobody_ran_it_is_told_too() -> None:
    """Its worker died, it was cancelled, and the next worker reports what the first had found, and asks nothing."""
    model = Waiting(Stage.JUDGE)
    async with serving(model) as served:
        check_id = await served.ask()
        await _broken_off(served, check_id, model)
        await served.checks.cancel(check_id)
        asked = len(model.requests)
        await _run(served, check_id)
        report = await served.checks.report(check_id)
        assert report is not None
        assert report.claims
        assert len(model.requests) == asked
        assert (await served.checks.check(check_id)).state is CheckState.CANCELLED


async def test_another_version_fails_the_check_loudly() -> None:
    """A check begun by other code or prompts ends as failed; the model is not asked."""
    model = Scripted(agreeing)
    async with serving(model) as served:
        check_id = await served.ask()
        await served.checks.take_up(check_id, "an older version", "m")
        await _run(served, check_id)
        check = await served.checks.check(check_id)
        assert check.failure is not None
        assert (check.state, check.failure.code) == (CheckState.FAILED, "version_changed")
        assert model.requests == []


@LOOPBACK
async def test_checks_of_one_article_that_run_together_all_end(database_url: DatabaseUrl) -> None:
    """Their claims settle one after another; none is left behind."""
    async with serving(url=database_url) as served:
        asked = [await served.ask() for _ in range(4)]
        await asyncio.gather(*(_run(served, check_id) for check_id in asked))
        assert {(await served.checks.check(check_id)).state for check_id in asked} == {CheckState.DONE}


@pytest.mark.parametrize("table", ["events", "calls", "claims", "passages"])
async def test_a_database_that_fails_in_between_ends_no_check(table: str) -> None:
    """The run ends with the database's error; the next has its report, and asks nothing that was journaled.

    Of a claim that could not be searched for, nothing is told before that.
    """
    model = Scripted(agreeing)
    async with serving(model) as served:
        check_id = await served.ask()
        await _rename(served, table, f"{table}_away")
        with pytest.raises(StoreError):
            await _run(served, check_id)
        assert not (await served.checks.check(check_id)).state.ended
        await _rename(served, f"{table}_away", table)
        told = {event.kind for event in await served.checks.events(check_id)}
        assert (EventKind.CLAIM in told) == (table == "claims")
        asked = len(model.requests)
        await _run(served, check_id)
        report = await served.checks.report(check_id)
        assert report is not None
        assert {claim.failure for claim in report.claims} == {None}
        assert (await served.checks.check(check_id)).state is CheckState.DONE
        if table == "claims":
            assert len(model.requests) == asked


async def test_another_model_does_not_go_on_with_a_check() -> None:
    """What one model found is not judged by another: the check fails, and says that it can be asked for again."""
    async with serving(Waiting(Stage.JUDGE)) as served:
        check_id = await served.ask()
        assert await served.checks.take_up(check_id, served.runner.version, "waiting")
        other = replace(served.runner, desk=replace(served.desk, backend=Scripted(agreeing, name="other")))
        await other.run(check_id)
        check = await served.checks.check(check_id)
        assert check.failure is not None
        assert (check.failure.code, check.model) == ("version_changed", "waiting")


async def _rename(served: Served, table: str, name: str) -> None:
    async with served.store.writing() as connection:
        await connection.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))
