"""What the OpenAPI document promises, held by schemathesis against what the application does."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.generation.case import Case
from schemathesis.python.asgi import ASGIApp, get_client, shutdown_lifespans
from schemathesis.specs.openapi.checks import positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema

from schemas.key import Scope
from service.api.app import create_app
from service.bootstrap import Service
from service.jobs.keys import Keys
from service.llm.scripted import Scripted
from service.settings import Settings
from service.telemetry.metrics import Metrics
from tests.api.served import POST, TOWN, one_claim_that_conflicts, scripted_service

pytestmark = pytest.mark.block_network(allowed_hosts=["127.0.0.1", "localhost"])
EXAMPLES = 20
"""So many requests for each operation that fit the document, and as many that do not."""

BEYOND_SCHEMAS = ("/v1/articles", "/v1/webhooks")
"""What is sent there may fit its schema and be refused: a text without a sentence, an address that may not be asked."""

HOOK = "https://127.0.0.1:9/hook"
"""Where nobody listens."""

_SETTINGS = Settings(
    model="none",
    database_url="sqlite://",
    rate="off",
    check_rate="off",
    languages=("en",),
    allowed_networks=("127.0.0.0/8",),
    allowed_ports=(9,),
)
_KEYS: list[str] = []
_often = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@asynccontextmanager
async def _with_a_key(given: Settings, metrics: Metrics) -> AsyncIterator[Service]:
    async with scripted_service(given, metrics, Scripted(one_claim_that_conflicts)) as service:
        _, key = await Keys(service.store).create("schemathesis", Scope.ADMIN)
        _KEYS.append(key)
        yield service


APPLICATION = create_app(_SETTINGS, service=_with_a_key)


class Served(NamedTuple):
    """The document, and by the name of a path's parameter something that is held."""

    document: OpenApiSchema
    held: Mapping[str, str]
    headers: Mapping[str, str]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """The application with two articles, each of which was checked."""
    document = schemathesis.openapi.from_asgi("/openapi.json", APPLICATION)
    headers = {"Authorization": f"Bearer {_KEYS[-1]}"}
    client = get_client(cast("ASGIApp", APPLICATION))

    def asked(method: str, path: str, **sent: Any) -> Any:
        answer = client.request(method, f"http://localhost{path}", headers={**headers, "Prefer": "wait=30"}, **sent)
        answer.raise_for_status()
        return answer.json()

    reports = [asked("POST", "/v1/articles", json={"text": text}) for text in (POST, TOWN)]
    held = {
        "article_id": reports[0]["article"]["id"],
        "claim_id": reports[0]["claims"][0]["claim"]["id"],
        "check_id": asked("GET", "/v1/checks")["items"][0]["id"],
        "webhook_id": asked("POST", "/v1/webhooks", json={"url": HOOK, "events": ["check.completed"]})["id"],
    }
    yield Served(document, held, headers)
    client.close()
    shutdown_lifespans()


def operations() -> Iterator[Any]:
    """Each operation with requests that fit, and with such that do not where there is anything to get wrong."""
    for path, methods in APPLICATION.openapi()["paths"].items():
        for method, operation in methods.items():
            yield pytest.param(path, method, GenerationMode.POSITIVE, id=f"{method} {path}")
            if operation.get("parameters") or operation.get("requestBody"):
                yield pytest.param(path, method, GenerationMode.NEGATIVE, id=f"{method} {path} unfitting")


@pytest.mark.parametrize(("path", "method", "mode"), list(operations()))
def test_an_operation_does_as_documented(served: Served, path: str, method: str, mode: GenerationMode) -> None:
    """No fault of the server; every status, header, media type and body is as the document has it."""
    operation = served.document[path][method]
    excluded: list[schemathesis.CheckFunction] = [positive_data_acceptance] if path in BEYOND_SCHEMAS else []

    @_often
    @given(case=operation.as_strategy(generation_mode=mode), is_held=st.booleans())
    def holds(case: Case[Any], is_held: bool) -> None:
        if is_held and mode is GenerationMode.POSITIVE:
            case.path_parameters |= {name: served.held[name] for name in case.path_parameters}
        case.call_and_validate(headers=dict(served.headers), excluded_checks=excluded)

    holds()
