"""Standing claims over HTTP: what is listed, page by page, and the history of one."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from service.api import claims
from service.api.problems import answer_problems
from service.bootstrap import Service, serving
from service.settings import Settings
from service.telemetry.metrics import Metrics
from tests.jobs.newsroom import newsroom
from tests.pipeline.reader import FELL, HELD, NINE, TOOK, TWELVE, article

OLD = article(TOOK, NINE, publisher="Courier", day=2)
BEARS_OUT = article(FELL, publisher="Valley Post", day=3)
DENIES = article(HELD, TWELVE, publisher="River Herald", day=5)


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[dict[str, Service]]:
    """Two claims of one article: the first borne out at once, both denied later."""
    settings = Settings(database_url="sqlite://")
    async with newsroom("sqlite://") as room, serving(settings, room.store, room.desk, Metrics("test")) as service:
        await room.corpus.add(BEARS_OUT)
        await room.checked(OLD)
        await room.comes_in(DENIES)
        yield {"service": service}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    app = FastAPI(lifespan=_lifespan)
    answer_problems(app)
    app.include_router(claims.router, prefix="/v1")
    with TestClient(app) as opened:
        yield opened


def texts(client: TestClient, query: str) -> list[str]:
    """The claims that a query finds."""
    return [
        one["report"]["claim"]["text"] for one in client.get(f"/v1/claims{query}").raise_for_status().json()["items"]
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {TOOK, NINE}),
        ("?query=the+killed", {NINE}),
        ("?verdict=disputed", {TOOK}),
        ("?verdict=supported", set()),
        (f"?article_id={OLD.id}", {TOOK, NINE}),
        (f"?article_id={DENIES.id}", set()),
        ("?changed_since=2020-01-01T00:00:00Z", {TOOK, NINE}),
        ("?changed_since=2999-01-01T00:00:00%2B02:00", set()),
        ("?retired=true", {TOOK, NINE}),
    ],
)
def test_claims_are_listed_by_what_is_asked_for(client: TestClient, query: str, found: set[str]) -> None:
    """Each with its evidence as it stands now."""
    assert set(texts(client, query)) == found


def test_a_list_goes_on_where_its_page_ended(client: TestClient) -> None:
    """The link to the next page keeps what was asked; the last page has none."""
    first = client.get("/v1/claims?limit=1&query=Kafr")
    link = first.headers["Link"]
    assert link.startswith("</v1/claims?limit=1&query=Kafr&after=")
    second = client.get(link[1 : link.index(">")])
    assert {one["id"] for page in (first, second) for one in page.json()["items"]} == {
        one["id"] for one in client.get("/v1/claims").json()["items"]
    }
    assert ("Link" in second.headers, second.json()["next"]) == (False, None)


def test_a_claim_tells_its_history(client: TestClient) -> None:
    """What changed, when, and because of which source, with the words themselves."""
    (took,) = client.get("/v1/claims?verdict=disputed").json()["items"]
    claim = client.get(f"/v1/claims/{took['id']}").raise_for_status().json()
    first, then = claim.pop("history")
    assert claim == took
    assert (first["cause"], first["before"], first["after"]) == ("check", None, "supported")
    assert (then["cause"], then["before"], then["after"]) == ("article", "supported", "disputed")
    assert (then["source"]["id"], then["gained"][0]["quote"]["exact"], then["lost"]) == (DENIES.id, HELD, [])


@pytest.mark.parametrize(
    ("path", "status", "code", "pointer"),
    [
        ("/0123456789abcdef", 404, "not_found", None),
        ("/%00", 422, "invalid_request", "/claim_id"),
        ("?verdict=true", 422, "invalid_request", "/verdict"),
        ("?limit=0", 422, "invalid_request", "/limit"),
        ("?limit=201", 422, "invalid_request", "/limit"),
        ("?changed_since=2024-12-08", 422, "invalid_request", "/changed_since"),
        ("?changed_since=0001-01-01T00:00:00%2B10:00", 422, "invalid_request", "/changed_since"),
        ("?article_id=1", 422, "invalid_request", "/article_id"),
        ("?query=", 422, "invalid_request", "/query"),
        ("?sort=verdict", 422, "invalid_request", "/sort"),
        ("?after=MjAyNA", 422, "invalid_request", "/after"),
        ("?after=" + quote("MjAyNC0xMi0wOCAwMTIz"), 422, "invalid_request", "/after"),
    ],
)
def test_what_cannot_be_answered_is_a_problem(
    client: TestClient, path: str, status: int, code: str, pointer: str | None
) -> None:
    """It names its code, and the parameter that is at fault."""
    answer = client.get(f"/v1/claims{path}")
    told = answer.json()
    assert (answer.status_code, told["code"]) == (status, code)
    assert [one["pointer"] for one in told["errors"]] == ([pointer] if pointer else [])


def test_the_document_describes_both(client: TestClient) -> None:
    """With an example of each, built from the shapes."""
    document: dict[str, Any] = client.get("/openapi.json").json()
    for path, key in (("/v1/claims", "items"), ("/v1/claims/{claim_id}", "history")):
        answer = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
        assert answer["example"][key]
        assert json.dumps(answer["schema"])
