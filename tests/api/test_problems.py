"""Every error has its status, its title and its place in the OpenAPI document."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from pydantic import TypeAdapter, ValidationError
from starlette.testclient import TestClient

from schemas.article import ArticleSubmission
from service import errors
from service.api.problems import KINDS, MODEL, RequestFault, answer_problems, field_problems, responses


def _below(error: type[errors.SecondSourceError]) -> Iterator[type[errors.SecondSourceError]]:
    yield error
    for child in error.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from _below(child)


ALL = tuple(_below(errors.SecondSourceError))


def test_the_table_knows_every_error() -> None:
    """No error of ours is without a status, and no two share a code."""
    codes = [error.code for error in ALL]
    assert set(codes) <= KINDS.keys()
    assert len(set(codes)) == len(codes)


def test_statuses_tell_whose_fault_it_is() -> None:
    """What was handed in, and what others did to a check, is 4xx; the store, the settings and the model are 5xx."""
    clients = errors.InputError | errors.NotFound | errors.KeyReused
    others = errors.Cancelled | errors.Withdrawn | errors.Superseded
    for error in ALL:
        assert (KINDS[error.code].status < 500) == issubclass(error, clients | others), error


def test_a_check_may_fail_with_every_model_error() -> None:
    """The documented failures of a check are the model errors, all of them."""
    assert set(MODEL) == {error.code for error in _below(errors.ModelError)}


def test_titles_are_all_different() -> None:
    """A title tells one code from another."""
    assert len({kind.title for kind in KINDS.values()}) == len(KINDS)


@pytest.mark.parametrize(
    ("error", "status", "headers"),
    [
        (errors.RateLimited("Wait.", retry_after=1.2), 503, {"retry-after": "2"}),
        (errors.RateLimited("Wait."), 503, {}),
        (errors.ServerFault("It failed.", retry_after=30), 502, {"retry-after": "30"}),
        (errors.Unauthorized("No key."), 502, {}),
        (errors.StoreError("The disk is full."), 503, {}),
        (errors.NotText("NUL."), 400, {}),
        (RequestFault("not_acceptable", "Not so.", headers={"Vary": "Accept"}), 406, {"vary": "Accept"}),
    ],
)
def test_an_error_becomes_a_problem_document(error: Exception, status: int, headers: dict[str, str]) -> None:
    """Status, code, detail and headers are the error's own."""
    app = FastAPI()
    answer_problems(app)

    @app.get("/")
    async def fail() -> None:
        raise error

    answer = TestClient(app).get("/")
    told = answer.json()
    assert answer.status_code == told["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["detail"] == str(error)
    assert told["type"] == f"urn:second-source:problem:{told['code']}"
    assert headers.items() <= answer.headers.items()
    assert ("retry-after" in answer.headers) == ("retry-after" in headers)


def test_pointers_are_escaped_and_short() -> None:
    """A field's name is a part of a JSON pointer, and a name without end is cut."""
    with pytest.raises(ValidationError) as caught:
        ArticleSubmission.model_validate({"text": "a", "a/b~c": 1, "x" * 5000: 1})
    pointers = [fault.pointer for fault in field_problems(caught.value.errors())]
    assert pointers == ["/a~1b~0c", "/" + "x" * 60]


def test_only_the_first_faults_are_told() -> None:
    """A thousand faults do not make an answer of a thousand lines."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(list[int]).validate_python(["a"] * 1000)
    assert len(field_problems(caught.value.errors())) == 20


def test_responses_are_grouped_by_status() -> None:
    """Codes of one status share an entry, with an example of each."""
    described = responses("no_report", "not_found", "store")
    assert list(described) == [404, 503, "default"]
    assert list(described[404]["content"]["application/problem+json"]["examples"]) == ["no_report", "not_found"]
