"""Whether the process lives, whether it can work, and what it works with."""

import re

import pytest
from starlette.testclient import TestClient

from schemas.article import Article
from service.api.app import create_app
from service.api.models import FORMS
from service.corpus.memory import MemoryCorpus
from service.errors import ConfigurationError, StoreError
from service.llm import backends
from service.llm.backends import backend
from service.settings import Settings
from tests.api.served import served


class _BrokenCorpus(MemoryCorpus):
    async def article(self, article_id: str) -> Article | None:
        raise StoreError("The database file cannot be read; look at its disk.")


def test_a_process_lives(client: TestClient) -> None:
    """Nothing is asked of the store or the model."""
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


def test_a_service_is_ready(client: TestClient) -> None:
    """The store answers and a model is chosen."""
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"
    assert answer.json()["note"] is None


def test_without_a_model_it_is_ready_and_says_so() -> None:
    """`none` is a choice, not a fault; the answer tells how to make another."""
    with served(backend=backend("none")) as client:
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["model"]) == (200, "none")
        assert "SECONDSOURCE_MODEL" in answer.json()["note"]


def test_with_a_broken_store_it_lives_and_is_not_ready() -> None:
    """The problem says what is wrong with the store."""
    with served(corpus=_BrokenCorpus()) as client:
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["code"]) == (503, "store")
        assert "disk" in answer.json()["detail"]


def test_an_error_at_the_start_is_kept() -> None:
    """Whoever runs the server finds why it did not start."""
    app = create_app(Settings(model="nonsense"))
    with pytest.raises(ConfigurationError) as caught, TestClient(app):
        pass
    assert app.state.failure is caught.value


def test_models_tells_what_is_configured(client: TestClient) -> None:
    """The model, how others are named, the prompts with their hashes."""
    told = client.get("/v1/models").json()
    assert told["configured"] is True
    assert "none" in {form["form"] for form in told["forms"]}
    assert {prompt["name"] for prompt in told["prompts"]} >= {"extract_claims", "judge_evidence"}
    assert told["code_version"] == "test"


def test_models_tells_no_secret() -> None:
    """Neither the key nor the address of a model's server is told anywhere."""
    with served(
        backend=backend("none"), api_key="sk-very-secret", base_url="http://user:word@127.0.0.1:9/v1"
    ) as client:
        told = client.get("/v1/models").text + client.get("/readyz").text + client.get("/openapi.json").text
        assert "very-secret" not in told
        assert "user:word" not in told
        assert client.get("/v1/models").json()["configured"] is False


def test_every_form_of_a_model_is_told() -> None:
    """The forms are those that the service takes."""
    told = re.split(r", | or ", backends.FORMS)
    assert [form.form for form in FORMS] == told
