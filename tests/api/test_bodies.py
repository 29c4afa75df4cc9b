"""Bodies of JSON are read by one rule on every route, and only when the key is known."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from schemas.key import Scope
from tests.api.served import TOWN, article_of, made_key, served

JSON = {"content-type": "application/json"}
ROUTES = ["POST /v1/articles", "PUT ARTICLE", "POST /v1/webhooks"]


class Room(TestClient):
    """A client of an application that holds an article."""

    article: str

    def sent(self, route: str, body: bytes, **headers: str) -> tuple[int, str]:
        """Status and code of the answer to a body."""
        method, _, path = route.replace("ARTICLE", self.article).partition(" ")
        answer = self.request(method, path, content=body, headers={**JSON, **headers})
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        return answer.status_code, answer.json()["code"]


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with served() as client:
        client.__class__ = Room
        assert isinstance(client, Room)
        client.article = article_of(client.post("/v1/articles?check=false", json={"text": TOWN}))
        yield client


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("code", "body"),
    [
        pytest.param(code, body, id=name)
        for name, code, body in [
            ("nothing", "malformed_json", b""),
            ("cut off", "malformed_json", b"{"),
            ("bare", "malformed_json", b"usable"),
            ("latin-1", "not_text", b'{"a": "Stra\xdfe"}'),
            ("latin-1 alone", "not_text", b"\xff"),
            ("utf-16", "not_text", '{"a": 1}'.encode("utf-16")),
            ("an encoded surrogate", "not_text", b'{"a": "\xed\xa0\x80"}'),
            ("deep arrays", "malformed_json", b"[" * 100_000),
            ("deep arrays that end", "malformed_json", b'{"a": ' + b"[" * 20_000 + b"]" * 20_000 + b"}"),
            ("deep objects", "malformed_json", b'{"a":' * 50_000),
            ("a number of 100,000 digits", "malformed_json", b'{"a": ' + b"9" * 100_000 + b"}"),
            ("nothing but such a number", "malformed_json", b"9" * 100_000),
        ]
    ],
)
def test_what_cannot_be_read_is_400_on_every_route(room: Room, route: str, code: str, body: bytes) -> None:
    """What is no UTF-8 is no text, all else is no JSON."""
    assert room.sent(route, body) == (400, code)


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("POST /v1/articles", b'{"text": "The bridge.", "text": "It opened."}'),
        ("PUT ARTICLE", b'{"pubstatus": "usable", "pubstatus": "canceled"}'),
        ("POST /v1/webhooks", b'{"url": "https://a.example/", "url": "https://b.example/", "events": []}'),
        (
            "POST /v1/webhooks",
            b'{"url": "https://a.example/", "events": ["check.failed"], "url": "https://b.example/"}',
        ),
    ],
)
def test_a_field_given_twice_is_refused_on_every_route(room: Room, route: str, body: bytes) -> None:
    """Which of the two was meant nobody knows."""
    assert room.sent(route, body)[0] in {400, 422}
    assert room.get(room.article).status_code == 200


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("kind", ["text/markdown", "application/json; charset=utf-16", ""])
def test_what_is_no_json_is_415_on_every_route(room: Room, route: str, kind: str) -> None:
    """By what it says of itself; so is what is compressed."""
    assert room.sent(route, b"{}", **{"content-type": kind}) == (415, "unsupported_media_type")
    assert room.sent(route, b"{}", **{"content-encoding": "gzip"}) == (415, "unsupported_media_type")


@pytest.mark.parametrize(("route", "pointer"), [("PUT ARTICLE", "/pubstatus"), ("POST /v1/webhooks", "/url")])
def test_what_does_not_fit_is_422_with_its_place(room: Room, route: str, pointer: str) -> None:
    """Each fault has a pointer into the body; nothing sent is repeated."""
    method, _, path = route.replace("ARTICLE", room.article).partition(" ")
    answer = room.request(method, path, json={pointer[1:]: 5, "events": ["secret-place"]})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    assert "secret-place" not in answer.text


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"[" * 100_000, b"\xff"])
def test_the_key_comes_before_the_body(route: str, body: bytes) -> None:
    """Without a key nothing is said of the body; with one that does not suffice neither."""
    with served() as client:
        path = route.partition(" ")[2].replace("ARTICLE", f"/v1/articles/{'0' * 24}")
        key = made_key(client, Scope.READ)
        for headers, status in ((JSON, 401), ({**JSON, "X-API-Key": key}, 403)):
            answer = client.request(route.partition(" ")[0], path, content=body, headers=headers)
            assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_bodies_are_documented() -> None:
    """The handlers read them themselves; the document has their schema nonetheless, whole and in place."""
    with served() as client:
        paths = client.get("/openapi.json").json()["paths"]
    put, post = paths["/v1/articles/{article_id}"]["put"], paths["/v1/webhooks"]["post"]
    for operation, fields in ((put, {"pubstatus"}), (post, {"url", "events"})):
        assert operation["requestBody"]["required"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        assert set(schema["required"]) == set(schema["properties"]) == fields
        assert schema["additionalProperties"] is False
        assert "$ref" not in str(schema)
    assert "canceled" in str(put["requestBody"]["content"]["application/json"]["schema"])
