"""Whether the process lives, and whether it can work or what keeps it from it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from schemas.article import Article
from schemas.check import CheckState
from schemas.problem import Problem
from service.api import health
from service.api.health import Probe, Probed, alive, probed, readiness, room
from service.corpus.memory import MemoryCorpus
from service.corpus.protocol import Corpus
from service.errors import StoreError
from service.llm.backends import backend
from service.llm.protocol import Backend
from service.llm.scripted import Scripted
from service.pipeline.desk import Desk
from service.store.database import finished

BROKEN = "The database file cannot be read; look at its disk."


class _BrokenCorpus(MemoryCorpus):
    async def article(self, article_id: str) -> Article | None:
        raise StoreError(BROKEN)


async def _counts() -> Mapping[CheckState, int]:
    return {CheckState.QUEUED: 3, CheckState.RUNNING: 4}


async def _no_worker() -> tuple[bool, str]:
    return alive(0)


async def _two_workers() -> tuple[bool, str]:
    return alive(2)


async def _endless() -> tuple[bool, str]:
    await asyncio.Event().wait()
    raise AssertionError


async def _faulty() -> tuple[bool, str]:
    raise RuntimeError(BROKEN)


def _asked(
    path: str,
    *,
    corpus: Corpus | None = None,
    model: Backend | None = None,
    most: int = 9,
    worker: Probe = _two_workers,
) -> Any:
    """What an application with three queued checks answers."""
    desk = Desk(corpus or MemoryCorpus(), model or Scripted([], "openai/m"))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        yield {"readiness": readiness(desk, _counts, most, {"worker": worker})}

    app = FastAPI(lifespan=lifespan)
    app.include_router(health.router)
    with TestClient(app) as client:
        return client.get(path)


def test_a_process_lives() -> None:
    """Nothing is asked of the store or the model."""
    answer = _asked("/healthz", corpus=_BrokenCorpus())
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


def test_a_service_is_ready() -> None:
    """Every thing that was asked is told, each with a sentence; the model is named and not asked."""
    answer = _asked("/readyz")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["status"], told["model"], told["note"]) == ("ready", "openai/m", None)
    assert [(check["name"], check["ok"]) for check in told["checks"]] == [
        ("store", True),
        ("worker", True),
        ("queue", True),
        ("model", True),
    ]
    assert "3 of at most 9" in told["checks"][2]["detail"]


def test_without_a_model_it_is_ready_and_says_so() -> None:
    """`none` is a choice, not a fault; the answer tells how to make another."""
    answer = _asked("/readyz", model=backend("none"))
    assert (answer.status_code, answer.json()["model"]) == (200, "none")
    assert "SECONDSOURCE_MODEL" in answer.json()["note"]


@pytest.mark.parametrize(
    ("wrong", "name", "told"),
    [
        ({"corpus": _BrokenCorpus()}, "store", "disk"),
        ({"worker": _no_worker}, "worker", "secondsource work"),
        ({"most": 3}, "queue", "SECONDSOURCE_QUEUE"),
    ],
    ids=["store", "worker", "queue"],
)
def test_what_is_wrong_is_told(wrong: dict[str, Any], name: str, told: str) -> None:
    """A problem whose detail names it; the list has what is well beside it."""
    answer = _asked("/readyz", **wrong)
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    document = answer.json()
    checks = document.pop("checks")
    problem = Problem.model_validate(document)
    assert (problem.code, problem.status) == ("not_ready", 503)
    assert problem.detail.startswith(f"{name}: ")
    assert told in problem.detail
    assert [check["name"] for check in checks if not check["ok"]] == [name]


async def _stubborn() -> tuple[bool, str]:
    """As a database that is gone without a word: it cannot be given up."""
    return await finished(_late())


async def _late() -> tuple[bool, str]:
    await asyncio.sleep(0.2)
    return True, "Late."


async def test_nothing_keeps_the_answer_waiting() -> None:
    """What gives no answer in its time is not well, and neither is what fails in a way nobody foresaw."""
    probes = {"slow": _endless, "stubborn": _stubborn, "faulty": _faulty, "worker": _two_workers}
    found = await probed(probes, seconds=0.02)
    assert [check.name for check in found if check.ok] == ["worker"]
    assert [check.name for check in found if "0.02 s" in check.detail] == ["slow", "stubborn"]
    assert BROKEN not in found[2].detail


@pytest.mark.parametrize(("workers", "ok"), [(0, False), (1, True), (9, True)])
def test_one_worker_is_enough(workers: int, ok: bool) -> None:
    """Without any, checks are taken and nobody does them."""
    assert alive(workers)[0] is ok


@pytest.mark.parametrize(("queued", "ok"), [(0, True), (9, True), (10, False), (11, False)])
def test_a_queue_has_room_or_not(queued: int, ok: bool) -> None:
    """It is full where as many wait as may."""
    assert room(queued, 10)[0] is ok


def test_a_probe_is_named_and_says_something() -> None:
    """Every field is needed."""
    with pytest.raises(ValueError, match="detail"):
        Probed.model_validate({"name": "store", "ok": True})
