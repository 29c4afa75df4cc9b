"""The real server, in a process of its own, with a database in a file."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.api.served import NDR, POST, TOWN, WAITING, article_of

SERVE = "from service.main import serve; from service.settings import Settings; serve(Settings())"
LOOPBACK = pytest.mark.block_network(allowed_hosts=["127.0.0.1", "localhost"])


def _start(database: Path) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SECONDSOURCE_")}
    url = f"sqlite:///{database}"
    ours = {"SECONDSOURCE_MODEL": "none", "SECONDSOURCE_DATABASE_URL": url, "SECONDSOURCE_PORT": "0"}
    return subprocess.Popen([sys.executable, "-c", SERVE], env=environment | ours, stderr=subprocess.PIPE, text=True)


@contextmanager
def _running(database: Path) -> Iterator[tuple[httpx2.Client, list[str]]]:
    """A client of a server that has come up, and the lines of its log, complete once it has ended."""
    server = _start(database)
    assert server.stderr
    log: list[str] = []
    try:
        for line in server.stderr:
            log.append(line)
            if address := re.search(r"http://127\.0\.0\.1:\d+", line):
                break
        assert address, log
        with httpx2.Client(base_url=address[0], timeout=120, headers=WAITING) as client:
            yield client, log
    finally:
        server.terminate()
        log.extend(server.communicate(timeout=120)[1].splitlines())


def _followed(client: httpx2.Client, path: str, after: int = 0) -> list[tuple[int, str]]:
    """The events of a check as they come, with their numbers."""
    found, number = [], 0
    with client.stream("GET", f"{path}/events", headers={"last-event-id": str(after)}) as answer:
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if name == "data":
                data = value
            elif name == "id":
                number = int(value)
                found.append((number, data))
    return found


@LOOPBACK
def test_what_is_held_outlives_the_server(tmp_path: Path) -> None:
    """What one server stored, the next one has: articles, reports, events, and sources for later checks."""
    database = tmp_path / "held.sqlite"
    with _running(database) as (client, log):
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["model"]) == (200, "none")
        assert "server" not in ready.headers
        first = client.post("/v1/articles?title=Confidential", content=TOWN, headers={"content-type": "text/plain"})
        second = client.post("/v1/articles", json={"text": POST})
        assert [first.status_code, second.status_code] == [201, 201]
        assert client.post("/v1/articles", content=b"x").status_code == 415
        flood = client.post("/v1/articles", content=b"x" * 5_000_000, headers={"content-type": "text/plain"})
        assert (flood.status_code, flood.json()["code"]) == (413, "text_too_large")
        check = second.headers["location"].removesuffix("/report")
        told = _followed(client, check)
    assert not [line for line in log if "Traceback" in line or "Confidential" in line or "bridge" in line], log

    with _running(database) as (client, _):
        for answer in (first, second):
            assert client.get(answer.headers["location"]).json() == answer.json()
            assert client.get(f"{article_of(answer)}/report").json() == answer.json()
        assert _followed(client, check, after=2) == told[2:]
        third = client.post("/v1/articles", json={"text": NDR}).json()
        assert third["provenance"]["corpus"]["articles"] == 2
        assert third["claims"][0]["searched"]["passages"]
        assert third["claims"][0]["failure"]["code"] == "no_model"


@LOOPBACK
def test_who_follows_a_check_and_goes_away_leaves_it_alone(tmp_path: Path) -> None:
    """The check ends all the same, and the server goes on."""
    with _running(tmp_path / "held.sqlite") as (client, log):
        answer = client.post("/v1/articles", json={"text": TOWN}, headers={"prefer": "respond-async"})
        path = answer.headers["location"]
        with client.stream("GET", f"{path}/events") as stream:
            assert next(stream.iter_lines()) == "event: state"
        assert '"done"' in _followed(client, path)[-1][1]
        assert client.get(path).json()["state"] == "done"
    assert not [line for line in log if "ERROR" in line or "Traceback" in line], log
