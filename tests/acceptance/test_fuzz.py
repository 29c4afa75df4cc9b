"""Two hundred bad bodies, and not one of them stored or answered with anything but a 4xx."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tests.api.served import held, served


def _dumped(value: object) -> bytes:
    return json.dumps(value).encode()


_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
_fields = st.sampled_from(["text", "media_type", "publisher", "title", "published_at", "url", "language", "x", ""])
_bodies = st.binary(max_size=200) | st.dictionaries(_fields, _values, max_size=5).map(_dumped) | _values.map(_dumped)
_types = st.sampled_from(["application/json", "text/plain", "text/html", "text/plain;charset=utf-16", "", "a/b", ";"])
_queries = st.dictionaries(_fields | st.just("check"), st.text(max_size=20), max_size=3)


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[TestClient]:
    with served() as client:
        yield client


@settings(max_examples=200, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(body=_bodies, content_type=_types, query=_queries)
def test_nonsense_is_refused(fuzzed: TestClient, body: bytes, content_type: str, query: dict[str, str]) -> None:
    """No body that is not an article is a fault of ours."""
    headers = {"content-type": content_type}
    answer = fuzzed.post("/v1/articles", content=body, params=query, headers=headers)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["status"] == answer.status_code


def test_nothing_was_stored(fuzzed: TestClient) -> None:
    """After all that, nothing is held."""
    assert held(fuzzed) == 0
