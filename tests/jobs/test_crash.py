"""A check of twelve claims is killed and taken up again, on both databases; `make reliability` does it more often."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from tests.reliability.crash import Crash, Undisturbed, crashes

pytestmark = pytest.mark.block_network(allowed_hosts=["127.0.0.1", "localhost"])
KILLS = 3
LATENCY = 0.2


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Gives empty databases."""
    numbers = count()
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path}/{next(numbers)}.sqlite"
    make: Callable[[str], str] = request.getfixturevalue("postgres_urls")
    return lambda: make("ours")


def test_a_killed_check_ends_as_if_nothing_had_been(fresh: Callable[[], str]) -> None:
    """The report and the events are those of a check that nobody disturbed; only what was in flight is paid twice."""
    expected, *killed = crashes(fresh, KILLS, LATENCY)
    assert isinstance(expected, Undisturbed)
    assert (expected.told["check"]["state"], len(expected.told["report"]["claims"])) == ("done", 12)
    assert len(killed) == KILLS
    for crash in killed:
        assert isinstance(crash, Crash)
        assert not crash.differs
        assert crash.recorded <= crash.sent
        assert crash.repeated <= crash.in_flight
        assert not crash.asked_more_than_once
