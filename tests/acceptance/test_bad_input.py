"""Every kind of bad input gets a clear 4xx, and nothing is stored."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.served import TOWN, article_of, held

JSON = "application/json"
PLAIN = "text/plain"
HTML = "text/html"
TOMORROW = (datetime.now(UTC) + timedelta(days=2)).isoformat()
MENU = "Home\nNews\nSport\nWeather\nContact\nImprint\n"


@pytest.fixture
def database_url() -> str:
    """What is refused is refused before any database is asked: one will do."""
    return "sqlite://"


def _with(**fields: Any) -> bytes:
    return json.dumps({"text": TOWN, **fields}).encode()


CASES: list[Any] = [
    pytest.param(status, code, kind, body, id=name)
    for name, status, code, kind, body in [
        ("empty body", 400, "malformed_json", JSON, b""),
        ("empty plain body", 422, "empty_text", PLAIN, b""),
        ("empty html body", 422, "empty_text", HTML, b""),
        ("empty text", 422, "empty_text", JSON, _with(text="")),
        ("white space", 422, "empty_text", JSON, _with(text=" \n\t\u00a0\u2003 \r\n")),
        ("plain white space", 422, "empty_text", PLAIN, b" \n\n\t "),
        ("only a byte order mark", 422, "empty_text", PLAIN, b"\xef\xbb\xbf"),
        ("only a menu", 422, "no_sentences", JSON, _with(text=MENU)),
        ("only an html menu", 422, "no_sentences", HTML, b"<ul><li>Home</li><li>News</li><li>Sport</li></ul>"),
        ("html without text", 422, "empty_text", HTML, b"<html><head><script>var a = 1;</script></head></html>"),
        ("one character too many", 413, "text_too_large", JSON, _with(text="a" * 200_001)),
        ("five megabytes", 413, "text_too_large", PLAIN, b"The bridge opened. " * 280_000),
        ("five megabytes of json", 413, "text_too_large", JSON, _with(text="a" * 5_000_000)),
        ("latin-1", 400, "not_text", PLAIN, "Straße".encode("latin-1")),
        ("latin-1 in json", 400, "not_text", JSON, b'{"text": "Stra\xdfe"}'),
        ("utf-16", 400, "not_text", JSON, _with().decode().encode("utf-16")),
        ("a charset other than utf-8", 415, "unsupported_media_type", f"{PLAIN}; charset=latin-1", TOWN.encode()),
        ("the same in json", 415, "unsupported_media_type", f'{JSON};charset="ISO-8859-1"', _with()),
        ("NUL", 400, "not_text", PLAIN, b"The bridge\x00 opened on Monday."),
        ("NUL in json", 400, "malformed_json", JSON, b'{"text": "a\x00b"}'),
        ("escaped NUL", 400, "not_text", JSON, _with(text="The bridge\0 opened on Monday.")),
        ("NUL in the title", 400, "not_text", JSON, _with(title="A\0B")),
        ("a lone surrogate", 400, "malformed_json", JSON, b'{"text": "The bridge \\ud800 opened on Monday."}'),
        ("a lone low surrogate", 400, "malformed_json", JSON, b'{"text": "The bridge \\udc00 opened on Monday."}'),
        ("an encoded surrogate", 400, "not_text", PLAIN, b"The bridge \xed\xa0\x80 opened on Monday."),
        ("an overlong encoding", 400, "not_text", PLAIN, b"The bridge \xc0\xaf opened on Monday."),
        ("a language that is not configured", 422, "unsupported_language", JSON, _with(language="de")),
        ("a language that is none", 422, "invalid_request", JSON, _with(language="English")),
        ("a date to come", 422, "published_in_future", JSON, _with(published_at=TOMORROW)),
        ("a date without offset", 422, "invalid_request", JSON, _with(published_at="2024-12-08T10:00:00")),
        ("a day", 422, "invalid_request", JSON, _with(published_at="2024-12-08")),
        ("no date", 422, "invalid_request", JSON, _with(published_at="last Sunday")),
        ("a number for a date", 422, "invalid_request", JSON, _with(published_at=1733652000)),
        ("a day that is none", 422, "invalid_request", JSON, _with(published_at="2024-02-30T10:00:00Z")),
        ("malformed json", 400, "malformed_json", JSON, b'{"text": "a"'),
        ("two values", 400, "malformed_json", JSON, _with() * 2),
        ("single quotes", 400, "malformed_json", JSON, b"{'text': 'a'}"),
        ("a field twice", 400, "malformed_json", JSON, b'{"text": "Bridge.", "text": "The bridge opened."}'),
        ("an array", 422, "invalid_request", JSON, b'["text"]'),
        ("a number", 422, "invalid_request", JSON, b"7"),
        ("a string", 422, "invalid_request", JSON, b'"text"'),
        ("null", 422, "invalid_request", JSON, b"null"),
        ("no text", 422, "invalid_request", JSON, b"{}"),
        ("a list for the text", 422, "invalid_request", JSON, _with(text=[TOWN])),
        ("deep nesting", 400, "malformed_json", JSON, b"[" * 100_000),
        ("deep objects", 400, "malformed_json", JSON, b'{"text":' * 50_000),
        ("a number without end", 422, "invalid_request", JSON, b'{"text": 1e999}'),
        ("a number of 10,000 digits", 400, "malformed_json", JSON, b'{"text": ' + b"9" * 10_000 + b"}"),
        ("NaN", 422, "invalid_request", JSON, b'{"text": NaN}'),
        ("an unknown field", 422, "invalid_request", JSON, _with(titel="A bridge")),
        ("an address that is none", 422, "invalid_request", JSON, _with(url="javascript:alert(1)")),
        ("an empty title", 422, "invalid_request", JSON, _with(title="")),
        ("a title without end", 422, "invalid_request", JSON, _with(title="a" * 501)),
        ("a media type that is not taken", 422, "invalid_request", JSON, _with(media_type="application/pdf")),
        ("another content type", 415, "unsupported_media_type", "application/pdf", b"%PDF-1.7"),
        ("a form", 415, "unsupported_media_type", "application/x-www-form-urlencoded", b"text=The+bridge+opened."),
        ("a type that is none", 415, "unsupported_media_type", "json", _with()),
        ("no content type", 415, "unsupported_media_type", "", _with()),
    ]
]


@pytest.mark.parametrize(("status", "code", "content_type", "body"), CASES)
def test_bad_bodies_are_refused(client: TestClient, status: int, code: str, content_type: str, body: bytes) -> None:
    """The status and the code are those of the fault, the detail is a sentence, and nothing is held."""
    answer = client.post("/v1/articles", content=body, headers={"content-type": content_type} if content_type else {})
    told = answer.json()
    assert (answer.status_code, told["code"]) == (status, code), told
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["detail"].endswith(".")
    assert len(answer.content) < 2_000
    assert held(client) == 0


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("check=maybe", 422, "invalid_request"),
        ("check=", 422, "invalid_request"),
        ("check=false&check=true", 422, "invalid_request"),
        ("titel=A", 422, "invalid_request"),
        ("text=A", 422, "invalid_request"),
        ("title=", 422, "invalid_request"),
        ("title=" + "a" * 1000, 422, "invalid_request"),
        ("title=%00", 400, "not_text"),
        ("title=Stra%DFe", 400, "not_text"),
        ("published_at=yesterday", 422, "invalid_request"),
        ("published_at=2024-12-08T10:00:00", 422, "invalid_request"),
        ("published_at=2999-01-01T00:00:00Z", 422, "published_in_future"),
        ("language=xx", 422, "unsupported_language"),
        ("language=english", 422, "invalid_request"),
        ("url=file:///etc/passwd", 422, "invalid_request"),
        ("&".join(f"a{n}=1" for n in range(500)), 422, "invalid_request"),
    ],
)
def test_bad_queries_are_refused(client: TestClient, query: str, status: int, code: str) -> None:
    """What is said of a bare text is held to the same rules as the fields of a JSON body."""
    answer = client.post(f"/v1/articles?{query}", content=TOWN, headers={"content-type": PLAIN})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
    assert held(client) == 0


def test_a_query_beside_json_is_not_passed_over(client: TestClient) -> None:
    """A title in the query of a JSON body would be lost; it is refused."""
    answer = client.post("/v1/articles?title=A&publisher=B", json={"text": TOWN})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert "publisher, title" in answer.json()["detail"]
    assert held(client) == 0


def test_compressed_bodies_are_refused(client: TestClient) -> None:
    """Nothing is unpacked, so nothing can be a bomb."""
    headers = {"content-type": PLAIN, "content-encoding": "gzip"}
    answer = client.post("/v1/articles", content=b"\x1f\x8b", headers=headers)
    assert (answer.status_code, answer.headers["accept-post"]) == (415, "application/json, text/plain, text/html")


def test_faults_are_named_by_pointer(client: TestClient) -> None:
    """Each field at fault has a pointer and a sentence; what was sent is not repeated."""
    answer = client.post("/v1/articles", json={"text": 5, "url": "secret-place", "titel": "A", "a/b": 1})
    told = answer.json()["errors"]
    assert {fault["pointer"] for fault in told} == {"/text", "/url", "/titel", "/a~1b"}
    assert "secret-place" not in answer.text


@pytest.mark.parametrize("path", ["/", "/v1", "/v2/articles", "/v1/articles/", "/v1/nothing", "/v1/articles/a/b", "//"])
def test_unknown_paths_are_problems(client: TestClient, path: str) -> None:
    """A path that there is not, a slash too many among them, is 404."""
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_path")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/articles", "GET, POST"),
        ("PATCH", f"/v1/articles/{'0' * 24}", "DELETE, GET, PUT"),
        ("PUT", f"/v1/checks/{'0' * 32}", "DELETE, GET"),
        ("GET", f"/v1/articles/{'0' * 24}/checks", "POST"),
        ("POST", "/healthz", "GET"),
        ("BREW", "/v1/models", "GET"),
    ],
)
def test_wrong_methods_are_problems(client: TestClient, method: str, path: str, allowed: str) -> None:
    """The answer names the methods that the path takes."""
    answer = client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == allowed


UNKNOWN = ["0" * 24, "0" * 32, "0", "x" * 3000, "%00", "%FF", "'%20OR%201=1", "..%5c..", "*"]


@pytest.mark.parametrize("asked", ["GET ", "GET /report", "POST /checks", "DELETE "])
@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_articles_are_not_found(client: TestClient, name: str, asked: str) -> None:
    """An id that nothing is held under is 404, however it is made."""
    method, _, path = asked.partition(" ")
    answer = client.request(method, f"/v1/articles/{name}{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("asked", ["GET ", "GET /report", "GET /events", "DELETE "])
@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_checks_are_not_found(client: TestClient, name: str, asked: str) -> None:
    """So is an id that no check has."""
    method, _, path = asked.partition(" ")
    answer = client.request(method, f"/v1/checks/{name}{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, b"{"),
        (400, b""),
        (422, b"{}"),
        (422, b'{"pubstatus": "killed"}'),
        (422, b'{"pubstatus": "usable", "text": "x"}'),
        (422, b"[]"),
        (422, b'{"pubstatus": null}'),
        (400, b'{"pubstatus": "\xff"}'),
    ],
)
def test_bad_states_of_publication_are_refused(client: TestClient, status: int, body: bytes) -> None:
    """What is no state of publication changes nothing."""
    path = article_of(client.post("/v1/articles?check=false", json={"text": TOWN}))
    answer = client.put(path, content=body, headers={"content-type": JSON})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("list_of", ["articles", "checks"])
@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "after=", "after=x", "after=%00", "after=%FF"])
def test_bad_pages_are_refused(client: TestClient, list_of: str, query: str) -> None:
    """No page is so large or so small, and no page begins there."""
    answer = client.get(f"/v1/{list_of}?{query}")
    assert answer.status_code == 422
    assert answer.json()["code"] in ("invalid_request", "bad_input")


@pytest.mark.parametrize("query", ["state=lost", "article_id=x", "article_id=%00"])
def test_bad_filters_are_refused(client: TestClient, query: str) -> None:
    """No check is in such a state, or of such an article."""
    assert client.get(f"/v1/checks?{query}").json()["code"] == "invalid_request"


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 201, "é"])
def test_bad_idempotency_keys_are_refused(client: TestClient, key: str) -> None:
    """A key that could not be kept as it is, is none, and nothing is held."""
    headers = {b"idempotency-key": key.encode()}
    answer = client.post("/v1/articles", json={"text": TOWN}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert held(client) == 0


@pytest.mark.parametrize("number", ["-1", "x", "9" * 30])
def test_bad_event_numbers_are_refused(client: TestClient, number: str) -> None:
    """Neither in the query nor in the header."""
    path = client.post("/v1/articles", json={"text": TOWN}).headers["location"].replace("/report", "/events")
    for answer in (client.get(path, params={"after": number}), client.get(path, headers={"last-event-id": number})):
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_nothing_sent_is_told_again(client: TestClient) -> None:
    """No problem document repeats words of the text."""
    for body in (b'{"text": "Confidential words", "x": ', b'{"text": ["Confidential words"]}', b'"Confidential words"'):
        answer = client.post("/v1/articles", content=body, headers={"content-type": JSON})
        assert "Confidential" not in answer.text


def test_no_other_site_is_let_in(client: TestClient) -> None:
    """There are no CORS headers, and a preflight gets none."""
    headers = {"origin": "https://elsewhere.example", "access-control-request-method": "POST"}
    answer = client.options("/v1/articles", headers=headers)
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]
