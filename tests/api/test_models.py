"""What `GET /v1/models` tells, and what nothing tells."""

import re

from starlette.testclient import TestClient

from service.api.models import FORMS
from service.llm import backends
from service.llm.backends import backend
from tests.api.served import served


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
