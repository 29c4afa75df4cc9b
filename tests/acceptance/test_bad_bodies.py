"""A thousand bodies that are no article, each spoilt in one way: all are refused, and nothing is kept of them."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from service.bootstrap import Service
from service.store.tables import ArticleRow, CheckRow, IdempotencyRow, PassageRow
from tests.api.served import TOWN

COUNT = 1000
TABLES = (ArticleRow, PassageRow, CheckRow, IdempotencyRow)
JSON, PLAIN = "application/json", "text/plain"

Sent = tuple[str, bytes]
"""The media type, and the body."""

_WORDS = [*TOWN.split(), "München", "上海", "🌉", "\u202e", "\u00a0"]
_OTHER_THAN_TEXT: tuple[Any, ...] = (None, True, 7, -1.5, [], ["a"], {}, {"a": "b"})
_FIELDS = ("publisher", "title", "published_at", "url", "language", "media_type")
_WRONG = {
    "media_type": ("application/pdf", "text/markdown", "text/plain; charset=utf-8"),
    "publisher": ("", "a" * 201, "a\u0000b"),
    "title": ("", "a" * 501, "a\u0007b"),
    "published_at": ("yesterday", "2024-13-01T00:00:00Z", "2024-12-08", "2999-01-01T00:00:00Z", "1733652000"),
    "url": ("javascript:alert(1)", "ftp://a.example/", "https://", "https://a.example/" + "a" * 2000),
    "language": ("", "EN", "eng", "xx", "english"),
}


def _text(draw: random.Random) -> str:
    return " ".join(draw.choices(_WORDS, k=draw.randint(5, 40))) + "."


def _json(**fields: Any) -> Sent:
    return JSON, json.dumps(fields).encode()


def cut_off(draw: random.Random) -> Sent:
    """JSON that ends too early."""
    kind, body = _json(text=_text(draw), title="A bridge")
    return kind, body[: draw.randrange(len(body))]


def run_on(draw: random.Random) -> Sent:
    """JSON with something behind it."""
    kind, body = _json(text=_text(draw))
    return kind, body + draw.choice([b"{}", b",", b"]", b"null", body])


def no_utf_8(draw: random.Random) -> Sent:
    """Bytes that are no UTF-8, somewhere in a body of any kind."""
    kind, body = draw.choice([_json(text=_text(draw)), (PLAIN, _text(draw).encode())])
    place = draw.randrange(1, len(body))
    return kind, body[:place] + draw.choice([b"\xff", b"\xfe\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5"]) + body[
        place:
    ]


def no_object(draw: random.Random) -> Sent:
    """JSON that is a value of another kind."""
    return JSON, json.dumps(
        draw.choice([None, True, draw.random(), draw.getrandbits(80), _text(draw), [TOWN], []])
    ).encode()


def no_text(draw: random.Random) -> Sent:
    """An object without a text, or with something else in its place."""
    fields = {"title": "A bridge"} if draw.random() < 0.2 else {"text": draw.choice(_OTHER_THAN_TEXT)}
    return _json(**fields)


def nothing_said(draw: random.Random) -> Sent:
    """A text without a word, or without a sentence."""
    blank = "".join(draw.choices(" \t\r\n\u00a0\u2003\u200b", k=draw.randint(0, 50)))
    menu = "\n".join(draw.choices(["Home", "News", "Sport", "Weather", "Contact"], k=draw.randint(1, 9)))
    text = draw.choice([blank, menu])
    return draw.choice([_json(text=text), (PLAIN, text.encode())])


def wrong_kind(draw: random.Random) -> Sent:
    """A field that is no string."""
    return _json(text=TOWN, **{draw.choice(_FIELDS): draw.choice(_OTHER_THAN_TEXT[1:])})


def wrong_value(draw: random.Random) -> Sent:
    """A field whose string is not one that it may have."""
    field = draw.choice(_FIELDS)
    return _json(text=TOWN, **{field: draw.choice(_WRONG[field])})


def unknown_field(draw: random.Random) -> Sent:
    """A field that there is not."""
    return _json(text=TOWN, **{draw.choice(["", "Text", "titel", "id", "sentences", "__class__", "$ref"]): "a"})


def given_twice(draw: random.Random) -> Sent:
    """A field twice, which a lenient reader takes for one."""
    return JSON, f'{{"text": {json.dumps(_text(draw))}, "text": {json.dumps(_text(draw))}}}'.encode()


def control_characters(draw: random.Random) -> Sent:
    """Characters in the text that no article has."""
    words = _text(draw)
    place = draw.randrange(len(words))
    spoilt = words[:place] + draw.choice(["\x00", "\ud800", "\udfff"]) + words[place:]
    return _json(text=spoilt)


def other_types(draw: random.Random) -> Sent:
    """A media type, or a charset, that is not taken."""
    kinds = ("application/pdf", "application/xml", "text/markdown", "multipart/form-data", "json", "*/*", "/")
    kind = draw.choice([*kinds, f"{PLAIN}; charset=latin-1", f"{JSON}; charset=utf-16"])
    return kind, _text(draw).encode()


def too_deep(draw: random.Random) -> Sent:
    """JSON in JSON in JSON."""
    depth = draw.randint(1_000, 50_000)
    return JSON, draw.choice([b"[" * depth, b"[" * depth + b"]" * depth, b'{"text":' * depth])


def too_long(draw: random.Random) -> Sent:
    """More characters than are taken."""
    text = "The bridge opened. " * (200_001 // 19 + draw.randint(1, 5_000))
    return draw.choice([_json(text=text), (PLAIN, text.encode())])


WAYS: list[Callable[[random.Random], Sent]] = [
    cut_off,
    run_on,
    no_utf_8,
    no_object,
    no_text,
    nothing_said,
    wrong_kind,
    wrong_value,
    unknown_field,
    given_twice,
    control_characters,
    other_types,
    too_deep,
    too_long,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_bad_bodies_leave_nothing_behind(client: TestClient, way: Callable[[random.Random], Sent]) -> None:
    """Every answer is a problem of 4xx; no article, passage, check or Idempotency-Key is stored."""
    good = client.post("/v1/articles", json={"text": TOWN}, headers={"idempotency-key": "good"})
    assert good.is_success
    before = _held(client)
    draw = random.Random(way.__name__)  # noqa: S311 - repeatable is the point
    for number in range(-(-COUNT // len(WAYS))):
        kind, body = way(draw)
        headers = {"content-type": kind, "idempotency-key": f"bad-{number}"}
        answer = client.post("/v1/articles", content=body, headers=headers)
        assert 400 <= answer.status_code < 500, (answer.status_code, kind, body[:200], answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
    assert _held(client) == before


def _held(client: TestClient) -> list[int]:
    """How many rows the tables have."""
    service: Service = client.app_state["service"]
    assert client.portal
    counts = [
        client.portal.call(service.store.rows, select(func.count().label("rows")).select_from(table))
        for table in TABLES
    ]
    return [rows[0].rows for rows in counts]
