"""A client of the application with nothing held, on each database."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.api.served import served


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database of its own."""
    url: str = "sqlite://" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def client(database_url: str) -> Iterator[TestClient]:
    with served(database_url=database_url) as opened:
        yield opened
