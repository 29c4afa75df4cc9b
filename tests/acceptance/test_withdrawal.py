"""A killed story: no evidence any more, not handed out, not checked; reports that quote it say so."""

import pytest
from starlette.testclient import TestClient

from tests.api.served import POST, TOWN, article_of

WORDS = "This article was withdrawn since."


@pytest.fixture
def story(client: TestClient) -> str:
    """The path of a stored story that conflicts with the one that is checked."""
    stored = client.post("/v1/articles?check=false", json={"text": POST, "publisher": "Valley Post"})
    return article_of(stored)


def _verdict(client: TestClient) -> str:
    told: str = client.post("/v1/articles", json={"text": TOWN}).json()["claims"][0]["verdict"]
    return told


@pytest.mark.parametrize("how", ["delete", "canceled", "withheld"])
def test_a_killed_story_is_no_evidence(client: TestClient, story: str, how: str) -> None:
    """Killed in any way it is out of every later check, as often as it is said; `usable` takes it back."""
    assert _verdict(client) == "contradicted"
    for _ in range(2):
        answer = client.delete(story) if how == "delete" else client.put(story, json={"pubstatus": how})
        assert (answer.status_code, answer.content) == (204, b"")
        assert _verdict(client) == "nothing_found"
    for _ in range(2):
        assert client.put(story, json={"pubstatus": "usable"}).status_code == 204
        assert _verdict(client) == "contradicted"


def test_a_killed_story_is_not_handed_out(client: TestClient, story: str) -> None:
    """Its text, a check of it and a new posting of it are refused with 410, which tells how to take that back."""
    text = client.get(story).json()["text"]
    client.delete(story)
    refused = [
        client.get(story),
        client.post(f"{story}/checks"),
        client.post("/v1/articles", json={"text": text}),
        client.post("/v1/articles?check=false", json={"text": text}),
    ]
    for answer in refused:
        assert (answer.status_code, answer.json()["code"]) == (410, "withdrawn")
        assert "usable" in answer.json()["detail"]
        assert "tonnes" not in answer.text
    assert client.get("/v1/checks").json()["items"] == []


def test_lists_tell_what_was_withdrawn(client: TestClient, story: str) -> None:
    """It stays in the list, with the time."""
    assert client.get("/v1/articles").json()["items"][0]["withdrawn_at"] is None
    client.delete(story)
    assert client.get("/v1/articles").json()["items"][0]["withdrawn_at"]


def test_a_report_that_quotes_a_killed_story_says_so(client: TestClient, story: str) -> None:
    """In each form, with its name, and nothing else is changed; taken back, it is as it was."""
    answer = client.post("/v1/articles", json={"text": TOWN})
    report, before = answer.headers["location"], answer.json()
    client.delete(story)
    after = client.get(report).json()
    assert after["withdrawn"] == [story.rpartition("/")[2]]
    (warning,) = set(after["warnings"]) - set(before["warnings"])
    assert "Valley Post" in warning
    assert {**after, "withdrawn": [], "warnings": before["warnings"]} == before
    for form in ("text/html", "text/markdown"):
        assert WORDS in client.get(report, headers={"accept": form}).text
    client.put(story, json={"pubstatus": "usable"})
    assert client.get(report).json() == before
    assert WORDS not in client.get(report, headers={"accept": "text/html"}).text


def test_the_report_of_a_killed_story_says_so(client: TestClient) -> None:
    """It can be read, under its check and under the article."""
    answer = client.post("/v1/articles", json={"text": TOWN})
    client.delete(article_of(answer))
    for path in (answer.headers["location"], f"{article_of(answer)}/report"):
        told = client.get(path).json()
        assert told["withdrawn"] == [told["article"]["id"]]
        assert "The article that was checked here was withdrawn since." in told["warnings"]


def test_the_answer_of_a_repeated_request_says_so_too(client: TestClient, story: str) -> None:
    """What is answered again under an Idempotency-Key is what the report's address gives now."""
    keyed = {"idempotency-key": "story-1"}
    client.post("/v1/articles", json={"text": TOWN}, headers=keyed)
    client.delete(story)
    again = client.post("/v1/articles", json={"text": TOWN}, headers=keyed)
    assert again.status_code == 201
    assert again.json()["withdrawn"] == [story.rpartition("/")[2]]
