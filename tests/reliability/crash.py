"""A check is killed at a random moment and taken up by a new process: does it end with the same report, at what cost?

In flight at the kill is a call that was sent, and whose reply was not in the table `calls` when the process was dead.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench.article import answer
from tests.mockserver import MockServer
from tests.reliability.databases import Fresh, databases, rows, settled
from tests.reliability.markdown import head, row
from tests.reliability.questions import keys
from tests.seeds import ROOT

LATENCY = 0.35
"""Seconds that the model takes for a call, so that calls are a good part of the check's life."""

_DEADLINE = 120


@dataclass(frozen=True)
class Undisturbed:
    """A check that nobody disturbs. `seconds`: from the moment it was asked for until it was seen to have ended."""

    told: dict[str, Any]
    seconds: float
    calls: int


@dataclass(frozen=True)
class Crash:
    """What became of one check that was killed once, that many seconds after it was asked for.

    Sets of calls hold the keys of their questions. `sent`: by the process that was killed. `recorded`: what the
    journal held when it was dead. `asked_later`: by the process that took the check up. `state`: at the kill.
    `differs`: what in the report or the events is not as in an undisturbed check.
    """

    seconds: float
    state: str
    differs: Sequence[str]
    sent: frozenset[str]
    recorded: frozenset[str]
    asked_later: frozenset[str]
    asked_more_than_once: int
    """Calls that one process made although it had made them before."""
    runs: int

    @property
    def in_flight(self) -> frozenset[str]:
        """The calls whose answers were lost with the process."""
        return self.sent - self.recorded

    @property
    def repeated(self) -> frozenset[str]:
        """The calls that were made twice."""
        return self.sent & self.asked_later

    @property
    def well(self) -> bool:
        """The same report, and nothing asked twice but what was in flight."""
        nothing_double = self.repeated <= self.in_flight and not self.asked_more_than_once
        return not self.differs and nothing_double and self.recorded <= self.sent


def undisturbed(url: str, latency: float) -> Undisturbed:
    """Runs the check."""
    with MockServer(answer, latency=latency) as model:
        process = _started(url, model.url, "first")
        _asked(process)
        asked = time.monotonic()
        told = _finished(process)
        return Undisturbed(told, time.monotonic() - asked, len(model.log))


def crashed(url: str, latency: float, seconds: float, expected: Undisturbed) -> Crash | None:
    """Kills the check, and lets another process go on with it. None where it had ended by then."""
    with MockServer(answer, latency=latency) as model:
        first = _started(url, model.url, "first")
        check_id = _asked(first)
        time.sleep(seconds)
        first.send_signal(signal.SIGKILL)
        first.communicate()
        settled(url)
        recorded, state = _recorded(url), rows(url, "SELECT state FROM checks")[0][0]
        if first.returncode != -signal.SIGKILL or state not in ("queued", "running"):
            return None
        again = _finished(_started(url, model.url, "second", check_id))
        before, later = keys(model.log, "first"), keys(model.log, "second")
        return Crash(
            seconds=seconds,
            state=state,
            differs=sorted(dict(_leaves(essence(again)).items() ^ _leaves(essence(expected.told)).items())),
            sent=frozenset(before),
            recorded=frozenset(recorded),
            asked_later=frozenset(later),
            asked_more_than_once=before.total() - len(before) + later.total() - len(later),
            runs=again["check"]["runs"],
        )


def crashes(fresh: Fresh, count: int, latency: float) -> Iterator[Undisturbed | Crash]:
    """The check undisturbed, and then killed `count` times, at moments spread over its whole life.

    A moment at which it had ended already is not counted; another takes its place.
    """
    expected = undisturbed(fresh(), latency)
    yield expected
    draw = random.Random(0)  # noqa: S311 - repeatable is the point
    for nth in range(count):
        seconds = expected.seconds * (nth + draw.random()) / count
        while not (crash := crashed(fresh(), latency, seconds, expected)):
            seconds = expected.seconds * draw.random()
        yield crash


def essence(told: dict[str, Any]) -> dict[str, Any]:
    """What must be the same in every run: all but clocks, ids and the counts of runs."""
    report = json.loads(json.dumps(told["report"]))
    report["usage"].pop("seconds")
    report["provenance"].pop("checked_at")
    for stage in report["usage"]["stages"]:
        stage.pop("seconds")
    return {"state": told["check"]["state"], "report": report, "events": _events(told["events"])}


def table(kind: str, count: int) -> Iterator[str]:
    """Lines of Markdown: one row for each tenth of the check's life, and the whole."""
    with databases(kind) as fresh:
        expected, *killed = crashes(fresh, count, LATENCY)
    if not isinstance(expected, Undisturbed):
        raise TypeError("the check that nobody disturbs comes first")
    found = [crash for crash in killed if isinstance(crash, Crash)]
    yield f"Undisturbed: {expected.calls} calls, {expected.seconds:.2f} s from asked for to ended.\n"
    yield head(
        "killed after, s",
        "kills",
        "still queued",
        "calls sent",
        "journaled",
        "in flight",
        "made twice",
        "runs",
        "alike",
    )
    for tenth in range(10):
        span = expected.seconds * tenth / 10, expected.seconds * (tenth + 1) / 10
        if some := [crash for crash in found if span[0] <= crash.seconds < span[1]]:
            yield _summed(f"{span[0]:.2f} to {span[1]:.2f}", some)
    yield _summed("**all**", found)
    yield f"\nAs it must be: {sum(crash.well for crash in found)} of {len(found)}."
    for crash in found:
        if crash.differs:
            yield f"Killed after {crash.seconds:.2f} s, what differs: {', '.join(crash.differs)}"


def _summed(name: str, some: Sequence[Crash]) -> str:
    runs = sorted({crash.runs for crash in some})
    return row(
        name,
        len(some),
        sum(crash.state == "queued" for crash in some),
        sum(len(crash.sent) for crash in some),
        sum(len(crash.recorded) for crash in some),
        sum(len(crash.in_flight) for crash in some),
        sum(len(crash.repeated) for crash in some),
        " or ".join(map(str, runs)),
        f"{sum(not crash.differs for crash in some)} of {len(some)}",
    )


def _leaves(told: Any, path: str = "") -> dict[str, str]:
    """Every value by its path, as text."""
    pairs = told.items() if isinstance(told, dict) else enumerate(told) if isinstance(told, list) else None
    if pairs is None:
        return {path: repr(told)}
    return {leaf: value for key, one in pairs for leaf, value in _leaves(one, f"{path}/{key}").items()}


def _events(events: Sequence[dict[str, Any]]) -> list[str]:
    """What events told of, each once, in any order: windows are read side by side."""
    claims = [event["data"]["claim"]["id"] for event in events if event["kind"] == "claim"]
    reads = [str(event["data"]["sentences"]) for event in events if event["kind"] == "read"]
    return sorted([*claims, *reads])


def _recorded(url: str) -> list[str]:
    return [row[0] for row in rows(url, "SELECT key FROM calls")]


def _started(url: str, model_url: str, *key_and_check: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.reliability.child", url, model_url, *key_and_check]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SECONDSOURCE_")}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def _asked(process: subprocess.Popen[str]) -> str:
    """Returns when the check was asked for, with its id."""
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise AssertionError("the process ended before it asked for the check")
    return line.strip()


def _finished(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, _ = process.communicate(timeout=_DEADLINE)
    told: dict[str, Any] = json.loads(out.splitlines()[-1])
    return told
