"""The OpenAPI document tells all there is."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from service.api.problems import KINDS
from tests.api.served import served

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def document() -> Iterator[dict[str, Any]]:
    with served() as client:
        answer: dict[str, Any] = client.get("/openapi.json").json()
        yield answer


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_the_paths_are_those_promised(document: dict[str, Any]) -> None:
    """No more and no fewer."""
    assert {name for name, _ in _operations(document)} == {
        "POST /v1/articles",
        "GET /v1/articles",
        "GET /v1/articles/{article_id}",
        "PUT /v1/articles/{article_id}",
        "DELETE /v1/articles/{article_id}",
        "POST /v1/articles/{article_id}/checks",
        "GET /v1/articles/{article_id}/report",
        "GET /v1/checks",
        "GET /v1/checks/{check_id}",
        "DELETE /v1/checks/{check_id}",
        "GET /v1/checks/{check_id}/events",
        "GET /v1/checks/{check_id}/report",
        "GET /v1/claims",
        "GET /v1/claims/{claim_id}",
        "GET /v1/webhooks",
        "POST /v1/webhooks",
        "GET /v1/webhooks/{webhook_id}",
        "DELETE /v1/webhooks/{webhook_id}",
        "POST /v1/webhooks/{webhook_id}/secret",
        "GET /v1/webhooks/{webhook_id}/deliveries",
        "POST /v1/webhooks/{webhook_id}/test",
        "GET /v1/models",
        "GET /metrics",
        "GET /healthz",
        "GET /readyz",
    }


def test_it_says_what_it_is(document: dict[str, Any]) -> None:
    """Title, version, description and every tag are there."""
    assert document["info"]["title"] == "Second Source"
    assert document["info"]["version"]
    assert document["info"]["description"]
    assert {tag["name"] for tag in document["tags"]} == {
        tag for _, operation in _operations(document) for tag in operation["tags"]
    }


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    """Each has an id of its own, a summary, an example of its body and of its answer, and its problems."""
    ids = [operation["operationId"] for _, operation in _operations(document)]
    assert len(set(ids)) == len(ids)
    for name, operation in _operations(document):
        assert operation["summary"], name
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert content["example"], name
        for status in ("200", "201", "202"):
            for content in operation["responses"].get(status, {}).get("content", {}).values():
                assert {"example", "examples"} & content.keys() or content["schema"] == {"type": "string"}
        assert "500" in operation["responses"], name


def test_every_problem_is_a_problem_document(document: dict[str, Any]) -> None:
    """No error has another media type or shape; FastAPI's own shapes appear nowhere."""
    for name, operation in _operations(document):
        for status, answer in operation["responses"].items():
            if status not in ("200", "201", "202", "204", "304"):
                assert list(answer["content"]) == [PROBLEM], (name, status)
                schema = answer["content"][PROBLEM]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"} or schema["title"] == "NotReady"
                for code, example in answer["content"][PROBLEM].get("examples", {}).items():
                    assert KINDS[code].status == int(status) == example["value"]["status"]
    assert "HTTPValidationError" not in str(document)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    """Each named shape is defined."""
    names = re.findall(r"#/components/schemas/(\w+)", str(document))
    assert set(names) == document["components"]["schemas"].keys()


def test_the_examples_fit_their_schemas(document: dict[str, Any]) -> None:
    """What a reader copies from the document is taken."""
    for name, operation in _operations(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (content for body in bodies for content in body.get("content", {}).values()):
            examples = [example["value"] for example in content.get("examples", {}).values()]
            examples += [content["example"]] if "example" in content else []
            schema = {**content.get("schema", {}), "components": document["components"]}
            for example in examples:
                assert not list(Draft202012Validator(schema).iter_errors(example)), name


def test_the_example_can_be_sent(document: dict[str, Any]) -> None:
    """The request bodies of the document are stored as they stand."""
    examples = document["paths"]["/v1/articles"]["post"]["requestBody"]["content"]
    for media_type, content in examples.items():
        with served() as client:
            sent = {"json": content["example"]} if media_type == "application/json" else {"content": content["example"]}
            answer = client.post("/v1/articles?check=false", headers={"content-type": media_type}, **sent)
            assert answer.status_code == 201, (media_type, answer.text)


def test_no_pages_that_load_from_elsewhere() -> None:
    """FastAPI's own pages fetch scripts from other hosts; they are off."""
    with served() as client:
        assert {client.get(path).status_code for path in ("/docs", "/redoc")} == {404}
        assert isinstance(client, TestClient)
