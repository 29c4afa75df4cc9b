"""Lists by pages: all of it, once, in order, also while more comes in."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.served import AT_ONCE, article_of


def _pages(client: TestClient, path: str) -> list[list[dict[str, Any]]]:
    """All pages, by the Link headers."""
    found = []
    while path:
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        found.append(answer.json()["items"])
        link = re.fullmatch(r'<(/v1/[^>]+)>; rel="next"', answer.headers.get("link", ""))
        assert bool(link) == bool(answer.json()["next"])
        path = link[1] if link else ""
    return found


@pytest.fixture
def stored(client: TestClient) -> list[str]:
    """The ids of five articles, the last first."""
    texts = [f"Bridge number {number} opened on Monday." for number in range(5)]
    return [client.post("/v1/articles?check=false", json={"text": text}).json()["id"] for text in texts][::-1]


@pytest.mark.parametrize(("limit", "sizes"), [(2, [2, 2, 1]), (5, [5]), (4, [4, 1]), (200, [5])])
def test_pages_hold_every_article_once(client: TestClient, stored: list[str], limit: int, sizes: list[int]) -> None:
    """The last that came in first; no page is empty behind a full one."""
    pages = _pages(client, f"/v1/articles?limit={limit}")
    assert [len(page) for page in pages] == sizes
    assert [item["source"]["id"] for page in pages for item in page] == stored


def test_an_empty_list_is_a_page(client: TestClient) -> None:
    """Nothing held, nothing wrong."""
    for path in ("/v1/articles", "/v1/checks"):
        assert client.get(path).json() == {"items": [], "next": None}


def test_pages_stay_while_articles_come_in(client: TestClient, stored: list[str]) -> None:
    """What comes in between two pages moves nothing from one to the other."""
    first = client.get("/v1/articles?limit=2").json()
    client.post("/v1/articles?check=false", json={"text": "Another bridge opened on Tuesday."})
    second = client.get("/v1/articles", params={"limit": 2, "after": first["next"]}).json()
    assert [item["source"]["id"] for item in (*first["items"], *second["items"])] == stored[:4]


def test_checks_are_listed_by_state_and_article(client: TestClient, stored: list[str]) -> None:
    """The newest first; a filter holds on every page."""
    paths = [client.post(f"/v1/articles/{one}/checks").headers["location"] for one in (*stored[:3], stored[0])]
    ids = [path.split("/")[3] for path in paths][::-1]
    assert [item["id"] for page in _pages(client, "/v1/checks?limit=3") for item in page] == ids
    assert [item["id"] for page in _pages(client, "/v1/checks?state=done&limit=1") for item in page] == ids
    assert client.get("/v1/checks?state=failed").json()["items"] == []
    of_one = _pages(client, f"/v1/checks?article_id={stored[0]}&limit=1")
    assert [[item["id"] for item in page] for page in of_one] == [[ids[0]], [ids[3]]]


def test_a_listed_check_is_the_check(client: TestClient, stored: list[str]) -> None:
    """A list shows what the check's own address shows."""
    client.post(f"/v1/articles/{stored[0]}/checks")
    (item,) = client.get("/v1/checks").json()["items"]
    assert client.get(f"/v1/checks/{item['id']}").json() == item


def test_what_was_only_asked_for_is_listed(client: TestClient, stored: list[str]) -> None:
    """Whether or not anybody waits for it."""
    answer = client.post(f"/v1/articles/{stored[0]}/checks", headers=AT_ONCE)
    assert article_of(answer) == f"/v1/articles/{stored[0]}"
    assert [item["id"] for item in client.get("/v1/checks").json()["items"]] == [answer.json()["id"]]
