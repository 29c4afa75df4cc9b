"""A newcomer's path: store, check, read the report, check again."""

import pytest
from starlette.testclient import TestClient

from service.errors import (
    BudgetSpent,
    DeadlinePassed,
    ModelError,
    RateLimited,
    Refused,
    TimedOut,
    Unauthorized,
    Unreachable,
)
from tests.api.served import AT_ONCE, POST, TOWN, article_of, failing, held, served

PUBLISHED = "2024-12-09T08:30:00+01:00"
ABOUT = {"publisher": "Marbach Courier", "title": "A bridge", "published_at": PUBLISHED, "url": "https://c.example/1"}


def test_an_article_is_checked_against_the_others(client: TestClient) -> None:
    """The claim comes back with the other article's words, verbatim, and its place in both."""
    other = client.post("/v1/articles?check=false", json={"text": POST, "publisher": "Valley Post"}).json()
    answer = client.post("/v1/articles", json={"text": TOWN, **ABOUT})
    assert answer.status_code == 201
    report = answer.json()
    held_article = client.get(article_of(answer)).json()
    (claim,) = report["claims"]
    (evidence,) = claim["conflicting"]
    for place, text in ((claim["claim"]["quote"], held_article["text"]), (evidence["quote"], other["text"])):
        assert text[place["start"] : place["end"]] == place["exact"]
    assert claim["verdict"] == "contradicted"
    assert evidence["article"]["publisher"] == "Valley Post"
    assert report["provenance"]["corpus"]["articles"] == 1


def test_the_report_is_kept(client: TestClient) -> None:
    """What the POST answered with is what the addresses of the check's and of the article's report give."""
    answer = client.post("/v1/articles", json={"text": TOWN})
    for path in (answer.headers["location"], f"{article_of(answer)}/report"):
        assert client.get(path).json() == answer.json()


def test_the_report_has_three_forms(client: TestClient) -> None:
    """JSON without asking, a page for a browser, Markdown; a cache keeps them apart."""
    report = client.post("/v1/articles", json={"text": TOWN}).headers["location"]
    for accept, media_type in (
        ("*/*", "application/json"),
        ("text/html,*/*;q=0.8", "text/html; charset=utf-8"),
        ("text/markdown", "text/markdown; charset=utf-8"),
    ):
        answer = client.get(report, headers={"accept": accept})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == media_type
        assert answer.headers["vary"] == "Accept"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "Marbach" in answer.text
    refused = client.get(report, headers={"accept": "application/pdf"})
    assert (refused.status_code, refused.json()["code"], refused.headers["vary"]) == (406, "not_acceptable", "Accept")


def test_a_page_may_run_nothing(client: TestClient) -> None:
    """The page loads and runs nothing, and no other site may frame it."""
    report = client.post("/v1/articles", json={"text": TOWN}).headers["location"]
    policy = client.get(report, headers={"accept": "text/html"}).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy


def test_words_of_an_article_do_not_become_markup(client: TestClient) -> None:
    """A tag in a text is shown as words on the page."""
    text = "The bridge <script>alert(1)</script> in Marbach opened on Monday, the mayor said."
    report = client.post("/v1/articles", json={"text": text}).headers["location"]
    page = client.get(report, headers={"accept": "text/html"}).text
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_an_article_can_only_be_stored(client: TestClient) -> None:
    """With check=false the article comes back with its sentences, and has no report."""
    answer = client.post("/v1/articles?check=false", json={"text": TOWN, **ABOUT})
    assert answer.status_code == 201
    article = answer.json()
    assert article["text"] == TOWN
    assert len(article["sentences"]) == 2
    assert article == client.get(answer.headers["location"]).json()
    missing = client.get(f"{answer.headers['location']}/report")
    assert (missing.status_code, missing.json()["code"]) == (404, "no_report")
    assert article["id"] in missing.json()["detail"]


def test_the_same_article_is_stored_once(client: TestClient) -> None:
    """The second time it is 200 with the same id, what was said first stands, and it is checked again."""
    first = client.post("/v1/articles?check=false", json={"text": TOWN, "publisher": "First"})
    second = client.post("/v1/articles", json={"text": TOWN, "publisher": "Second"})
    third = client.post("/v1/articles?check=false", json={"text": TOWN})
    assert [answer.status_code for answer in (first, second, third)] == [201, 201, 200]
    assert len({article_of(answer) for answer in (first, second, third)}) == 1
    assert second.json()["article"]["publisher"] == "First"
    assert second.json()["claims"]
    assert third.json() == first.json()
    assert held(client) == 1


def test_a_held_article_is_checked_again(client: TestClient) -> None:
    """A later check sees what came in since, and its report is the article's; the earlier one stays under its check."""
    first = client.post("/v1/articles", json={"text": TOWN})
    assert first.json()["claims"][0]["verdict"] == "nothing_found"
    client.post("/v1/articles?check=false", json={"text": POST})
    again = client.post(f"{article_of(first)}/checks")
    assert again.status_code == 201
    assert again.json()["claims"][0]["verdict"] == "contradicted"
    assert client.get(f"{article_of(first)}/report").json() == again.json()
    assert client.get(first.headers["location"]).json() == first.json()


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", TOWN),
        ("text/plain; charset=UTF-8", "\ufeff" + TOWN),
        ("text/html", f"<html><body><nav><a href='/'>Home</a></nav><article><p>{TOWN}</p></article></body></html>"),
    ],
)
def test_bare_texts_are_taken(client: TestClient, content_type: str, body: str) -> None:
    """A text alone is an article; what is known of it stands in the query."""
    headers = {"content-type": content_type}
    answer = client.post("/v1/articles", params={**ABOUT, "check": "false"}, content=body.encode(), headers=headers)
    assert answer.status_code == 201
    article = answer.json()
    assert TOWN in article["text"]
    assert article["publisher"] == "Marbach Courier"
    assert article["published_at"] == PUBLISHED


def test_html_in_json_is_taken(client: TestClient) -> None:
    """The media type of the text is a field of its own."""
    body = {"text": f"<article><p>{TOWN}</p></article>", "media_type": "text/html"}
    answer = client.post("/v1/articles?check=false", json=body)
    assert "<p>" not in answer.json()["text"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Unreachable("No connection to the model."), 502),
        (Unauthorized("The provider does not accept the key; set SECONDSOURCE_API_KEY."), 502),
        (TimedOut("No reply within 120 seconds."), 504),
        (DeadlinePassed("The check's time was up."), 504),
        (RateLimited("Come back in 700 seconds.", retry_after=700), 503),
        (BudgetSpent("The check's calls are used up."), 503),
        (Refused("The model declined."), 502),
    ],
)
def test_a_model_that_fails_leaves_the_article_stored(database_url: str, error: ModelError, status: int) -> None:
    """Whoever waits is told the model's reason and the check, which says it too; the article can be checked again."""
    with served(failing(error), database_url=database_url) as client:
        answer = client.post("/v1/articles", json={"text": TOWN})
        told = answer.json()
        assert (answer.status_code, told["code"], told["detail"]) == (status, error.code, str(error))
        check = client.get(told["instance"]).json()
        assert (check["state"], check["failure"]) == ("failed", {"code": error.code, "detail": str(error)})
        assert str(error) in client.get(f"{told['instance']}/report").json()["detail"]
        assert client.get(article_of(client.get(told["instance"]))).json()["text"] == TOWN
        assert client.get(f"{article_of(client.get(told['instance']))}/report").json()["code"] == "no_report"
        again = client.post(f"{article_of(client.get(told['instance']))}/checks")
        assert again.json()["code"] == error.code
        assert again.json()["instance"] != told["instance"]


def test_who_does_not_wait_is_not_told_of_a_failure_as_one(database_url: str) -> None:
    """202 says that the check goes on; how it ended is told where it can be looked at."""
    with served(failing(Unauthorized("No key.")), database_url=database_url) as client:
        answer = client.post("/v1/articles", json={"text": TOWN}, headers=AT_ONCE)
        assert (answer.status_code, answer.json()["failure"]) == (202, None)
