"""What all tests share: how cassettes are recorded and matched."""

import os
from typing import Any

import pytest
from vcr import VCR
from vcr.request import Request

from tests import cassette_yaml

os.environ.setdefault("LITELLM_OFFLINE_MODE", "true")
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
os.environ.setdefault("LITELLM_RUST", "false")  # a native client would pass the cassettes by

pytest_plugins = ["tests.postgres"]

_KEPT_HEADERS = {"content-type", "retry-after"}


def pytest_recording_configure(config: pytest.Config, vcr: VCR) -> None:
    """Registers our way of writing under the name of vcrpy's own."""
    vcr.register_serializer("yaml", cassette_yaml)


def _request_without_secrets(request: Request) -> Request:
    request.headers = {name: value for name, value in request.headers.items() if name.lower() in _KEPT_HEADERS}
    return request


def _response_without_noise(response: dict[str, Any]) -> dict[str, Any]:
    headers = response["headers"]
    response["headers"] = {name: value for name, value in headers.items() if name.lower() in _KEPT_HEADERS}
    return response


@pytest.fixture(scope="session")
def vcr_config() -> dict[str, Any]:
    """Matches on everything that makes the request, its body above all; keeps no key."""
    return {
        "match_on": ["method", "scheme", "host", "port", "path", "query", "body"],
        "decode_compressed_response": True,
        "before_record_request": _request_without_secrets,
        "before_record_response": _response_without_noise,
        "ignore_hosts": ["testserver"],
    }
