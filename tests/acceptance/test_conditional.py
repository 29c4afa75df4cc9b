"""Entity tags: nothing is sent twice, and nobody changes what somebody else has changed."""

import pytest
from starlette.testclient import TestClient

from tests.api.served import POST, TOWN, article_of

FORMS = ("application/json", "text/html", "text/markdown")


def _tag(client: TestClient, path: str, form: str = "*/*") -> str:
    tag = client.get(path, headers={"accept": form}).headers["etag"]
    assert tag.startswith('"')  # a strong one
    return tag


def test_what_the_client_has_is_not_sent_again(client: TestClient) -> None:
    """304 without a body, for articles and for each form of a report; the tag and Vary are there too."""
    answer = client.post("/v1/articles", json={"text": TOWN})
    wanted = [(article_of(answer), "*/*"), *((answer.headers["location"], form) for form in FORMS)]
    for path, form in wanted:
        tag = _tag(client, path, form)
        for condition in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = client.get(path, headers={"accept": form, "if-none-match": condition})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == tag
            assert again.headers["cache-control"] == "private, no-cache"
        assert client.get(path, headers={"accept": form, "if-none-match": '"other"'}).status_code == 200


def test_every_form_has_a_tag_of_its_own(client: TestClient) -> None:
    """A page is not a cached JSON, and another check's report is not this one's."""
    first = client.post("/v1/articles", json={"text": TOWN}).headers["location"]
    second = client.post("/v1/articles", json={"text": TOWN}).headers["location"]
    assert len({_tag(client, first, form) for form in FORMS}) == len(FORMS)
    assert _tag(client, first) != _tag(client, second)


def test_a_withdrawal_changes_the_tag(client: TestClient) -> None:
    """A reader who has the report is told that its source was withdrawn."""
    story = article_of(client.post("/v1/articles?check=false", json={"text": POST}))
    report = client.post("/v1/articles", json={"text": TOWN}).headers["location"]
    for form in FORMS:
        tag = _tag(client, report, form)
        client.delete(story)
        assert client.get(report, headers={"accept": form, "if-none-match": tag}).status_code == 200
        client.put(story, json={"pubstatus": "usable"})
        assert client.get(report, headers={"accept": form, "if-none-match": tag}).status_code == 304


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_an_article_is_changed_as_the_client_knows_it(client: TestClient, method: str) -> None:
    """With If-Match it is withdrawn only where it is what the client read, and was not withdrawn meanwhile."""
    path = article_of(client.post("/v1/articles?check=false", json={"text": TOWN}))
    tag, body = _tag(client, path), {"pubstatus": "canceled"} if method == "PUT" else None
    for condition in ('"other"', f"W/{tag}"):
        refused = client.request(method, path, json=body, headers={"if-match": condition})
        assert (refused.status_code, refused.json()["code"]) == (412, "changed_since")
    assert client.get(path).status_code == 200
    assert client.request(method, path, json=body, headers={"if-match": tag}).status_code == 204
    assert client.request(method, path, json=body, headers={"if-match": tag}).status_code == 412
