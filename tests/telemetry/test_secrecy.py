"""Nothing of an article, a query or a key is logged, whatever goes wrong."""

import json
from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from schemas.article import Article
from service.corpus.memory import MemoryCorpus
from service.corpus.protocol import Corpus
from service.errors import ModelError
from service.llm.protocol import Finish, Reply, Request
from tests.api.served import one_claim_that_conflicts, served
from tests.telemetry.piped import lines, piped

MARK = "quixotry"
"""Stands in every place that a client fills, and in every message of whatever fails."""
TEXT = f"The {MARK} bridge in Marbach opened on Monday. It carries {MARK} lorries of up to 40 tonnes, the mayor said."
BODY = {"text": TEXT, "title": f"A {MARK} bridge", "publisher": MARK, "url": f"https://{MARK}.example/bridge"}

Answer = Callable[[Request], Reply | str | ModelError]


class _Faulty(MemoryCorpus):
    async def article(self, article_id: str) -> Article | None:
        raise RuntimeError(MARK)


def _unforeseen(_: Request) -> str:
    raise ValueError(MARK)


def _errors(kind: type[ModelError] = ModelError) -> Iterator[type[ModelError]]:
    for below in kind.__subclasses__():
        yield below
        yield from _errors(below)


ANSWERS: dict[str, Answer] = {
    "well": one_claim_that_conflicts,
    "unforeseen": _unforeseen,
    "garbage": lambda _: f"{MARK} {{",
    "another shape": lambda _: json.dumps({MARK: [MARK]}),
    "cut off": lambda _: Reply(MARK, MARK, Finish.LENGTH),
    "declined": lambda _: Reply(MARK, MARK, Finish.REFUSED),
    **{kind.__name__: lambda _, kind=kind: kind(f"The provider says {MARK}.") for kind in _errors()},  # type: ignore[misc]
}


def _requests(client: TestClient) -> None:
    """Everything that can be asked, rightly and wrongly, with the mark wherever something can be put."""
    headers = {"Authorization": f"Bearer {MARK}"}
    prefer = {"Prefer": "wait=5", "Idempotency-Key": MARK}
    held = client.post("/v1/articles", json=BODY, params={"check": "false"}, headers=headers)
    article = held.json().get("id", MARK)
    client.post("/v1/articles", json=BODY, headers=prefer)
    client.post(f"/v1/articles/{article}/checks", headers={"Prefer": "wait=5", "X-API-Key": MARK})
    client.get(f"/v1/articles/{article}/report", params={MARK: MARK})
    client.get(f"/v1/articles/{MARK}")
    client.get(f"/{MARK}", params={"title": MARK})
    client.get("/v1/claims", params={"query": MARK})
    client.put(f"/v1/articles/{article}", json={MARK: MARK})
    client.post("/v1/articles", content=f'{{"text": "{MARK}')
    client.post("/v1/articles", json={**BODY, MARK: MARK, "published_at": MARK})
    client.post("/v1/articles", json={**BODY, "text": ""})
    client.post("/v1/articles", content=TEXT.encode("utf-16"), headers={"content-type": "text/plain"})
    client.post("/v1/articles", content=TEXT, headers={"content-type": f"text/{MARK}"})
    client.post("/v1/articles", params=BODY, content=f"<p>{TEXT}", headers={"content-type": "text/html"})
    client.post("/v1/articles", json={**BODY, "text": TEXT * 9000})
    client.request("BREW", f"/v1/articles/{article}", headers={"X-Request-ID": f"two {MARK}"})


def _logged(answer: Answer, corpus: Corpus | None, capfd: pytest.CaptureFixture[str]) -> str:
    """Everything that was written while all was asked."""
    with piped() as written, served(answer, corpus=corpus) as client:
        _requests(client)
    assert len(lines(written)) > 15
    told = capfd.readouterr()
    return written.getvalue() + told.out + told.err


@pytest.mark.parametrize("kind", ANSWERS)
def test_no_log_holds_what_was_handed_in(kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    """However the model answers or fails."""
    assert MARK not in _logged(ANSWERS[kind], None, capfd)


def test_no_log_holds_the_words_of_a_fault_of_ours(capfd: pytest.CaptureFixture[str]) -> None:
    """An error that nobody foresaw may quote anything; only its place is told."""
    logged = _logged(one_claim_that_conflicts, _Faulty(), capfd)
    assert MARK not in logged
    assert '"error": "RuntimeError"' in logged
