"""The states of a check: which arrows there are, who may write, and what happened, told once."""

import pytest

from schemas.check import ARROWS, CheckState, EventKind, Progress
from schemas.report import Failure
from service.errors import NotFound, Superseded
from service.jobs.checks import Told
from tests.jobs.serving import ARTICLE, serving

NOBODY = "0" * 32
FAILURE = Failure(code="unreachable", detail="It is away.")


def test_ended_states_stay() -> None:
    """No arrow leads out of a state that a client takes for the end, and every other state leads to one."""
    assert {state for state in CheckState if state.ended} == {"done", "failed", "cancelled"}
    assert all(any(to.ended for to in ARROWS[state]) for state in CheckState if not state.ended)
    assert ARROWS.keys() == set(CheckState)


async def test_a_check_goes_its_way() -> None:
    """Queued, running, ended: each state is an event, and the times are those of the arrows."""
    async with serving() as served:
        check_id = await served.ask()
        run = await served.checks.take_up(check_id, "1", "m")
        assert run is not None
        assert (await served.checks.end(run, CheckState.FAILED, failure=FAILURE)).state is CheckState.FAILED
        check = await served.checks.check(check_id)
        assert (check.state, check.failure, check.runs, check.report) == (CheckState.FAILED, FAILURE, 1, False)
        assert check.started_at is not None
        assert check.ended_at is not None
        assert check.created_at <= check.started_at <= check.ended_at
        told = await served.checks.events(check_id)
        assert [(event.number, event.data["state"]) for event in told] == [(1, "queued"), (2, "running"), (3, "failed")]
        assert told[-1].data["failure"] == FAILURE.model_dump()
        assert await served.checks.events(check_id, after=2) == told[2:]
        assert await served.checks.take_up(check_id, "1", "m") is None


async def test_what_there_is_not() -> None:
    """A check that was never asked for is told as not found, by whatever it is asked."""
    async with serving() as served:
        for asked in (
            served.checks.check(NOBODY),
            served.checks.cancel(NOBODY),
            served.checks.take_up(NOBODY, "1", "m"),
        ):
            with pytest.raises(NotFound):
                await asked
        assert await served.checks.report(NOBODY) is None
        assert await served.checks.last(ARTICLE.id) is None


async def test_a_later_run_fences_the_earlier() -> None:
    """Who was thought dead, and lives, may write nothing any more; what he told before stays."""
    async with serving() as served:
        check_id = await served.ask()
        first = await served.checks.take_up(check_id, "1", "m")
        assert first is not None
        told = [Told("read:1", EventKind.READ, {"sentences": [1, 1]})]
        await served.checks.tell(first, told, Progress(stretches=1), ())
        second = await served.checks.take_up(check_id, "1", "m")
        assert second is not None
        for write in (
            served.checks.tell(first, told, Progress(), ()),
            served.checks.end(first, CheckState.DONE),
            served.checks.state(first),
        ):
            with pytest.raises(Superseded):
                await write
        await served.checks.tell(second, told, Progress(stretches=1), ())
        kinds = [event.kind for event in await served.checks.events(check_id)]
        assert kinds == [EventKind.STATE, EventKind.STATE, EventKind.READ, EventKind.STATE]
        assert (await served.checks.check(check_id)).runs == 2


async def test_another_version_is_told() -> None:
    """Who takes up a check is told whether his own version of the program began it."""
    async with serving() as served:
        check_id = await served.ask()
        runs = [await served.checks.take_up(check_id, version, "m") for version in ("1", "1", "2")]
        assert [run and run.strange for run in runs] == [False, False, True]


async def test_a_check_that_waits_is_cancelled_at_once() -> None:
    """It is never taken up; cancelling it again, or one that has ended, changes nothing."""
    async with serving() as served:
        check_id = await served.ask()
        cancelled = await served.checks.cancel(check_id)
        assert cancelled.state is CheckState.CANCELLED
        assert await served.checks.cancel(check_id) == cancelled
        assert await served.checks.take_up(check_id, "1", "m") is None
        assert (await served.checks.check(check_id)).runs == 0
        assert await served.checks.counts() == {CheckState.QUEUED: 0, CheckState.RUNNING: 0}
