"""Nonsense by the hundred: none of it is a fault of ours, and nothing is stored that is not said to be."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tests.api.served import article_of, held


def _dumped(value: object) -> bytes:
    return json.dumps(value).encode()


def _is_no_object(value: object) -> bool:
    return not isinstance(value, dict)


_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
_fields = st.sampled_from(["text", "media_type", "publisher", "title", "published_at", "url", "language", "x", ""])
_anything = (
    st.binary(max_size=200)
    | st.dictionaries(_fields, _values, max_size=5).map(_dumped)
    | st.fixed_dictionaries({"text": st.text(max_size=60)}).map(_dumped)
)
_no_article = st.binary(max_size=100).map(lambda rest: rest + b"\xff") | _values.filter(_is_no_object).map(_dumped)
_types = st.sampled_from(["application/json", "text/plain", "text/html", "text/plain;charset=utf-16", "", "a/b", ";"])
_queries = st.dictionaries(_fields | st.just("check"), st.text(max_size=20), max_size=3)
_often = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def stored() -> set[str]:
    """What the answers said was stored, over all examples of a test."""
    return set()


@settings(_often, max_examples=120)
@given(body=_no_article, content_type=_types, query=_queries)
def test_what_is_no_article_is_refused(
    client: TestClient, body: bytes, content_type: str, query: dict[str, str]
) -> None:
    """Bytes that are not UTF-8 are refused under every type, and so is JSON that is no object."""
    said = content_type if body.endswith(b"\xff") else "application/json"
    answer = client.post("/v1/articles", content=body, params=query, headers={"content-type": said})
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["status"] == answer.status_code


@settings(_often, max_examples=120)
@given(body=_anything, content_type=_types, query=_queries)
def test_what_is_stored_is_said(
    client: TestClient, stored: set[str], body: bytes, content_type: str, query: dict[str, str]
) -> None:
    """Every 2xx names what it stored, and nothing else is held."""
    answer = client.post("/v1/articles", content=body, params=query, headers={"content-type": content_type})
    assert answer.status_code < 500, answer.text
    if answer.is_success:
        stored.add(article_of(answer))
    assert held(client) == len(stored)
