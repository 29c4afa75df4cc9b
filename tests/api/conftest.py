"""A client of the application with nothing held."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.api.served import served


@pytest.fixture
def client() -> Iterator[TestClient]:
    with served() as opened:
        yield opened
