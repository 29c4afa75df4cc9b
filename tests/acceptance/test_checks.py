"""A check as a client meets it: asked for, followed, asked for once, cancelled."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from schemas.check import Check, CheckState, Event, EventKind
from schemas.report import Report
from schemas.usage import Stage
from service.pipeline.desk import Limits
from tests.acceptance.held_up import HeldUp
from tests.api.served import AT_ONCE, POST, TOWN, WAITING, article_of, served


def _events(client: TestClient, path: str, **asked: Any) -> list[Event]:
    """What is told up to the end of the check."""
    answer = client.get(path, **asked)
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    told = []
    for block in answer.text.replace(": ping\n\n", "").split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in block.splitlines())
        event = Event.model_validate_json(fields["data"])
        assert (fields["id"], fields["event"]) == (str(event.number), event.kind)
        told.append(event)
    return told


def test_a_check_goes_on_by_itself(client: TestClient) -> None:
    """202 with the check and where it is; in the end it is done, and its report is there."""
    answer = client.post("/v1/articles", json={"text": TOWN}, headers=AT_ONCE)
    check = Check.model_validate_json(answer.content)
    assert (answer.status_code, answer.headers["location"]) == (202, f"/v1/checks/{check.id}")
    assert "preference-applied" not in answer.headers
    _events(client, f"{answer.headers['location']}/events")
    after = Check.model_validate(client.get(answer.headers["location"]).json())
    assert (after.state, after.report, after.progress.assessed) == (CheckState.DONE, True, 1)
    Report.model_validate_json(client.get(f"{answer.headers['location']}/report").content)


def test_whoever_waits_gets_the_report(client: TestClient) -> None:
    """201 with the report within the time that the client gives it."""
    answer = client.post("/v1/articles", json={"text": TOWN}, headers={"prefer": "respond-async, wait=50"})
    assert (answer.status_code, answer.headers["preference-applied"]) == (201, "wait=50")
    assert client.get(answer.headers["location"]).json() == answer.json()


@pytest.mark.parametrize("prefer", ["wait=0", "wait=", "wait=x", "handling=strict", "waiting=9", ""])
def test_no_wait_is_no_wait(client: TestClient, prefer: str) -> None:
    """What is no number of seconds is passed over, as RFC 7240 has it."""
    assert client.post("/v1/articles", json={"text": TOWN}, headers={"prefer": prefer}).status_code == 202


def test_events_tell_the_whole_check_in_order(client: TestClient) -> None:
    """Queued and running first, done last; claims as they are found and as they are judged; numbers without gap."""
    client.post("/v1/articles?check=false", json={"text": POST})
    answer = client.post("/v1/articles", json={"text": TOWN})
    told = _events(client, answer.headers["location"].replace("/report", "/events"))
    assert [event.number for event in told] == list(range(1, len(told) + 1))
    states = [event.data["state"] for event in told if event.kind is EventKind.STATE]
    assert states == ["queued", "running", "done"]
    assert told[-1].kind is EventKind.STATE
    (read,) = [event for event in told if event.kind is EventKind.READ]
    (judged,) = [event for event in told if event.kind is EventKind.CLAIM]
    assert read.number < judged.number
    assert judged.data == answer.json()["claims"][0]
    spent = [event for event in told if event.kind is EventKind.USAGE][-1]
    assert spent.data["stages"] == answer.json()["usage"]["stages"]


def test_events_go_on_where_they_stopped(client: TestClient) -> None:
    """Behind Last-Event-ID, or behind `after`; a browser that has seen all is told not to come back."""
    path = client.post("/v1/articles", json={"text": TOWN}).headers["location"].replace("/report", "/events")
    told = _events(client, path)
    for number in range(len(told)):
        assert _events(client, path, headers={"last-event-id": str(number)}) == told[number:]
        assert _events(client, path, params={"after": number}) == told[number:]
    assert _events(client, path, params={"after": 1}, headers={"last-event-id": "2"}) == told[2:]
    nothing = client.get(path, headers={"last-event-id": str(len(told))})
    assert (nothing.status_code, nothing.content) == (204, b"")
    assert _events(client, path, params={"after": len(told)}) == []


def test_events_come_while_the_check_goes_on(database_url: str) -> None:
    """Whoever follows sees the states and claims before the check has ended."""
    model = HeldUp(lambda request, _: request.stage is Stage.JUDGE)
    with served(backend=model, database_url=database_url) as client:
        client.post("/v1/articles?check=false", json={"text": POST})
        path = client.post("/v1/articles", json={"text": TOWN}, headers=AT_ONCE).headers["location"]
        assert model.asked.wait(30)
        with ThreadPoolExecutor() as pool:
            following = pool.submit(_events, client, f"{path}/events")
            check = client.get(path).json()
            assert (check["state"], check["progress"]["assessed"]) == ("running", 0)
            model.let_go()
            assert following.result(30)[-1].data["state"] == "done"


def test_events_are_told_by_every_process(tmp_path: Path) -> None:
    """Also by a server that does not run the check, and only has the same database."""
    url = f"sqlite:///{tmp_path / 'held.sqlite'}"
    model = HeldUp(lambda request, _: request.stage is Stage.EXTRACT)
    with served(backend=model, database_url=url) as running, served(database_url=url) as other:
        path = running.post("/v1/articles", json={"text": TOWN}, headers=AT_ONCE).headers["location"]
        assert model.asked.wait(30)
        with ThreadPoolExecutor() as pool:
            following = pool.submit(_events, other, f"{path}/events")
            model.let_go()
            told = following.result(30)
        assert told == _events(running, f"{path}/events")
        assert told[-1].data["state"] == "done"


def test_the_same_request_is_done_once(client: TestClient) -> None:
    """Sent again with its key it is the same check, as it is by then; without a key it is another."""
    keyed = {"idempotency-key": "story-1", **WAITING}
    first = client.post("/v1/articles", json={"text": TOWN}, headers=keyed)
    again = client.post("/v1/articles", json={"text": TOWN}, headers=keyed)
    asked = client.post("/v1/articles", json={"text": TOWN}, headers=keyed | AT_ONCE)
    other = client.post("/v1/articles", json={"text": TOWN})
    assert again.json() == first.json()
    assert (asked.status_code, asked.json()["state"]) == (202, "done")
    assert first.headers["location"] == again.headers["location"] == f"{asked.headers['location']}/report"
    assert other.headers["location"] != first.headers["location"]
    assert len(client.get("/v1/checks").json()["items"]) == 2


@pytest.mark.parametrize(
    ("query", "path", "body"),
    [
        ("", "/v1/articles", {"text": POST}),
        ("", "/v1/articles", {"text": TOWN, "title": "A bridge"}),
        ("?check=false", "/v1/articles", {"text": TOWN}),
        ("", "{article}/checks", None),
    ],
)
def test_a_key_is_for_one_request(client: TestClient, query: str, path: str, body: Any) -> None:
    """Another body, another query or another path under the same key is refused, and nothing is stored."""
    keyed = {"idempotency-key": "story-1"}
    first = client.post("/v1/articles", json={"text": TOWN}, headers=keyed)
    answer = client.post(path.format(article=article_of(first)) + query, json=body, headers=keyed)
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    assert len(client.get("/v1/articles").json()["items"]) == 1
    assert len(client.get("/v1/checks").json()["items"]) == 1


def test_a_request_that_only_stores_is_done_once_too(client: TestClient) -> None:
    """The second answer has the status of the first, although the article was held by then."""
    keyed = {"idempotency-key": "story-1"}
    answers = [client.post("/v1/articles?check=false", json={"text": TOWN}, headers=keyed) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


def test_two_at_one_moment_are_one(client: TestClient) -> None:
    """Requests that come together under one key make one check, and all of them wait for it."""
    keyed = {"idempotency-key": "story-1", **WAITING}
    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(client.post, "/v1/articles", json={"text": TOWN}, headers=keyed) for _ in range(8)]
        answers = [one.result(60) for one in sent]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert len(client.get("/v1/checks").json()["items"]) == 1


@pytest.fixture
def running(database_url: str) -> Iterator[tuple[TestClient, str, HeldUp]]:
    """A check of two stretches, the claim of one judged, the model held up at the other."""
    model = HeldUp(lambda request, _: "List the claims of S2" in request.messages[1].content)
    with served(backend=model, database_url=database_url, limits=Limits(window=1, attempts=1)) as client:
        client.post("/v1/articles?check=false", json={"text": POST})
        path = client.post("/v1/articles", json={"text": TOWN}, headers=AT_ONCE).headers["location"]
        assert model.asked.wait(30)
        _seen(client, path, lambda check: check.progress.assessed == 1)
        yield client, path, model


def _seen(client: TestClient, path: str, wanted: Callable[[Check], bool]) -> Check:
    """The check as soon as it is as wanted, within some seconds."""
    for _ in range(500):
        check = Check.model_validate_json(client.get(path).content)
        if wanted(check):
            return check
        time.sleep(0.02)
    raise AssertionError(check)


def test_a_cancelled_check_asks_nothing_more(running: tuple[TestClient, str, HeldUp]) -> None:
    """It is cancelled at once; what was found stays, what was not says why, and the model is not asked again."""
    client, path, model = running
    asked = len(model.requests)
    answer = client.delete(path)
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert "cancelled" in [event.data.get("state") for event in _events(client, f"{path}/events")]
    check = _seen(client, path, lambda check: check.report)
    report = Report.model_validate_json(client.get(f"{path}/report").content)
    assert [claim.verdict for claim in report.claims] == ["contradicted"]
    assert [unread.failure.code for unread in report.unread] == ["cancelled"]
    assert (check.state, len(model.requests)) == (CheckState.CANCELLED, asked)
    assert Check.model_validate_json(client.delete(path).content) == check
    assert client.get(f"{article_of(client.get(path))}/report").json()["code"] == "no_report"


def test_a_check_that_has_ended_stays_as_it_is(client: TestClient) -> None:
    """Cancelling comes too late, and says so by the state."""
    path = client.post("/v1/articles", json={"text": TOWN}).headers["location"].removesuffix("/report")
    before = client.get(path).json()
    assert client.delete(path).json() == before


def test_what_goes_on_has_no_report_yet(running: tuple[TestClient, str, HeldUp]) -> None:
    """The problem says where to look; the article has none either."""
    client, path, _ = running
    answer = client.get(f"{path}/report")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_report")
    assert path in answer.json()["detail"]


def test_a_client_may_wait_less_long_than_a_check_takes(running: tuple[TestClient, str, HeldUp]) -> None:
    """When its time is over it gets the check as it is."""
    client, path, _ = running
    article = article_of(client.get(path))
    answer = client.post(f"{article}/checks", headers={"prefer": "wait=1"})
    assert (answer.status_code, answer.headers["preference-applied"]) == (202, "wait=1")
    assert answer.json()["state"] == "running"
